"""Who may call what: every route of the OpenAPI document against everybody. A new route needs a row here."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest

from service import access
from service.access import Permission, Role
from service.api.pages import Site
from service.api.services import Services
from service.evacuation.model import Decided
from service.report import EVERYTHING
from service.store import access as accounts
from service.store import actions, incidents, shares, taught
from service.store.actions import Action
from service.store.database import Connection
from service.store.evacuation import decisions
from service.store.evacuation.decisions import Decision
from service.store.incidents import IncidentQuery
from tests.service.api.world import SECRET, World, report, running

A, B = "34207", "34202"
# Everybody who may ask, and the kind whose expectation holds where a row says nothing of its own about them.
# Whoever ends in "of B" is a stranger to the objects that the addresses name: all of them are A's.
ASKERS: dict[str, str] = {
    "nobody": "nobody",
    "writer key": "writer key",
    "key of A": "reader key",
    "key of B": "reader key",
    "viewer of A": "viewer",
    "viewer of B": "viewer",
    "officer of A": "officer",
    "officer of B": "officer",
    "commander of A": "commander",
    "commander of B": "commander",
    "administrator of A": "administrator",
    "administrator of B": "administrator",
    "prefecture officer": "officer",
    "prefecture commander": "commander",
    "device": "viewer",
}
KINDS = ("nobody", "writer key", "reader key", "viewer", "officer", "commander", "administrator")
# One row a route: what each kind gets, "in" or a status. An asker of its own name ("device": 401) goes before
# its kind. With an object in the address a stranger who would be "in" gets 403 or 404, unless the row says
# what a "stranger" gets.
Row = dict[str, str | int]
FORBIDDEN: Row = dict.fromkeys(KINDS, 403)
OPEN: Row = dict.fromkeys(KINDS, "in")
READERS: Row = {**OPEN, "nobody": 401, "writer key": 403}
WORDS: Row = {**READERS, "reader key": 403, "viewer": 403}
HEADQUARTERS: Row = {**READERS, "reader key": 403}
DESK_PAGE: Row = {**WORDS, "nobody": "in"}  # to the sign-in
PEOPLE: Row = {**OPEN, "nobody": 401, "writer key": 401, "reader key": 401}
WRITERS: Row = FORBIDDEN | {"nobody": 401, "writer key": "in"}
DECIDERS: Row = FORBIDDEN | {"nobody": 401, "commander": "in"}
METRICS: Row = FORBIDDEN | {"nobody": 401, "administrator": "in"}
MANAGERS: Row = FORBIDDEN | {"nobody": 401, "administrator": "in"}

MATRIX: dict[tuple[str, str], Row] = {
    ("get", "/"): READERS,
    ("get", "/report"): OPEN,
    ("get", "/problems/{slug}"): OPEN,
    ("get", "/static/{path}"): OPEN,
    ("get", "/municipalities.geojson"): OPEN,
    ("get", "/me"): PEOPLE,
    ("get", "/signin"): OPEN,
    ("post", "/signin"): OPEN,
    ("post", "/signout"): PEOPLE,
    ("delete", "/me/sessions"): PEOPLE | {"device": 401},
    ("get", "/oidc/start"): OPEN,
    ("get", "/oidc/callback"): OPEN,
    ("get", "/device"): OPEN,
    ("post", "/device"): OPEN,
    ("get", "/devices"): MANAGERS,
    ("post", "/devices"): MANAGERS,
    ("delete", "/devices/{device_id}"): MANAGERS,
    ("get", "/organizations"): READERS,
    ("post", "/organizations"): MANAGERS,
    ("patch", "/organizations/{organization_id}"): MANAGERS,
    ("get", "/people"): MANAGERS,
    ("post", "/people"): MANAGERS,
    ("patch", "/people/{person_id}"): MANAGERS,
    ("post", "/people/{person_id}/password"): MANAGERS,
    ("post", "/people/{person_id}/signout"): MANAGERS,
    ("get", "/shares"): MANAGERS,
    ("post", "/shares"): MANAGERS,
    ("delete", "/shares/{share_id}"): MANAGERS,
    ("get", "/incidents/{incident_id}/shares"): WORDS,
    ("post", "/incidents/{incident_id}/shares"): WORDS,
    ("delete", "/incidents/{incident_id}/shares/{code}"): WORDS,
    ("get", "/conformance"): READERS,
    ("get", "/collections"): READERS,
    ("get", "/collections/incidents"): READERS,
    ("get", "/collections/incidents/items"): READERS,
    ("get", "/collections/incidents/items/{incident_id}"): READERS,
    ("get", "/situation"): READERS,
    ("get", "/situation/timeline"): READERS,
    ("get", "/tiles/incidents.json"): READERS,
    ("get", "/tiles/incidents/{z}/{x}/{y}"): READERS,
    ("get", "/shelters.geojson"): READERS,
    ("get", "/places"): READERS,
    ("get", "/brigades.geojson"): READERS,
    ("get", "/incidents/{incident_id}/reports"): WORDS,
    ("get", "/incidents/{incident_id}/questions"): WORDS,
    ("post", "/incidents/{incident_id}/questions"): WORDS,
    ("post", "/incidents/{incident_id}/confirmation"): WORDS,
    ("get", "/reports/{report_id}/photo"): WORDS,
    ("get", "/reports/{report_id}/receipt"): OPEN | {"stranger": "in"},
    ("get", "/taught-places"): WORDS,
    ("post", "/taught-places"): WORDS,
    ("get", "/taught-places/{taught_id}"): WORDS,
    ("delete", "/taught-places/{taught_id}"): WORDS,
    ("get", "/evacuation"): OPEN,
    ("get", "/evacuation/board"): READERS,
    ("get", "/evacuation/municipalities"): READERS,
    ("get", "/evacuation/units.geojson"): READERS,
    ("put", "/evacuation/units.geojson"): WORDS,
    ("get", "/evacuation/criteria"): READERS,
    ("put", "/evacuation/criteria"): WORDS,
    ("post", "/evacuation/ticks"): WORDS,
    ("put", "/evacuation/shelters/{place_id}"): WORDS,
    ("post", "/evacuation/calls"): WORDS,
    ("get", "/evacuation/decisions"): READERS,
    ("post", "/evacuation/decisions"): DECIDERS,
    ("get", "/evacuation/decisions/{decision_id}"): READERS,
    ("get", "/evacuation/decisions/{decision_id}/frozen"): READERS,
    ("get", "/situation-report"): READERS,
    ("get", "/tray"): WORDS,
    ("get", "/tray/count"): WORDS,
    ("post", "/tray/{report_id}/place"): WORDS,
    ("post", "/tray/{report_id}/pull"): WORDS,
    ("post", "/tray/{report_id}/settle"): WORDS,
    ("post", "/tray/deeds/{action_id}/undo"): WORDS,
    ("get", "/chronology"): HEADQUARTERS,
    ("post", "/chronology"): WORDS,
    ("get", "/chronology.csv"): HEADQUARTERS,
    ("get", "/chronology.xlsx"): HEADQUARTERS,
    ("get", "/desk"): DESK_PAGE,
    ("get", "/desk/queue"): WORDS,
    ("get", "/desk/incidents/{incident_id}"): WORDS,
    ("get", "/desk/assignees"): WORDS,
    ("post", "/desk/actions"): WORDS,
    ("get", "/stream"): READERS,
    ("get", "/healthz"): OPEN,
    ("get", "/readyz"): OPEN,
    ("get", "/metrics"): METRICS,
    ("post", "/reports"): WRITERS,
    ("post", "/form/reports"): OPEN,
    ("post", "/hooks/line"): OPEN,
}
# What is sent, so that a stranger is refused for being one; other bodies are empty and wrong.
BODIES: dict[tuple[str, str], object] = {
    ("patch", "/organizations/{organization_id}"): {"name": "別の名"},
    ("patch", "/people/{person_id}"): {"role": "officer"},
    ("post", "/incidents/{incident_id}/shares"): {"code": A},
}
OBJECTS = (
    *("{incident_id}", "{report_id}", "{taught_id}", "{device_id}", "{organization_id}", "{person_id}"),
    "{decision_id}",
)
SIGNING_OUT = ("/signout", "/me/sessions")


@pytest.fixture
def one(services: Services, site: Site) -> Iterator[World]:
    with running(services, site) as made:
        report(services, "one")
        yield made


def asker(world: World, who: str) -> httpx.Client:
    kind, code = ASKERS[who], {"A": A, "B": B}.get(who[-1], "34")
    if kind == "nobody":
        return world.client()
    if kind == "writer key":
        return world.client(world.key(Permission.WRITE_REPORTS))
    if kind == "reader key":
        return world.client(world.key(Permission.READ_INCIDENTS, code=code))
    if who == "device":
        return world.on_the_wall(A)
    return world.signed_in(Role(kind), code)


def objects(world: World) -> dict[str, object]:
    """What the addresses name, all of it A's."""
    database = world.services.database
    world.user("somebody", Role.OFFICER, A)
    with database.transaction() as conn:
        [incident] = incidents.page(conn, IncidentQuery(), EVERYTHING).incidents
        [behind] = incidents.reports_behind(conn, incident.id)
        person = accounts.user(conn, "somebody")
        receiver = accounts.ensure_organization(conn, B)
        assert person is not None
        assert person.organization is not None
        lesson = taught.Lesson(A, "てんぐ岩", 34.45, 133.25, 100.0)
        return {
            "{incident_id}": incident.id,
            "{report_id}": behind.report_id,
            "{taught_id}": taught.teach(conn, lesson, "somebody", {A}).id,
            "{device_id}": access.create_device(
                conn, SECRET, "壁", person.organization, datetime.now(UTC) + timedelta(days=1), "somebody"
            )[0],
            "{organization_id}": person.organization.id,
            "{person_id}": person.id,
            # Between A and B both see it, and A alone may end it.
            "{share_id}": shares.agree(conn, person.organization.id, receiver),
            "{decision_id}": decided(conn),
            "{action_id}": 1,
            "{place_id}": "emergency:none",
            "{code}": "13",
            "{slug}": "csrf",
            "{path}": "css/page.css",
            **dict.fromkeys(("{z}", "{x}", "{y}"), 0),
        }


