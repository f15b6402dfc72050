"""Any sequence of actions, reports between them or not, and all of it taken back."""

import contextlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import text

from geo.place import Level
from nlp.reading import DamageType, Status
from service import deeds
from service.desk import Done, OvertakenError
from service.report import EVERYTHING, Assignee, Incident, RuledPlace, Verification
from service.store import changes
from service.store import desk as stored
from service.store.database import Connection, Database
from tests.service.desks import FAR, NOW, all_incidents, decide, merge, split, state, told, undo
from tests.service.store.samples import MATSUNAGA

LAT, LON = MATSUNAGA
CHANGES: list[dict[str, Any]] = [
    *({"verification": one} for one in Verification),
    *({"status": one} for one in (Status.RESOLVED, Status.PRESENT, None)),
    *({"type": one} for one in (DamageType.FIRE, DamageType.LANDSLIDE, None)),
    *({"place": one} for one in (RuledPlace(LAT + 9 * FAR, LON, 30.0, Level.POSITION, None), None)),
    {"assigned": Assignee("unit", UUID(int=9), "第9分団")},
]


class Walk(RuleBasedStateMachine):
    """Five reports, and whatever an officer may do with them."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        with self.database.transaction() as conn:
            # The record of earlier walks stays: nothing clears it.
            for table in ("readings", "incidents", "aliases"):
                conn.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of our own tables
            self.first_seq, self.first_action = changes.latest(conn), self.last_action(conn)
        for number, where in enumerate((0, 0, 1, 1, 2)):
            at = NOW + timedelta(seconds=number)
            told(self.database, f"{self.first_seq}/{number}", lat=LAT + where * FAR, said_at=at)
        self.before = state(self.database)
        self.done: list[Done] = []

    def pick(self, number: int) -> Incident:
        held = all_incidents(self.database)
        return held[number % len(held)]

    @rule(number=st.integers(0, 4), change=st.sampled_from(CHANGES))
    def decide(self, number: int, change: dict[str, Any]) -> None:
        self.done.append(decide(self.database, [self.pick(number)], **change))

    @rule(change=st.sampled_from(CHANGES))
    def decide_for_all(self, change: dict[str, Any]) -> None:
        self.done.append(decide(self.database, all_incidents(self.database), **change))

    @precondition(lambda self: len(self.mergeable()) > 1)
    @rule(number=st.integers(1, 4))
    def merge(self, number: int) -> None:
        into, *others = self.mergeable()
        self.done.append(merge(self.database, into, *others[:number]))

    @precondition(lambda self: any(one.report_count > 1 for one in all_incidents(self.database)))
    @rule()
    def split(self) -> None:
        one = next(each for each in all_incidents(self.database) if each.report_count > 1)
        with self.database.transaction() as conn:
            report = stored.readings_of(conn, one.id)[-1][0]
        self.done.append(split(self.database, one, report))

    @precondition(lambda self: bool(self.done))
    @rule(number=st.integers(0, 9))
    def take_back(self, number: int) -> None:
        with contextlib.suppress(OvertakenError):
            self.done.append(undo(self.database, self.done[number % len(self.done)]))

    def mergeable(self) -> list[Incident]:
        held = all_incidents(self.database)
        return [one for one in held if one.verification is not Verification.REJECTED]

    def teardown(self) -> None:
        with self.database.transaction() as conn:
            count = conn.execute(
                text("SELECT count(*) FROM actions WHERE id > :first"), {"first": self.first_action}
            ).scalar_one()
        assert count == len(self.done), "each action is recorded once"
        while left := self.standing():
            undo(self.database, max(left))
        assert state(self.database) == self.before

    def standing(self) -> frozenset[int]:
        with self.database.transaction() as conn:
            ids = {one.incident.id for one in changes.since(conn, self.first_seq, 10_000, EVERYTHING)}
            return deeds.standing(stored.touching(conn, ids))

    @staticmethod
    def last_action(conn: Connection) -> int:
        newest: int = conn.execute(text("SELECT coalesce(max(id), 0) FROM actions")).scalar_one()
        return newest


@pytest.mark.parametrize(
    ("examples", "steps"),
    [(4, 6), pytest.param(60, 14, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])],
)
def test_whatever_is_done_is_taken_back(database: Database, examples: int, steps: int) -> None:
    Walk.database = database
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
