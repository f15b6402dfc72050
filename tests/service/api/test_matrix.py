"""Who may call what: every route of the OpenAPI document against everybody. A new route needs a row here."""

from collections.abc import Iterator

import httpx
import pytest

from service import access
from service.access import Permission, Role
from service.api.pages import Site
from service.api.services import Services
from service.store import access as accounts
from service.store import incidents
from service.store.incidents import IncidentQuery
from tests.service.api.world import World, report, running

ASKERS = ("nobody", "writer key", "reader key", "viewer", "officer", "administrator")
Row = dict[str, str | int]
FORBIDDEN: Row = dict.fromkeys(ASKERS, 403)
OPEN: Row = dict.fromkeys(ASKERS, "in")
READERS: Row = {**OPEN, "nobody": 401, "writer key": 403}
WORDS: Row = {**READERS, "reader key": 403, "viewer": 403}
PEOPLE: Row = {**OPEN, "nobody": 401, "writer key": 401, "reader key": 401}
WRITERS: Row = FORBIDDEN | {"nobody": 401, "writer key": "in"}
METRICS: Row = FORBIDDEN | {"nobody": 401, "administrator": "in"}

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
    ("get", "/conformance"): READERS,
    ("get", "/collections"): READERS,
    ("get", "/collections/incidents"): READERS,
    ("get", "/collections/incidents/items"): READERS,
    ("get", "/collections/incidents/items/{incident_id}"): READERS,
    ("get", "/incidents/{incident_id}/reports"): WORDS,
    ("get", "/reports/{report_id}/photo"): WORDS,
    ("get", "/reports/{report_id}/receipt"): OPEN,
    ("get", "/taught-places"): WORDS,
    ("post", "/taught-places"): WORDS,
    ("get", "/taught-places/{taught_id}"): WORDS,
    ("delete", "/taught-places/{taught_id}"): WORDS,
    ("get", "/stream"): READERS,
    ("get", "/healthz"): OPEN,
    ("get", "/readyz"): OPEN,
    ("get", "/metrics"): METRICS,
    ("post", "/reports"): WRITERS,
    ("post", "/form/reports"): OPEN,
    ("post", "/hooks/line"): OPEN,
}
ROLES = {"viewer": Role.VIEWER, "officer": Role.OFFICER, "administrator": Role.ADMINISTRATOR}


@pytest.fixture
def one(services: Services, site: Site) -> Iterator[World]:
    with running(services, site) as made:
        report(services, "one")
        yield made


def asker(world: World, who: str) -> httpx.Client:
    if who == "nobody":
        return world.client()
    if who == "writer key":
        return world.client(world.key(Permission.WRITE_REPORTS))
    if who == "reader key":
        return world.reader()
    return world.signed_in(ROLES[who])


def status(client: httpx.Client, method: str, path: str) -> int:
    """The status of one request; from outside, as a proxy hands it on, so that /metrics is guarded, too."""
    headers = {"X-Forwarded-For": "192.0.2.1"}
    if method == "post" and path != "/signout":
        headers["Content-Type"] = "application/json"
    with client.stream(method.upper(), path, headers=headers) as answer:
        return answer.status_code


def test_the_matrix_has_a_row_for_every_route(one: World) -> None:
    document = one.client().get("/openapi.json").json()
    routes = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert routes == set(MATRIX)


@pytest.mark.parametrize("who", ASKERS)
def test_everybody_gets_in_where_the_matrix_says_and_nowhere_else(one: World, who: str) -> None:
    client = asker(one, who)
    with one.services.database.transaction() as conn:
        [incident] = incidents.page(conn, IncidentQuery()).incidents
        [behind] = incidents.reports_behind(conn, incident.id)
    ids = {
        "{incident_id}": incident.id,
        "{report_id}": behind.report_id,
        "{taught_id}": behind.report_id,
        "{slug}": "csrf",
        "{path}": "css/page.css",
    }
    # Signing out comes last: it ends the session that the other rows need.
    for method, path in sorted(MATRIX, key=lambda route: route[1] == "/signout"):
        address = path
        for name, value in ids.items():
            address = address.replace(name, str(value))
        expected = MATRIX[method, path][who]
        got = status(client, method, address)
        if expected == "in":
            assert got not in {401, 403, 405, 500}, (method, path, got)
        else:
            assert got == expected, (method, path, got)


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
