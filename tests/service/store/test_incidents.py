import json
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from nlp.reading import DamageType, Status
from service.report import EVERYTHING, Incident, Ruling, Verification
from service.store import incidents, ledger
from service.store.database import Database
from service.store.incidents import IncidentQuery
from tests.service.store.samples import NOON, NearestOfType, deliver, message, observation, read, store


def invented(count: int, seed: int = 1) -> list[Incident]:
    """Incidents all over Japan, as a fusion would make them."""
    rng = random.Random(seed)  # noqa: S311
    made = []
    for _ in range(count):
        seen = observation(
            UUID(int=rng.getrandbits(128)),
            lat=rng.uniform(26, 45),
            lon=rng.uniform(128, 145),
            type=rng.choice(list(DamageType)),
            status=rng.choice(list(Status)),
            municipality=rng.choice(["34207", "34202", "34101", "43443", None]),
            said_at=NOON + timedelta(minutes=rng.randrange(6000)),
            drill=rng.random() < 0.5,
        )
        if rng.random() < 0.1:
            seen = replace(seen, lat=None, lon=None)
        one = NearestOfType().summarize(
            UUID(int=rng.getrandbits(128)), [seen], Ruling(rng.choice(list(Verification)))
        )
        made.append(one)
    return made


def write(database: Database, made: list[Incident]) -> None:
    with database.transaction() as conn:
        ledger.lock(conn)
        ledger.write(conn, made)


def walk(database: Database, query: IncidentQuery) -> list[Incident]:
    found: list[Incident] = []
    after = None
    while True:
        with database.transaction() as conn:
            page = incidents.page(conn, replace(query, after=after), EVERYTHING)
        found += page.incidents
        after = page.next_after
        if after is None:
            assert page.matched == len(found)
            return found


def test_walking_the_pages_neither_skips_nor_doubles_while_others_write(database: Database) -> None:
    made = invented(95)
    write(database, made)
    seen: list[UUID] = []
    after = None
    for turn in range(20):
        with database.transaction() as conn:
            page = incidents.page(conn, IncidentQuery(limit=10, after=after), EVERYTHING)
        seen += [one.id for one in page.incidents]
        after = page.next_after
        if after is None:
            break
        write(database, [replace(made[turn], report_count=9), *invented(3, seed=100 + turn)])
    assert len(seen) == len(set(seen))
    assert {one.id for one in made} <= set(seen)


def test_the_last_page_is_the_last_even_when_it_is_full(database: Database) -> None:
    write(database, invented(10))
    with database.transaction() as conn:
        page = incidents.page(conn, IncidentQuery(limit=10), EVERYTHING)
        assert (len(page.incidents), page.matched, page.next_after, page.seq) == (10, 10, None, 10)
        assert incidents.page(conn, IncidentQuery(limit=9), EVERYTHING).next_after is not None
        with pytest.raises(ValueError, match="UUID"):
            incidents.page(conn, IncidentQuery(after="'; DROP TABLE incidents"), EVERYTHING)


KINDS = frozenset({"fire", "landslide", "inundation"})
FILTERS: list[tuple[dict[str, Any], Any]] = [
    ({"types": KINDS}, lambda one: one.type in KINDS),
    ({"types": frozenset()}, lambda _: False),
    ({"statuses": frozenset({"present"})}, lambda one: one.status == "present"),
    ({"municipalities": frozenset({"34207"})}, lambda one: one.municipality == "34207"),
    ({"municipalities": frozenset({"34"})}, lambda one: (one.municipality or "").startswith("34")),
    ({"verifications": frozenset({"verified"})}, lambda one: one.verification == "verified"),
    ({"drill": False}, lambda one: not one.drill),
    ({"since": NOON + timedelta(days=2)}, lambda one: one.last_reported_at >= NOON + timedelta(days=2)),
    ({"until": NOON + timedelta(days=1)}, lambda one: one.first_reported_at <= NOON + timedelta(days=1)),
    (
        {"bbox": (130.0, 30.0, 140.0, 40.0), "drill": True},
        lambda one: one.lat is not None and 130 <= one.lon <= 140 and 30 <= one.lat <= 40 and one.drill,
    ),
]


@pytest.mark.parametrize(("given", "wanted"), FILTERS)
def test_each_filter_keeps_exactly_what_it_says(
    database: Database, given: dict[str, Any], wanted: Any
) -> None:
    made = invented(200)
    write(database, made)
    found = walk(database, IncidentQuery(limit=30, **given))
    assert {one.id for one in found} == {one.id for one in made if wanted(one)}


def test_a_box_over_the_date_line_and_a_point_just_outside(database: Database) -> None:
    west, east, edge = invented(3)
    made = [
        replace(west, lat=0.0, lon=-179.5),
        replace(east, lat=0.0, lon=179.5),
        replace(edge, lat=10.0, lon=135.0000001),
    ]
    write(database, made)
    over = walk(database, IncidentQuery(bbox=(179.0, -1.0, -179.0, 1.0)))
    assert {one.id for one in over} == {west.id, east.id}
    assert walk(database, IncidentQuery(bbox=(134.0, 9.0, 135.0, 11.0))) == []
    assert len(walk(database, IncidentQuery(bbox=(134.0, 9.0, 135.0000001, 11.0)))) == 1


def test_a_box_is_answered_from_the_spatial_index(database: Database) -> None:
    write(database, invented(3000))
    statement, values = incidents.page_statement(
        IncidentQuery(bbox=(133.0, 34.0, 133.5, 34.5), limit=100), EVERYTHING
    )
    with database.transaction() as conn:
        conn.execute(text("ANALYZE incidents"))
        plan = json.dumps(conn.execute(text(f"EXPLAIN (FORMAT JSON) {statement}"), values).scalar())
    assert "ix_incidents_geom" in plan
    assert "Seq Scan" not in plan


def test_the_tray_holds_relevant_reports_without_a_point(database: Database) -> None:
    placed, placeless, late = deliver(database, message("a"), message("b"), message("c"))
    store(
        database,
        read(placed, observation(placed.report_id)),
        read(placeless, observation(placeless.report_id, lat=None, lon=None, ambiguous=True)),
        replace(read(late), relevant=False),
    )
    with database.transaction() as conn:
        (tray,) = incidents.unplaced_reports(conn, 10, EVERYTHING)
        everything = incidents.page(conn, IncidentQuery(), EVERYTHING).incidents
        assert tray.report_id == placeless.report_id
        assert [one.ambiguous for one in tray.observations] == [True]
        assert sum(one.lat is None for one in everything) == 1
        assert incidents.one(conn, UUID(int=0), EVERYTHING) is None
        assert incidents.reports_behind(conn, UUID(int=0)) == []
