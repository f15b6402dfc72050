"""The columns against a plain sum over the incidents: the same numbers, whatever happened before."""

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import text

from nlp.reading import Status
from service.lifetimes import PACKAGED
from service.overview import danger
from service.overview.cells import Box
from service.overview.columns import degrees, mercator
from service.overview.held import Answer, Held, Replay
from service.overview.sift import Filter
from service.overview.view import MOST_PINS, Question, View
from service.report import EVERYTHING, NOTHING, Incident, Scope, Verification
from service.store import changes, erase, incidents, ledger
from service.store.database import Database
from service.store.incidents import IncidentQuery
from tests.measure.crowd import fill, invented
from tests.service.store.samples import NearestOfType, deliver, message, observation, read, store

WORLD = Box(0.0, 0.0, 1.0, 1.0)
NOW = datetime(2026, 7, 29, 3, 0, tzinfo=UTC)
SCRIPTS = Path(__file__).resolve().parents[3] / "web" / "static" / "js"
CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parents[2] / "web/js/danger_cases.json").read_text(encoding="utf-8")
)


def state(one: Incident) -> str:
    return danger.state_of(one.status, one.verification)


def order(one: Incident) -> tuple[int, float, str]:
    rank = danger.rank(one.type, state(one), one.urgent, one.people)
    return (danger.precedence(rank, one.drill), -int(one.last_reported_at.timestamp()), str(one.id))


def is_open(one: Incident) -> bool:
    return state(one) in danger.OPEN_STATES


def here(database: Database, scope: Scope = EVERYTHING) -> list[Incident]:
    with database.transaction() as conn:
        return list(incidents.page(conn, IncidentQuery(limit=10_000), scope).incidents)


def assert_is_of(view: View, found: Iterable[Incident]) -> None:
    """The default view of these incidents, summed up the slow way."""
    all_ = list(found)
    shown = [one for one in all_ if is_open(one)]
    placed = sorted((one for one in shown if one.lat is not None), key=order)
    assert view.total == len(all_)
    assert view.shown == len(shown)
    assert view.urgent == sum(one.urgent for one in shown)
    assert view.drills == sum(one.drill for one in shown)
    assert view.counts.hidden == len(all_) - len(shown)
    assert view.counts.types == Counter(one.type.value for one in shown)
    assert view.counts.states == Counter(state(one) for one in all_)
    assert view.counts.verification == verified_and_not(shown)
    assert view.counts.municipalities == Counter(one.municipality or "" for one in shown)
    assert view.listed == len(placed)
    assert [name.id for name in view.first] == [str(one.id) for one in placed[:60]]
    assert view.unplaced == len(shown) - len(placed)
    assert sum(mark.count for mark in view.marks) + len(view.pins) == len(placed)
    alone = {name.id for name in view.pins}
    urgent_alone = sum(one.urgent for one in placed if str(one.id) in alone)
    assert sum(mark.urgent for mark in view.marks) + urgent_alone == sum(one.urgent for one in placed)


def verified_and_not(shown: Sequence[Incident]) -> dict[str, int]:
    return {"all": len(shown), **Counter(one.verification.value for one in shown)}


def timeless(view: View) -> View:
    """Without what depends on the moment of looking: what is 「1時間以内」 or old."""
    counts = replace(view.counts, hours={}, stale={}, hidden_stale=0)
    return replace(view, counts=counts, marks=[replace(mark, stale=0) for mark in view.marks])


def published(answer: Answer) -> Answer:
    """As it is sent: a mean's last bits depend on the order in which its members came."""
    marks = [replace(one, lat=round(one.lat, 6), lon=round(one.lon, 6)) for one in answer.view.marks]
    return replace(answer, view=replace(answer.view, marks=marks))


@pytest.mark.parametrize("case", CASES)
def test_danger_ranks_as_in_the_browser(case: dict[str, Any]) -> None:
    given = case["properties"]
    shown = danger.state_of(given["status"], given["verification"])
    assert danger.rank(given["type"], shown, given["urgent"], given) == case["rank"]


def test_what_is_deadly_is_deadly_in_the_browser_too() -> None:
    rows = re.findall(
        r'\["(\w+)", t?\(?"[^"]+"\)?, "\w+", (true|false)\]', (SCRIPTS / "words.js").read_text()
    )
    assert len(rows) > 20
    assert {code for code, deadly in rows if deadly == "true"} == danger.DEADLY


def test_a_point_comes_back_from_mercator() -> None:
    lat, lon = np.array([34.4479, -45.0, 0.0]), np.array([133.2556, -179.9, 0.0])
    for number, (x, y) in enumerate(zip(*mercator(lat, lon), strict=True)):
        assert degrees(x, y) == pytest.approx((lat[number], lon[number]), abs=1e-9)


