"""Teaching a place over HTTP: who may, what is refused in which words, what two officers at once see."""

import json
import threading
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from service import access, teaching
from service.access import Role
from service.api.pages import Site
from service.api.services import Services
from service.limits import Limiter
from service.store import places
from service.store.database import Database
from tests.service.api.world import PASSWORD, World, running, services_for

ROCK = {"name": "てんぐ岩", "municipality": "34207", "lat": 34.50, "lon": 133.35}
JSON = dict[str, Any]


def square(code: str, west: float, east: float) -> JSON:
    ring = [[west, 34.4], [east, 34.4], [east, 34.6], [west, 34.6], [west, 34.4]]
    return {
        "type": "Feature",
        "properties": {"code": code, "name": code},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture
def one(services: Services, site: Site) -> Iterator[World]:
    with services.database.transaction() as conn:
        places.load_municipalities(conn, [square("34207", 133.3, 133.4), square("34202", 132.5, 132.6)])
    with running(services, site) as made:
        yield made


def problem(answer: httpx.Response, status: int, slug: str) -> JSON:
    assert answer.status_code == status, answer.text
    body: JSON = answer.json()
    assert body["type"] == f"/problems/{slug}"
    return body


def test_what_is_taught_is_listed_with_who_and_when_and_can_be_taken_back(one: World) -> None:
    officer, viewer = one.signed_in(Role.OFFICER), one.signed_in(Role.VIEWER)
    made = officer.post("/taught-places", json=ROCK)
    assert made.status_code == 201, made.text
    body = made.json()
    assert body["radius_m"] == teaching.DEFAULT_RADIUS_M
    assert body["municipality_name"] == "福山市"
    assert body["taught_by"].startswith("officer-")
    assert body["taught_at"].endswith("+09:00")
    assert officer.get(made.headers["Location"]).json() == body
    assert officer.get("/taught-places").json()["taught"] == [body]
    assert officer.get("/taught-places?municipality=34202").json()["taught"] == []
    assert viewer.get("/taught-places").status_code == 403
    assert officer.delete(f"/taught-places/{body['id']}").status_code == 204
    problem(officer.delete(f"/taught-places/{body['id']}"), 404, "not-found")
    assert officer.get("/taught-places").json()["taught"] == []
    with one.services.database.transaction() as conn:
        row = conn.execute(text("SELECT taught_by = removed_by, removed_at FROM taught_places")).one()
    assert row[0]
    assert row[1] is not None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("橋", "種類だけでは"),
        ("公民館", "種類だけでは"),
        ("町", "1文字では"),
        ("裏山", "よく使われる言葉"),
        ("電柱", "よく使われる言葉"),
        ("福山市", "市区町村の名前は登録できません"),
        ("広島県", "市区町村の名前は登録できません"),
        ("てんぐ岩で冠水。至急", "場所の名前だけ"),
        ("", "名前を入れてください"),
        ("\x00 \t", "名前を入れてください"),
        ("て" * 61, "長すぎます"),
    ],
)
def test_a_name_that_means_no_one_place_is_refused_with_what_to_do(one: World, name: str, words: str) -> None:
    body = problem(
        one.signed_in(Role.OFFICER).post("/taught-places", json=ROCK | {"name": name}), 400, "invalid-input"
    )
    [error] = body["errors"]
    assert error["field"] == "name"
    assert words in error["message"]
    assert error["message"].endswith("。")


@pytest.mark.parametrize(
    "wrong",
    [
        {"lat": 91}, {"lon": "x"}, {"radius_m": 0}, {"radius_m": 1e9}, {"municipality": "99999"},
        {"municipality": "'; DROP"}, {"extra": 1}, {"incident": "x"}, {"name": 5}, {"name": "\ud800"},
    ],
)  # fmt: skip
def test_other_input_that_cannot_be_is_refused(one: World, wrong: JSON) -> None:
    content = json.dumps(ROCK | wrong)
    headers = {"Content-Type": "application/json"}
    answer = one.signed_in(Role.OFFICER).post("/taught-places", content=content, headers=headers)
    assert answer.status_code == 400, answer.text


def test_a_point_outside_is_asked_back_and_a_far_one_refused(one: World) -> None:
    officer = one.signed_in(Role.OFFICER)
    beside = ROCK | {"lon": 133.45}
    asked = problem(officer.post("/taught-places", json=beside), 409, "outside-municipality")
    assert "福山市の境から約4.6 km外" in asked["detail"]
    assert officer.post("/taught-places", json=ROCK | {"lon": 133.4001}).status_code == 201
    assert (
        officer.post("/taught-places", json=beside | {"name": "かっぱ淵", "outside": True}).status_code == 201
    )
    far = problem(
        officer.post("/taught-places", json=ROCK | {"lon": 134.9, "outside": True}), 400, "invalid-input"
    )
    assert far["errors"][0]["field"] == "lat"
    assert "km離れています" in far["errors"][0]["message"]


