"""Vector tiles: what is in them, and that the index finds it."""

from datetime import UTC, datetime
from typing import Any

import mapbox_vector_tile
from sqlalchemy import text

from geo.place import Level, Place
from service.report import EVERYTHING, NOTHING
from service.store import places, shelters, tiles
from service.store.database import Connection, Database
from service.store.incidents import IncidentQuery
from service.store.sources import SourceInfo
from tests.measure.crowd import fill, invented
from tests.service.store.samples import MATSUNAGA

NOW = datetime(2026, 7, 29, 3, 0, tzinfo=UTC)
WHOLE = (0, 0, 0)


def decoded(
    conn: Connection, z: int, x: int, y: int, query: IncidentQuery | None = None
) -> dict[str, list[dict[str, Any]]]:
    tile = tiles.incidents_tile(conn, z, x, y, query or IncidentQuery(), EVERYTHING)
    layers = mapbox_vector_tile.decode(tile)
    return {name: layer["features"] for name, layer in layers.items()}


def test_a_tile_carries_every_incident_with_its_facts(database: Database) -> None:
    ids = fill(database, invented(300, NOW))
    with database.transaction() as conn:
        [(name, features)] = decoded(conn, *WHOLE).items()
        placed = conn.execute(text("SELECT count(*) FROM incidents WHERE geom IS NOT NULL")).scalar_one()
        assert (name, len(features)) == ("incidents", placed)
        facts = [feature["properties"] for feature in features]
        assert {one["id"] for one in facts} <= set(map(str, ids))
        assert all("T" in one["last_reported_at"] and "urgent" in one for one in facts)
        fires = decoded(conn, *WHOLE, IncidentQuery(types=frozenset({"fire"})))["incidents"]
        assert {one["properties"]["type"] for one in fires} == {"fire"}
        assert tiles.incidents_tile(conn, *WHOLE, IncidentQuery(), NOTHING) == b""
        assert tiles.incidents_tile(conn, 5, 0, 0, IncidentQuery(), EVERYTHING) == b""


def test_too_many_for_a_tile_are_clusters_that_count_the_urgent_ones(database: Database) -> None:
    fill(database, invented(tiles.MOST_POINTS + 600, NOW))
    with database.transaction() as conn:
        [(name, features)] = decoded(conn, *WHOLE).items()
        row = conn.execute(
            text(
                "SELECT count(*) AS all, count(*) FILTER (WHERE urgent AND status IN ('present', 'feared', "
                "'hearsay') AND verification <> 'rejected') AS urgent FROM incidents WHERE geom IS NOT NULL"
            )
        ).one()
    facts = [feature["properties"] for feature in features]
    assert name == "clusters"
    assert sum(one["count"] for one in facts) == row.all
    assert sum(one["urgent"] for one in facts) == row.urgent > 50


def test_a_tile_is_found_by_the_index(database: Database) -> None:
    fill(database, invented(3_000, NOW))
    with database.transaction() as conn:
        conn.execute(text("ANALYZE incidents"))
        statement = tiles.points_statement("true")
        plan = "\n".join(
            conn.execute(text(f"EXPLAIN {statement}"), {"z": 13, "x": 7128, "y": 3251}).scalars()
        )
    assert "ix_incidents_geom" in plan


def test_shelters_in_a_view_are_found_by_the_index(database: Database) -> None:
    lat, lon = MATSUNAGA
    rows = [
        (
            Place(f"s{n}", f"学校{n}", "", "school", Level.FACILITY, "34207", lat + n / 100, lon, 100, "s"),
            {"shelter": "emergency", "disasters": ["flood"]} if n % 2 else None,
        )
        for n in range(400)
    ]
    own = (Place("own", "集会所", "", "shelter", Level.FACILITY, "34207", lat, lon, 100, "s"), None)
    with database.transaction() as conn:
        places.load_described(conn, SourceInfo("s", "sum", "licence", "2026"), [*rows, own])
        found, more = shelters.within(conn, (lon - 1, lat - 0.001, lon + 1, lat + 0.035))
        assert [one.name for one in found] == ["学校1", "学校3", "集会所"]
        assert (found[0].disasters, found[2].disasters, found[2].use) == (("flood",), None, None)
        assert not more
        assert shelters.within(conn, (lon - 1, lat, lon + 1, lat + 9), limit=2)[1]
        conn.execute(text("ANALYZE places"))
        plan = "\n".join(
            conn.execute(
                text(f"EXPLAIN {shelters.WITHIN}"),
                {"west": lon, "south": lat, "east": lon + 0.01, "north": lat + 0.01, "rows": 10},
            ).scalars()
        )
    assert "ix_places_geom" in plan
