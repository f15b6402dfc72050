"""The board over HTTP: what it is made of, who sees whose, what officers write on it."""

from datetime import timedelta

import httpx
import pytest
from shapely.geometry import Point, shape
from sqlalchemy import text

from geo.place import Level, Place
from nlp.reading import DamageType, Status
from service.access import Permission, Role
from service.evacuation.times import jst
from service.report import Verification
from service.store import places
from service.store.sources import SourceInfo
from tests.service.api.evacuation.conftest import Clock, flood
from tests.service.api.world import World
from tests.service.evacuation.town import (
    CODE,
    OTHER,
    SOUTH,
    STEP,
    WEST,
    Json,
    count_line,
    person,
    unit,
    verify,
)

BOARD = "/evacuation/board"


def board(client: httpx.Client, query: str = "") -> Json:
    answer = client.get(f"{BOARD}{query}")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def line_id(client: httpx.Client) -> str:
    return str(client.get("/evacuation/criteria").json()["criteria"][0]["id"])


def test_without_units_the_towns_make_them(town: World, officer: httpx.Client) -> None:
    found = board(officer)
    assert found["automatic"]
    assert [one["name"] for one in found["units"]] == ["東町", "西町"]
    shapes = officer.get("/evacuation/units.geojson").json()
    assert shapes["edition"] == found["edition"] == 1
    assert {one["properties"]["source"] for one in shapes["features"]} == {"大字・町の代表点から自動作成"}
    assert board(person(town, Role.VIEWER))["version"] == found["version"]


def test_a_chome_lies_in_its_towns_unit_and_alone_makes_one(town: World, officer: httpx.Client) -> None:
    lat, far, alone = SOUTH + STEP / 2, WEST + 0.01, WEST + 0.05
    rows = [
        Place(f"chome:{name}", name, "", "chome", Level.CHOME, CODE, lat, lon, 200.0, "")
        for name, lon in (("東町一丁目", far), ("栄町二丁目", alone))
    ]
    with town.services.database.transaction() as conn:
        places.load(conn, SourceInfo("chome", "x", "test", "2026"), rows)
    assert [one["name"] for one in board(officer)["units"]] == ["東町", "栄町", "西町"]
    shapes = officer.get("/evacuation/units.geojson").json()["features"]
    there = {
        lon: [one["properties"]["name"] for one in shapes if shape(one["geometry"]).covers(Point(lon, lat))]
        for lon in (far, alone)
    }
    assert there == {far: ["東町"], alone: ["栄町"]}


def test_a_unit_tells_what_is_known_of_it(ready: World, officer: httpx.Client, clock: Clock) -> None:
    found = board(officer)
    first, second = unit(found, "u0"), unit(found, "u1")
    assert found["units"][0]["code"] == "u0"
    assert (first["advised"], len(first["undecided"]), first["level"]) == (4, 1, None)
    assert first["lines"][0]["evidence"] == first["inside"]
    assert found["incidents"][first["inside"][0]]["verified"] is True
    assert first["reports"]["received"] == 1
    assert [one["name"] for one in first["shelters"]] == ["松永小学校"]
    assert first["shelters"][0]["disasters"] == ["洪水"]
    assert second["reports"]["state"] == "silent"
    assert found["summary"]["undecided"] == 1
    assert found["at"] == jst(clock.now)
    assert "発令・伝達は行いません" in found["advice"]


def test_an_uncertain_place_reaches_its_neighbours(ready: World, officer: httpx.Client) -> None:
    flood(ready, "wide", 1, radius_m=2000.0, type=DamageType.LANDSLIDE)
    found = board(officer)
    [wide] = unit(found, "u1")["inside"]
    assert wide in unit(found, "u0")["near"]
    assert wide in unit(found, "u2")["near"]
    assert wide not in unit(found, "u0")["inside"]


def test_what_has_no_place_or_no_unit_is_counted(ready: World, officer: httpx.Client) -> None:
    flood(ready, "tray", 0, lat=None, lon=None, radius_m=None)
    flood(ready, "outside", 4)
    flood(ready, "hoax", 2)
    found = board(officer)
    assert found["unplaced"] == 1
    assert len(found["outside"]) == 1
    [hoax] = unit(found, "u2")["inside"]
    with ready.services.database.transaction() as conn:
        [hoax_id] = conn.execute(text("SELECT id FROM incidents WHERE id::text = :id"), {"id": hoax}).one()
    verify(ready.services.database, hoax_id, to=Verification.REJECTED)
    assert unit(board(officer), "u2")["inside"] == []


