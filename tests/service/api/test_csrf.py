"""Another site cannot act in the name of whoever is signed in: each unsafe route wants the session's token.

A route that is not in EXCEPT needs the check, and a body in BODIES where it takes one."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import httpx
import pytest

from service.api.pages import Site
from service.api.services import Services
from tests.service.api import test_matrix as matrix
from tests.service.api.world import World, report, running

A, NONE = matrix.A, str(UUID(int=0))
NOW = datetime.now(UTC).isoformat()
SAFE: Final = {"get", "head", "options"}
# Routes that act in nobody's name, and why each needs no token.
EXCEPT: Final = {
    ("post", "/signin"): "there is no session yet; forms of other sites are refused by Sec-Fetch-Site",
    ("post", "/device"): "there is no session yet; the link's own secret is asked for",
    ("post", "/reports"): "by key only, which no browser sends by itself",
    ("post", "/form/reports"): "open to everybody and blind to cookies",
    ("post", "/hooks/line"): "signed by LINE and blind to cookies",
}
DECISION: Final = {
    "municipality": A,
    "kind": "order",
    "level": 4,
    "reason": "水位",
    "units": [{"code": "u", "mark": {}}],
}
# Right bodies, so that nothing but the missing token can be what is refused.
BODIES: Final[dict[tuple[str, str], Any]] = {
    ("post", "/organizations"): {"code": A, "brigade": "第9分団"},
    ("patch", "/organizations/{organization_id}"): {"name": "別の名"},
    ("post", "/people"): {"name": "新人", "role": "officer", "organization": NONE},
    ("patch", "/people/{person_id}"): {"role": "officer"},
    ("post", "/shares"): {"owner": NONE, "receiver": NONE},
    ("post", "/devices"): {"name": "壁", "organization": NONE, "days": 1},
    ("post", "/incidents/{incident_id}/shares"): {"code": A},
    ("post", "/taught-places"): {"name": "てんぐ岩", "municipality": A, "lat": 34.45, "lon": 133.25},
    ("put", "/evacuation/units.geojson"): {"type": "FeatureCollection", "features": []},
    ("put", "/evacuation/criteria"): {"municipality": A, "basis": "", "criteria": []},
    ("post", "/evacuation/ticks"): {"municipality": A, "criterion": NONE, "met": True, "reason": "目視"},
    ("put", "/evacuation/shelters/{place_id}"): {"municipality": A, "state": "open"},
    ("post", "/evacuation/calls"): {"municipality": A, "unit": "u", "reporter": "第1分団"},
    ("post", "/evacuation/decisions"): DECISION,
    ("post", "/tray/{report_id}/place"): {"ordinals": [0], "lat": 34.45, "lon": 133.25},
    ("post", "/tray/{report_id}/pull"): {"type": "fire"},
    ("post", "/tray/{report_id}/settle"): {},
    ("post", "/chronology"): {"key": NONE, "at": NOW, "category": "done", "text": "記録"},
    ("post", "/desk/actions"): {"kind": "undo", "action": 1},
}
QUERIES: Final = {("put", "/evacuation/units.geojson"): f"?municipality={A}&replaces=0"}
PEOPLE: Final = ("viewer", "officer", "commander", "administrator")
# The matrix has a row for every route, by its own test.
UNSAFE: Final = [route for route in matrix.MATRIX if route[0] not in SAFE and route not in EXCEPT]


@pytest.fixture
def one(services: Services, site: Site) -> Iterator[World]:
    with running(services, site) as made:
        report(services, "one")
        yield made


def test_each_exception_and_body_is_of_a_route() -> None:
    assert {*EXCEPT, *BODIES, *QUERIES} <= set(matrix.MATRIX)


def may_use(kind: str) -> list[tuple[str, str]]:
    return [route for route in UNSAFE if matrix.expected(route, f"{kind} of A") == "in"]


def test_every_unsafe_route_is_tried_by_somebody() -> None:
    assert {route for kind in PEOPLE for route in may_use(kind)} == set(UNSAFE)


@pytest.mark.parametrize("kind", PEOPLE)
def test_a_cookie_alone_changes_nothing(one: World, kind: str) -> None:
    names = matrix.objects(one)
    client = matrix.asker(one, f"{kind} of A")
    del client.headers["X-CSRF-Token"]
    for headers in ({}, {"X-CSRF-Token": "invented"}):
        for route in may_use(kind):
            answer = asked(client, route, names, headers)
            refused = (answer.status_code, "/problems/csrf" in answer.text)
            assert refused == (403, True), (route, answer.text)
    assert client.get("/me").status_code == 200


def asked(
    client: httpx.Client, route: tuple[str, str], names: dict[str, object], headers: dict[str, str]
) -> httpx.Response:
    address = route[1] + QUERIES.get(route, "")
    for name, value in names.items():
        address = address.replace(name, str(value))
    return client.request(route[0].upper(), address, json=BODIES.get(route), headers=headers)
