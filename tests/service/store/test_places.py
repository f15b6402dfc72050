import pytest

from geo.place import Level, Place
from service.store import places, sources
from service.store.database import Database
from service.store.sources import SourceInfo


def place(number: int, source: str) -> Place:
    return Place(
        place_id=f"{source}:{number}",
        name=f"松永町{number}丁目\t\\",
        kana="まつながちょう",
        kind="town",
        level=Level.CHOME,
        municipality="34207",
        lat=34.4 + number / 1e7,
        lon=133.2,
        radius_m=304.0,
        source=source,
    )


def load(database: Database, source: str, checksum: str, count: int) -> list[int]:
    seen: list[int] = []
    with database.transaction() as conn:
        info = SourceInfo(source, checksum, "CC BY 4.0", "2026-04")
        assert places.load(conn, info, (place(n, source) for n in range(count)), seen.append) == count
    return seen


def test_a_source_replaces_its_own_rows_only(database: Database) -> None:
    assert load(database, "towns", "a", 5001) == [5000, 5001]
    load(database, "city", "b", 3)
    load(database, "towns", "c", 2)
    with database.transaction() as conn:
        assert places.loaded(conn) == {"towns": "c", "city": "b"}
        found = list(places.rows(conn))
    assert sorted(found, key=lambda one: one.place_id) == [
        *(place(n, "city") for n in range(3)),
        *(place(n, "towns") for n in range(2)),
    ]


def test_a_load_that_breaks_off_leaves_what_was_there(database: Database) -> None:
    load(database, "towns", "a", 2)

    def broken() -> object:
        yield place(9, "towns")
        raise OSError("the file ended early")

    with pytest.raises(OSError, match="early"), database.transaction() as conn:
        places.load(conn, SourceInfo("towns", "b", "", ""), broken())  # type: ignore[arg-type]
    with database.transaction() as conn:
        assert places.loaded(conn) == {"towns": "a"}
        assert len(list(places.rows(conn))) == 2


def test_a_point_lies_in_its_municipality_even_when_the_ring_crosses_itself(database: Database) -> None:
    square = [[133.0, 34.0], [134.0, 34.0], [134.0, 35.0], [133.0, 35.0], [133.0, 34.0]]
    bow_tie = [[130.0, 33.0], [131.0, 34.0], [131.0, 33.0], [130.0, 34.0], [130.0, 33.0]]
    features = [
        {
            "properties": {"code": code, "name": "市", "kana": "し", "prefecture": "県"},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for code, ring in (("34207", square), ("43443", bow_tie))
    ]
    with database.transaction() as conn:
        assert places.load_municipalities(conn, features) == 2
        assert places.load_municipalities(conn, features) == 2
        assert places.municipality_at(conn, 34.5, 133.5) == "34207"
        assert places.municipality_at(conn, 33.5, 130.25) == "43443"
        assert places.municipality_at(conn, 0.0, 0.0) is None


def test_rows_of_some_sources_and_single_rows_that_are_added(database: Database) -> None:
    load(database, "towns", "a", 3)
    officers = SourceInfo("officers", "", "", "2026-08-01", "corrections")
    with database.transaction() as conn:
        assert places.add(conn, officers, [place(1, "officers")]) == 1
        first = sources.version(conn)
        assert places.add(conn, officers, [place(1, "officers"), place(2, "officers")]) == 2
        assert sources.version(conn) > first
        assert list(places.rows(conn, ["officers"])) == [place(1, "officers"), place(2, "officers")]
        [packaged, added] = sources.loaded(conn)
    assert (packaged.info.source, packaged.info.format, packaged.rows) == ("towns", "packaged", 3)
    assert (added.info, added.rows, added.version > packaged.version) == (officers, 2, True)


def test_a_source_is_taken_out_alone(database: Database) -> None:
    load(database, "towns", "a", 3)
    load(database, "city", "b", 2)
    with database.transaction() as conn:
        before = sources.version(conn)
        assert sources.remove(conn, "city") == 2
        assert sources.remove(conn, "city") is None
        assert sources.version(conn) == before + 1
        assert places.loaded(conn) == {"towns": "a"}
