"""A pipeline follows the gazetteer in the database: new names, new areas, and what is gone again."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from geo.place import Level, Place, Position
from service.pipeline import Pipeline
from service.refresh import Refresh
from service.report import Message
from service.store import places, sources
from service.store.database import Connection, Database
from service.store.sources import SourceInfo

SHINGU = "30207"


def hall(name: str, lat: float = 33.7, lon: float = 135.9) -> Place:
    return Place(f"hall:{name}", name, "", "hall", Level.FACILITY, SHINGU, lat, lon, 50.0, "city")


def info(source: str, checksum: str = "a") -> SourceInfo:
    return SourceInfo(source, checksum, "CC BY 4.0", "2026-04", "own", f"{source}.csv")


@pytest.fixture
def refreshed(pipeline: Pipeline) -> Iterator[Pipeline]:
    """The shared pipeline, brought back to the packaged places afterwards."""
    yield pipeline
    pipeline.renew({}, {})


def where(pipeline: Pipeline, text: str) -> tuple[str, float | None]:
    message = Message("file", "m", text, datetime.now(UTC), sender_municipality=SHINGU)
    understood = next(pipeline.understand([message]))
    return understood.places[0].level.value, understood.places[0].lat


def test_a_new_name_is_read_and_a_removed_one_is_forgotten(database: Database, refreshed: Pipeline) -> None:
    refresh = Refresh(refreshed, database)
    said = "ぬばたま会館の前で道路冠水"
    with database.transaction() as conn:
        assert refresh(conn)
        assert not refresh(conn)
        before = where(refreshed, said)
        places.load(conn, info("city"), [hall("ぬばたま会館")])
        assert refresh(conn)
        assert where(refreshed, said) == ("facility", 33.7)
        places.add(conn, info("officers"), [hall("うばたま会館", 33.6)])
        assert refresh(conn)
        assert where(refreshed, "うばたま会館で停電")[1] == 33.6
        assert where(refreshed, said)[1] == 33.7
        assert sources.remove(conn, "city") == 1
        assert refresh(conn)
        assert where(refreshed, said) == before
        assert where(refreshed, "うばたま会館で停電")[1] == 33.6


def test_only_the_source_that_changed_is_read_again(
    database: Database, refreshed: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[list[str]] = []
    rows = places.rows

    def noted(conn: Connection, wanted: list[str]) -> Iterator[Place]:
        read.append(wanted)
        return rows(conn, wanted)

    monkeypatch.setattr(places, "rows", noted)
    refresh = Refresh(refreshed, database)
    with database.transaction() as conn:
        places.load(conn, info("one"), [hall("ぬばたま会館")])
        places.load(conn, info("two"), [hall("うばたま会館")])
        refresh(conn)
        places.load(conn, info("two", "b"), [hall("うばたま会館", 33.8)])
        refresh(conn)
    assert read == [["one"], ["two"], ["two"]]


def test_an_official_area_stands_before_ours(database: Database, refreshed: Pipeline) -> None:
    sea = [[136.5, 33.0], [136.6, 33.0], [136.6, 33.1], [136.5, 33.1], [136.5, 33.0]]
    feature = {
        "properties": {"code": SHINGU, "name": "新宮市"},
        "geometry": {"type": "Polygon", "coordinates": [sea]},
    }
    message = Message("file", "m", "停電です", datetime.now(UTC), position=Position(33.05, 136.55))
    refresh = Refresh(refreshed, database)
    with database.transaction() as conn:
        sources.begin(conn, info("n03"))
        places.load_municipalities(conn, [feature], "n03")
        sources.finish(conn, "n03", 1)
        refresh(conn)
        assert next(refreshed.understand([message])).unsaid.municipality == SHINGU
        sources.remove(conn, "n03")
        refresh(conn)
        assert next(refreshed.understand([message])).unsaid.municipality is None
