"""Decisions on a real database: they survive reports, refuse each other, and are taken back."""

import random
import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from geo.place import Level
from nlp.reading import DamageType, Status
from service import desk, triage
from service.desk import ConflictError, OvertakenError
from service.overview.danger import precedence
from service.problems import ProblemError
from service.report import EVERYTHING, Assignee, Photo, RuledPlace, Scope, Verification
from service.store import changes, inbox, queue
from service.store import desk as stored
from service.store.actions import Recorded
from service.store.database import Database
from service.store.queue import Queued, QueueQuery
from tests.service.desks import (
    FAR,
    FUSE,
    NOW,
    all_incidents,
    decide,
    merge,
    of,
    officer,
    seen,
    split,
    state,
    told,
    undo,
    verify,
)
from tests.service.store.samples import MATSUNAGA, holders

LAT, LON = MATSUNAGA
PIN = RuledPlace(LAT + 3 * FAR, LON, 20.0, Level.POSITION, None)
UNIT = Assignee("unit", UUID(int=5), "第1分団")


def trail(database: Database, incident_id: UUID) -> list[Recorded]:
    with database.transaction() as conn:
        return stored.touching(conn, [incident_id])


def test_what_was_decided_survives_every_later_report(database: Database) -> None:
    told(database, "a")
    [one] = all_incidents(database)
    for change in (
        {"verification": Verification.VERIFIED},
        {"type": DamageType.RIVER_OVERFLOW},
        {"place": PIN},
        {"status": Status.RESOLVED},
        {"assigned": UNIT},
    ):
        decide(database, [of(database, one.id)], **change)
    told(database, "b", lat=LAT + 0.0001)
    [after] = all_incidents(database)
    assert after.id == one.id
    assert after.report_count == 2
    assert (after.type, after.lat, after.status) == (DamageType.RIVER_OVERFLOW, PIN.lat, Status.RESOLVED)
    assert (after.verification, after.ruling.assigned) == (Verification.VERIFIED, UNIT)
    assert after.ruling.version == 5


def test_a_later_report_of_the_other_kind_opens_what_was_ruled_over(database: Database) -> None:
    told(database, "a")
    decide(database, all_incidents(database), status=Status.RESOLVED)
    told(database, "b", said_at=NOW + timedelta(hours=1), urgent=True)
    [one] = all_incidents(database)
    assert (one.status, one.contradicted, one.urgent) == (Status.PRESENT, True, True)
    with database.transaction() as conn:
        [waiting], matched = queue.queue(conn, QueueQuery(), EVERYTHING)
        assert changes.since(conn, 0, 10, EVERYTHING)[-1].incident == one
    assert matched == 1
    assert triage.reasons(waiting.incident, waiting.support)[0].code == "contradicted"
    assert waiting.support.since == 1


def test_a_merged_incident_lives_on_in_the_other_and_takes_its_reports_along(database: Database) -> None:
    told(database, "a")
    told(database, "b", lat=LAT + FAR, type=DamageType.INUNDATION, said_at=NOW + timedelta(seconds=1))
    first, second = all_incidents(database)
    done = merge(database, first, second)
    [one] = all_incidents(database)
    assert (one.id, one.report_count, one.type) == (first.id, 2, first.type)
    with database.transaction() as conn:
        last = {change.incident.id: change for change in changes.since(conn, 0, 100, EVERYTHING)}[second.id]
    assert last.removed
    assert last.incident.ruling.merged_into == first.id
    # What would have joined the merged one joins what it became, on the other side of the hill.
    told(database, "c", lat=LAT + FAR, type=DamageType.INUNDATION)
    assert [one.report_count for one in all_incidents(database)] == [3]
    undo(database, done)
    again = {one.id: one for one in all_incidents(database)}
    assert {key: one.report_count for key, one in again.items()} == {first.id: 1, second.id: 2}
    assert again[second.id].type is DamageType.INUNDATION


def test_what_was_merged_twice_is_found_at_the_end_of_the_chain(database: Database) -> None:
    for number in range(3):
        told(database, str(number), lat=LAT + number * FAR, said_at=NOW + timedelta(seconds=number))
    first, second, third = all_incidents(database)
    merge(database, second, first)
    merge(database, third, of(database, second.id))
    told(database, "again")
    assert [(one.id, one.report_count) for one in all_incidents(database)] == [(third.id, 4)]


