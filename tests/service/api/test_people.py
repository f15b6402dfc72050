"""Organizations, their people, and what they share."""

import httpx
import pytest
from sqlalchemy import text

from service.access import Role
from service.commands.work import follow_agreements
from service.store import access as accounts
from service.store import ledger
from tests.service.api.listening import events, fetch
from tests.service.api.test_stream import read_until
from tests.service.api.world import PASSWORD, World, report

FUKUYAMA, KURE, OKAYAMA = "34207", "34202", "33"
AREA = {"type": "Polygon", "coordinates": [[[133.2, 34.4], [133.3, 34.4], [133.3, 34.5], [133.2, 34.4]]]}


def organization(client: httpx.Client, code: str) -> str:
    found = client.get("/organizations").json()["organizations"]
    return next(str(one["id"]) for one in found if one["code"] == code and one["kind"] != "brigade")


def enter(world: World, name: str, password: str) -> httpx.Response:
    headers = {"Accept": "application/json"}
    return world.client().post("/signin", data={"name": name, "password": password}, headers=headers)


def kinds(world: World) -> list[str]:
    with world.services.database.transaction() as conn:
        return list(conn.execute(text("SELECT kind FROM actions ORDER BY id")).scalars())


def test_an_administrator_makes_changes_disables_and_resets_its_own_people(world: World) -> None:
    boss = world.signed_in(Role.ADMINISTRATOR, FUKUYAMA)
    town = organization(boss, FUKUYAMA)
    made = boss.post("/people", json={"name": "消防 花子", "role": "officer", "organization": town})
    assert made.status_code == 201, made.text
    person, password = made.json()["id"], made.json()["password"]
    assert enter(world, "消防 花子", password).json()["role"] == "officer"
    again = boss.post("/people", json={"name": "消防 花子", "role": "viewer", "organization": town})
    assert again.json()["type"] == "/problems/name-taken"
    assert boss.patch(f"/people/{person}", json={"role": "commander"}).json()["role"] == "commander"
    reset = boss.post(f"/people/{person}/password").json()["password"]
    assert enter(world, "消防 花子", password).status_code == 401
    client = world.client()
    assert client.post("/signin", data={"name": "消防 花子", "password": reset}).status_code == 303
    assert boss.post(f"/people/{person}/signout").status_code == 204
    assert client.get("/me").status_code == 401
    assert boss.patch(f"/people/{person}", json={"disabled": True}).json()["disabled"] is True
    assert enter(world, "消防 花子", reset).status_code == 401
    assert boss.patch(f"/people/{person}", json={"disabled": False}).status_code == 200
    assert enter(world, "消防 花子", reset).status_code == 200
    names = {one["name"] for one in boss.get("/people").json()["people"]}
    assert names == {"消防 花子", boss.get("/me").json()["name"]}
    recorded = "create", "change", "password", "signout", "change", "change"
    assert kinds(world) == [f"people.{deed}" for deed in recorded]


def test_nobody_reaches_over_the_own_organization(world: World) -> None:
    boss = world.signed_in(Role.ADMINISTRATOR, FUKUYAMA)
    world.user("kure", Role.OFFICER, KURE)
    world.user("whole", Role.ADMINISTRATOR)
    town, other = organization(boss, FUKUYAMA), organization(boss, KURE)
    for given in (other, None):
        asked = {"name": "x", "role": "officer", "organization": given}
        assert boss.post("/people", json=asked).status_code == 403
    with world.services.database.transaction() as conn:
        foreign = [accounts.user(conn, name) for name in ("kure", "whole")]
    for person in foreign:
        assert person is not None
        assert boss.patch(f"/people/{person.id}", json={"role": "viewer"}).status_code == 404
        assert boss.post(f"/people/{person.id}/password").status_code == 404
    mine = next(one["id"] for one in boss.get("/people").json()["people"])
    assert boss.patch(f"/people/{mine}", json={"role": "viewer"}).status_code == 403
    assert boss.post("/organizations", json={"code": KURE, "brigade": "x"}).status_code == 403
    for nowhere in ("99999", "00000", "34999"):
        assert boss.post("/organizations", json={"code": nowhere}).status_code == 400
    prefecture = world.signed_in(Role.ADMINISTRATOR, "34")
    asked = {"name": "prefecture made me", "role": "officer", "organization": town}
    assert prefecture.post("/people", json=asked).status_code == 201
    assert prefecture.post("/people", json={**asked, "name": "y", "organization": None}).status_code == 403
    del boss.headers["X-CSRF-Token"]
    assert boss.post("/people", json=asked).json()["type"] == "/problems/csrf"


