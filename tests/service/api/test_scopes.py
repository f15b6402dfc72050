"""Each viewer's live map is what that viewer may see: state plus events, whoever looks."""

import random
from dataclasses import replace
from uuid import UUID

import httpx
import pytest

from service.access import Permission, Role, create_key, create_user
from service.api import stream
from service.report import EVERYTHING, UNASSIGNED
from service.store import incidents, ledger, save
from service.store.incidents import IncidentQuery
from tests.service.api.listening import Event, Features, apply, events, fetch
from tests.service.api.test_stream import read_until
from tests.service.api.world import PASSWORD, SECRET, World, report
from tests.service.store.samples import NearestOfType

FUKUYAMA, KURE = "34207", "34202"
VIEWERS = {"A": FUKUYAMA, "B": KURE, "prefecture": "34", "elsewhere": "13", "everything": None}


def viewer(world: World, code: str | None) -> httpx.Client:
    with world.services.database.transaction() as conn:
        return world.client(create_key(conn, SECRET, "viewer", [Permission.READ_INCIDENTS], code))


def act(world: World, chance: random.Random, number: int) -> None:
    """A report of A's, B's or nobody's; a reading moved, perhaps over the border; an incident shared or
    taken back."""
    with world.services.database.transaction() as conn:
        known = incidents.page(conn, IncidentQuery(), EVERYTHING).incidents
    deed = chance.random()
    if known and deed < 0.35:
        _move(world, chance.choice(known).id, chance.choice([None, chance.choice(known).id]))
    elif known and deed < 0.6:
        _share(world, chance.choice(known).id, chance.choice([(), (KURE,), (FUKUYAMA,), ("13",)]))
    else:
        where = chance.choice([FUKUYAMA, KURE, None])
        lat = {FUKUYAMA: 34.4, KURE: 34.2, None: 33.0}[where] + chance.randrange(3) * 0.02
        report(world.services, f"a{number}", lat=lat, lon=133.0, municipality=where)


def _move(world: World, incident: UUID, to: UUID | None) -> None:
    with world.services.database.transaction() as conn:
        [first, *_] = incidents.reports_behind(conn, incident)
        save.move(conn, first.report_id, 0, to, NearestOfType())


def _share(world: World, incident_id: UUID, codes: tuple[str, ...]) -> None:
    with world.services.database.transaction() as conn:
        ledger.lock(conn)
        incident = ledger.incidents_by_id(conn, [incident_id])[incident_id]
        owners = incident.owners or {UNASSIGNED}
        shared = tuple(sorted(set(codes) - owners))
        audience = tuple(sorted({*owners, *shared}))
        ledger.write(
            conn, [replace(incident, ruling=replace(incident.ruling, shared=shared), audience=audience)]
        )


def _share_all(world: World, codes: tuple[str, ...]) -> None:
    """Shared in one round and taken back in the next, so that something leaves a view for certain."""
    with world.services.database.transaction() as conn:
        known = incidents.page(conn, IncidentQuery(), EVERYTHING).incidents
    for incident in known:
        _share(world, incident.id, codes)


def listen(client: httpx.Client, cursor: int, goal: int) -> list[Event]:
    """What comes after `cursor` until the stream says that it has come to `goal`."""
    got: list[Event] = []
    with client.stream("GET", "/stream", headers={"Last-Event-ID": str(cursor)}) as answer:
        for event in events(answer):
            assert event.name != "reset"
            if event.name == "change":
                got.append(event)
            # A viewer who is told nothing of the goal learns from the pulse that it has passed.
            if int(event.id or 0) >= goal:
                return got
    raise AssertionError("the stream ended by itself")


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signs of life come quickly."""
    monkeypatch.setattr("service.api.changefeed.PULSE_S", 0.1)
    monkeypatch.setattr("service.api.changefeed.POLL_S", 0.05)
    monkeypatch.setattr(stream, "RECHECK_S", 0.1)


@pytest.mark.parametrize(
    ("seed", "rounds"),
    [(1, 6), (2, 6), pytest.param(3, 150, marks=[pytest.mark.promise, pytest.mark.timeout(900)])],
)
def test_state_and_events_are_the_fresh_state_of_every_viewer(
    brisk: None, world: World, seed: int, rounds: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 -- repeatable, not secret
    clients = {name: viewer(world, code) for name, code in VIEWERS.items()}
    states: dict[str, tuple[int, Features]] = {name: fetch(client) for name, client in clients.items()}
    farewells = 0
    for number in range(rounds):
        for step in range(4):
            act(world, chance, 10 * number + step)
        _share_all(world, ("13",) if number % 2 == 0 else ())
        for name, client in clients.items():
            cursor, state = states[name]
            goal, fresh = fetch(client)
            for event in listen(client, cursor, goal):
                farewells += event.data["feature"]["properties"] is None
                apply(state, event)
            assert state == fresh, name
            states[name] = goal, state
    assert farewells
    seen = {name: set(state) for name, (_, state) in states.items()}
    assert seen["A"] != seen["B"]
    assert seen["A"] | seen["B"] <= seen["prefecture"] | seen["everything"]


def test_who_may_not_see_it_any_more_is_told_so_and_nothing_else(world: World) -> None:
    report(world.services, "one")
    kure = viewer(world, KURE)
    with world.services.database.transaction() as conn:
        [incident] = incidents.page(conn, IncidentQuery(), EVERYTHING).incidents
    _share(world, incident.id, (KURE,))
    _share(world, incident.id, ())
    shared, gone = read_until(kure, 0, 3)
    assert shared.data["feature"]["properties"]["place_text"] == "松永町"
    assert gone.data == {
        "seq": 3,
        "removed": True,
        "feature": {"type": "Feature", "id": str(incident.id), "geometry": None, "properties": None},
    }
    assert kure.get(f"/collections/incidents/items/{incident.id}").status_code == 404


def test_whoever_sees_something_else_now_begins_anew(brisk: None, world: World) -> None:
    report(world.services, "one")
    person = world.signed_in(Role.VIEWER, KURE)
    with person.stream("GET", "/stream") as answer:
        arriving = events(answer)
        next(one for one in arriving if one.name == "pulse")
        with world.services.database.transaction() as conn:
            create_user(conn, person.get("/me").json()["name"], PASSWORD, Role.VIEWER, FUKUYAMA)
        again = next(one for one in arriving if one.name == "reset")
    assert again.data == {"seq": 1}
