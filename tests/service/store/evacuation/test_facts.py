"""The board's SQL: the spatial join asks the index, and a large board is quick."""

import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from shapely import box, union_all
from sqlalchemy import text

from geo.districts import Town, around_towns
from service.evacuation.board import assemble
from service.report import Scope
from service.store.codec import dumps
from service.store.database import Connection, Database
from service.store.evacuation import facts, units
from service.store.evacuation.units import DrawnUnit
from service.store.rows import insert_many
from service.store.tables import incidents
from tests.service.evacuation.samples import NOON
from tests.service.evacuation.town import CODE, SOUTH, WEST

SIDE = 0.1
ALLOWED_S = 1.5  # a board of 200 units and 2,000 incidents takes 0.2 s on a quiet machine


def grid(columns: int, rows: int) -> list[DrawnUnit]:
    wide, high = SIDE / columns, SIDE / rows
    towns = [
        Town(f"u{x:02d}-{y:02d}", f"第{x}の{y}", SOUTH + (y + 0.5) * high, WEST + (x + 0.5) * wide)
        for x in range(columns)
        for y in range(rows)
    ]
    made = around_towns(towns, box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE))
    return [DrawnUnit(one.key, one.name, one.area) for one in made]


def fill(conn: Connection, count: int) -> None:
    """Incidents evenly over the square, each with two reports."""
    rows: list[dict[str, Any]] = [
        {
            "id": str(uuid4()),
            "type": ("road_flooding", "landslide", "precursor", "isolation")[number % 4],
            "status": "present",
            "verification": "verified" if number % 3 else "unverified",
            "place_text": "松永町",
            "municipality": CODE,
            "geom": f"SRID=4326;POINT({WEST + SIDE * (number * 37 % 1000 / 1000)} "
            f"{SOUTH + SIDE * (number * 61 % 997 / 997)})",
            "shape": None,
            "radius_m": 50.0 + number % 10 * 60,
            "level": "town",
            "ambiguous": False,
            "urgent": number % 50 == 0,
            "people": {},
            "report_count": 2,
            "first_reported_at": (NOON - timedelta(hours=1)).isoformat(),
            "last_reported_at": (NOON - timedelta(minutes=number % 60)).isoformat(),
            "drill": False,
            "audience": ["34", CODE],
            "ruling": {},
            "version": 1,
            "seq": number + 1,
            "updated_at": NOON.isoformat(),
        }
        for number in range(count)
    ]
    insert_many(conn, incidents, rows)
    conn.execute(text("ANALYZE incidents, evacuation_units"))


@pytest.fixture
def full(database: Database) -> Database:
    with database.transaction() as conn:
        row = units.board(conn, CODE, lock=True)
        units.replace(conn, row, grid(20, 10), "test")
        units.touch(conn, CODE)
        fill(conn, 2000)
    return database


def test_the_spatial_join_asks_the_index(full: Database) -> None:
    with full.transaction() as conn:
        board = units.board(conn, CODE)
        statement, values = facts.members_statement(
            board, Scope(frozenset({CODE})), NOON - timedelta(hours=72), drill=False
        )
        plan = dumps(conn.execute(text(f"EXPLAIN (FORMAT JSON) {statement}"), values).scalar_one())
    assert "ix_evacuation_units_geom" in plan


def test_a_board_of_200_units_and_2000_incidents_is_quick(full: Database) -> None:
    taken = []
    for _ in range(3):
        begun = time.perf_counter()
        with full.transaction() as conn:
            known = facts.read(conn, units.board(conn, CODE), "福山市", {CODE}, NOON, drill=False)
        found = assemble(known)
        taken.append(time.perf_counter() - begun)
    assert len(found["units"]) == 200
    assert sum(len(one["inside"]) for one in found["units"]) >= 2000
    assert found["outside"] == []
    assert min(taken) < ALLOWED_S, taken


def test_towns_divide_the_whole_ground() -> None:
    made = grid(7, 3)
    ground = box(WEST, SOUTH, WEST + SIDE, SOUTH + SIDE)
    assert union_all([one.area for one in made]).symmetric_difference(ground).area < 1e-9
    assert len(made) == 21
