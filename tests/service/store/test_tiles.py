"""Vector tiles: what is in them, and that the index finds it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import mapbox_vector_tile
from sqlalchemy import text

from geo.place import Level, Place
from nlp.reading import DamageType, Status
from service.lifetimes import PACKAGED, Lifetimes
from service.publish import geojson
from service.report import EVERYTHING, NOTHING, Incident, Ruling, Verification
from service.store import incidents, places, shelters, tiles
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


def aged() -> list[Incident]:
    """Every status and verification of three types, each once reported only and once confirmed later."""
    kinds = (DamageType.FIRE, DamageType.LANDSLIDE, DamageType.ROAD_FLOODING)
    wanted = [(kind, status, seen) for kind in kinds for status in Status for seen in Verification]
    made = [
        replace(one, type=kind, status=status, verification=seen, lat=34.4, lon=133.2)
        for one, (kind, status, seen) in zip(invented(len(wanted), NOW), wanted, strict=True)
    ]
    later = [replace(one, id=UUID(int=number)) for number, one in enumerate(made)]
    return made + [
        replace(one, ruling=Ruling(confirmed_at=one.last_reported_at + timedelta(minutes=7))) for one in later
    ]


def test_a_tile_says_as_the_feature_does_from_when_on_each_incident_is_old(database: Database) -> None:
    fill(database, aged())
    own = Lifetimes({("", "fire", "*"): timedelta(minutes=5)})
    with database.transaction() as conn:
        for lifetimes in (PACKAGED, own):
            found = incidents.page(conn, IncidentQuery(), EVERYTHING).incidents
            features = [geojson.feature(one, {}, lifetimes) for one in found]
            told = {one["id"]: one["properties"]["stale_at"] for one in features}
            tile = tiles.incidents_tile(conn, *WHOLE, IncidentQuery(), EVERYTHING, lifetimes)
            drawn = [one["properties"] for one in mapbox_vector_tile.decode(tile)["incidents"]["features"]]
            assert {one["id"]: one.get("stale_at") for one in drawn} == told
            assert len(set(told.values()) - {None}) > 30
            assert {
                one["properties"]["status"] for one in features if one["properties"]["stale_at"] is None
            } == set(Status)


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
        place = {"z": 13, "x": 7128, "y": 3251}
        found = conn.execute(text(f"EXPLAIN {tiles.found_statement('true')}"), place).scalars()
        assert "ix_incidents_geom" in "\n".join(found)
        ids = list(conn.execute(text("SELECT id FROM incidents LIMIT 20")).scalars())
        values = place | {"ids": ids, "stale": [NOW] * len(ids)}
        drawn = "\n".join(conn.execute(text(f"EXPLAIN {tiles.points_statement('true')}"), values).scalars())
    assert "ix_incidents_geom" in drawn or "incidents_pkey" in drawn
    assert "Seq Scan on incidents" not in drawn


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
