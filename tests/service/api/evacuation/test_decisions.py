"""発令, 見送り, 解除: who, what is refused, and what was known stays to the byte."""

import hashlib
import threading
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from service.access import Role
from service.api.evacuation import asked
from service.evacuation.times import jst
from service.store.database import StoreError
from tests.service.api.evacuation.conftest import Clock, flood
from tests.service.api.evacuation.test_board import board
from tests.service.api.world import World
from tests.service.evacuation.town import CODE, OTHER, Json, collection, feature, person, unit, verify

DECISIONS = "/evacuation/decisions"
NEWS = "事案が1件増えました（越水・氾濫 松永町）"


def decision(shown: Json, kind: str = "order", *codes: str, level: int = 4, **given: Any) -> Json:
    """A decision of somebody who has `shown` before him."""
    seen = [{"code": code, "mark": unit(shown, code)["mark"]} for code in codes or ("u0",)]
    plain = {"municipality": CODE, "kind": kind, "level": level, "units": seen, "reason": "越水を確認した"}
    return {**plain, **given}


def decided(client: httpx.Client, body: Json) -> Json:
    answer = client.post(DECISIONS, json=body)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


def refused(client: httpx.Client, body: Json) -> Json:
    answer = client.post(DECISIONS, json=body)
    assert answer.status_code == 409, answer.text
    found: Json = answer.json()
    assert found["type"] == "/problems/board-changed"
    return found


def test_an_order_is_in_force_until_it_is_lifted(ready: World, commander: httpx.Client) -> None:
    made = decided(commander, decision(board(commander), "order", "u0", "u1"))
    assert (made["kind_ja"], made["level_ja"], made["by"][:9]) == ("発令", "避難指示", "commander")
    now = board(commander)
    assert [unit(now, code)["level"] for code in ("u0", "u1", "u2")] == [4, 4, None]
    assert unit(now, "u0")["undecided"] == []
    assert now["summary"]["in_force"] == {"3": 0, "4": 2, "5": 0}
    decided(commander, decision(now, "order", "u0", level=5))
    now = board(commander)
    assert [unit(now, code)["level"] for code in ("u0", "u1")] == [5, 4]
    decided(commander, decision(now, "lift", "u0", level=5))
    decided(commander, decision(board(commander), "lift", "u1"))
    now = board(commander)
    assert now["summary"]["level"] is None
    # What was known when it was lifted does not ask for a decision again.
    assert unit(now, "u0")["undecided"] == []
    # But it is met, and nobody has said that it may be.
    [still] = unit(now, "u0")["still_met"]
    assert still in {one["criterion"] for one in unit(now, "u0")["lines"] if one["state"] == "met"}
    assert "解除のあとも、警戒レベル4（避難指示）の基準に達しています" in unit(now, "u0")["summary"]
    listed = commander.get(DECISIONS).json()["decisions"]
    assert [(one["kind"], one["level"]) for one in listed] == [
        ("lift", 4),
        ("lift", 5),
        ("order", 5),
        ("order", 4),
    ]


def test_the_areas_of_the_units_say_what_is_in_force(ready: World, commander: httpx.Client) -> None:
    def levels(query: str = "") -> dict[str, int | None]:
        found = commander.get(f"/evacuation/units.geojson{query}").json()["features"]
        return {one["properties"]["code"]: one["properties"]["level"] for one in found}

    assert set(levels().values()) == {None}
    made = decided(commander, decision(board(commander)))
    assert levels() == {"u0": 4, "u1": None, "u2": None}
    # An edition is the ground as it was drawn: what is in force belongs to now.
    assert set(levels(f"?edition={made['edition']}").values()) == {None}
    decided(commander, decision(board(commander), "lift"))
    assert set(levels().values()) == {None}


def levels_at(client: httpx.Client, at: datetime) -> dict[str, int | None]:
    found = client.get("/evacuation/units.geojson", params={"at": at.isoformat()}).json()["features"]
    return {one["properties"]["code"]: one["properties"]["level"] for one in found}