def test_unplaced_incidents_are_found_by_their_words(database: Database) -> None:
    unplaced: dict[str, Any] = {"lat": None, "lon": None, "radius_m": None, "ambiguous": True}
    told(database, "a", **unplaced)
    [one] = all_incidents(database)
    decide(database, [one], place=PIN)
    told(database, "b", **unplaced)
    [one] = all_incidents(database)
    assert (one.report_count, one.lat, one.ambiguous, one.place_text) == (2, PIN.lat, False, "松永町")


def test_splitting_takes_reports_out_and_undoing_puts_them_back(database: Database) -> None:
    first = told(database, "a")
    second = told(database, "b")
    [one] = all_incidents(database)
    before = state(database)
    done = split(database, one, second)
    assert sorted(each.report_count for each in all_incidents(database)) == [1, 1]
    undo(database, done)
    assert state(database) == before
    with pytest.raises(ProblemError):
        split(database, of(database, one.id), first, second)
    with pytest.raises(ProblemError):
        split(database, of(database, one.id), uuid4())


def test_an_older_version_is_refused_with_who_was_first_and_nothing_is_done(database: Database) -> None:
    told(database, "a")
    [one] = all_incidents(database)
    decide(database, [one], officer(number=2), verification=Verification.VERIFIED)
    with pytest.raises(ConflictError) as refused:
        decide(database, [one], type=DamageType.FIRE)
    [conflict] = refused.value.conflicts
    assert conflict.living
    assert conflict.last == of(database, one.id)
    assert conflict.by is not None
    assert conflict.by.action.actor_name == "職員2"
    assert of(database, one.id).type is one.type
    assert len(trail(database, one.id)) == 1


def test_a_mere_report_refuses_nothing(database: Database) -> None:
    told(database, "a")
    [one] = all_incidents(database)
    told(database, "b")
    verify(database, one)
    assert of(database, one.id).verification is Verification.VERIFIED


def test_of_two_at_once_one_is_done_and_the_other_refused(database: Database) -> None:
    told(database, "a")
    [one] = all_incidents(database)
    gate = threading.Barrier(2)
    outcomes: list[str] = []

    def press(number: int, change: dict[str, Any]) -> None:
        gate.wait()
        try:
            decide(database, [one], officer(number=number), **change)
            outcomes.append("done")
        except ConflictError:
            outcomes.append("refused")

    both = [
        threading.Thread(target=press, args=(1, {"status": Status.RESOLVED})),
        threading.Thread(target=press, args=(2, {"verification": Verification.REJECTED})),
    ]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(outcomes) == ["done", "refused"]
    assert of(database, one.id).ruling.version == 1
    assert len(trail(database, one.id)) == 1


def test_an_overtaken_action_waits_for_the_later_one(database: Database) -> None:
    told(database, "a")
    [one] = all_incidents(database)
    first = verify(database, one)
    second = decide(database, [of(database, one.id)], verification=Verification.REJECTED)
    with pytest.raises(OvertakenError) as refused:
        undo(database, first)
    assert refused.value.later == second.recorded
    back = undo(database, second)
    with pytest.raises(OvertakenError):
        undo(database, second)
    undo(database, first)
    assert of(database, one.id).verification is Verification.UNVERIFIED
    with pytest.raises(OvertakenError):
        undo(database, back)


def test_another_decision_is_not_in_the_way_and_stays(database: Database) -> None:
    told(database, "a")
    [one] = all_incidents(database)
    first = verify(database, one)
    decide(database, [of(database, one.id)], assigned=UNIT)
    undo(database, first)
    after = of(database, one.id)
    assert (after.verification, after.ruling.assigned) == (Verification.UNVERIFIED, UNIT)


def test_a_foreign_incident_is_not_there_and_a_shared_one_is_not_theirs(database: Database) -> None:
    told(database, "a")
    [one] = all_incidents(database)
    with pytest.raises(ProblemError, match="not-found"):
        decide(database, [one], officer("34202"), verification=Verification.VERIFIED)
    with database.transaction() as conn:
        order = desk.Order("share", seen(one), {"shared": ("34202",)})
        desk.decide(conn, officer(), order, FUSE)
    with pytest.raises(ProblemError, match="forbidden"):
        decide(database, [of(database, one.id)], officer("34202"), verification=Verification.VERIFIED)
    done = verify(database, of(database, one.id))
    assert done.recorded.action.owner == "34207"
    for stranger in ("34202", "33"):
        with pytest.raises(ProblemError), database.transaction() as conn:
            desk.undo(conn, officer(stranger), done.recorded.id, "", FUSE)
    decide(database, [of(database, one.id)], officer("34"), type=DamageType.FIRE)


