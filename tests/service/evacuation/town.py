"""A small municipality on a real database: its outline, units, shelters, incidents, and people."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx

from geo.place import Level, Place
from service.access import Role
from service.report import Ruling, Verification
from service.store import ledger, places
from service.store.database import Database
from service.store.sources import SourceInfo
from tests.service.api.world import World

CODE, OTHER = "34207", "34202"
WEST, SOUTH, STEP = 133.30, 34.40, 0.02
Json = dict[str, Any]


def square(west: float, south: float, size: float = STEP) -> Json:
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(number: int, **properties: Any) -> Json:
    """Unit `number` of a row of squares from west to east: u0, u1, …"""
    given = {"code": f"u{number}", "name": f"第{number}地区", **properties}
    return {"type": "Feature", "properties": given, "geometry": square(WEST + number * STEP, SOUTH)}


def collection(*features: Json) -> Json:
    return {"type": "FeatureCollection", "features": list(features)}


def middle(number: int) -> tuple[float, float]:
    """lat, lon in the middle of unit `number`."""
    return SOUTH + STEP / 2, WEST + (number + 0.5) * STEP


def settle(database: Database) -> None:
    """Two municipalities, each 0.1° wide, towns in the first, shelters in its first square."""
    outlines = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": name},
            "geometry": square(west, SOUTH, 0.1),
        }
        for code, name, west in ((CODE, "福山市", WEST), (OTHER, "呉市", 132.5))
    ]
    lat, lon = middle(0)
    towns = [_place("town:1", "東町", lat, WEST + 0.08), _place("town:2", "西町", lat, WEST + 0.02)]
    shelter = replace(
        _place("emergency:1", "松永小学校", lat, lon), kind="school", level=Level.FACILITY, radius_m=100.0
    )
    with database.transaction() as conn:
        places.load_municipalities(conn, outlines)
        places.load(conn, SourceInfo("towns", "x", "test", "2026"), towns)
        places.load_described(
            conn,
            SourceInfo("gsi-emergency-34", "y", "test", "2026"),
            [(shelter, {"shelter": "emergency", "disasters": ["flood"]})],
        )


def _place(place_id: str, name: str, lat: float, lon: float) -> Place:
    return Place(place_id, name, "", "town", Level.TOWN, CODE, lat, lon, 500.0, "")


def verify(database: Database, *ids: UUID, to: Verification = Verification.VERIFIED) -> None:
    """What the desk does when it confirms or rejects incidents; without ids: all of them."""
    with database.transaction() as conn:
        ledger.lock(conn)
        wanted: Sequence[UUID] = ids or [
            row[0] for row in conn.exec_driver_sql("SELECT id FROM incidents").all()
        ]
        known = ledger.incidents_by_id(conn, wanted).values()
        ledger.write(conn, [replace(one, verification=to, ruling=Ruling(to)) for one in known])


def person(world: World, role: Role, jurisdiction: str | None = CODE) -> httpx.Client:
    """A client signed in as somebody of a municipality (5 digits) or prefecture (2)."""
    return world.signed_in(role, jurisdiction)


def count_line(level: int = 4, **condition: Any) -> Json:
    given = {"kind": "count", "types": ["river_overflow"], "statuses": ["present"], **condition}
    return {"hazard": "flood", "level": level, "text": "越水が確認された", "condition": given}


def unit(board: Mapping[str, Any], code: str) -> Json:
    [found] = [one for one in board["units"] if one["code"] == code]
    return dict(found)