def decided(conn: Connection) -> UUID:
    """A decision of A's."""
    done = actions.record(conn, Action("evacuation.order", None, "somebody", (A,), owner=A))
    now = datetime.now(UTC)
    units = ({"id": "1", "code": "u", "name": "地区", "mark": {"met": {}}},)
    one = Decision(A, Decided.ORDER, 4, units, now, now, "理由", "somebody", "", drill=False, edition=1)
    return decisions.add(conn, one, None, b"{}", done.id).id


def status(client: httpx.Client, route: tuple[str, str], address: str) -> int:
    """The status of one request; from outside, as a proxy hands it on, so that /metrics is guarded, too."""
    headers = {"X-Forwarded-For": "192.0.2.1"}
    body = json.dumps(BODIES[route]) if route in BODIES else None
    if route[0] in {"post", "patch"} and route[1] not in SIGNING_OUT:
        headers["Content-Type"] = "application/json"
    with client.stream(route[0].upper(), address, headers=headers, content=body) as answer:
        return answer.status_code


def expected(route: tuple[str, str], who: str) -> str | int:
    row, kind = MATRIX[route], ASKERS[who]
    # Who commands works at the desk as an officer does, where a row tells them not apart.
    told = row.get(who, row.get(kind, row.get("officer", 0)))
    stranger = who.endswith("of B") and any(name in route[1] for name in OBJECTS)
    return row.get("stranger", "refused") if told == "in" and stranger else told


