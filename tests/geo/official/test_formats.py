"""Each official format, from a file as it is published to places, houses and areas; and what is refused."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import shapely

from geo.coverage import Coverage
from geo.official.formats import FORMATS, plan
from geo.official.found import Area, Found, House, OfficialError, Refused, Row
from geo.place import Level
from tests.geo.official import files

SQUARE = shapely.box(135.9, 33.6, 136.1, 33.8)
KOBE = shapely.box(135.1, 34.6, 135.2, 34.7)
GROUND = Coverage({"30207": SQUARE, "28106": KOBE})


def read(*paths: Path, said: str | None = None) -> list[Row]:
    [job] = plan(paths, said)
    return list(job.rows(GROUND, lambda *_: None))


def found(rows: Sequence[Row]) -> dict[str, Found]:
    return {row.place.name: row for row in rows if isinstance(row, Found)}


def refused(rows: Sequence[Row]) -> list[tuple[int, str]]:
    return sorted((row.line, row.reason) for row in rows if isinstance(row, Refused))


def test_towns_of_the_registry_with_their_positions(tmp_path: Path) -> None:
    rows = read(*files.registry_towns(tmp_path))
    assert list(found(rows)) == ["甲野町", "乙川３丁目"]
    town, chome = found(rows)["甲野町"].place, found(rows)["乙川３丁目"].place
    assert (town.level, town.kind, town.municipality, town.lat, town.lon) == (
        Level.TOWN, "town", "30207", 33.72, 135.99
    )  # fmt: skip
    assert (chome.level, chome.kana) == (Level.CHOME, "オトガワ３チョウメ")
    assert 100 <= chome.radius_m < town.radius_m
    assert refused(rows) == [
        (4, "位置の表に代表点がない"),
        (5, "2020-04-01に廃止"),
        (6, "位置の表：名の表にない町字（二つの表の時点が違う）"),
        (6, "団体コード 302075 の検査数字が合わない"),
    ]


def test_the_old_japanese_datum_is_refused_row_by_row(tmp_path: Path) -> None:
    rows = read(*files.registry_towns(tmp_path, srid="EPSG:4301"))
    assert list(found(rows)) == ["乙川３丁目"]
    assert dict(refused(rows))[2].startswith("位置の表：日本測地系（旧測地系）の座標は約400mずれる")


def test_cities_of_the_registry(tmp_path: Path) -> None:
    rows = read(*files.registry_cities(tmp_path))
    ward = found(rows)["神戸市長田区"].place
    assert (ward.municipality, ward.kana, ward.level) == ("28106", "コウベシナガタク", Level.MUNICIPALITY)
    assert refused(rows) == [(4, "位置の表に代表点がない")]


@pytest.mark.parametrize("towns", [("0002001", "0007000"), ("0007000", "0002001")])
def test_houses_of_the_registry_in_whatever_order_the_positions_stand(
    tmp_path: Path, towns: tuple[str, str]
) -> None:
    rows = read(*files.registry_houses(tmp_path, towns=towns))
    houses = [(h.municipality, h.town, h.block, h.house, h.lat) for h in rows if isinstance(h, House)]
    assert houses == [
        ("30207", "乙川3丁目", "4", "5", 33.7250),
        ("30207", "乙川3丁目", "4", "5-2", 33.7251),
        ("30207", "乙川3丁目", "4", "6", 33.7252),
        ("30207", "己町", "1", "2", 33.7254),
    ]
    assert refused(rows) == [(5, "位置の表に代表点がない")]


def test_a_table_of_positions_is_found_beside_its_names_and_the_other_way_round(tmp_path: Path) -> None:
    names, points = files.registry_towns(tmp_path)
    assert [job.file for job in plan([names])] == ["mt_town_pref30.csv.zip、mt_town_pos_pref30.csv.zip"]
    assert [job.format for job in plan([points])] == ["abr-town"]
    assert len(plan([points, names])) == 1
    names.unlink()
    with pytest.raises(OfficialError, match="名の表"):
        plan([points])
    names, points = files.registry_towns(tmp_path)
    points.unlink()
    with pytest.raises(OfficialError, match="位置の表"):
        plan([names])


def test_position_reference_information_in_cp932(tmp_path: Path) -> None:
    rows = read(files.positions(tmp_path))
    assert {name: (row.place.kind, row.place.level.value) for name, row in found(rows).items()} == {
        "甲野町": ("town", "town"),
        "乙川三丁目": ("chome", "chome"),
        "丙山字奥": ("koaza", "town"),
    }
    assert refused(rows) == [(5, "緯度・経度がない")]
    [job] = plan([files.positions(tmp_path)])
    assert (job.source(["30207"]), job.layer.dated) == ("isj-30207", "2026-08-06")


def test_shelters_keep_the_disasters_that_they_serve(tmp_path: Path) -> None:
    rows = read(files.shelters(tmp_path))
    [school] = found(rows).values()
    assert (school.place.kind, school.place.municipality) == ("school", "30207")
    assert school.properties is not None
    assert school.properties["disasters"] == ["flood", "earthquake"]
    assert school.properties["address"] == "和歌山県新宮市甲野町1-1"
    assert [reason[:7] for _, reason in refused(rows)] == ["緯度と経度が逆", "名がない"]


def test_stations_and_lines_of_one_zip_are_two_sources(tmp_path: Path) -> None:
    platform = shapely.LineString([(135.99, 33.72), (135.991, 33.721)])
    track = shapely.LineString([(135.98, 33.70), (135.99, 33.72), (136.0, 33.74)])
    names = {"N02_001": "11", "N02_002": "2", "N02_003": "紀勢線", "N02_004": "西日本旅客鉄道"}
    station = files.collection(
        tmp_path / "N02-23_Station.geojson",
        [files.feature(platform, **names, N02_005="甲野", N02_005c="1", N02_005g="1")] * 2,
    )
    railway = files.collection(tmp_path / "N02-23_RailroadSection.geojson", [files.feature(track, **names)])
    both = {job.format: job for job in plan([station, railway])}
    assert set(both) == {"n02-station", "n02-railway"}
    [stop] = both["n02-station"].rows(GROUND, lambda *_: None)
    assert isinstance(stop, Found)
    assert (stop.place.name, stop.place.kind, stop.properties) == (
        "甲野駅", "station", {"lines": ["西日本旅客鉄道 紀勢線"]}
    )  # fmt: skip
    assert both["n02-station"].source(["30207", "28106"]) == "n02-station-jp"
    [line] = both["n02-railway"].rows(GROUND, lambda *_: None)
    assert isinstance(line, Found)
    assert (line.place.level, line.place.lat) == (Level.SECTION, 33.72)
    assert 2000 < line.place.radius_m < 3000


@pytest.mark.parametrize("crs", ["EPSG:6668", "EPSG:4612", None])
def test_rivers_in_a_zipped_shapefile_of_cp932(tmp_path: Path, crs: str | None) -> None:
    course = shapely.LineString([(135.98, 33.70), (135.981, 33.705), (135.982, 33.71)])
    path = files.shapefile(
        tmp_path, "W05-09_30-g_Stream", [course, course], crs,
        W05_001=["860101", "860101"], W05_002=["8601010001", "8601010002"], W05_003=["1", "1"],
        W05_004=["甲野川", "名称不明"],
    )  # fmt: skip
    rows = read(path)
    [river] = found(rows).values()
    assert (river.place.name, river.place.kind, river.place.level) == ("甲野川", "river", Level.SECTION)
    assert refused(rows) == [(2, "名がない")]
    assert plan([path])[0].source(["30207"]) == "w05-30"


def test_a_shapefile_in_the_old_datum_is_refused_whole(tmp_path: Path) -> None:
    path = files.shapefile(tmp_path, "P29-13_30", [shapely.Point(135.99, 33.72)], "EPSG:4301",
                           P29_001=["30207"], P29_004=["16001"], P29_005=["甲野小学校"])  # fmt: skip
    with pytest.raises(OfficialError, match="日本測地系"):
        read(path)


@pytest.mark.parametrize(
    ("stem", "columns", "name", "kind"),
    [
        ("P29-13_30", {"P29_001": "30207", "P29_004": "16001", "P29_005": "甲野小学校"},
         "甲野小学校", "school"),
        ("P29-21_30", {"P29_001": "30207", "P29_002": "B1", "P29_003": "16001", "P29_004": "甲野小学校",
                       "P29_005": "新宮市甲野町1"}, "甲野小学校", "school"),
        ("P02-06_30", {"P02_001": "30207", "P02_002": "16", "P02_003": "16005", "P02_004": "甲野公民館"},
         "甲野公民館", "hall"),
        ("P04-20_30", {"P04_001": "1", "P04_002": "甲野病院", "P04_003": "新宮市"}, "甲野病院", "hospital"),
        ("P11-22_30", {"P11_001": "甲野", "P11_002": "某バス"}, "甲野バス停", "bus_stop"),
    ],
)  # fmt: skip
def test_facilities_under_their_official_attributes(
    tmp_path: Path, stem: str, columns: dict[str, str], name: str, kind: str
) -> None:
    path = files.collection(
        tmp_path / f"{stem}.geojson", [files.feature(shapely.Point(135.99, 33.72), **columns)]
    )
    [row] = read(path)
    assert isinstance(row, Found)
    assert (row.place.name, row.place.kind, row.place.municipality) == (name, kind, "30207")
    assert plan([path])[0].source(["30207"]) == f"{stem[:3].lower()}-30"


def test_municipal_areas_join_their_rings_and_leave_abolished_codes_out(tmp_path: Path) -> None:
    ring = shapely.box(135.9, 33.6, 136.0, 33.8)
    island = shapely.box(136.2, 33.6, 136.3, 33.7)
    names = {"N03_001": "和歌山県", "N03_003": "", "N03_004": "新宮市", "N03_007": "30207"}
    old = {"N03_001": "静岡県", "N03_003": "浜松市", "N03_004": "中区", "N03_007": "22131"}
    ward = {"N03_001": "兵庫県", "N03_003": "神戸市", "N03_004": "長田区", "N03_007": "28106"}
    unowned = {"N03_001": "和歌山県", "N03_004": "所属未定地", "N03_007": None}
    shapes = ((ring, names), (island, names), (KOBE, ward), (ring, old), (ring, unowned))
    path = files.collection(
        tmp_path / "N03-20240101_30.geojson",
        [files.feature(shape, N03_002="", **properties) for shape, properties in shapes],
    )
    rows = read(path)
    areas = {row.code: row for row in rows if isinstance(row, Area)}
    assert {code: area.name for code, area in areas.items()} == {"30207": "新宮市", "28106": "神戸市長田区"}
    assert areas["30207"].shape.area == pytest.approx(ring.area + island.area)
    assert refused(rows) == [
        (4, "廃止されたコード 22131（今は 22138）"),
        (5, "行政区域コードがない（所属未定地など）"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_municipalitys_own_table(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "橋と屋号.csv"
    path.write_text(
        "name,kana,kind,lat,lon,note\n甲野大橋,こうのおおはし,橋,33.7201,135.9901,1960年\n"
        "かどや,,屋号,33.7202,135.9902,\n甲野水位観測所,,水位計,33.7203,135.9903,\n奥の谷,,集落,33.7204,135.9904,\n"
        "逆さ橋,,橋,135.99,33.72,\n海の橋,,橋,25.0,150.0,\n無点橋,,橋,,135.99,\n数でない橋,,橋,北,135.99,\n"
        "列が足りない橋,,橋,33.72\n甲野大橋,こうのおおはし,橋,33.7201,135.9901,二度目\n",
        encoding=encoding,
    )
    rows = read(path)
    assert {name: (row.place.kind, row.place.level.value) for name, row in found(rows).items()} == {
        "甲野大橋": ("bridge", "facility"),
        "かどや": ("landmark", "facility"),
        "甲野水位観測所": ("gauge", "facility"),
        "奥の谷": ("koaza", "town"),
    }
    assert found(rows)["甲野大橋"].properties == {"note": "1960年"}
    assert [line for line, _ in refused(rows)] == [6, 7, 8, 9, 10, 11]
    assert dict(refused(rows))[6] == "緯度と経度が逆（135.99, 33.72）"
    assert dict(refused(rows))[10] == "列の数が見出しと違う（4列、見出しは6列）"
    [job] = plan([path])
    assert job.source(["30207"]) == "own-30207-橋と屋号"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("missing.csv", None, "というファイルがありません"),
        ("notes.pdf", b"%PDF", "読み取れる形式ではありません"),
        ("other.csv", "番号,住所\n1,どこか\n".encode(), "形式が分かりません（見出し：住所、番号）"),
        ("broken.zip", b"PK\x03\x04 nothing", "zipとして開けません"),
        ("broken.geojson", b'{"type": "FeatureColl', "図形として読めません"),
        ("torn.csv", b"name,lat,lon\n" + b"\x81" * 3, "の文字が読めません"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(OfficialError, match=said):
        read(path)


def test_a_format_may_be_said(tmp_path: Path) -> None:
    path = files.shelters(tmp_path)
    assert plan([path], "gsi-emergency")[0].format == "gsi-emergency"
    with pytest.raises(OfficialError, match="形式が分かりません"):
        plan([path], "isj")
    with pytest.raises(OfficialError, match="という形式はありません"):
        plan([path], "shelters")


def test_every_format_says_where_it_is_from() -> None:
    for name, kind in FORMATS.items():
        assert kind.title, name
        assert kind.licence, name
        assert (kind.read is None) == (kind.pair is not None), name
