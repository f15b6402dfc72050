"""The worker's loop on a real database: batches, a message that cannot be read, stopping, the clock."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from geo.place import Level, Place
from service.pipeline import Pipeline
from service.refresh import Refresh
from service.report import Message, ReadReport, Waiting
from service.store import inbox, places, workers
from service.store.database import Database
from service.store.sources import SourceInfo
from service.worker import Clock, Worker

POISON = "この一通だけは読めない"


class Brittle(Pipeline):
    """The real pipeline, except that one message breaks it."""

    def __init__(self, real: Pipeline) -> None:
        self._real = real

    def process(self, batch: Sequence[Waiting]) -> list[ReadReport]:
        if any(waiting.message.text == POISON for waiting in batch):
            raise RuntimeError(f"cannot read {POISON}")
        return self._real.process(batch)


def message(key: str, text: str = "熊野川町日足で停電") -> Message:
    return Message("file", key, text, datetime.now(UTC), sender_municipality="30207")


def put(database: Database, *messages: Message) -> None:
    with database.transaction() as conn:
        inbox.put_many(conn, messages)


def counts(database: Database) -> inbox.InboxCounts:
    with database.transaction() as conn:
        return inbox.counts(conn)


@contextmanager
def at_work(database: Database, pipeline: Pipeline) -> Iterator[Worker]:
    worker = Worker(database, pipeline, name="test", batch=8)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(10)
        assert not thread.is_alive()


def until(true: Callable[[], bool], seconds: float = 15.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return False


def test_one_unreadable_message_holds_up_nobody_and_is_kept(database: Database, pipeline: Pipeline) -> None:
    put(database, *(message(f"m{n}") for n in range(10)), message("poison", POISON), message("last"))
    with capture_logs() as logged, at_work(database, Brittle(pipeline)):
        assert until(lambda: counts(database).done == 11)
        assert until(lambda: any(line["event"] == "message_failed" for line in logged))
    left = counts(database)
    assert (left.waiting, left.done, left.buried) == (1, 11, 0)
    assert POISON not in repr(logged)


def test_what_failed_five_times_is_buried_without_its_words(
    database: Database, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "FIRST_RETRY", inbox.FIRST_RETRY / 1000)
    monkeypatch.setattr(inbox.fail, "__defaults__", (inbox.FIRST_RETRY,))
    put(database, message("poison", POISON))
    with at_work(database, Brittle(pipeline)):
        assert until(lambda: counts(database).buried == 1)
    with database.transaction() as conn:
        [entry] = inbox.buried(conn)
    assert entry.attempts == inbox.MAX_ATTEMPTS
    assert "RuntimeError" in entry.error
    assert POISON not in entry.error


def test_a_worker_shows_that_it_lives(database: Database, pipeline: Pipeline) -> None:
    with at_work(database, pipeline):
        put(database, message("one"))
        assert until(lambda: counts(database).done == 1)
    with database.transaction() as conn:
        seen = workers.last_seen(conn)
    assert seen is not None
    assert (datetime.now(UTC) - seen).total_seconds() < 20


def test_a_worker_whose_connection_was_cut_comes_back(database: Database, pipeline: Pipeline) -> None:
    with at_work(database, pipeline):
        put(database, message("before"))
        assert until(lambda: counts(database).done == 1)
        cut = database.connect_alone()
        cut.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        cut.close()

        def put_again() -> bool:
            try:
                put(database, message("after"))
            except (psycopg.Error, RuntimeError):
                return False
            return True

        assert until(put_again)
        assert until(lambda: counts(database).done == 2)


def test_only_one_worker_runs_the_clock(database: Database, pipeline: Pipeline) -> None:
    with at_work(database, pipeline) as first:
        assert until(first.holds_clock)
        with at_work(database, pipeline) as second:
            time.sleep(0.3)
            assert not second.holds_clock()
    assert not first.holds_clock()


def test_a_job_that_fails_stops_neither_the_clock_nor_the_others() -> None:
    ran = threading.Event()

    def bad() -> None:
        raise RuntimeError("no")

    clock = Clock(lambda: True, [("bad", 0.05, bad), ("good", 0.05, ran.set)])
    with capture_logs() as logged:
        clock.start()
        try:
            assert ran.wait(5)
            assert until(lambda: any(line["event"] == "job_failed" for line in logged), 5)
        finally:
            clock.stop()


def test_the_clock_rests_where_another_worker_runs_it() -> None:
    ran = threading.Event()
    clock = Clock(lambda: False, [("job", 0.05, ran.set)])
    clock.start()
    try:
        assert not ran.wait(0.4)
    finally:
        clock.stop()


def test_a_working_worker_reads_with_places_loaded_meanwhile(database: Database, pipeline: Pipeline) -> None:
    hall = Place("hall:1", "ぬばたま会館", "", "hall", Level.FACILITY, "30207", 33.7, 135.9, 50.0, "city")
    worker = Worker(database, pipeline, name="test", batch=8, refresh=Refresh(pipeline, database))
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        put(database, message("before", "ぬばたま会館で停電"))
        assert until(lambda: counts(database).done == 1)
        with database.transaction() as conn:
            places.load(conn, SourceInfo("city", "a", "", "", "own"), [hall])
            inbox.put_many(conn, [message("after", "ぬばたま会館で断水")])
        assert until(lambda: counts(database).done == 2)
        with database.transaction() as conn:
            found = {
                row.type: row.lat
                for row in conn.execute(text("SELECT type, ST_Y(geom) AS lat FROM incidents"))
            }
    finally:
        worker.stop()
        thread.join(10)
        pipeline.renew({}, {})
    assert found == {"power_outage": None, "water_outage": 33.7}


class Broken:
    """A refresh that meets a row of another program."""

    def __call__(self, conn: object) -> None:
        raise ValueError("a row of another program")

    def is_current(self, conn: object) -> bool:
        return False


def test_places_that_cannot_be_read_do_not_stop_the_worker(database: Database, pipeline: Pipeline) -> None:
    worker = Worker(database, pipeline, name="test", batch=8, refresh=Broken())
    thread = threading.Thread(target=worker.run)
    with capture_logs() as logged:
        thread.start()
        put(database, message("one"))
        assert until(lambda: counts(database).done == 1)
        worker.stop()
        thread.join(10)
    assert [line["event"] for line in logged].count("gazetteer_refresh_failed") == 1