def test_the_matrix_has_a_row_for_every_route(one: World) -> None:
    document = one.client().get("/openapi.json").json()
    routes = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert routes == set(MATRIX)


@pytest.mark.parametrize("who", ASKERS)
def test_everybody_gets_in_where_the_matrix_says_and_nowhere_else(one: World, who: str) -> None:
    names = objects(one)
    client = asker(one, who)
    for route in MATRIX:
        address = route[1]
        for name, value in names.items():
            address = address.replace(name, str(value))
        wanted = expected(route, who)
        got = status(asker(one, who) if route[1] in SIGNING_OUT else client, route, address)
        if wanted == "in":
            assert got not in {401, 403, 405, 500}, (route, got)
        elif wanted == "refused":
            assert got in {403, 404} or (got == 400 and route not in BODIES), (route, got)
        else:
            assert got == wanted, (route, got)


def test_an_invented_or_revoked_key_is_refused(one: World) -> None:
    token = one.key(Permission.READ_INCIDENTS)
    with one.services.database.transaction() as conn:
        stored = accounts.key(conn, access.digest(one.services.secret, "key", token))
        assert stored is not None
        accounts.revoke_key(conn, stored.id)
    for given in (
        f"Bearer {token}",
        "Bearer hansho_invented",
        "Bearer nothing",
        "Basic b2ZmaWNlcjp4",
        "Bearer",
    ):
        answer = one.client().get("/collections", headers={"Authorization": given})
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/invalid-key")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
