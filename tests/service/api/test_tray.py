"""The tray over HTTP: what lies in it for whom, placing by hand, pulling in, settling, undoing."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from geo.place import Level
from service.access import Role
from service.api.pages import Site
from service.api.services import Services
from service.store import places
from tests.service.api.desks import JSON, of_both, problem, said, somebody_of
from tests.service.api.test_taught import square
from tests.service.api.world import World, report, running

UNPLACED: dict[str, Any] = {
    "lat": None,
    "lon": None,
    "radius_m": None,
    "level": Level.MUNICIPALITY,
    "home": "34207",
}
HERE = {"ordinals": [0], "lat": 34.5, "lon": 133.35, "radius_m": 50}


@pytest.fixture
def one(services: Services, site: Site) -> Iterator[World]:
    with services.database.transaction() as conn:
        places.load_municipalities(conn, [square("34207", 133.3, 133.4), square("34202", 132.5, 132.6)])
    with running(services, site) as made:
        report(services, "one", **UNPLACED)
        yield made


def items(client: Any, tab: str = "unplaced") -> list[JSON]:
    found: list[JSON] = client.get("/tray", params={"tab": tab}).json()["items"]
    return found


def test_the_tray_shows_what_was_understood_and_the_words_to_its_own_only(one: World) -> None:
    ours, theirs, prefecture = of_both(one)
    [item] = items(ours)
    assert item["text"] == "松永町で道路が冠水しています"
    [seen] = item["observations"]
    assert (seen["type_ja"], seen["status_ja"], seen["on_map"]) == ("道路冠水", "発生中", False)
    assert seen["evidence"][0]["label"] == "松永町"
    assert UUID(seen["incident"])
    assert ours.get("/tray/count").json() == {"waiting": 1, "urgent": 0}
    assert [each["id"] for each in items(prefecture)] == [item["id"]]
    assert items(theirs) == []
    assert theirs.get("/tray/count").json() == {"waiting": 0, "urgent": 0}
    for deed, body in (("place", HERE), ("pull", {"type": "fire"}), ("settle", {})):
        problem(theirs.post(f"/tray/{item['id']}/{deed}", json=body), 404, "not-found")


def test_placing_this_report_puts_a_pin_and_undoing_takes_it_away(one: World) -> None:
    officer = somebody_of(one, "34207")
    [item] = items(officer)
    done = officer.post(f"/tray/{item['id']}/place", json=HERE)
    assert done.status_code == 200, done.text
    body = done.json()
    feature = officer.get(f"/collections/incidents/items/{body['incident']}").json()
    assert feature["geometry"]["coordinates"] == [133.35, 34.5]
    assert items(officer) == []
    assert officer.get("/taught-places").json() == {"taught": []}
    problem(officer.post(f"/tray/{item['id']}/place", json=HERE), 409, "changed-since")
    [action] = body["actions"]
    assert officer.post(f"/tray/deeds/{action}/undo").status_code == 200
    assert [each["id"] for each in items(officer)] == [item["id"]]
    problem(officer.post(f"/tray/deeds/{action}/undo"), 409, "changed-since")
    problem(officer.post(f"/tray/deeds/{action + 1}/undo"), 404, "not-found")
    problem(officer.post("/tray/deeds/999999999999999999999/undo"), 404, "not-found")


def test_a_point_across_the_border_is_asked_back_and_its_placer_may_take_it_back(one: World) -> None:
    officer, theirs, _ = of_both(one)
    [item] = items(officer)
    there = HERE | {"lon": 132.55}
    asked = problem(officer.post(f"/tray/{item['id']}/place", json=there), 409, "outside-municipality")
    assert "福山市の境から" in asked["detail"]
    done = officer.post(f"/tray/{item['id']}/place", json=there | {"outside": True}).json()
    assert officer.get(f"/collections/incidents/items/{done['incident']}").status_code == 404
    feature = theirs.get(f"/collections/incidents/items/{done['incident']}").json()
    assert feature["properties"]["municipality"] == "34202"
    [action] = done["actions"]
    assert officer.post(f"/tray/deeds/{action}/undo").status_code == 200
    assert len(items(officer)) == 1


def test_what_was_read_as_no_report_can_be_looked_at_and_pulled_in(one: World) -> None:
    officer = somebody_of(one, "34207")
    report_id = said(one.services, "chat", "お疲れさまです。橋のところ、やばいかも", relevant=False)
    [item] = items(officer, "irrelevant")
    assert (item["id"], item["text"]) == (str(report_id), "お疲れさまです。橋のところ、やばいかも")
    assert item["observations"] == []
    problem(officer.post(f"/tray/{report_id}/pull", json={"type": "chat"}), 400, "invalid-input")
    done = officer.post(
        f"/tray/{report_id}/pull", json={"type": "river_overflow", "status": "feared", "urgent": True}
    ).json()
    assert items(officer, "irrelevant") == []
    assert items(officer)[0]["id"] == str(report_id), "urgent comes first"
    feature = officer.get(f"/collections/incidents/items/{done['incident']}").json()
    assert feature["properties"]["type_ja"] == "越水・氾濫"
    assert feature["geometry"] is None
    [action] = done["actions"]
    assert officer.post(f"/tray/deeds/{action}/undo").status_code == 200
    assert officer.get(f"/collections/incidents/items/{done['incident']}").status_code == 404


def test_settled_ones_stay_to_be_seen(one: World) -> None:
    officer = somebody_of(one, "34207")
    [item] = items(officer)
    done = officer.post(f"/tray/{item['id']}/settle", json={"reason": "市内全域のこと"})
    assert done.status_code == 200
    assert items(officer) == []
    [settled] = items(officer, "settled")
    assert settled["settled_at"].endswith("+09:00")


def test_bad_input_is_said_in_words_and_csrf_is_asked_for(one: World) -> None:
    officer = somebody_of(one, "34207")
    [item] = items(officer)
    address = f"/tray/{item['id']}/place"
    for wrong in (
        HERE | {"lat": 91},
        HERE | {"ordinals": []},
        HERE | {"ordinals": [9]},
        HERE | {"radius_m": 1},
        {"lat": 1},
    ):
        problem(officer.post(address, json=wrong), 400, "invalid-input")
    problem(officer.get("/tray", params={"after": "x"}), 400, "invalid-input")
    problem(officer.get("/tray", params={"tab": "all"}), 400, "invalid-input")
    officer.headers["X-CSRF-Token"] = "invented"
    problem(officer.post(address, json=HERE), 403, "csrf")


def test_the_page_is_for_officers(one: World) -> None:
    html = {"Accept": "text/html"}
    page = somebody_of(one, "34207").get("/tray", headers=html)
    assert page.status_code == 200
    assert "text/html" in page.headers["content-type"]
    assert somebody_of(one, "34207", Role.VIEWER).get("/tray", headers=html).status_code == 403
    away = one.client().get("/tray", headers=html)
    assert (away.status_code, away.headers["location"]) == (303, "/signin?next=/tray")
