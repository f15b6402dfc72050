"""The wall screen: opened by a link within seconds, seeing only, ending when it is revoked."""

import time
from datetime import timedelta

import pytest

from service.access import Role
from service.api import stream
from tests.service.api.listening import events, fetch
from tests.service.api.world import World, report

FUKUYAMA, KURE = "34207", "34202"


def test_a_link_opens_the_map_of_its_organization_and_nothing_else(world: World) -> None:
    report(world.services, "one")
    report(world.services, "two", municipality=KURE, lat=34.2, lon=132.5)
    token = world.link(FUKUYAMA)
    began = time.monotonic()
    client = world.client()
    answer = client.post("/device", json={"token": token})
    _, seen = fetch(client)
    assert time.monotonic() - began < 2
    assert answer.status_code == 204
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert token not in answer.headers["set-cookie"]
    assert [one["properties"]["municipality"] for one in seen.values()] == [FUKUYAMA]
    told = client.get("/me").json()
    assert (told["name"], told["role"], told["municipality"]) == ("壁の画面", "viewer", FUKUYAMA)
    incident = next(iter(seen))
    assert client.get(f"/incidents/{incident}/reports").status_code == 403


def test_it_is_made_shown_once_listed_and_revoked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "RECHECK_S", 0.1)
    administrator = world.signed_in(Role.ADMINISTRATOR, FUKUYAMA)
    organization = next(
        one["id"] for one in administrator.get("/organizations").json()["organizations"] if one["managed"]
    )
    asked = {"name": "第1会議室", "organization": organization, "days": 30}
    assert administrator.post("/devices", json={**asked, "organization": None}).status_code == 403
    made = administrator.post("/devices", json=asked)
    assert made.status_code == 201, made.text
    address, _, token = made.json()["link"].partition("#")
    assert address.endswith("/device")
    [listed] = administrator.get("/devices").json()["devices"]
    assert listed == {key: value for key, value in made.json().items() if key != "link"}
    screen = world.client()
    assert screen.post("/device", json={"token": token}).status_code == 204
    with screen.stream("GET", "/stream") as answer:
        arriving = events(answer)
        next(arriving)
        assert administrator.delete(f"/devices/{made.json()['id']}").status_code == 204
        for _ in arriving:
            pass
    assert screen.get("/me").status_code == 401
    assert world.client().post("/device", json={"token": token}).status_code == 401
    assert administrator.get("/devices").json() == {"devices": []}


def test_an_expired_an_invented_and_a_foreign_site_s_link_are_refused(world: World) -> None:
    late = world.link(FUKUYAMA, days=timedelta(seconds=-1) / timedelta(days=1))
    for token in (late, "hansho_device_invented", ""):
        answer = world.client().post("/device", json={"token": token})
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/invalid-device")
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = world.client().post("/device", json={"token": world.link()}, headers=headers)
    assert answer.json()["type"] == "/problems/csrf"


def test_guessing_is_slowed(world: World) -> None:
    client = world.client()
    statuses = [client.post("/device", json={"token": f"{n}"}).status_code for n in range(25)]
    assert statuses[:20] == [401] * 20
    assert statuses[-1] == 429
