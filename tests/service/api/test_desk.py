"""The desk over HTTP: the queue, decisions, both versions of a conflict, and who may do nothing here."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from service import access, desk
from service.access import Role
from service.report import EVERYTHING
from service.store import actions
from service.store.access import ensure_organization
from tests.service.api.world import PASSWORD, World
from tests.service.desks import FAR, told
from tests.service.store.samples import MATSUNAGA

LAT, LON = MATSUNAGA
FAKES = 50


@pytest.fixture
def sign_in(world: World) -> Callable[..., httpx.Client]:
    def make(name: str = "職員甲", code: str | None = "34207", role: Role = Role.OFFICER) -> httpx.Client:
        with world.services.database.transaction() as conn:
            access.create_user(conn, name, PASSWORD, role, code)
        client = world.client()
        answer = client.post(
            "/signin", data={"name": name, "password": PASSWORD}, headers={"Accept": "application/json"}
        )
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        return client

    return make


def queue(client: httpx.Client, **asked: Any) -> list[dict[str, Any]]:
    answer = client.get("/desk/queue", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    found: list[dict[str, Any]] = answer.json()["queue"]
    return found


def target(entry: dict[str, Any]) -> dict[str, Any]:
    return {"id": entry["feature"]["id"], "version": entry["ruling"]["version"]}


def act(client: httpx.Client, kind: str, *entries: dict[str, Any], **given: Any) -> httpx.Response:
    body = {"kind": kind, **given}
    if entries:
        body["incidents"] = [target(one) for one in entries]
    return client.post("/desk/actions", json=body)


def whole(client: httpx.Client, entry: dict[str, Any]) -> dict[str, Any]:
    answer = client.get(f"/desk/incidents/{entry['feature']['id']}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_as_many_are_listed_as_are_asked_for(world: World, sign_in: Callable[..., httpx.Client]) -> None:
    for number in range(3):
        told(world.services.database, str(number), lat=LAT + number * FAR)
    client = sign_in()
    whole_queue = queue(client)
    assert len(whole_queue) == 3
    assert queue(client, limit=2) == whole_queue[:2]
    for wrong in (0, 1_001, "x"):
        assert client.get("/desk/queue", params={"limit": wrong}).status_code == 400


def test_the_queue_offers_what_its_filter_may_be_set_to(
    world: World, sign_in: Callable[..., httpx.Client]
) -> None:
    told(world.services.database, "a")
    told(world.services.database, "b", lat=LAT + FAR, drill=True)
    elsewhere: dict[str, Any] = {"municipality": None, "lat": None, "lon": None, "radius_m": None}
    told(world.services.database, "c", candidates=(), **elsewhere)
    client = sign_in(code=None, role=Role.ADMINISTRATOR)
    body = client.get("/desk/queue", params={"municipality": "34207", "drill": "false"}).json()
    assert (body["matched"], body["hidden"]) == (1, 2)
    assert body["choices"] == {
        "type": [{"code": "road_flooding", "count": 1}],
        "municipality": [
            {"code": "34207", "name": "福山市", "count": 1},
            {"code": "none", "name": None, "count": 1},
        ],
        "drill": [{"code": "false", "count": 1}, {"code": "true", "count": 1}],
    }
    [unknown] = queue(client, municipality="none")
    assert unknown["feature"]["properties"]["municipality"] is None
    assert client.get("/desk/queue", params={"municipality": "福山"}).status_code == 400


def test_an_incident_is_walked_through_and_everything_is_on_record(
    world: World, sign_in: Callable[..., httpx.Client]
) -> None:
    told(world.services.database, "a", "松永町で道路が冠水。助けて", urgent=True)
    client = sign_in()
    [entry] = queue(client)
    assert entry["danger"] == 1
    assert [one["ja"] for one in entry["reasons"]] == ["緊急の通報です", "通報した人は1人だけです"]
    assignees = client.get("/desk/assignees").json()["assignees"]
    assert [one["name"] for one in assignees] == ["職員甲"]
    shape = {
        "type": "Polygon",
        "coordinates": [[[LON, LAT], [LON + 0.01, LAT], [LON, LAT + 0.01], [LON, LAT]]],
    }
    for kind, given in (
        ("verify", {}),
        ("type", {"type": "inundation"}),
        ("place", {"place": {"lat": LAT, "lon": LON, "shape": shape, "place_text": "松永湾岸"}}),
        ("assign", {"assignee": {"kind": "person", "id": assignees[0]["id"]}}),
        ("status", {"status": "resolved", "reason": "排水が終わった"}),
    ):
        answer = act(client, kind, entry, **given)
        assert answer.status_code == 201, answer.text
        entry = whole(client, entry)
    properties = entry["feature"]["properties"]
    assert (properties["type"], properties["status"], properties["verification"]) == (
        "inundation",
        "resolved",
        "verified",
    )
    assert (properties["place_text"], properties["ruled"]) == ("松永湾岸", ["type", "status", "place"])
    assert properties["shape"]["type"] == "Polygon"
    assert entry["ruling"]["assigned"]["name"] == "職員甲"
    assert entry["reports"][0]["text"] == "松永町で道路が冠水。助けて"
    trail = entry["trail"]
    assert [one["kind"] for one in trail] == [
        f"desk.{kind}" for kind in ("status", "assign", "place", "type", "verify")
    ]
    assert {one["by"] for one in trail} == {"職員甲"}
    assert all(one["standing"] for one in trail)
    assert trail[0]["reason"] == "排水が終わった"
    assert queue(client) == []
    assert len(queue(client, state="closed")) == 1
    back = client.post("/desk/actions", json={"kind": "undo", "action": trail[0]["id"]})
    assert back.status_code == 201
    assert whole(client, entry)["feature"]["properties"]["status"] == "present"


def test_a_conflict_shows_both_versions_and_who_was_first(
    world: World, sign_in: Callable[..., httpx.Client]
) -> None:
    told(world.services.database, "a")
    first, second = sign_in("職員甲"), sign_in("職員乙")
    [entry] = queue(first)
    told(world.services.database, "b")  # a mere report refuses nobody
    assert act(first, "type", entry, type="inundation").status_code == 201
    answer = act(second, "type", entry, type="landslide")
    assert (answer.status_code, answer.headers["Content-Type"]) == (409, "application/problem+json")
    problem = answer.json()
    assert problem["type"] == "/problems/desk-conflict"
    assert problem["yours"]["type"] == "landslide"
    [conflict] = problem["conflicts"]
    assert conflict["theirs"]["ruling"]["type"] == "inundation"
    assert conflict["theirs"]["feature"]["properties"]["type"] == "inundation"
    assert (conflict["by"]["by"], conflict["by"]["kind"], conflict["living"]) == ("職員甲", "desk.type", True)
    [now] = queue(second)
    assert now["ruling"]["type"] == "inundation"
    assert act(second, "type", now, type="landslide").status_code == 201
    undone = first.post("/desk/actions", json={"kind": "undo", "action": conflict["by"]["id"]})
    assert (undone.status_code, undone.json()["type"]) == (409, "/problems/overtaken")
    assert undone.json()["later"]["by"] == "職員乙"


def test_merging_and_what_was_merged_away_is_a_conflict(
    world: World, sign_in: Callable[..., httpx.Client]
) -> None:
    told(world.services.database, "a")
    told(world.services.database, "b", lat=LAT + FAR / 4)
    client = sign_in()
    one, other = queue(client)
    assert [near["id"] for near in whole(client, one)["nearby"]] == [other["feature"]["id"]]
    made = act(client, "merge", other, into=target(one))
    assert made.status_code == 201, made.text
    assert [feature["id"] for feature in made.json()["incidents"]] == [one["feature"]["id"]]
    [left] = queue(client)
    assert left["feature"]["properties"]["report_count"] == 2
    [conflict] = act(client, "verify", other).json()["conflicts"]
    assert (conflict["living"], conflict["theirs"]["ruling"]["merged_into"]) == (False, one["feature"]["id"])
    reports = whole(client, left)["reports"]
    readings = [{"report": reports[1]["id"], "ordinal": 0}]
    assert act(client, "split", left, readings=readings).status_code == 201
    assert len(queue(client)) == 2


def test_fifty_fakes_stay_unconfirmed_and_one_click_removes_them(
    world: World, sign_in: Callable[..., httpx.Client]
) -> None:
    for number in range(FAKES):
        told(world.services.database, f"fake {number}", sender="U-fake", lat=LAT - number * FAR)
    told(world.services.database, "true", sender="U-true", lon=LON + 5 * FAR)
    client = sign_in()
    found = queue(client)
    assert len(found) == FAKES + 1
    assert {one["feature"]["properties"]["verification"] for one in found} == {"unverified"}
    fake = next(one for one in found if one["feature"]["geometry"]["coordinates"][0] == pytest.approx(LON))
    same = queue(client, same_sender_as=fake["feature"]["id"])
    assert len(same) == FAKES
    assert "U-fake" not in client.get("/desk/queue").text
    answer = act(client, "reject", *same, reason="同じ人からの作り話")
    assert answer.status_code == 201, answer.text
    assert answer.json()["action"]["incidents"] == FAKES
    assert len(queue(client)) == 1
    assert {one["feature"]["properties"]["verification"] for one in queue(client, state="closed")} == {
        "rejected"
    }
    back = client.post("/desk/actions", json={"kind": "undo", "action": answer.json()["action"]["id"]})
    assert back.status_code == 201
    assert len(queue(client)) == FAKES + 1
    assert whole(client, fake)["trail"][1]["reason"] == "同じ人からの作り話"


def test_other_municipalities_see_nothing_and_the_prefecture_works_on_all(
    world: World, sign_in: Callable[..., httpx.Client]
) -> None:
    told(world.services.database, "a")
    mine, neighbour, prefecture = sign_in("甲"), sign_in("乙", "34202"), sign_in("丙", "34")
    [entry] = queue(mine)
    assert queue(neighbour) == []
    assert neighbour.get(f"/desk/incidents/{entry['feature']['id']}").status_code == 404
    assert act(neighbour, "verify", entry).status_code == 404
    done = act(prefecture, "verify", entry)
    assert done.status_code == 201
    undone = neighbour.post("/desk/actions", json={"kind": "undo", "action": done.json()["action"]["id"]})
    assert undone.status_code == 404
    [record] = whole(mine, entry)["trail"]
    assert record["organization"]
    people = {one["name"] for one in neighbour.get("/desk/assignees").json()["assignees"]}
    assert people == {"乙"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "reject", "reason": ""}, "reject.reason"),
        ({"kind": "type", "type": "dragon"}, "type.type"),
        ({"kind": "place", "place": {"lat": 91, "lon": 0}}, "place.place.lat"),
        ({"kind": "place", "place": {"lat": 0, "lon": 0, "shape": {"type": "Point"}}}, "place.shape"),
        (
            {
                "kind": "place",
                "place": {
                    "lat": 0,
                    "lon": 0,
                    "shape": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
                },
            },
            "place.shape",
        ),
        ({"kind": "assign", "assignee": {"kind": "person", "id": "0" * 32}}, "assignee"),
        ({"kind": "dance"}, "body"),
    ],
    ids=["no reason", "type", "latitude", "no shape", "bow tie", "nobody", "kind"],
)
def test_what_is_wrong_is_said_by_field(
    world: World, sign_in: Callable[..., httpx.Client], body: dict[str, Any], field: str
) -> None:
    told(world.services.database, "a")
    client = sign_in()
    [entry] = queue(client)
    answer = client.post("/desk/actions", json={"incidents": [target(entry)], **body})
    assert answer.status_code == 400, answer.text
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_nothing_is_done_without_the_token_or_too_fast(
    world: World, sign_in: Callable[..., httpx.Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    told(world.services.database, "a")
    client = sign_in()
    [entry] = queue(client)
    token = client.headers.pop("X-CSRF-Token")
    assert act(client, "verify", entry).json()["type"] == "/problems/csrf"
    client.headers["X-CSRF-Token"] = token
    monkeypatch.setattr(desk, "ACTIONS_PER_MINUTE", 1)
    assert act(client, "verify", entry).status_code == 201
    slow = act(client, "reopen", entry)
    assert (slow.status_code, slow.json()["type"]) == (429, "/problems/too-many-requests")


def test_units_are_offered_to_their_municipality(world: World, sign_in: Callable[..., httpx.Client]) -> None:
    with world.services.database.transaction() as conn:
        ensure_organization(conn, "34207")
        conn.execute(
            text("INSERT INTO organizations (kind, name, code) VALUES ('brigade', '松永分団', '34207')")
        )
    told(world.services.database, "a")
    client, other = sign_in(), sign_in("乙", "34202")
    [unit] = [one for one in client.get("/desk/assignees").json()["assignees"] if one["kind"] == "unit"]
    assert unit["name"] == "松永分団"
    assert all(one["kind"] == "person" for one in other.get("/desk/assignees").json()["assignees"])
    [entry] = queue(client)
    assert act(client, "assign", entry, assignee={"kind": "unit", "id": unit["id"]}).status_code == 201
    assert whole(client, entry)["ruling"]["assigned"] == unit
    with world.services.database.transaction() as conn:
        [record] = actions.of_incident(conn, UUID(entry["feature"]["id"]), EVERYTHING)
    assert record.action.owner == "34207"