def test_a_drill_has_a_board_of_its_own(ready: World, officer: httpx.Client) -> None:
    flood(ready, "drill", 1, drill=True)
    real, drill = board(officer), board(officer, "?drill=true")
    assert unit(real, "u1")["inside"] == []
    assert (unit(drill, "u0")["inside"], len(unit(drill, "u1")["inside"])) == ([], 1)
    assert (real["other_mode"], drill["other_mode"]) == (1, 1)
    call = {"municipality": CODE, "unit": "u2", "reporter": "第2分団", "drill": True}
    assert officer.post("/evacuation/calls", json=call).status_code == 200
    assert unit(board(officer), "u2")["reports"]["received"] == 0
    assert unit(board(officer, "?drill=true"), "u2")["reports"]["received"] == 1


def test_a_neighbour_sees_nothing_and_the_prefecture_sees_all(ready: World) -> None:
    neighbour, prefecture = person(ready, Role.COMMANDER, OTHER), person(ready, Role.COMMANDER, "34")
    elsewhere = person(ready, Role.VIEWER, "33")
    for path in ("board", "units.geojson", "criteria", "decisions"):
        address = f"/evacuation/{path}?municipality={CODE}"
        assert neighbour.get(address).status_code == 403
        assert elsewhere.get(address).status_code == 403
        assert prefecture.get(address).status_code == 200
    assert [one["code"] for one in neighbour.get("/evacuation/municipalities").json()["municipalities"]] == [
        OTHER
    ]
    rows = prefecture.get("/evacuation/municipalities").json()["municipalities"]
    assert {one["code"]: one["undecided"] for one in rows} == {CODE: 1, OTHER: 0}


def test_who_sees_the_whole_country_sees_where_incidents_are_before_anybody_opened_a_board(
    ready: World,
) -> None:
    flood(ready, "elsewhere", 1, municipality=OTHER, drill=True)
    nation = person(ready, Role.VIEWER, None)
    rows = nation.get("/evacuation/municipalities?drill=true").json()["municipalities"]
    assert [one["code"] for one in rows] == sorted([CODE, OTHER])


def test_only_its_own_people_write_on_a_board(ready: World, officer: httpx.Client) -> None:
    criterion = line_id(officer)
    writes = [
        (
            "PUT",
            f"/evacuation/units.geojson?municipality={CODE}&replaces=1",
            {"type": "FeatureCollection", "features": []},
        ),
        ("PUT", "/evacuation/criteria", {"municipality": CODE, "basis": "x", "criteria": []}),
        (
            "POST",
            "/evacuation/ticks",
            {"municipality": CODE, "criterion": criterion, "met": True, "reason": "x"},
        ),
        ("PUT", "/evacuation/shelters/emergency:1", {"municipality": CODE, "state": "open"}),
        ("POST", "/evacuation/calls", {"municipality": CODE, "unit": "u0", "reporter": "第1分団"}),
    ]
    strangers = [person(ready, Role.OFFICER, OTHER), person(ready, Role.COMMANDER, "34")]
    for method, path, body in writes:
        for stranger in strangers:
            assert stranger.request(method, path, json=body).status_code == 403, path
        token = officer.headers.pop("X-CSRF-Token")
        assert officer.request(method, path, json=body).json()["type"] == "/problems/csrf"
        officer.headers["X-CSRF-Token"] = token


def test_a_manual_line_is_ticked_and_taken_back(ready: World, officer: httpx.Client) -> None:
    table = officer.get("/evacuation/criteria").json()
    manual = {"hazard": "landslide", "level": 4, "text": "土砂災害危険警報", "condition": {"kind": "manual"}}
    kept = {key: table["criteria"][0][key] for key in ("id", "hazard", "level", "text", "condition")}
    body = {"municipality": CODE, "basis": table["basis"], "criteria": [kept, manual]}
    written = officer.put("/evacuation/criteria", json=body)
    assert written.status_code == 200, written.text
    assert written.json()["criteria"][0]["id"] == table["criteria"][0]["id"]
    criterion = written.json()["criteria"][1]["id"]
    tick = {"municipality": CODE, "criterion": criterion, "met": True, "reason": "11時50分発表"}
    assert officer.post("/evacuation/ticks", json=tick).status_code == 200
    assert all(criterion in one["undecided"] for one in board(officer)["units"])
    back = {**tick, "units": ["u1"], "met": False, "reason": "この地区は対象外"}
    assert officer.post("/evacuation/ticks", json=back).status_code == 200
    found = board(officer)
    assert [criterion in unit(found, code)["undecided"] for code in ("u0", "u1", "u2")] == [True, False, True]
    assert unit(found, "u2")["lines"][0]["tick"]["reason"] == "11時50分発表"
    wrong = {**tick, "criterion": kept["id"]}
    assert officer.post("/evacuation/ticks", json=wrong).json()["errors"][0]["field"] == "criterion"
    assert officer.put("/evacuation/criteria", json=body).json()["type"] == "/problems/board-changed"