def test_looking_back_shows_the_levels_of_then(ready: World, commander: httpx.Client, clock: Clock) -> None:
    clock.now += timedelta(minutes=10)
    decided(commander, decision(board(commander)))
    ordered = clock.now
    clock.now += timedelta(minutes=10)
    decided(commander, decision(board(commander), "lift"))
    nothing = {"u0": None, "u1": None, "u2": None}
    assert levels_at(commander, ordered - timedelta(minutes=1)) == nothing
    assert levels_at(commander, ordered) == {**nothing, "u0": 4}
    assert levels_at(commander, clock.now) == nothing
    wrong = commander.get("/evacuation/units.geojson", params={"at": "yesterday"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "at")


def test_looking_back_shows_the_units_of_then(ready: World, commander: httpx.Client) -> None:
    new = collection(*(feature(number, code=f"n{number}") for number in range(2)))
    put = commander.put(f"/evacuation/units.geojson?municipality={CODE}&replaces=1", json=new)
    assert put.status_code == 200
    with ready.services.database.transaction() as conn:
        first, second = conn.execute(
            text("SELECT max(made_at) FROM evacuation_units GROUP BY edition ORDER BY edition")
        ).scalars()
    assert levels_at(commander, first - timedelta(seconds=1)) == {}
    assert set(levels_at(commander, second - timedelta(milliseconds=1))) == {"u0", "u1", "u2"}
    assert set(levels_at(commander, second + timedelta(seconds=1))) == {"n0", "n1"}


def test_a_dismissal_holds_until_something_new_is_known(ready: World, commander: httpx.Client) -> None:
    decided(commander, decision(board(commander), "dismiss", reason="水位は下がっている"))
    now = unit(board(commander), "u0")
    assert (now["undecided"], now["dismissed_level"], now["level"]) == ([], 4, None)
    flood(ready, "new", 0, lat=34.402, lon=133.302)
    verify(ready.services.database)
    assert len(unit(board(commander), "u0")["undecided"]) == 1


def test_what_was_shown_is_frozen_to_the_byte(ready: World, commander: httpx.Client, clock: Clock) -> None:
    shown = commander.get("/evacuation/board").content
    made = decided(commander, decision(board(commander)))
    flood(ready, "later", 0)
    verify(ready.services.database)
    clock.now += timedelta(hours=5)
    commander.put("/evacuation/shelters/emergency:1", json={"municipality": CODE, "state": "full"})
    table = commander.get("/evacuation/criteria").json()
    body = {"municipality": CODE, "basis": table["basis"], "criteria": []}
    assert commander.put("/evacuation/criteria", json=body).status_code == 200
    new = collection(*(feature(number, name=f"新{number}") for number in range(3)))
    put = commander.put(f"/evacuation/units.geojson?municipality={CODE}&replaces=1", json=new)
    assert put.status_code == 200, put.text
    kept = commander.get(f"{DECISIONS}/{made['id']}/frozen").content
    assert kept == shown
    assert hashlib.sha256(kept).hexdigest() == made["hash"]
    old = commander.get(f"/evacuation/units.geojson?edition={made['edition']}").json()
    assert [one["properties"]["name"] for one in old["features"]] == ["第0地区", "第1地区", "第2地区"]
    assert commander.get("/evacuation/board").content != shown
    # The order of the old unit is in force for the new one of the same code.
    assert unit(board(commander), "u0")["level"] == 4


def test_a_decision_is_never_changed(ready: World, commander: httpx.Client) -> None:
    decided(commander, decision(board(commander)))
    for statement in (
        "UPDATE evacuation_decisions SET reason = 'x'",
        "DELETE FROM evacuation_decisions",
        "UPDATE evacuation_units SET name = 'x'",
        "TRUNCATE evacuation_units",
    ):
        with pytest.raises(StoreError), ready.services.database.transaction() as conn:
            conn.execute(text(statement))


def test_one_moment_is_kept_while_reports_go_on_coming(
    ready: World, commander: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = board(commander)
    writer = threading.Thread(target=flood, args=(ready, "meanwhile", 0))
    read = asked.facts_of

    def read_while_somebody_writes(*given: Any, **more: Any) -> Any:
        facts = read(*given, **more)
        writer.start()
        writer.join(0.5)
        assert writer.is_alive(), "a report was saved while the board was read"
        return facts

    monkeypatch.setattr(asked, "facts_of", read_while_somebody_writes)
    decided(commander, decision(seen))
    writer.join(20)
    assert not writer.is_alive()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OFFICER, Role.ADMINISTRATOR])
def test_only_a_commander_decides(ready: World, role: Role) -> None:
    client = person(ready, role)
    assert client.post(DECISIONS, json=decision(board(client))).status_code == 403


