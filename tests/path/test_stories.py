"""Whole-path stories: messages in, pins out, through the real reader, gazetteer and PostGIS.

stories.jsonl is the data: `messages` (text, from = sender's municipality, minutes after the first, lat, lon,
drill, key) and the `incidents` that must be all there is; `near` is lat, lon and metres.
"""

import json
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest

from geo.place import Position
from geo.sphere import metres_between
from service.fuse import Fusing
from service.pipeline import Pipeline
from service.report import EVERYTHING, Incident, Message
from service.store import inbox, incidents, save, workers
from service.store.database import Database
from service.store.incidents import IncidentQuery

STORIES = [
    json.loads(line)
    for line in (files("tests.path") / "stories.jsonl").read_text(encoding="utf-8").splitlines()
]
FIRST = datetime(2026, 7, 10, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("story", STORIES, ids=[story["story"] for story in STORIES])
def test_story(story: dict[str, Any], pipeline: Pipeline, database: Database) -> None:
    messages = [message(number, row) for number, row in enumerate(story["messages"])]
    shown = told(messages, pipeline, database)
    expected = story["incidents"]
    summary = [(each.type.value, each.status.value, each.place_text, each.municipality) for each in shown]
    assert len(shown) == len(expected), summary
    for want in expected:
        assert any(fits(each, want) for each in shown), (want, summary)


def message(number: int, row: dict[str, Any]) -> Message:
    position = Position(row["lat"], row["lon"], 10.0) if "lat" in row else None
    return Message(
        "file",
        row.get("key", f"story-{number}"),
        row["text"],
        FIRST + timedelta(minutes=row.get("minutes", 0)),
        sender_municipality=row["from"],
        position=position,
        drill=row.get("drill", False),
    )


def told(messages: list[Message], pipeline: Pipeline, database: Database) -> tuple[Incident, ...]:
    """Every incident after the messages were accepted, claimed, read, located, fused and saved."""
    with database.transaction() as conn:
        inbox.put_many(conn, messages)
    with workers.register(database, "story") as lease:
        with database.transaction() as conn:
            claimed = inbox.claim(conn, lease.id, 64)
        with database.transaction() as conn:
            save.save(conn, pipeline.process(claimed), Fusing())
    with database.transaction() as conn:
        return incidents.page(conn, IncidentQuery(limit=100), EVERYTHING).incidents


def fits(incident: Incident, want: dict[str, Any]) -> bool:
    """Whether the incident is what the story says of it."""
    for name, value in want.items():
        if name == "near":
            lat, lon, limit = value
            if incident.lat is None or incident.lon is None:
                return False
            if metres_between(incident.lat, incident.lon, lat, lon) > limit:
                return False
        elif name == "unplaced":
            if (incident.lat is None) is not value:
                return False
        elif name == "people":
            if any(incident.people.get(kind) != number for kind, number in value.items()):
                return False
        elif getattr(incident, name) != value:
            return False
    return True