def test_a_brigade_has_an_area_and_people_who_look_on(world: World) -> None:
    boss = world.signed_in(Role.ADMINISTRATOR, FUKUYAMA)
    asked = {"code": FUKUYAMA, "brigade": "松永分団", "area": AREA}
    made = boss.post("/organizations", json=asked)
    assert made.status_code == 201, made.text
    assert boss.post("/organizations", json=asked).json()["type"] == "/problems/name-taken"
    [brigade] = [
        one for one in boss.get("/organizations").json()["organizations"] if one["kind"] == "brigade"
    ]
    assert brigade["area"]["type"] == "MultiPolygon"
    person = {"name": "団員", "role": "officer", "organization": brigade["id"]}
    assert boss.post("/people", json=person).status_code == 400
    assert boss.post("/people", json={**person, "role": "viewer"}).status_code == 201
    crossed = [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]
    address = f"/organizations/{brigade['id']}"
    for coordinates in (crossed, "x", [], [[[1, 2]]], [[[200, 0], [201, 0], [201, 1], [200, 0]]], None):
        wrong = {"type": "Polygon", "coordinates": coordinates}
        answer = boss.patch(address, json={"area": wrong})
        assert answer.status_code == 400, answer.text
    assert boss.patch(address, json={"area": {"type": "Point", "coordinates": [1, 2]}}).status_code == 400
    assert boss.patch(address, json={"name": "松永", "area": None}).status_code == 204


def test_areas_of_a_gis_are_taken_and_faults_say_what_to_do(world: World) -> None:
    boss = world.signed_in(Role.ADMINISTRATOR, FUKUYAMA)
    made = boss.post("/organizations", json={"code": FUKUYAMA, "brigade": "松永分団"}).json()["id"]
    address = f"/organizations/{made}"
    high = [[[133.2, 34.4, 5], [133.3, 34.4, 5], [133.3, 34.5, 5], [133.2, 34.4, 5]]]
    beside = [[[133.2, 34.4], [133.3, 34.5], [133.2, 34.5], [133.2, 34.4]]]
    joined = {"type": "MultiPolygon", "coordinates": [high, beside]}
    assert boss.patch(address, json={"area": {"type": "Polygon", "coordinates": high}}).status_code == 204
    assert boss.patch(address, json={"area": joined}).status_code == 204, "parts that share a border"
    crossed = [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]
    for coordinates, words in (
        (crossed, "交わっています"),
        ([[[9000, 1], [9001, 1], [9001, 2], [9000, 1]]], "経度・緯度の範囲の外"),
        ([], "面（PolygonかMultiPolygon）"),
    ):
        wrong = {"type": "Polygon", "coordinates": coordinates}
        [fault] = boss.patch(address, json={"area": wrong}).json()["errors"]
        assert (fault["field"], words in fault["message"]) == ("area", True), fault


def test_the_map_s_layer_draws_the_brigades_of_the_reader_s_own_municipalities(world: World) -> None:
    boss = world.signed_in(Role.ADMINISTRATOR, FUKUYAMA)
    asked = {"code": FUKUYAMA, "brigade": "松永分団", "area": AREA}
    assert boss.post("/organizations", json=asked).status_code == 201
    assert boss.post("/organizations", json={"code": FUKUYAMA, "brigade": "区域なし"}).status_code == 201
    for code, names in ((FUKUYAMA, ["松永分団"]), ("34", ["松永分団"]), (KURE, []), (OKAYAMA, [])):
        answer = world.signed_in(Role.VIEWER, code).get("/brigades.geojson")
        features = answer.json()["features"]
        assert [one["properties"]["name"] for one in features] == names
        assert {one["geometry"]["type"] for one in features} <= {"MultiPolygon"}