def test_neither_the_neighbour_nor_the_prefecture_decides(ready: World, commander: httpx.Client) -> None:
    shown = board(commander)
    made = decided(commander, decision(shown))
    neighbour, prefecture = person(ready, Role.COMMANDER, OTHER), person(ready, Role.COMMANDER, "34")
    for client in (neighbour, prefecture):
        assert client.post(DECISIONS, json=decision(shown, level=5)).status_code == 403
    assert neighbour.get(f"{DECISIONS}/{made['id']}").status_code == 404
    assert neighbour.get(f"{DECISIONS}/{made['id']}/frozen").status_code == 404
    assert prefecture.get(f"{DECISIONS}/{made['id']}").json()["hash"] == made["hash"]
    viewer = person(ready, Role.VIEWER)
    assert viewer.get(f"{DECISIONS}/{made['id']}").json()["by"] is None
    del commander.headers["X-CSRF-Token"]
    assert commander.post(DECISIONS, json=decision(board(commander), level=5)).status_code == 403


def test_new_evidence_is_shown_and_asked_again(ready: World, commander: httpx.Client) -> None:
    before = board(commander)
    flood(ready, "new", 0, lat=34.402, lon=133.302)
    problem = refused(commander, decision(before))
    assert problem["changed"] == [{"code": "u0", "name": "第0地区", "words": [NEWS], "decided": False}]
    again = decision(before)
    again["units"][0]["mark"] = problem["marks"]["u0"]
    flood(ready, "newer", 0, lat=34.418, lon=133.318)
    refused(commander, again)
    # Seen once and confirmed: a flood that brings a report a second must not hold the order up.
    decided(commander, again | {"confirmed": True})
    with ready.services.database.transaction() as conn:
        [body] = conn.execute(text("SELECT body FROM actions WHERE kind = 'evacuation.order'")).one()
    assert body["confirmed"] == [{"unit": "第0地区", "words": [NEWS]}]


def test_another_decision_meanwhile_is_never_written_over(ready: World, commander: httpx.Client) -> None:
    before, second = board(commander), person(ready, Role.COMMANDER)
    decided(second, decision(before, level=3))
    for confirmed in (False, True):
        problem = refused(commander, decision(before, confirmed=confirmed))
        assert problem["changed"][0]["decided"]
        assert "警戒レベル3（高齢者等避難）が発令中になりました" in problem["changed"][0]["words"][0]
    decided(commander, decision(board(commander)))


def test_of_two_commanders_at_once_one_is_refused(ready: World, commander: httpx.Client) -> None:
    shown, other = board(commander), person(ready, Role.COMMANDER)
    start, answers = threading.Barrier(2), []

    def decide(client: httpx.Client, level: int) -> None:
        start.wait()
        answers.append(client.post(DECISIONS, json=decision(shown, level=level)).status_code)

    both = [
        threading.Thread(target=decide, args=(client, level))
        for client, level in ((commander, 4), (other, 5))
    ]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(answers) == [201, 409]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "lift"}, "units"),
        ({"units": []}, "units"),
        ({"reason": "  "}, "reason"),
        ({"level": 2}, "level"),
        ({"decided_at": "2100-01-01T00:00:00+09:00"}, "decided_at"),
        ({"decided_at": "2026-07-29T12:00:00"}, "decided_at"),
        ({"units": [{"code": "nowhere", "mark": {}}]}, "units"),
    ],
)
def test_what_makes_no_sense_is_refused(
    ready: World, commander: httpx.Client, given: Json, field: str
) -> None:
    answer = commander.post(DECISIONS, json=decision(board(commander)) | given)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["field"] == field
    assert commander.get(DECISIONS).json()["decisions"] == []


def test_an_order_twice_and_a_dismissal_below_it_are_refused(ready: World, commander: httpx.Client) -> None:
    decided(commander, decision(board(commander)))
    now = board(commander)
    for body in (decision(now), decision(now, "dismiss", level=3), decision(now, "lift", level=5)):
        answer = commander.post(DECISIONS, json=body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "units")


def test_a_decision_is_in_the_record_of_actions(ready: World, commander: httpx.Client, clock: Clock) -> None:
    at = jst(clock.now - timedelta(minutes=8))
    made = decided(commander, decision(board(commander), "order", "u0", "u2", decided_at=at))
    assert (made["decided_at"], made["recorded_at"]) == (at, jst(clock.now))
    with ready.services.database.transaction() as conn:
        row = conn.execute(text("SELECT * FROM actions WHERE kind = 'evacuation.order'")).one()
    assert (row.owner, row.audience, row.reason) == (CODE, ["34", CODE], "越水を確認した")
    assert [one["name"] for one in row.body["units"]] == ["第0地区", "第2地区"]
    assert row.body["decided_at"] == made["decided_at"]


