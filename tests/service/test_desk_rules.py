"""What a ruling makes of an incident, in which order the desk looks, and what may be taken back. Pure."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from geo.place import Level
from nlp.reading import DamageType, Status
from service import deeds, triage
from service.fuse import Fusing
from service.report import (
    Assignee,
    Incident,
    RuledPlace,
    RuledStatus,
    Ruling,
    Verification,
)
from service.store.actions import Action, Recorded
from service.store.desk import Deed, Edit, body_of, deed_of
from service.store.queue import Support
from tests.service.test_fuse import T0, seen

FUSING = Fusing()
ID = UUID(int=1)
OTHER = UUID(int=2)
HERE = RuledPlace(34.1, 136.1, 30.0, Level.POSITION, "24202", place_text="尾鷲橋")


def summed(ruling: Ruling, *members: Any) -> Incident:
    return FUSING.summarize(ID, members, ruling)


def ruled(status: Status, minutes: float = 10) -> Ruling:
    return Ruling(status=RuledStatus(status, T0 + timedelta(minutes=minutes)))


def test_type_and_place_stand_on_top_of_every_report() -> None:
    ruling = Ruling(type=DamageType.LANDSLIDE, place=HERE)
    for members in ([seen(1)], [seen(1), seen(2, minutes=60, lat=34.3, radius_m=5.0)]):
        one = summed(ruling, *members)
        assert (one.type, one.lat, one.lon, one.radius_m) == (DamageType.LANDSLIDE, 34.1, 136.1, 30.0)
        assert (one.municipality, one.place_text, one.ambiguous) == ("24202", "尾鷲橋", False)
        assert one.audience == ("24", "24202")
        assert one.report_count == len(members)


def test_without_a_name_the_words_of_the_reports_stay() -> None:
    assert summed(Ruling(place=replace(HERE, place_text=None)), seen(1)).place_text == "相賀"


def test_a_ruled_status_holds_for_what_was_known() -> None:
    one = summed(ruled(Status.RESOLVED), seen(1, urgent=True), seen(2, minutes=9))
    assert (one.status, one.contradicted, one.urgent) == (Status.RESOLVED, False, False)


@pytest.mark.parametrize("said", [Status.PRESENT, Status.FEARED, Status.HEARSAY])
def test_what_is_said_to_go_on_after_it_was_ruled_over_is_open_again(said: Status) -> None:
    one = summed(ruled(Status.RESOLVED), seen(1), seen(2, minutes=20, status=said, urgent=True))
    assert (one.status, one.contradicted, one.urgent) == (said, True, True)


@pytest.mark.parametrize("said", [Status.RESOLVED, Status.DENIED])
def test_what_is_said_to_be_over_while_it_is_ruled_open_stays_open_and_is_shown(said: Status) -> None:
    one = summed(ruled(Status.PRESENT), seen(1), seen(2, minutes=20, status=said))
    assert (one.status, one.contradicted) == (Status.PRESENT, True)
    again = summed(ruled(Status.PRESENT), seen(1), seen(2, minutes=20, status=said), seen(3, minutes=30))
    assert (again.status, again.contradicted) == (Status.PRESENT, False)


def test_deciding_again_settles_the_contradiction() -> None:
    members = [seen(1), seen(2, minutes=20)]
    assert summed(ruled(Status.RESOLVED, 10), *members).contradicted
    assert not summed(ruled(Status.RESOLVED, 30), *members).contradicted


def case(**given: Any) -> Incident:
    return replace(summed(Ruling(), seen(1)), **given)


ALONE = Support()
IN_ORDER = [
    (case(urgent=True, people={"trapped": 2}), ALONE),
    (case(type=DamageType.RESCUE_REQUEST, urgent=True, first_reported_at=T0 + timedelta(1)), ALONE),
    (case(type=DamageType.ROAD_FLOODING, urgent=True), Support(9)),
    (case(people={"trapped": 1}), ALONE),
    (case(type=DamageType.RESCUE_REQUEST, first_reported_at=T0 + timedelta(1)), ALONE),
    (case(type=DamageType.ROAD_FLOODING), Support(rising=True)),
    (case(type=DamageType.FIRE, first_reported_at=T0 + timedelta(1)), Support(spreading=True)),
    (case(people={"injured": 2}), ALONE),
    (case(type=DamageType.LANDSLIDE), Support(3, 1)),
    (case(type=DamageType.LANDSLIDE), Support(3)),
    (case(type=DamageType.LANDSLIDE), Support(1, 0, official=True)),
    (case(type=DamageType.LANDSLIDE), ALONE),
    (case(type=DamageType.FIRE, first_reported_at=T0 + timedelta(1)), ALONE),
    (case(type=DamageType.LANDSLIDE, status=Status.FEARED), Support(9)),
    (case(type=DamageType.POWER_OUTAGE), Support(20)),
    (case(type=DamageType.POWER_OUTAGE, status=Status.HEARSAY), Support(20)),
    (case(urgent=True, drill=True), ALONE),
    (case(type=DamageType.POWER_OUTAGE, drill=True), ALONE),
    (case(status=Status.RESOLVED, people={"trapped": 3}, urgent=True), Support(20)),
]


def test_danger_to_life_comes_before_evidence_and_evidence_before_age() -> None:
    shuffled = sorted(IN_ORDER, key=lambda one: str(one[1]))
    assert sorted(shuffled, key=lambda one: triage.order(*one)) == IN_ORDER


def test_each_entry_says_why_in_plain_japanese() -> None:
    one = case(people={"trapped": 2}, urgent=True, contradicted=True, lat=None)
    told = [each.words for each in triage.reasons(one, Support(3, 1, True, rising=True, since=2))]
    assert told == [
        "本部の判断と違う通報が後から届いています",
        "閉じ込め・取り残され 2人",
        "緊急の通報です",
        "水が増えていると書かれています",
        "別々の3人から通報があります",
        "写真が1枚あります",
        "関係機関のシステムからの通報があります",
        "本部の判断の後に通報が2件届いています",
        "場所が決まっていません",
    ]
    assert [each.code for each in triage.reasons(case(), ALONE)] == ["single"]


Change = dict[str, Any]


def done(number: int, undoes: int | None = None, about: UUID = ID, **change: Any) -> Recorded:
    edit = Edit(about, Ruling(), Ruling(**change))
    deed = Deed((edit,))
    return Recorded(number, T0, Action("desk.x", None, "officer", (), body=body_of(deed), undoes=undoes))


VERIFY: Change = {"verification": Verification.VERIFIED}
ASSIGN: Change = {"assigned": Assignee("unit", OTHER, "第1分団")}


def test_a_deed_comes_back_from_its_record() -> None:
    deed = Deed(
        (
            Edit(ID, Ruling(), Ruling(place=HERE, type=DamageType.FIRE, version=3, merged_into=OTHER), True),
            Edit(OTHER, Ruling(reason="同じ文面"), ruled(Status.DENIED)),
        )
    )
    assert deed_of(body_of(deed)) == deed


def test_the_last_of_two_decisions_is_taken_back_first() -> None:
    actions = [done(1, **VERIFY), done(2, verification=Verification.REJECTED), done(3, **ASSIGN)]
    assert deeds.obstacle(actions, 1) == actions[1]
    assert deeds.obstacle(actions, 2) is None
    assert deeds.obstacle(actions, 3) is None
    assert deeds.obstacle([*actions, done(4, 2, verification=Verification.REJECTED)], 1) is None


def test_other_incidents_and_other_decisions_are_not_in_the_way() -> None:
    assert deeds.obstacle([done(1, **VERIFY), done(2, about=OTHER, **VERIFY), done(3, **ASSIGN)], 1) is None


def test_an_ended_incident_is_in_everybodys_way() -> None:
    merged = done(2, merged_into=OTHER)
    body = {"edits": [{**merged.action.body["edits"][0], "whole": True}], "moves": []}
    merged = replace(merged, action=replace(merged.action, body=body))
    assert deeds.obstacle([done(1, **ASSIGN), merged], 1) == merged


def test_what_is_taken_back_can_be_brought_back_in_its_order() -> None:
    first, second = done(1, **VERIFY), done(2, verification=Verification.REJECTED)
    actions = [first, second, done(3, 2, **VERIFY), done(4, 1, **VERIFY)]
    assert deeds.standing(actions) == frozenset()
    assert deeds.obstacle(actions, 1) == actions[3]
    assert deeds.obstacle(actions, 3) == actions[3]
    assert deeds.obstacle(actions, 4) is None
    again = [*actions, done(5, 4, **VERIFY)]
    assert deeds.standing(again) == {5}
    assert deeds.obstacle(again, 3) is None
    assert deeds.obstacle(again, 5) is None
    with pytest.raises(LookupError):
        deeds.obstacle(again, 9)