def test_signing_out_everywhere_ends_every_session(world: World) -> None:
    first = world.signed_in(Role.OFFICER, FUKUYAMA)
    name = first.get("/me").json()["name"]
    second = world.client()
    assert second.post("/signin", data={"name": name, "password": PASSWORD}).status_code == 303
    assert first.delete("/me/sessions").status_code == 204
    assert first.get("/me").status_code == second.get("/me").status_code == 401


def test_one_incident_is_shared_and_reaches_the_other_side_s_stream(world: World) -> None:
    report(world.services, "one")
    world.user("kure", Role.OFFICER, KURE)
    officer, other = world.signed_in(Role.OFFICER, FUKUYAMA), world.signed_in(Role.OFFICER, KURE)
    [incident] = fetch(officer)[1]
    shares = f"/incidents/{incident}/shares"
    with other.stream("GET", "/stream") as answer:
        arriving = events(answer)
        next(arriving)
        told = officer.post(shares, json={"code": KURE}).json()
        assert told == {"shared": [{"code": KURE, "standing": False}]}
        change = next(one for one in arriving if one.name == "change")
    assert change.data["feature"]["id"] == incident
    assert other.get(f"/incidents/{incident}/reports").status_code == 403, "words stay at home"
    assert other.post(shares, json={"code": "34"}).status_code == 403
    assert officer.post(shares, json={"code": "13"}).status_code == 400
    report(world.services, "two")
    assert fetch(other)[1][incident]["properties"]["report_count"] == 2, "it stays shared"
    assert officer.delete(f"{shares}/{KURE}").json() == {"shared": []}
    assert fetch(other)[1] == {}
    assert kinds(world) == ["incident.share", "incident.unshare"]


def test_an_agreement_shows_what_is_and_what_comes_until_it_ends(world: World) -> None:
    report(world.services, "one")
    world.user("kure", Role.OFFICER, KURE)
    boss, other = world.signed_in(Role.ADMINISTRATOR, FUKUYAMA), world.signed_in(Role.ADMINISTRATOR, KURE)
    mine, theirs = organization(boss, FUKUYAMA), organization(boss, KURE)
    assert other.post("/shares", json={"owner": mine, "receiver": theirs}).status_code == 403
    made = boss.post("/shares", json={"owner": mine, "receiver": theirs})
    assert made.status_code == 201, made.text
    report(world.services, "two", lat=34.6)
    assert len(fetch(other)[1]) == 2
    [first, second] = fetch(boss)[1]
    assert boss.post(f"/incidents/{first}/shares", json={"code": KURE}).status_code == 200
    assert other.get("/shares").json()["shares"] == boss.get("/shares").json()["shares"] == [made.json()]
    seq = fetch(other)[0]
    assert other.delete(f"/shares/{made.json()['id']}").status_code == 404
    assert boss.delete(f"/shares/{made.json()['id']}").status_code == 204
    assert list(fetch(other)[1]) == [first], "what was shared by itself stays"
    gone = read_until(other, seq, seq + 1)[0]
    assert (gone.data["removed"], gone.data["feature"]["id"]) == (True, second)
    report(world.services, "three", lat=34.8)
    assert list(fetch(other)[1]) == [first]


def test_a_share_that_ended_while_the_api_died_is_taken_back_by_the_worker(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    report(world.services, "one")
    boss, other = world.signed_in(Role.ADMINISTRATOR, FUKUYAMA), world.signed_in(Role.ADMINISTRATOR, KURE)
    agreed = {"owner": organization(boss, FUKUYAMA), "receiver": organization(boss, KURE)}
    made = boss.post("/shares", json=agreed).json()
    assert len(fetch(other)[1]) == 1

    def died(*_: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "write", died)
        assert boss.delete(f"/shares/{made['id']}").status_code == 500
    assert boss.get("/shares").json()["shares"] == []
    follow_agreements(world.services.database)
    assert fetch(other)[1] == {}