def test_a_drill_decides_about_drills_only(ready: World, commander: httpx.Client) -> None:
    decided(commander, decision(board(commander, "?drill=true"), drill=True))
    assert unit(board(commander), "u0")["level"] is None
    assert unit(board(commander, "?drill=true"), "u0")["level"] == 4
    assert commander.get(DECISIONS).json()["decisions"] == []
    assert len(commander.get(f"{DECISIONS}?drill=true").json()["decisions"]) == 1


def test_the_governor_orders_in_the_mayors_place_until_the_municipality_acts_again(
    ready: World, commander: httpx.Client
) -> None:
    prefecture = person(ready, Role.COMMANDER, "34")
    shown = prefecture.get(f"/evacuation/board?municipality={CODE}").json()
    made = decided(prefecture, decision(shown, "order", "u0", "u1", by_proxy=True, reason="市役所が被災した"))
    assert (made["by_proxy"], made["role"], made["organization"]) == (True, "commander", "広島県")
    now = board(commander)
    assert [(unit(now, code)["level"], unit(now, code)["proxy"]) for code in ("u0", "u1", "u2")] == [
        (4, "広島県"),
        (4, "広島県"),
        (None, None),
    ]
    assert now["summary"]["by_proxy"] == 2
    listed = prefecture.get("/evacuation/municipalities").json()["municipalities"]
    assert next(one for one in listed if one["code"] == CODE)["by_proxy"] == 2
    [line, began, *_] = commander.get("/chronology?source=action").json()["lines"]
    assert (began["text"], began["origin"]) == ("知事の代行を始めた（福山市）。", "広島県")
    assert line["text"].startswith(
        "知事の代行として、福山市第0地区、第1地区に避難指示（警戒レベル4）を発令した"
    )
    assert "市役所が被災した" in line["text"]
    assert line["origin"] == "広島県"

    lifted = decided(prefecture, decision(now, "lift", "u0", by_proxy=True))
    frozen = commander.get(f"{DECISIONS}/{lifted['id']}/frozen").json()
    assert unit(frozen, "u0")["proxy"] == "広島県"
    # The municipality acts again: what it decides is its own, also over what was ordered in its place.
    decided(commander, decision(board(commander), "order", "u1", level=5))
    now = board(commander)
    assert [(unit(now, code)["level"], unit(now, code)["proxy"]) for code in ("u0", "u1")] == [
        (None, None),
        (5, None),
    ]
    assert [one["by_proxy"] for one in commander.get(DECISIONS).json()["decisions"]] == [False, True, True]
    texts = [one["text"] for one in prefecture.get("/chronology?source=action").json()["lines"]]
    [ended] = [place for place, text in enumerate(texts) if "知事の代行を終えた（福山市）" in text]
    assert "緊急安全確保" in texts[ended + 1], "it ends with the municipality's own decision"
    assert sum("知事の代行を始めた" in text for text in texts) == 1


@pytest.mark.parametrize(
    ("role", "code", "status"),
    [
        (Role.COMMANDER, "34", 201),
        *((role, "34", 403) for role in Role if role is not Role.COMMANDER),
        (Role.COMMANDER, "33", 403),
        (Role.COMMANDER, CODE, 403),
        (Role.COMMANDER, OTHER, 403),
        (Role.COMMANDER, None, 403),
    ],
)
def test_a_commander_of_its_prefecture_alone_acts_in_the_mayors_place(
    ready: World, commander: httpx.Client, role: Role, code: str | None, status: int
) -> None:
    body = decision(board(commander), by_proxy=True)
    assert person(ready, role, code).post(DECISIONS, json=body).status_code == status


def test_what_the_law_does_not_give_the_governor_is_refused(ready: World, commander: httpx.Client) -> None:
    prefecture, shown = person(ready, Role.COMMANDER, "34"), board(commander)
    for kind, level, field in (("order", 3, "level"), ("dismiss", 4, "kind")):
        answer = prefecture.post(DECISIONS, json=decision(shown, kind, level=level, by_proxy=True))
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)


def test_the_prefecture_sees_the_level_at_once(ready: World, commander: httpx.Client, clock: Clock) -> None:
    prefecture = person(ready, Role.VIEWER, "34")

    def row() -> Json:
        listed = prefecture.get("/evacuation/municipalities").json()["municipalities"]
        return next(one for one in listed if one["code"] == CODE)

    assert (row()["level"], row()["undecided"], row()["undecided_level"]) == (None, 1, 4)
    decided(commander, decision(board(commander)))
    assert (row()["level"], row()["undecided"], row()["in_force"]["4"]) == (4, 0, 1)
    assert row()["last_decided_at"] == jst(clock.now)
