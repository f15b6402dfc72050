"""Official files into a database and out again, with what an operator is told."""

import csv
import io
from pathlib import Path

import pytest
import shapely
from rich.console import Console
from sqlalchemy import text

from geo.coverage import Coverage
from geo.official.formats import plan
from service.commands import gazetteer
from service.commands.gazetteer import GazetteerError, Wish
from service.store import places, sources
from service.store.database import Database
from service.store.sources import SourceInfo
from tests.geo.official import files

GROUND = Coverage({"30207": shapely.box(135.9, 33.6, 136.1, 33.8)})


def load(database: Database | None, *paths: Path, wish: Wish | None = None) -> str:
    console = Console(file=io.StringIO(), width=200)
    gazetteer.load(database, plan(paths), wish or Wish(), GROUND, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def rows(database: Database) -> dict[str, int]:
    with database.transaction() as conn:
        return {each.info.source: each.rows for each in sources.loaded(conn)}


def test_each_file_is_a_source_of_its_own_with_licence_date_and_checksum(
    database: Database, tmp_path: Path
) -> None:
    said = load(
        database, *files.registry_towns(tmp_path), *files.registry_houses(tmp_path), files.shelters(tmp_path)
    )
    assert rows(database) == {"gsi-emergency-30207": 1, "mt_rsdtdsp_rsdt_pref30": 4, "mt_town_pref30": 2}
    assert "mt_town_pref30：アドレス・ベース・レジストリ 町字 2件を取り込みました" in said
    assert "4行目　丙山字奥　位置の表に代表点がない" in said
    with database.transaction() as conn:
        [shelters, houses, towns] = [each.info for each in sources.loaded(conn)]
        found = conn.execute(
            text("SELECT kind, properties -> 'disasters' FROM places WHERE source LIKE 'gsi%'")
        ).one()
        shown = gazetteer.listed(conn)
    assert tuple(found) == ("school", ["flood", "earthquake"])
    assert (towns.format, towns.dated, towns.file) == (
        "abr-town", "2026-08-06", "mt_town_pref30.csv.zip、mt_town_pos_pref30.csv.zip"
    )  # fmt: skip
    assert "デジタル庁" in houses.licence
    assert len(shelters.checksum) == 64
    assert shown.row_count == 3


def test_the_same_file_again_replaces_its_rows_and_no_others(database: Database, tmp_path: Path) -> None:
    table = tmp_path / "橋.csv"
    table.write_text("name,kana,kind,lat,lon,note\n甲野橋,,橋,33.72,135.99,\n乙川橋,,橋,33.73,135.99,\n")
    load(database, table, *files.registry_towns(tmp_path))
    table.write_text("name,kana,kind,lat,lon,note\n丙山橋,,橋,33.72,135.99,\n")
    load(database, table)
    assert rows(database) == {"mt_town_pref30": 2, "own-30207-橋": 1}
    with database.transaction() as conn:
        assert [place.name for place in places.rows(conn, ["own-30207-橋"])] == ["丙山橋"]
        assert gazetteer.unload(conn, "own-30207-橋") == 1
    assert rows(database) == {"mt_town_pref30": 2}


def test_areas_replace_ours_until_they_are_taken_out(database: Database, tmp_path: Path) -> None:
    ring = shapely.box(135.9, 33.6, 136.0, 33.8)
    properties = {"N03_001": "和歌山県", "N03_004": "新宮市", "N03_007": "30207"}
    path = files.collection(tmp_path / "N03-20240101_30.geojson", [files.feature(ring, **properties)])
    load(database, path)
    with database.transaction() as conn:
        assert set(places.replaced_areas(conn)) == {"30207"}
        assert places.municipality_at(conn, 33.7, 135.95) == "30207"
        assert gazetteer.unload(conn, "n03-30") == 1
        assert places.replaced_areas(conn) == {}


def test_a_dry_run_only_looks(database: Database, tmp_path: Path) -> None:
    said = load(None, *files.registry_houses(tmp_path), wish=Wish(dry_run=True))
    assert "4件を取り込めます" in said
    assert rows(database) == {}


def test_what_the_operator_says_counts(database: Database, tmp_path: Path) -> None:
    load(database, files.positions(tmp_path), wish=Wish("towns-of-2023", "ours", "2023-04"))
    with database.transaction() as conn:
        [each] = sources.loaded(conn)
    assert (each.info.source, each.info.licence, each.info.dated) == ("towns-of-2023", "ours", "2023-04")
    with pytest.raises(GazetteerError, match="1つ指定するとき"):
        load(database, files.positions(tmp_path), files.shelters(tmp_path), wish=Wish("both"))


def test_a_file_of_which_nothing_can_be_taken_changes_nothing(database: Database, tmp_path: Path) -> None:
    table = tmp_path / "橋.csv"
    table.write_text("name,kana,kind,lat,lon,note\n甲野橋,,橋,33.72,135.99,\n")
    load(database, table)
    table.write_text("name,kana,kind,lat,lon,note\n甲野橋,,橋,,,\n")
    with pytest.raises(GazetteerError, match=r"取り込める行がありません。緯度・経度がない（1行）"):
        load(database, table)
    assert rows(database) == {"own-30207-橋": 1}


def test_packaged_sources_stay(database: Database, tmp_path: Path) -> None:
    with database.transaction() as conn:
        places.load(conn, SourceInfo("geolonia-2022", "c", "CC BY", "2022"), [])
        with pytest.raises(GazetteerError, match="同梱の地名辞書なので外せません"):
            gazetteer.unload(conn, "geolonia-2022")
        with pytest.raises(GazetteerError, match=r"isj-30 という出典は入っていません（外せるもの：なし）"):
            gazetteer.unload(conn, "isj-30")
    with pytest.raises(GazetteerError, match="同梱の地名辞書の名です"):
        load(database, files.positions(tmp_path), wish=Wish("geolonia-2022"))


def test_every_refused_line_can_be_written_out(tmp_path: Path) -> None:
    console = Console(file=io.StringIO())
    reports = gazetteer.load(None, plan(files.registry_towns(tmp_path)), Wish(dry_run=True), GROUND, console)
    gazetteer.write_report(reports, tmp_path / "refused.csv")
    with (tmp_path / "refused.csv").open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.reader(stream))
    assert lines[0] == ["ファイル", "行", "名", "理由"]
    assert ["4", "丙山字奥", "位置の表に代表点がない"] in [line[1:] for line in lines]