@pytest.mark.parametrize("minutes", [5, -4 * 24 * 60])
def test_times_far_from_now_are_refused(
    ready: World, officer: httpx.Client, clock: Clock, minutes: int
) -> None:
    at = (clock.now + timedelta(minutes=minutes)).isoformat()
    call = {"municipality": CODE, "unit": "u1", "reporter": "第1分団", "heard_at": at}
    assert officer.post("/evacuation/calls", json=call).json()["errors"][0]["field"] == "heard_at"


def test_who_was_heard_by_radio_counts(ready: World, officer: httpx.Client, clock: Clock) -> None:
    call = {"municipality": CODE, "unit": "u1", "reporter": "第1分団", "note": "異常なし"}
    assert officer.post("/evacuation/calls", json=call).status_code == 200
    assert unit(board(officer), "u1")["reports"]["state"] == "heard"
    clock.now += timedelta(minutes=61)
    assert unit(board(officer), "u1")["reports"]["state"] == "overdue"
    assert unit(board(officer), "u2")["reports"]["state"] == "silent"


def test_shelters_are_opened_and_full(ready: World, officer: httpx.Client) -> None:
    for state, said in (("open", "開設"), ("full", "満員")):
        answer = officer.put(
            "/evacuation/shelters/emergency:1", json={"municipality": CODE, "state": state, "note": "体育館"}
        )
        assert answer.status_code == 200
        [shelter] = unit(board(officer), "u0")["shelters"]
        assert (shelter["state_ja"], shelter["note"]) == (said, "体育館")
    unknown = officer.put("/evacuation/shelters/emergency:none", json={"municipality": CODE, "state": "open"})
    assert unknown.status_code == 404
    with ready.services.database.transaction() as conn:
        kinds = conn.execute(text("SELECT kind, owner, body->>'before' FROM actions ORDER BY id")).all()
    assert [tuple(row) for row in kinds[-2:]] == [
        ("evacuation.shelter", CODE, None),
        ("evacuation.shelter", CODE, "open"),
    ]


def test_an_unverified_overflow_only_makes_the_line_unconfirmed(ready: World, officer: httpx.Client) -> None:
    flood(ready, "second", 1)
    found = unit(board(officer), "u1")
    assert (found["undecided"], found["lines"][0]["state"]) == ([], "unconfirmed")
    assert "未確認の通報を確認できれば" in found["summary"]
    assert board(officer)["summary"]["unconfirmed"] == 1
    verify(ready.services.database)
    assert len(unit(board(officer), "u1")["undecided"]) == 1


def test_a_line_with_depth_counts_quantities(ready: World, officer: httpx.Client) -> None:
    table = officer.get("/evacuation/criteria").json()
    water = {**count_line(3), "condition": {"kind": "water", "at_least_cm": 40, "verified": False}}
    body = {"municipality": CODE, "basis": table["basis"], "criteria": [water]}
    assert officer.put("/evacuation/criteria", json=body).status_code == 200
    flood(ready, "deep", 2, type=DamageType.INUNDATION, quantities=("膝",), status=Status.PRESENT)
    found = board(officer)
    assert unit(found, "u2")["advised"] == 3
    assert found["incidents"][unit(found, "u2")["inside"][0]]["depth_cm"] == 45


def test_a_key_reads_the_board_of_its_municipality(ready: World) -> None:
    reader = ready.client(ready.key(Permission.READ_INCIDENTS))
    assert reader.get(f"{BOARD}?municipality={CODE}").status_code == 200
    assert reader.get(BOARD).json()["errors"][0]["field"] == "municipality"
    assert reader.get(f"{BOARD}?municipality=99999").status_code == 400
