"""The stream: nothing lost or doubled, however often it is cut; state plus events is the fresh state."""

import random
import threading
from itertools import pairwise

import httpx
import pytest

from service.access import Permission, Role
from service.api import stream
from service.report import EVERYTHING
from service.store import actions, incidents, save
from service.store.actions import Action
from service.store.incidents import IncidentQuery
from tests.hosting import wait_until
from tests.service.api.listening import Event, apply, events, fetch
from tests.service.api.world import World, report, report_many
from tests.service.store.samples import NearestOfType


def read_until(client: httpx.Client, cursor: int, goal: int, most: int = 10**6) -> list[Event]:
    """Changes after `cursor` until the one numbered `goal`, or `most` of them; then the line is cut."""
    got: list[Event] = []
    with client.stream("GET", "/stream", headers={"Last-Event-ID": str(cursor)}) as answer:
        assert answer.status_code == 200
        for event in events(answer):
            assert event.name != "reset"
            if event.name == "change":
                got.append(event)
                if event.data["seq"] >= goal or len(got) >= most:
                    return got
    raise AssertionError("the stream ended by itself")


def act(world: World, chance: random.Random, number: int) -> None:
    """One random action: a new report, or a reading moved out of its incident or into another."""
    with world.services.database.transaction() as conn:
        known = incidents.page(conn, IncidentQuery(), EVERYTHING).incidents
        behind = incidents.reports_behind(conn, chance.choice(known).id) if known else []
    if behind and chance.random() < 0.4:
        other = chance.choice([None, chance.choice(known).id])
        with world.services.database.transaction() as conn:
            save.move(conn, behind[0].report_id, 0, other, NearestOfType())
        return
    report(world.services, f"a{number}", lat=34.0 + chance.randrange(4) * 0.02, lon=133.0)


@pytest.mark.parametrize(
    ("seed", "sequences"),
    [(1, 6), (2, 6), pytest.param(3, 500, marks=[pytest.mark.promise, pytest.mark.timeout(900)])],
)
def test_state_and_events_are_the_fresh_state(world: World, seed: int, sequences: int) -> None:
    """Each sequence of actions is followed over a stream that is cut after one to three changes."""
    chance = random.Random(seed)  # noqa: S311 -- repeatable, not secret
    client = world.reader()
    for number in range(3):
        act(world, chance, number)
    cursor, state = fetch(client)
    seqs = [cursor]
    cuts = 0
    for round_number in range(sequences):
        for number in range(3):
            act(world, chance, 100 * round_number + number + 10)
        goal, fresh = fetch(client, limit=2)
        while cursor < goal:
            cuts += 1
            for event in read_until(client, cursor, goal, most=chance.randrange(1, 4)):
                apply(state, event)
                cursor = event.data["seq"]
                seqs.append(cursor)
                assert event.id == str(cursor)
        assert state == fresh
    assert cuts >= sequences
    assert all(one < two for one, two in pairwise(seqs))


def test_what_happens_while_listening_arrives_at_once(world: World) -> None:
    client = world.reader()
    with client.stream("GET", "/stream") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-accel-buffering"] == "no"
        assert "content-encoding" not in answer.headers
        arriving = events(answer)
        assert next(one for one in arriving if one.name == "pulse").data.keys() == {
            "at", "seq", "worker_seen_at", "waiting", "log", "ready", "evacuation",
        }  # fmt: skip
        report(world.services, "live")
        change = next(one for one in arriving if one.name == "change")
    assert change.data["removed"] is False
    _, state = fetch(client)
    assert state == {change.data["feature"]["id"]: change.data["feature"]}


def test_a_new_line_of_the_chronology_is_hinted_at_and_nothing_more(world: World) -> None:
    with world.reader().stream("GET", "/stream") as answer:
        arriving = events(answer)
        before = next(one for one in arriving if one.name == "pulse").data["log"]
        with world.services.database.transaction() as conn:
            done = actions.record(conn, Action("desk.verify", None, "誰か", ("34",), reason="内緒"))
        hint = next(one for one in arriving if one.name == "log")
    assert (hint.id, hint.data) == (None, {"log": before + done.id})


def test_history_longer_than_one_read_is_whole(world: World) -> None:
    report_many(world.services, [(f"k{n}", {"lat": 30.0 + n * 0.01}) for n in range(700)])
    wait_until(lambda: world.client().get("/healthz").status_code == 200)
    got = read_until(world.reader(), 0, 700)
    assert [event.data["seq"] for event in got] == list(range(1, 701))


@pytest.mark.parametrize("cursor", ["99", "not-ours", "-1", "9" * 30])
def test_an_unknown_cursor_is_told_to_begin_anew(world: World, cursor: str) -> None:
    report(world.services, "one")
    read_until(world.reader(), 0, 1)
    with world.reader().stream("GET", "/stream", headers={"Last-Event-ID": cursor}) as answer:
        first = next(events(answer))
    assert (first.name, first.id, first.data) == ("reset", "1", {"seq": 1})


def test_a_bad_since_is_refused(world: World) -> None:
    client = world.reader()
    for query in ("since=x", "since=-1", "colour=red"):
        answer = client.get(f"/stream?{query}")
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-input")


def test_head_does_not_wait(world: World) -> None:
    assert world.reader().head("/stream").headers["content-type"].startswith("text/event-stream")


def test_nobody_may_not_listen(world: World) -> None:
    assert world.client().get("/stream").status_code == 401
    assert world.client(world.key(Permission.WRITE_REPORTS)).get("/stream").status_code == 403


def test_a_stream_ends_with_its_session(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "RECHECK_S", 0.1)
    client = world.signed_in(Role.VIEWER)
    with client.stream("GET", "/stream") as answer:
        arriving = events(answer)
        next(arriving)
        assert client.post("/signout").status_code == 204
        for _ in arriving:
            pass
    assert client.get("/stream").status_code == 401


def test_a_reader_that_does_not_read_holds_up_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "STALL_S", 0.5)
    stuck, quick = world.reader(), world.reader()
    got: list[Event] = []
    report(world.services, "first", place_text="松永町" * 2000)
    with stuck.stream("GET", "/stream?since=0") as idle:
        assert idle.status_code == 200
        listener = threading.Thread(target=lambda: got.extend(read_until(quick, 0, 301)))
        listener.start()
        for batch in range(3):
            where = [
                (f"b{batch}-{n}", {"place_text": "松" * 20_000, "lat": 30 + batch + n * 0.01})
                for n in range(100)
            ]
            report_many(world.services, where)
        listener.join(20)
        assert [event.data["seq"] for event in got] == list(range(1, 302))
        metrics = world.client()
        wait_until(lambda: "hansho_stream_clients 0.0" in metrics.get("/metrics").text)