def test_a_view_is_what_a_plain_sum_says(database: Database) -> None:
    fill(database, invented(800, NOW))
    held = Held(database)
    for zoom in (5.0, 9.5, 18.0):
        answer = held.view(Question(box=WORLD, zoom=zoom), EVERYTHING, NOW.timestamp())
        assert_is_of(answer.view, here(database))


def test_nothing_vanishes_where_very_many_stand_alone(database: Database) -> None:
    """A wall screen's 3,840 × 2,160 points, on which each incident has a place of its own."""
    across, down, zoom = 45, 25, 12.0
    width, height = 3840 / (256 * 2**zoom), 2160 / (256 * 2**zoom)
    box = Box(0.87, 0.39, 0.87 + width, 0.39 + height)
    made = list(invented(across * down, NOW))
    for number, one in enumerate(made):
        x = box.left + (number % across + 0.5) * width / across
        y = box.top + (number // across + 0.5) * height / down
        lat, lon = degrees(x, y)
        made[number] = replace(
            one, lat=lat, lon=lon, status=Status.PRESENT, verification=Verification.UNVERIFIED
        )
    fill(database, made)
    view = Held(database).view(Question(box=box, zoom=zoom), EVERYTHING, NOW.timestamp()).view
    assert_is_of(view, here(database))
    assert view.listed == across * down
    assert 0 < len(view.pins) <= MOST_PINS
    near = Box(box.left, box.top, box.left + width / 4, box.top + height / 4)
    closer = Held(database).view(Question(box=near, zoom=zoom + 2), EVERYTHING, NOW.timestamp()).view
    assert (closer.marks, len(closer.pins)) == ([], 11 * 6)


def test_a_cluster_shows_its_gravest_and_an_urgent_one_before_all(database: Database) -> None:
    fill(database, invented(800, NOW))
    answer = Held(database).view(Question(box=WORLD, zoom=4.0), EVERYTHING, NOW.timestamp())
    found = [one for one in here(database) if is_open(one) and one.lat is not None]
    assert answer.view.marks
    for mark in answer.view.marks:
        west, south, east, north = mark.bounds
        inside = [
            one
            for one in found
            if west - 1e-9 <= (one.lon or 0) <= east + 1e-9 and south - 1e-9 <= (one.lat or 0) <= north + 1e-9
        ]
        types = {one.type.value for one in inside if one.urgent} or {one.type.value for one in inside}
        assert mark.type in types
    assert sum(mark.urgent for mark in answer.view.marks) > 5


def test_a_cluster_counts_what_is_old_at_the_moment_that_is_shown(database: Database) -> None:
    fill(database, invented(800, NOW))
    placed = [one for one in here(database) if is_open(one) and one.lat is not None]
    held = Held(database)
    counted = []
    for hours in (0, 3, 240):
        moment = NOW + timedelta(hours=hours)
        view = held.view(Question(box=WORLD, zoom=4.0), EVERYTHING, moment.timestamp()).view
        alone = {name.id for name in view.pins}
        old = [one for one in placed if (at := PACKAGED.stale_at(one)) is not None and at <= moment]
        counted.append(sum(mark.stale for mark in view.marks))
        assert counted[-1] == sum(str(one.id) not in alone for one in old)
    assert 0 < counted[0] < counted[1] < counted[2] == sum(mark.count for mark in view.marks)


def test_changes_of_every_kind_lead_to_the_state_that_a_fresh_reader_sees(database: Database) -> None:
    """State and events are the state now: 60 turns of new, changed and removed incidents."""
    rng = random.Random(8)  # noqa: S311
    held = Held(database)
    made = iter(invented(2000, NOW, seed=9))
    standing: dict[UUID, Incident] = {}
    for _ in range(60):
        fresh = [next(made) for _ in range(rng.randrange(8))]
        known = [one for one in here(database) if rng.random() < 0.1]
        gone = [one for one in known if rng.random() < 0.3]
        moved = [
            replace(one, urgent=not one.urgent, lat=(one.lat or 34.0) + 0.1, lon=one.lon or 133.0)
            for one in known
            if one not in gone
        ]
        with database.transaction() as conn:
            ledger.lock(conn)
            ledger.write(conn, [*fresh, *moved], gone)
        standing = {one.id: one for one in here(database)}
        question = Question(box=WORLD, zoom=7.0)
        followed = held.view(question, EVERYTHING, NOW.timestamp())
        assert published(followed) == published(Held(database).view(question, EVERYTHING, NOW.timestamp()))
        with database.transaction() as conn:
            assert followed.seq == changes.latest(conn)
        assert_is_of(followed.view, standing.values())


def ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


FILTERS: list[tuple[Filter, Callable[[Incident], bool]]] = [
    (Filter(types=frozenset({"fire"})), lambda one: is_open(one) and one.type == "fire"),
    (Filter(states=frozenset({"resolved"})), lambda one: state(one) == "resolved"),
    (
        Filter(municipalities=frozenset({"34", ""})),
        lambda one: is_open(one) and (one.municipality or "34")[:2] == "34",
    ),
    (Filter(drill=False), lambda one: is_open(one) and not one.drill),
    (Filter(hours=6), lambda one: is_open(one) and one.last_reported_at >= ago(6)),
    (
        Filter(since=ago(9).timestamp(), until=ago(3).timestamp()),
        lambda one: is_open(one) and ago(9) <= one.last_reported_at <= ago(3),
    ),
]


@pytest.mark.parametrize(("wanted", "keeps"), FILTERS)
def test_filters_keep_what_they_say(
    database: Database, wanted: Filter, keeps: Callable[[Incident], bool]
) -> None:
    fill(database, invented(600, NOW))
    answer = Held(database).view(Question(wanted), EVERYTHING, NOW.timestamp())
    assert answer.view.shown == sum(map(keeps, here(database)))
    assert 0 < answer.view.shown < 600


def test_a_cluster_is_a_drill_only_when_all_of_it_is(database: Database) -> None:
    fill(database, invented(600, NOW))
    answer = Held(database).view(
        Question(Filter(drill=True), box=WORLD, zoom=2.0), EVERYTHING, NOW.timestamp()
    )
    drills = sum(one.drill for one in here(database))
    assert drills > 0
    assert sum(mark.count for mark in answer.view.marks if mark.drill) < drills
    with database.transaction() as conn:
        ledger.lock(conn)
        ledger.write(conn, [replace(one, drill=True) for one in here(database)])
    answer = Held(database).view(Question(box=WORLD, zoom=2.0), EVERYTHING, NOW.timestamp())
    assert all(mark.drill for mark in answer.view.marks)


def test_nobody_sees_more_than_their_scope(database: Database) -> None:
    made = [
        replace(one, audience=((one.municipality or "")[:2], one.municipality or ""))
        for one in invented(400, NOW)
    ]
    fill(database, made)
    held, replay = Held(database), Replay(database)
    scope = Scope(frozenset({"34"}))
    question = Question(box=WORLD, zoom=8.0)
    seen = held.view(question, scope, NOW.timestamp()).view
    assert_is_of(seen, here(database, scope))
    assert 0 < seen.total < 400
    later = datetime.now(UTC).timestamp() + 5
    assert replay.view(question, scope, later).view.total == seen.total
    assert held.view(question, NOTHING, NOW.timestamp()).view.total == 0
    with database.transaction() as conn:
        every = list(range(1, changes.latest(conn) + 1))
        assert len(changes.versions(conn, every, scope)) == seen.total
        assert changes.versions(conn, every, NOTHING) == {}
    assert sum(replay.timeline(scope, later - 3600, later).new) == seen.total


def test_any_moment_is_shown_as_it_was(database: Database) -> None:
    """Random histories: replayed to a moment they are what a reader at that moment saw."""
    rng = random.Random(3)  # noqa: S311
    made = iter(invented(400, NOW, seed=5))
    question = Question(box=WORLD, zoom=8.0)
    moments: list[tuple[int, View]] = []
    for _ in range(12):
        known = [one for one in here(database) if rng.random() < 0.2]
        with database.transaction() as conn:
            ledger.lock(conn)
            ledger.write(conn, [next(made) for _ in range(9)], known[:3])
        answer = Held(database).view(question, EVERYTHING, NOW.timestamp())
        moments.append((answer.seq, answer.view))
    with database.transaction() as conn:
        conn.execute(
            text(
                "UPDATE changes SET at = CAST(:now AS timestamptz) - interval '1 day' + seq * interval '1 s'"
            ),
            {"now": NOW},
        )
    replay = Replay(database)
    for seq, view in moments:
        at = (NOW - timedelta(days=1)).timestamp() + seq + 0.5
        then = replay.view(question, EVERYTHING, at).view
        assert timeless(then) == timeless(view)
    assert replay.view(question, EVERYTHING, 0.0).view.total == 0


def test_what_was_erased_is_not_to_be_seen_by_looking_back(database: Database) -> None:
    [waiting] = deliver(database, message("secret"))
    store(database, read(waiting, observation(waiting.report_id)))
    replay = Replay(database)
    question = Question(box=WORLD, zoom=8.0)
    before = datetime.now(UTC).timestamp()
    assert len(replay.view(question, EVERYTHING, before).view.pins) == 1
    with database.transaction() as conn:
        assert erase.erase(conn, "test", "secret", NearestOfType())
    again = replay.view(question, EVERYTHING, before).view
    assert again.pins == []
    assert again.unplaced == 1


def test_a_restored_database_is_read_anew(database: Database) -> None:
    fill(database, invented(20, NOW))
    held = Held(database)
    assert held.view(Question(), EVERYTHING, NOW.timestamp()).view.total == 20
    with database.transaction() as conn:
        conn.execute(text("DELETE FROM changes WHERE seq > 5"))
        conn.execute(text("DELETE FROM incidents WHERE seq > 5"))
    assert held.view(Question(), EVERYTHING, NOW.timestamp()).view.total == 5