def test_drill_and_reality_are_not_merged_nor_what_was_rejected(database: Database) -> None:
    told(database, "a")
    told(database, "b", drill=True, said_at=NOW + timedelta(seconds=1))
    first, second = all_incidents(database)
    with pytest.raises(ProblemError):
        merge(database, first, second)
    told(database, "c", lat=LAT + FAR, said_at=NOW + timedelta(seconds=2))
    third = all_incidents(database)[2]
    decide(database, [third], verification=Verification.REJECTED)
    with pytest.raises(ProblemError):
        merge(database, first, of(database, third.id))


def test_erasing_a_report_leaves_nothing_of_it_behind_a_decision(database: Database) -> None:
    told(database, "a", "かなりあ橋が冠水", place_text="かなりあ橋", lat=LAT + FAR)
    told(database, "b", said_at=NOW + timedelta(seconds=1))
    first, second = all_incidents(database)
    decide(database, [first], place=PIN)
    done = merge(database, second, of(database, first.id))
    with database.transaction() as conn:
        assert inbox.erase(conn, "test", "a", FUSE)
    assert holders(database, "かなりあ") == set()
    undo(database, done)
    assert [one.report_count for one in all_incidents(database)] == [1]


def test_the_queue_is_in_the_order_of_danger_whatever_the_database_does(database: Database) -> None:
    cases: list[dict[str, Any]] = [
        {"people": {"trapped": 1}},
        {"urgent": True},
        {"type": DamageType.FIRE},
        {"type": DamageType.FIRE, "words": "隣の家に延焼しています"},
        {"type": DamageType.INUNDATION, "words": "水位がどんどん上がっています"},
        {"type": DamageType.POWER_OUTAGE},
        {"type": DamageType.LANDSLIDE, "status": Status.FEARED},
        {"people": {"injured": 1}},
        {"status": Status.RESOLVED, "urgent": True},
        {"urgent": True, "people": {"trapped": 1}},
    ]
    for number, case in enumerate(cases):
        told(database, str(number), lat=LAT + number * FAR, **case)
    told(database, "photo", lat=LAT + 2 * FAR, type=DamageType.FIRE, sender="U1", photo=Photo(b"x", 1, 1))
    with database.transaction() as conn:
        found, matched = queue.queue(conn, QueueQuery(state="all"), EVERYTHING)
        ranks = [triage.danger(one.incident, one.support) for one in found]
        assert queue.support_of(conn, found[0].incident.id) == found[0].support
    assert matched == len(cases)
    ordered = sorted(found, key=lambda one: triage.order(one.incident, one.support))
    assert sorted(ranks) == [0, 1, 2, 3, 3, 4, 5, 6, 7, 9]
    assert [triage.danger(one.incident, one.support) for one in ordered] == sorted(ranks)
    [fire] = [one for one in found if one.support.photos]
    assert fire.support == replace(fire.support, senders=2, photos=1)


def some_incidents(database: Database, rng: random.Random, count: int) -> None:
    """Reports of everything that the order of danger tells apart, most of them less grave."""
    people = [{}, {}, {}, {"injured": 3}, {"dead": 1}, {"trapped": 1}]
    words = ["道路が冠水しています", "水位がどんどん上がっています", "隣の家に延焼しています"]
    kinds = [DamageType.ROAD_FLOODING, DamageType.INUNDATION, DamageType.FIRE, DamageType.CASUALTY]
    kinds += [DamageType.LANDSLIDE, DamageType.POWER_OUTAGE]
    for number in range(count):
        told(
            database,
            str(number),
            rng.choice(words),
            lat=LAT + number * FAR,
            type=rng.choice(kinds),
            people=rng.choice(people),
            urgent=rng.random() < 0.1,
            status=rng.choice([Status.PRESENT, Status.FEARED, Status.RESOLVED]),
            drill=rng.random() < 0.2,
            said_at=NOW - timedelta(minutes=rng.randrange(30)),
        )


