"""What is one incident and what stays two; what its members amount to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.place import Level
from geo.sphere import metres_between
from nlp.reading import DamageType, Status
from service.fuse import Fusing
from service.report import NO_RULING, Incident, Observation, Ruling, Verification

T0 = datetime(2026, 7, 29, 1, 30, tzinfo=UTC)
FUSING = Fusing()


def seen(number: int = 1, minutes: float = 0, **changed: Any) -> Observation:
    """An observation of a flooded road at a town point, changed where the test asks."""
    observation = Observation(
        report_id=UUID(int=number),
        ordinal=0,
        type=DamageType.ROAD_FLOODING,
        status=Status.PRESENT,
        place_text="相賀",
        municipality="24543",
        lat=34.0,
        lon=136.0,
        radius_m=900.0,
        level=Level.TOWN,
        shape=None,
        ambiguous=False,
        candidates=(),
        why="",
        evidence=(),
        quantities=(),
        urgent=False,
        people={},
        said_at=T0 + timedelta(minutes=minutes),
        drill=False,
    )
    return replace(observation, **changed)


def incident(*members: Observation, verification: Verification = Verification.UNVERIFIED) -> Incident:
    return FUSING.summarize(uuid4(), members, Ruling(verification))


def joins(observation: Observation, known: Incident) -> bool:
    return FUSING.match(observation, [known]) == known.id


def north(metres_: float) -> float:
    """Latitude `metres_` north of 34.0 degrees."""
    return 34.0 + metres_ / 111_195


EXACT: dict[str, Any] = {"level": Level.FACILITY, "radius_m": 50.0}


def test_the_same_town_and_type_within_the_hour_is_one_incident() -> None:
    assert joins(seen(2, minutes=40), incident(seen(1)))


@pytest.mark.parametrize(
    "changed",
    [
        {"type": DamageType.INUNDATION},
        {"drill": True},
        {"minutes": 7 * 60},
        {"lat": north(800), "place_text": "隣の町"},
    ],
    ids=["other type", "drill beside real", "too late", "another named town inside the radius"],
)
def test_what_may_be_another_event_stays_apart(changed: dict[str, Any]) -> None:
    assert not joins(seen(2, **changed), incident(seen(1)))


def test_an_exact_report_inside_the_area_of_a_vague_one_joins_it_both_ways() -> None:
    inside, outside = seen(2, lat=north(800), **EXACT), seen(3, lat=north(1000), **EXACT)
    assert joins(inside, incident(seen(1)))
    assert not joins(outside, incident(seen(1)))
    assert joins(seen(1), incident(inside))


def test_two_exact_reports_join_only_when_near() -> None:
    known = incident(seen(1, **EXACT))
    assert joins(seen(2, lat=north(140), **EXACT), known)
    assert not joins(seen(2, lat=north(160), **EXACT), known)


def test_a_vague_report_of_one_town_never_takes_a_pin_of_another_municipality() -> None:
    assert not joins(seen(2, lat=north(300), municipality="24209", **EXACT), incident(seen(1)))


def test_reports_without_a_point_join_only_by_the_same_words_in_the_same_municipality() -> None:
    nowhere: dict[str, Any] = {"lat": None, "lon": None, "radius_m": None, "level": Level.MUNICIPALITY}
    known = incident(seen(1, place_text="国道４２号", **nowhere))
    assert joins(seen(2, place_text="国道42号", **nowhere), known)
    assert not joins(seen(2, place_text="国道42号", municipality="24209", **nowhere), known)
    assert not joins(seen(2, place_text="", **nowhere), incident(seen(1, place_text="", **nowhere)))
    assert not joins(seen(2, place_text="国道42号"), known)


def test_a_rejected_incident_takes_no_more_reports() -> None:
    assert not joins(seen(2), incident(seen(1), verification=Verification.REJECTED))


def test_the_nearest_of_several_is_taken() -> None:
    far, near = incident(seen(1, lat=north(120), **EXACT)), incident(seen(2, lat=north(40), **EXACT))
    assert FUSING.match(seen(3, **EXACT), [far, near]) == near.id


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([Status.PRESENT], Status.PRESENT),
        ([Status.PRESENT, Status.RESOLVED], Status.RESOLVED),
        ([Status.RESOLVED, Status.PRESENT], Status.PRESENT),
        ([Status.HEARSAY, Status.DENIED], Status.DENIED),
        ([Status.PRESENT, Status.DENIED], Status.HEARSAY),
        ([Status.PRESENT, Status.DENIED, Status.DENIED], Status.DENIED),
        ([Status.PRESENT, Status.HEARSAY], Status.PRESENT),
        ([Status.FEARED, Status.HEARSAY], Status.HEARSAY),
    ],
)
def test_the_last_firsthand_word_counts(words: Sequence[Status], expected: Status) -> None:
    members = [seen(n + 1, minutes=n, status=status) for n, status in enumerate(words)]
    assert incident(*members).status is expected


def test_a_correction_by_the_reporter_denies_at_once() -> None:
    corrected = seen(2, 5, status=Status.DENIED, retracts=True)
    assert incident(seen(1), corrected).status is Status.DENIED


def test_the_best_known_place_and_the_largest_count_are_shown() -> None:
    exact = seen(1, place_text="相賀小学校前", lat=north(200), people={"trapped": 2}, urgent=True, **EXACT)
    known = incident(exact, seen(2, 10, people={"trapped": 1}))
    assert (known.place_text, known.radius_m, known.people) == ("相賀小学校前", 50.0, {"trapped": 2})
    assert known.urgent
    assert known.report_count == 2


def test_danger_ends_with_the_event() -> None:
    assert not incident(seen(1, urgent=True), seen(2, 10, status=Status.RESOLVED)).urgent


def test_nothing_amounts_to_no_incident() -> None:
    with pytest.raises(ValueError, match="without members"):
        FUSING.summarize(uuid4(), [], NO_RULING)


STATUSES = st.sampled_from(list(Status))
MEMBERS = st.lists(st.tuples(STATUSES, st.integers(0, 300), st.booleans()), min_size=1, max_size=4)


@given(MEMBERS)
def test_the_order_of_arrival_does_not_change_an_incident(drawn: list[tuple[Status, int, bool]]) -> None:
    members = [
        seen(n + 1, minute, status=status, urgent=urgent, radius_m=100.0 + n)
        for n, (status, minute, urgent) in enumerate(drawn)
    ]
    name = UUID(int=9)
    summaries = {repr(FUSING.summarize(name, order, NO_RULING)) for order in permutations(members)}
    assert len(summaries) == 1


def test_metres_agree_with_a_known_distance() -> None:
    # One degree of the meridian on the sphere of mean radius R1 (IUGG): 111,195 m.
    assert metres_between(34.0, 136.0, 35.0, 136.0) == pytest.approx(111_195, abs=1)
