"""House numbers in the database: loaded by source, asked by block, gone with their source."""

from geo.official.found import House
from service.store import houses, sources
from service.store.database import Database
from service.store.houses import StoredHouses
from service.store.sources import SourceInfo


def info(source: str) -> SourceInfo:
    return SourceInfo(source, "a", "licence", "2026-08-06", "abr-rsdt", f"{source}.csv.zip")


def house(block: str, number: str, lat: float) -> House:
    return House(2, "30201", "葵町", block, number, lat, 135.1)


def load(database: Database, source: str, *rows: House) -> None:
    with database.transaction() as conn:
        assert houses.load(conn, info(source), rows) == len(rows)


def test_a_block_is_asked_for_its_houses(database: Database) -> None:
    stored = StoredHouses(database)
    assert stored.block("30201", "葵町", "1") == []
    load(database, "one", house("1", "2", 34.1), house("1", "3", 34.2), house("2", "2", 34.3))
    assert [(each.house, each.lat, each.source) for each in stored.block("30201", "葵町", "1")] == [
        ("2", 34.1, "one"),
        ("3", 34.2, "one"),
    ]
    assert stored.block("30202", "葵町", "1") == []
    with database.transaction() as conn:
        assert houses.are_loaded(conn)


def test_the_source_loaded_last_speaks_and_each_keeps_its_rows(database: Database) -> None:
    stored = StoredHouses(database)
    load(database, "old", house("1", "2", 34.1), house("1", "3", 34.2))
    load(database, "new", house("1", "2", 34.15))
    assert [each.source for each in stored.block("30201", "葵町", "1")] == ["new"]
    load(database, "new", house("1", "9", 34.4))
    assert [each.house for each in stored.block("30201", "葵町", "1")] == ["9"]
    with database.transaction() as conn:
        assert sources.remove(conn, "new") == 1
    assert [each.source for each in stored.block("30201", "葵町", "1")] == ["old", "old"]


def test_an_empty_town_has_none(database: Database) -> None:
    with database.transaction() as conn:
        assert not houses.are_loaded(conn)
