"""Which lines are met: by what is verified, how long ago, how deep the water."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from nlp.reading import DamageType, Status
from service.evacuation.criteria import (
    SUGGESTED,
    LineState,
    condition_from_json,
    condition_to_json,
    depth_cm,
    evaluate,
)
from service.evacuation.model import MANUAL, Condition, ConditionKind, Sighting, Tick
from tests.service.evacuation.samples import NOON, count, line, sighting

ORDER = [LineState.UNMET, LineState.UNCONFIRMED, LineState.MET]

conditions = some.one_of(
    some.just(MANUAL),
    some.builds(
        Condition,
        some.just(ConditionKind.COUNT),
        some.frozensets(some.sampled_from(DamageType), min_size=1),
        some.frozensets(some.sampled_from(Status), min_size=1),
        some.booleans(),
        some.integers(1, 5),
        some.just(0),
        some.integers(1, 72),
    ),
    some.builds(
        Condition,
        some.just(ConditionKind.WATER),
        verified=some.booleans(),
        at_least_cm=some.integers(1, 300),
        hours=some.integers(1, 72),
    ),
)
sightings = some.lists(
    some.builds(
        lambda number, minutes, **given: sighting(str(number), minutes, **given),
        some.integers(0, 30),
        some.integers(0, 72 * 60),
        type=some.sampled_from([DamageType.RIVER_OVERFLOW, DamageType.INUNDATION, DamageType.PRECURSOR]),
        status=some.sampled_from(Status),
        verified=some.booleans(),
        depth_cm=some.one_of(some.none(), some.integers(1, 300)),
    ),
    max_size=8,
    unique_by=lambda one: one.id,
)


@given(conditions)
def test_a_condition_is_kept_as_it_is(condition: Condition) -> None:
    assert condition_from_json(condition_to_json(condition)) == condition


@settings(max_examples=200)
@given(conditions, sightings, some.data())
def test_more_evidence_and_more_verification_never_lower_a_line(
    condition: Condition, known: list[Sighting], data: some.DataObject
) -> None:
    criterion = line(condition=condition)
    fewer = data.draw(
        some.lists(some.sampled_from(known), unique_by=lambda s: s.id) if known else some.just([])
    )
    before = evaluate(criterion, "a", fewer, [], NOON).state
    after = evaluate(criterion, "a", known, [], NOON).state
    assert ORDER.index(before) <= ORDER.index(after)
    verified = [replace(one, verified=True) for one in known]
    assert ORDER.index(after) <= ORDER.index(evaluate(criterion, "a", verified, [], NOON).state)


@settings(max_examples=200)
@given(conditions, sightings)
def test_a_line_that_is_met_names_what_meets_it(condition: Condition, known: list[Sighting]) -> None:
    outcome = evaluate(line(condition=condition), "a", known, [], NOON)
    assert bool(outcome.keys) == (outcome.state is not LineState.UNMET)
    assert evaluate(line(condition=condition), "a", reversed(known), [], NOON).keys == outcome.keys
    # The evidence alone carries it.
    assert evaluate(line(condition=condition), "a", outcome.evidence, [], NOON).state is outcome.state


@pytest.mark.parametrize(
    ("verified", "needed", "seen", "state"),
    [
        (True, 1, [True], "met"),
        (True, 1, [False], "unconfirmed"),
        (True, 2, [True, False], "unconfirmed"),
        (True, 2, [True], "unmet"),
        (False, 2, [True, False], "met"),
        (True, 1, [], "unmet"),
    ],
)
def test_what_is_not_verified_makes_a_line_unconfirmed(
    verified: bool, needed: int, seen: list[bool], state: str
) -> None:
    known = [sighting(str(number), verified=one) for number, one in enumerate(seen)]
    criterion = line(condition=count(needed, verified=verified))
    assert evaluate(criterion, "a", known, [], NOON).state == state


def test_old_reports_do_not_count() -> None:
    criterion = line(condition=count(hours=6))
    assert evaluate(criterion, "a", [sighting(minutes=360)], [], NOON).state is LineState.MET
    assert evaluate(criterion, "a", [sighting(minutes=361)], [], NOON).state is LineState.UNMET


def test_the_last_word_on_a_manual_line_counts_for_its_unit() -> None:
    criterion = line()

    def tick(number: int, unit: str | None, *, met: bool) -> Tick:
        return Tick(number, criterion.id, unit, met, NOON - timedelta(hours=1), "理由")

    everywhere, taken_back = tick(1, None, met=True), tick(2, "a", met=False)
    assert evaluate(criterion, "a", [], [everywhere], NOON).state is LineState.MET
    assert evaluate(criterion, "a", [], [everywhere, taken_back], NOON).state is LineState.UNMET
    assert evaluate(criterion, "b", [], [taken_back, everywhere], NOON).tick == everywhere
    assert evaluate(line("other"), "b", [], [everywhere], NOON).state is LineState.UNMET


@pytest.mark.parametrize(
    ("said", "height"),
    [
        (["膝"], 45),
        (["ひざの高さ", "腰"], 90),
        (["50cm"], 50),
        (["50センチ"], 50),
        (["1.5m"], 150),
        (["200m"], None),
        (["3軒"], None),
        ([], None),
        (["くるぶし", "30cm"], 30),
        (["膝下"], 35),
        (["足首", "1m20"], 120),
        (["2メートル半"], 250),
    ],
)
def test_heights_of_water_as_said(said: list[str], height: int | None) -> None:
    assert depth_cm(said) == height


def test_water_counts_by_its_height_and_only_water() -> None:
    criterion = line(condition=Condition(ConditionKind.WATER, at_least_cm=45))
    deep = sighting(type=DamageType.INUNDATION, depth_cm=45)
    for one, state in (
        (deep, LineState.MET),
        (replace(deep, depth_cm=44), LineState.UNMET),
        (replace(deep, depth_cm=None), LineState.UNMET),
        (replace(deep, type=DamageType.SNOW), LineState.UNMET),
        (replace(deep, status=Status.RESOLVED), LineState.UNMET),
        (replace(deep, verified=False), LineState.UNCONFIRMED),
    ):
        assert evaluate(criterion, "a", [one], [], NOON).state is state


def test_the_suggested_table_is_one_that_can_be_stored() -> None:
    assert {level for _, level, _, _ in SUGGESTED} == {3, 4, 5}
    for _, _, words, condition in SUGGESTED:
        assert words
        assert condition_from_json(condition_to_json(condition)) == condition
