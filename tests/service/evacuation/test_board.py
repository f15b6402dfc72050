"""The board of facts: order, silence, what is undecided, shelters, words; and differences of marks."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from nlp.reading import DamageType, Status
from service.evacuation.board import assemble
from service.evacuation.changes import difference
from service.evacuation.model import Call, Facts, Shelter, Standing, Tick, Unit
from service.evacuation.silence import Hearing, listen
from tests.service.evacuation.samples import NOON, count, facts, line, sighting, uuid


def unit(known: Facts, code: str = "a") -> dict[str, Any]:
    [found] = [one for one in assemble(known)["units"] if one["code"] == code]
    return dict(found)


def test_a_met_line_is_undecided_until_somebody_decides() -> None:
    criterion = line(condition=count())
    known = facts(sighting(), criteria=(criterion,))
    assert unit(known)["undecided"] == [str(criterion.id)]
    assert unit(known)["advised"] == 4
    assert "判断がまだです" in unit(known)["summary"]
    assert unit(known, "b")["undecided"] == []
    for level, left in ((3, 1), (4, 0), (5, 0)):
        ordered = replace(known, standing={"a": Standing(level=level, number=1, decided_at=NOON)})
        assert len(unit(ordered)["undecided"]) == left


def test_a_dismissal_holds_until_there_is_new_evidence() -> None:
    criterion = line(condition=count())
    first, second = sighting("first"), sighting("second")
    weighed = {str(criterion.id): frozenset({str(first.id)})}
    dismissed = {"a": Standing(number=1, dismissed_level=4, dismissed_at=NOON, weighed=weighed)}
    assert unit(facts(first, criteria=(criterion,), standing=dismissed))["undecided"] == []
    assert unit(facts(first, second, criteria=(criterion,), standing=dismissed))["undecided"] != []
    lower = {"a": replace(dismissed["a"], dismissed_level=3)}
    assert unit(facts(first, criteria=(criterion,), standing=lower))["undecided"] != []


def test_what_outlasts_a_lifting_is_met_and_not_decided_on() -> None:
    criterion = line(condition=count())
    first, second = sighting("first"), sighting("second")
    weighed = {str(criterion.id): frozenset({str(first.id)})}
    lifted = {"a": Standing(number=2, decided_at=NOON, dismissed_level=5, weighed=weighed)}
    still = unit(facts(first, criteria=(criterion,), standing=lifted))
    assert (still["undecided"], still["still_met"]) == ([], [str(criterion.id)])
    assert "解除のあとも" in still["summary"]
    anew = unit(facts(first, second, criteria=(criterion,), standing=lifted))
    assert (anew["undecided"], anew["still_met"]) == ([str(criterion.id)], [])
    dismissed = {"a": replace(lifted["a"], dismissed_at=NOON)}
    over = unit(facts(first, criteria=(criterion,), standing=dismissed))
    assert (over["undecided"], over["still_met"]) == ([], [])
    assert "解除" not in over["summary"]


def test_a_new_tick_is_new_evidence() -> None:
    criterion = line()
    weighed = {str(criterion.id): frozenset({"tick:1"})}
    dismissed = {"a": Standing(number=1, dismissed_level=4, dismissed_at=NOON, weighed=weighed)}
    for number, undecided in ((1, 0), (2, 1)):
        ticks = (Tick(number, criterion.id, None, True, NOON, "土砂災害危険警報"),)
        known = facts(criteria=(criterion,), ticks=ticks, standing=dismissed)
        assert len(unit(known)["undecided"]) == undecided
        assert unit(known)["lines"][0]["tick"]["reason"] == "土砂災害危険警報"


def test_units_come_in_order_of_need() -> None:
    criterion = line(condition=count())
    units = tuple(Unit(uuid(code), code, code) for code in ("calm", "silent", "open", "unsure", "met"))
    seen = {
        "calm": sighting("calm", type=DamageType.NONE, status=Status.DENIED),
        "open": sighting("open", type=DamageType.SNOW),
        "unsure": sighting("unsure", verified=False),
        "met": sighting("met"),
    }
    known = facts(
        *seen.values(),
        units=units,
        criteria=(criterion,),
        inside={code: (one.id,) for code, one in seen.items()},
    )
    found = assemble(known)
    assert [one["code"] for one in found["units"]] == ["met", "unsure", "open", "silent", "calm"]
    assert found["summary"]["undecided"] == 1
    assert found["summary"]["unconfirmed"] == 1
    assert found["summary"]["unheard"] == 1


def test_a_silent_district_is_not_called_safe() -> None:
    silent = unit(facts(), "b")
    assert silent["reports"]["state"] == "silent"
    assert "安全とは限りません" in silent["summary"]
    calm = unit(facts(sighting(type=DamageType.NONE, status=Status.DENIED)))
    assert calm["reports"] == {
        "state": "heard",
        "received": 1,
        "last_at": "2026-07-29T11:50:00+09:00",
        "expected": [],
    }
    assert calm["inside"] != []
    assert calm["mark"]["incidents"] == {}


@given(some.lists(some.integers(0, 30 * 60)), some.lists(some.integers(0, 30 * 60)), some.integers(5, 1440))
def test_who_was_heard_within_the_interval(said: list[int], noted: list[int], interval: int) -> None:
    district = Unit(uuid("a"), "a", "松永", reporters=("第1分団", "第2分団"))
    inside = [sighting(f"s{number}", minutes) for number, minutes in enumerate(said)]
    calls = [Call("a", "第1分団", NOON - timedelta(minutes=minutes), "") for minutes in noted]
    heard = listen(district, inside, [*calls, Call("b", "第2分団", NOON, "")], interval, NOON)
    day = [minutes for minutes in [*said, *noted] if minutes <= 24 * 60]
    assert heard.received == len(day)
    assert (heard.state is Hearing.SILENT) == (not day)
    assert (heard.state is Hearing.HEARD) == any(minutes <= interval for minutes in day)
    assert "第2分団" in heard.missing
    assert ("第1分団" in heard.missing) == (not any(m <= interval for m in noted if m <= 24 * 60))


def test_shelters_say_what_they_are_not_fit_for() -> None:
    criterion = line(condition=count())
    shelters = (
        Shelter("emergency:1", "松永小学校", "emergency", ("landslide", "flood"), "open"),
        Shelter("emergency:2", "松永公民館", "emergency", ("landslide",)),
        Shelter("evacuation:3", "集会所", "evacuation", None),
    )
    known = facts(sighting(), criteria=(criterion,), shelters={"a": shelters})
    good, bad, unknown = unit(known)["shelters"]
    assert (good["unfit"], good["state_ja"], good["disasters"]) == ([], "開設", ["土砂災害", "洪水"])
    assert (bad["unfit"], bad["state_ja"]) == (["洪水"], "未入力")
    assert (unknown["unfit"], unknown["disasters"]) == ([], None)


def test_what_lies_in_no_unit_is_not_lost() -> None:
    lost, near = sighting("lost"), sighting("near")
    board = assemble(facts(lost, near, inside={}, near={"b": (near.id,)}))
    assert board["outside"] == [str(lost.id)]
    assert [one["near"] for one in board["units"] if one["code"] == "b"] == [[str(near.id)]]
    assert set(board["incidents"]) == {str(lost.id), str(near.id)}


def test_the_same_facts_make_the_same_bytes() -> None:
    seen = [sighting(str(number), number) for number in range(20)]
    one = facts(*seen, criteria=(line(condition=count()),))
    other = replace(
        one,
        sightings=dict(reversed(list(one.sightings.items()))),
        inside={"a": tuple(reversed(one.inside["a"]))},
        units=tuple(reversed(one.units)),
    )
    assert json.dumps(assemble(one)) == json.dumps(assemble(other))


@pytest.mark.parametrize(
    ("later", "words", "decided"),
    [
        ({}, None, False),
        ({"standing": {"a": Standing(level=3, number=9)}}, "ほかの判断が記録され", True),
        ({"shelters": {"a": (Shelter("s", "小学校", "own", None, "full"),)}}, "避難場所1か所", False),
        ({"at": NOON + timedelta(hours=2)}, "報告が途切れている", False),
    ],
)
def test_differences_of_marks_in_words(later: dict[str, Any], words: str | None, decided: bool) -> None:
    known = facts(sighting())
    found = difference("a", "松永", unit(known)["mark"], unit(replace(known, **later))["mark"], {})
    if words is None:
        assert found is None
        return
    assert found is not None
    assert words in "".join(found.words)
    assert found.decided is decided


def test_differences_count_incidents_and_lines() -> None:
    criterion = line(condition=count())
    one, two = sighting("one"), sighting("two")
    before = unit(facts(one, two))["mark"]
    after = facts(replace(one, version=2), sighting("three", urgent=True), criteria=(criterion,))
    found = difference("a", "松永", before, unit(after)["mark"], assemble(after)["incidents"])
    assert found is not None
    assert found.words == (
        "達した発令基準が1行増えました",
        "事案が1件増えました（緊急 越水・氾濫 松永町）",
        "事案1件の内容が変わりました",
        "事案1件が解消・棄却・移動などで外れました",
    )


def test_of_many_new_incidents_the_gravest_are_named() -> None:
    new = [sighting(str(number), place_text=f"{number}丁目", urgent=number == 4) for number in range(5)]
    after = facts(*new)
    found = difference("a", "松永", unit(facts())["mark"], unit(after)["mark"], assemble(after)["incidents"])
    assert found is not None
    [words] = [each for each in found.words if each.startswith("事案が")]
    assert words.startswith("事案が5件増えました（緊急 越水・氾濫 4丁目、")
    assert words.endswith("1丁目 など）")