@pytest.mark.parametrize("own", [EVERYTHING, officer().own])
def test_nothing_is_cut_off_for_something_less_grave(
    database: Database, monkeypatch: pytest.MonkeyPatch, own: Scope
) -> None:
    """With a limit the queue is the first of what it is without one, behind the second fence, too."""
    some_incidents(database, random.Random(10), 40)  # noqa: S311

    def listed(most: int) -> tuple[list[Queued], int]:
        monkeypatch.setattr(queue, "MOST_WEIGHED", most)
        with database.transaction(own) as conn:
            found, matched = queue.queue(conn, QueueQuery(state="all"), own)
        return sorted(found, key=by_danger_then_age), matched

    whole, matched = listed(1_000)
    assert len(whole) == matched == 40
    assert {triage.danger(one.incident, one.support) for one in whole} == {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
    for most in range(41):
        assert listed(most) == (whole[:most], matched if most else 0)


def by_danger_then_age(one: Queued) -> tuple[int, datetime, UUID]:
    first = precedence(triage.danger(one.incident, one.support), one.incident.drill)
    return (first, one.incident.first_reported_at, one.incident.id)


def test_many_floods_do_not_hide_the_injured(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        told(database, str(number), lat=LAT + number * FAR)
    told(database, "injured", lat=LAT - FAR, type=DamageType.CASUALTY, people={"injured": 3})
    monkeypatch.setattr(queue, "MOST_WEIGHED", 5)
    with database.transaction() as conn:
        found, matched = queue.queue(conn, QueueQuery(), EVERYTHING)
    assert (len(found), matched) == (5, 7)
    assert DamageType.CASUALTY in {one.incident.type for one in found}


def test_the_queue_is_sifted(database: Database) -> None:
    told(database, "a", sender="U1")
    told(database, "b", sender="U1", lat=LAT + FAR, said_at=NOW + timedelta(seconds=1))
    told(database, "c", sender="U2", lat=LAT + 2 * FAR, said_at=NOW + timedelta(seconds=2))
    first, second, third = all_incidents(database)
    decide(database, [second], assigned=UNIT)
    verify(database, third)

    def ids(own: Scope = EVERYTHING, **asked: Any) -> set[UUID]:
        with database.transaction() as conn:
            return {one.incident.id for one in queue.queue(conn, QueueQuery(**asked), own)[0]}

    assert ids() == {first.id, second.id}
    assert ids(state="working") == {third.id}
    assert ids(same_sender_as=first.id) == {first.id, second.id}
    assert ids(assigned=UNIT.id) == {second.id}
    assert ids(unassigned=True) == {first.id}
    assert ids(officer("34202").own) == set()
    with database.transaction() as conn:
        near = queue.nearby(conn, first, officer().own, 5_000.0, 5)
    assert [one.id for one in near] == [second.id, third.id]


def test_each_choice_of_the_filter_says_how_many_it_would_list(database: Database) -> None:
    kure: dict[str, Any] = {"municipality": "34202", "lat": 34.2, "lon": 132.5, "candidates": ()}
    told(database, "a")
    told(database, "b", lat=LAT + FAR, type=DamageType.FIRE)
    told(database, "c", lat=LAT + 2 * FAR, type=DamageType.FIRE, drill=True)
    told(database, "d", type=DamageType.FIRE, **kure)
    told(database, "e", municipality=None, lat=None, lon=None, radius_m=None, candidates=())

    def asked(own: Scope = EVERYTHING, **given: Any) -> tuple[queue.Choices, int]:
        with database.transaction(own) as conn:
            found = queue.queue(conn, QueueQuery(**given), own)[1]
            return queue.choices(conn, QueueQuery(**given), own), found

    offered, _ = asked(types=frozenset({"fire"}), drill=False)
    assert offered == queue.Choices(
        {"road_flooding": 2, "fire": 2}, {"34207": 1, "34202": 1, "": 0}, {False: 2, True: 1}, hidden=3
    )
    wide, matched = asked()
    assert (wide.hidden, matched) == (0, 5)
    for name, choices in (("types", wide.types), ("municipalities", wide.municipalities)):
        for code, count in choices.items():
            assert asked(EVERYTHING, **{name: frozenset({code})})[1] == count, (name, code)
    for drill, count in wide.drills.items():
        assert asked(drill=drill)[1] == count
    # A municipality is offered nothing of its neighbour.
    assert set(asked(officer("34202").own)[0].municipalities) == {"34202"}