def test_a_municipality_without_an_area_is_not_checked(one: World) -> None:
    with one.services.database.transaction() as conn:
        conn.execute(text("DELETE FROM municipalities"))
    assert one.signed_in(Role.OFFICER).post("/taught-places", json=ROCK | {"lon": 100}).status_code == 201


def test_the_second_officer_sees_both_versions_and_chooses(one: World) -> None:
    first, second = one.signed_in(Role.OFFICER), one.signed_in(Role.ADMINISTRATOR)
    made = first.post("/taught-places", json=ROCK).json()
    assert first.post("/taught-places", json=ROCK).json() == made
    other = ROCK | {"name": "てんぐ 岩", "lat": 34.52, "radius_m": 300}
    body = problem(second.post("/taught-places", json=other), 409, "already-taught")
    assert {key: body["taught"][key] for key in ("id", "lat", "taught_by")} == {
        key: made[key] for key in ("id", "lat", "taught_by")
    }
    replaced = second.post("/taught-places", json=other | {"replaces": made["id"]})
    assert replaced.status_code == 201
    late = problem(first.post("/taught-places", json=ROCK | {"replaces": made["id"]}), 409, "already-taught")
    assert late["taught"]["id"] == replaced.json()["id"]
    assert [each["lat"] for each in first.get("/taught-places").json()["taught"]] == [34.52]


def test_two_at_the_same_moment_leave_one(one: World) -> None:
    clients = [one.signed_in(Role.OFFICER) for _ in range(6)]
    answers: list[int] = []

    def go(client: httpx.Client, at: int) -> None:
        answers.append(client.post("/taught-places", json=ROCK | {"lat": 34.50 + at / 1000}).status_code)

    threads = [threading.Thread(target=go, args=(client, at)) for at, client in enumerate(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201, 409, 409, 409, 409, 409]


def test_without_the_sessions_token_nothing_is_taught_or_taken_back(one: World) -> None:
    officer = one.signed_in(Role.OFFICER)
    made = officer.post("/taught-places", json=ROCK).json()
    for token in ("", "wrong"):
        officer.headers["X-CSRF-Token"] = token
        problem(officer.post("/taught-places", json=ROCK | {"name": "かっぱ淵"}), 403, "csrf")
        problem(officer.delete(f"/taught-places/{made['id']}"), 403, "csrf")
    assert len(officer.get("/taught-places").json()["taught"]) == 1


def test_an_officer_of_another_municipality_is_refused(one: World) -> None:
    made = one.signed_in(Role.OFFICER).post("/taught-places", json=ROCK).json()
    with one.services.database.transaction() as conn:
        access.create_user(conn, "kure", PASSWORD, Role.OFFICER, "34202")
        access.create_user(conn, "fukuyama", PASSWORD, Role.OFFICER, "34207")
        access.create_user(conn, "hiroshima", PASSWORD, Role.OFFICER, "34")
    for name, status in (("kure", 403), ("fukuyama", 201), ("hiroshima", 201)):
        client = one.client()
        signed = client.post(
            "/signin", data={"name": name, "password": PASSWORD}, headers={"Accept": "application/json"}
        )
        client.headers["X-CSRF-Token"] = signed.json()["csrf"]
        answer = client.post("/taught-places", json=ROCK | {"name": f"{name}の岩"})
        assert answer.status_code == status, answer.text
        if status == 403:
            assert "担当する市区町村" in answer.json()["detail"]
            assert client.delete(f"/taught-places/{made['id']}").status_code == 403


def test_who_teaches_too_fast_waits(
    database: Database, database_url: str, site: Site, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teaching, "TEACHINGS_PER_MINUTE", 2)
    limited = services_for(database, database_url, tmp_path, Limiter(lambda: 0.0))
    with running(limited, site) as world:
        officer = world.signed_in(Role.OFFICER)
        assert officer.post("/taught-places", json=ROCK).status_code == 201
        assert officer.delete(f"/taught-places/{uuid4()}").status_code == 404
        waits = officer.post("/taught-places", json=ROCK | {"name": "かっぱ淵"})
        problem(waits, 429, "too-many-requests")
        assert int(waits.headers["Retry-After"]) > 0


def test_names_and_accounts_stand_in_no_log_and_no_metric(one: World) -> None:
    officer = one.signed_in(Role.OFFICER)
    with capture_logs() as logged:
        officer.post("/taught-places", json=ROCK | {"name": "ないしょ岩"})
        officer.post("/taught-places", json=ROCK | {"name": "ないしょ岩", "lat": 34.51})
    said = repr(logged)
    metrics = one.client().get("/metrics").text
    for secret in ("ないしょ", "officer-"):
        assert secret not in said
        assert secret not in metrics
