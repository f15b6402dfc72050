"""Incidents as Mapbox vector tiles (ST_AsMVT), for the GIS of a municipality."""

from typing import Any, Final

from sqlalchemy import Connection, text

from nlp.reading import DamageType, Status
from service.lifetimes import PACKAGED, Lifetimes, last_known
from service.report import Scope, Verification
from service.store.incidents import IncidentQuery, conditions

EXTENT: Final = 4096  # units of a tile's side
BUFFER: Final = 64  # units around it, so that a symbol on the border is drawn whole in both
MOST_POINTS: Final = 5_000  # beyond, a tile carries clusters: no GIS draws more of them quickly
CELL: Final = 128  # units of a cluster's side: 32 by 32 in a tile
DEEPEST_ZOOM: Final = 22

# The envelope of a tile is in EPSG:3857, the points in EPSG:4326: only the box is turned for the index.
_TILE = (
    "tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS web, ST_Transform(ST_TileEnvelope("
    f":z, :x, :y, margin => {BUFFER / EXTENT}), 4326) AS box)"
)
_FOUND = "FROM incidents i, tile WHERE i.geom && tile.box AND {where}"
_TIME = "to_char({} AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD\"T\"HH24:MI:SS\"+09:00\"')"
_DRAWN = f"ST_AsMVTGeom(ST_Transform(i.geom, 3857), tile.web, {EXTENT}, {BUFFER}, true)"


def incidents_tile(
    conn: Connection,
    z: int,
    x: int,
    y: int,
    query: IncidentQuery,
    scope: Scope,
    lifetimes: Lifetimes = PACKAGED,
) -> bytes:
    """One tile of what `scope` sees: the layer `incidents` with a point each, or `clusters` where there are
    too many; empty bytes where nothing is. Of `query` only the filters count; `lifetimes` say from when on
    each point is old.

    `x` and `y` lie within 0 and 2**z - 1.
    """
    where, values = conditions(query, scope)
    values |= {"z": z, "x": x, "y": y}
    if _crowded(conn, where, values):
        statement = _clusters(where)
    else:
        statement = points_statement(where)
        values |= _ages(conn, where, values, lifetimes)
    tile: bytes | memoryview | None = conn.execute(text(statement), values).scalar()
    return bytes(tile or b"")


def _ages(conn: Connection, where: str, values: dict[str, Any], lifetimes: Lifetimes) -> dict[str, list[Any]]:
    """From when on each incident of the tile is old. The rule is asked here: SQL would be a second one."""
    rows = conn.execute(text(found_statement(where)), values).all()
    return {
        "ids": [row.id for row in rows],
        "stale": [
            lifetimes.stale_after(
                last_known(row.last_reported_at, row.confirmed_at),
                DamageType(row.type),
                Status(row.status),
                Verification(row.verification),
                row.municipality,
            )
            for row in rows
        ],
    }


def _crowded(conn: Connection, where: str, values: dict[str, Any]) -> bool:
    found = conn.execute(
        text(
            f"WITH {_TILE} SELECT count(*) FROM (SELECT 1 {_FOUND.format(where=where)} "  # noqa: S608
            "LIMIT :most) AS found"
        ),
        values | {"most": MOST_POINTS + 1},
    ).scalar_one()
    return int(found) > MOST_POINTS


def found_statement(where: str) -> str:
    """SQL of the incidents in a tile that `where` lets through, with what their age follows from."""
    return (
        f"WITH {_TILE} SELECT i.id, i.type, i.status, i.verification, i.municipality, "
        "i.last_reported_at, CAST(i.ruling->>'confirmed_at' AS timestamptz) AS confirmed_at "
        f"{_FOUND.format(where=where)}"
    )


def points_statement(where: str) -> str:
    """SQL of a tile with a point for each incident of `ids` that `where` lets through, and from when on it
    is old (`stale`). One that came between the two questions is in the next answer."""
    return (
        f"WITH {_TILE}, drawn AS (SELECT {_DRAWN} AS geom, CAST(i.id AS text) AS id, i.type, "  # noqa: S608
        "i.status, i.verification, i.place_text, i.municipality, i.level, i.radius_m, i.urgent, i.drill, "
        f"i.report_count, i.seq, {_TIME.format('i.last_reported_at')} AS last_reported_at, "
        f"{_TIME.format('aged.stale')} AS stale_at FROM tile, incidents i "
        "JOIN unnest(CAST(:ids AS uuid[]), CAST(:stale AS timestamptz[])) AS aged (id, stale) USING (id) "
        f"WHERE i.geom && tile.box AND {where} ORDER BY i.id) "
        f"SELECT ST_AsMVT(drawn, 'incidents', {EXTENT}, 'geom') FROM drawn WHERE geom IS NOT NULL"
    )


def _clusters(where: str) -> str:
    """The gravest gives a cluster its type: urgent before all else, then the latest."""
    living = "i.urgent AND i.status IN ('present', 'feared', 'hearsay') AND i.verification <> 'rejected'"
    return (
        f"WITH {_TILE}, drawn AS (SELECT {_DRAWN} AS geom, i.type, i.last_reported_at, i.id, i.drill, "  # noqa: S608
        f"({living}) AS urgent {_FOUND.format(where=where)}), "
        "together AS (SELECT ST_Point(avg(ST_X(geom)), avg(ST_Y(geom))) AS geom, count(*) AS count, "
        "count(*) FILTER (WHERE urgent) AS urgent, bool_or(drill) AS drill, "
        "(array_agg(type ORDER BY urgent DESC, last_reported_at DESC, id))[1] AS type "
        f"FROM drawn WHERE geom IS NOT NULL GROUP BY floor(ST_X(geom) / {CELL}), floor(ST_Y(geom) / {CELL}) "
        f"ORDER BY floor(ST_X(drawn.geom) / {CELL}), floor(ST_Y(drawn.geom) / {CELL})) "
        f"SELECT ST_AsMVT(together, 'clusters', {EXTENT}, 'geom') FROM together"
    )
