"""A worker that learns, and what its tests look at."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from service.pipeline import Pipeline
from service.refresh import Refresh
from service.report import EVERYTHING, Incident, Message
from service.store import changes, inbox, incidents, taught
from service.store.database import Database
from service.store.incidents import IncidentQuery
from service.store.taught import Lesson, TaughtPlace
from service.worker import Worker

FUKUYAMA, ONOMICHI = "34207", "34205"
ROCK = (34.5021, 133.3377)
WITHIN_S = 20.0


def message(key: str, words: str, code: str | None = FUKUYAMA, **given: Any) -> Message:
    ago = given.pop("ago", timedelta())
    return Message("test", key, words, datetime.now(UTC) - ago, sender_municipality=code, **given)


def put(database: Database, *messages: Message) -> None:
    with database.transaction() as conn:
        inbox.put_many(conn, messages)


def lesson(name: str = "天狗淵", code: str = FUKUYAMA, at: tuple[float, float] = ROCK) -> Lesson:
    return Lesson(code, name, *at, 50.0)


def teach(database: Database, given: Lesson | None = None, by: str = "officer", **how: Any) -> TaughtPlace:
    given = given or lesson()
    with database.transaction() as conn:
        return taught.teach(conn, given, by, how.pop("codes", [given.municipality]), **how)


def take_back(database: Database, taught_id: UUID) -> None:
    with database.transaction() as conn:
        assert taught.take_back(conn, taught_id, "officer") is not None


@contextmanager
def at_work(database: Database, pipeline: Pipeline) -> Iterator[Worker]:
    """A worker that follows the gazetteer; the shared pipeline forgets what it learned afterwards."""
    worker = Worker(database, pipeline, name="test", batch=16, refresh=Refresh(pipeline, database))
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(WITHIN_S)
        pipeline.renew({}, {}, None)
        assert not thread.is_alive()


def until(true: Callable[[], bool], seconds: float = WITHIN_S) -> float:
    """Seconds until it is true."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() < began + seconds, "it did not happen in time"
        time.sleep(0.02)
    return time.monotonic() - began


def idle(database: Database) -> bool:
    """Whether nothing waits, neither to be read nor to be located again."""
    with database.transaction() as conn:
        waiting: int = conn.execute(
            text(
                "SELECT (SELECT count(*) FROM inbox WHERE state = 'waiting') + "
                "(SELECT count(*) FROM relocations WHERE state IN ('waiting', 'undoing'))"
            )
        ).scalar_one()
    return waiting == 0


def situation(database: Database) -> dict[UUID, Incident]:
    with database.transaction() as conn:
        return {
            one.id: one for one in incidents.page(conn, IncidentQuery(limit=10_000), EVERYTHING).incidents
        }


def replayed(database: Database) -> dict[UUID, Incident]:
    """What somebody knows who has followed every change from the first."""
    state: dict[UUID, Incident] = {}
    with database.transaction() as conn:
        for change in changes.since(conn, 0, 100_000, EVERYTHING):
            if change.removed:
                state.pop(change.incident.id)
            else:
                state[change.incident.id] = change.incident
    return state


def readings(database: Database) -> list[dict[str, Any]]:
    """Every reading to the letter, but not when it was moved."""
    with database.transaction() as conn:
        rows = conn.execute(text("SELECT to_jsonb(r) FROM readings r ORDER BY report_id, ordinal")).scalars()
        return list(rows)


def relocations(database: Database) -> Sequence[str]:
    with database.transaction() as conn:
        return list(conn.execute(text("SELECT state FROM relocations ORDER BY id")).scalars())
