"""Health, readiness with remedies, metrics, and that none of them tells words."""

import json
import logging

import pytest

from geo.place import Level, Place
from service.access import Permission
from service.store import places, workers
from service.store.sources import SourceInfo
from tests.service.api.world import World, real_logs, report

TOWN = Place("1", "松永町", "", "town", Level.TOWN, "34207", 34.4479, 133.2556, 700.0, "towns")


def test_a_new_service_is_alive_but_not_ready(world: World) -> None:
    client = world.client()
    assert client.get("/healthz").json() == {"status": "ok"}
    answer = client.get("/readyz")
    assert answer.status_code == 503
    found = {check["name"]: check for check in answer.json()["checks"]}
    assert {name: check["ok"] for name, check in found.items()} == {
        "database": True, "migrations": True, "gazetteer": False, "columns": True, "worker": False,
    }  # fmt: skip
    assert "hansho work" in found["worker"]["remedy"]
    assert found["database"]["remedy"] == ""


def test_with_a_worker_and_places_it_is_ready(world: World) -> None:
    database = world.services.database
    with database.transaction() as conn:
        places.load(conn, SourceInfo("towns", "c", "CC0", "2026-01-01"), [TOWN])
    with workers.register(database, "test"):
        answer = world.client().get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)


def test_metrics_count_and_name_routes_by_template(world: World) -> None:
    report(world.services, "one")
    reader = world.reader()
    [found] = reader.get("/collections/incidents/items").json()["features"]
    reader.get(f"/collections/incidents/items/{found['id']}?bbox=CANARY")
    text = world.client().get("/metrics").text
    assert 'hansho_inbox{state="done"} 1.0' in text
    assert "hansho_changes_seq 1.0" in text
    assert "hansho_accepted 1.0" in text
    assert 'route="/collections/incidents/items/{incident_id}",status="400"' in text.replace(
        "method", ""
    ).replace('="GET",', "")
    assert found["id"] not in text
    assert "CANARY" not in text


def test_metrics_from_elsewhere_need_a_key(world: World) -> None:
    elsewhere = {"X-Forwarded-For": "192.0.2.7"}
    assert world.client().get("/metrics", headers=elsewhere).status_code == 401
    assert world.reader().get("/metrics", headers=elsewhere).status_code == 403
    keyed = world.client(world.key(Permission.READ_METRICS))
    assert keyed.get("/metrics", headers=elsewhere).status_code == 200


def test_logs_are_json_lines_without_words(capsys: pytest.CaptureFixture[str]) -> None:
    with real_logs():
        try:
            raise ValueError("CANARY")  # noqa: TRY301 -- logged where it is caught
        except ValueError:
            logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    [line] = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["event"], told["failure"], told["level"]) == (
        "Exception in ASGI application",
        "ValueError",
        "error",
    )
    assert "test_ops.py" in told["frames"][0]
    assert "CANARY" not in line
