"""A place that was taught moves each of its reports exactly once, whatever dies in between."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from service.fuse import Fusing
from service.store import inbox, save
from service.store.database import Database
from tests.promises.processes import ROOT
from tests.service.learning import idle, lesson, readings, replayed, situation, take_back, teach, until
from tests.service.learning import relocations as states
from tests.service.store.samples import message
from tests.service.store.words import WordReader

BEGAN = datetime.now(UTC) - timedelta(hours=1)


@contextmanager
def nursery(url: str) -> Iterator[Callable[[float], int]]:
    """`born(seconds)` starts a worker whose batches take so long, and returns its process id."""
    command = [sys.executable, "-m", "tests.promises.relocating_worker", url]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin, stdout = process.stdin, process.stdout

        def born(seconds: float) -> int:
            stdin.write(f"{seconds}\n")
            stdin.flush()
            return int(stdout.readline())

        try:
            yield born
        finally:
            process.kill()


def reports(database: Database, count: int) -> None:
    """Unplaced reports far enough from each other in time that each is an incident of its own."""
    given = [
        message(f"r{number}", f"岩 {number}", posted_at=BEGAN + timedelta(seconds=number))
        for number in range(count)
    ]
    with database.transaction() as conn:
        inbox.put_many(conn, given)
    with database.transaction() as conn:
        claimed = inbox.claim(conn, 0, count)
    with database.transaction() as conn:
        save.save(conn, WordReader(database).process(claimed), Fusing())


def outcome(database: Database) -> set[tuple[Any, ...]]:
    return {
        (one.lat, one.lon, one.place_text, one.report_count, one.type) for one in situation(database).values()
    }


def work_amid_kills(database: Database, url: str, kills: int, rng: random.Random) -> None:
    """Workers are killed at random moments, each at once followed by another, until nothing waits."""
    with nursery(url) as born:
        alive = [born(0.02) for _ in range(3)]
        for _ in range(kills):
            time.sleep(rng.uniform(0.0, 0.12))
            if idle(database):
                break
            os.kill(alive.pop(rng.randrange(3)), signal.SIGKILL)
            alive.append(born(0.02))
        until(lambda: idle(database), 60)
        for pid in alive:
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(("count", "kills"), [(60, 12), pytest.param(600, 150, marks=pytest.mark.promise)])
def test_killed_workers_leave_each_report_located_once_and_undone_once(
    database: Database, database_url: str, count: int, kills: int
) -> None:
    rng = random.Random(count)  # noqa: S311
    reports(database, count)
    before, words = outcome(database), readings(database)
    made = teach(database, lesson("岩"))
    work_amid_kills(database, database_url, kills, rng)
    assert states(database) == ["located"] * count
    assert replayed(database) == situation(database)
    with database.transaction() as conn:
        placed = conn.execute(
            text("SELECT count(*) FROM readings WHERE geom IS NOT NULL AND place_text = '岩'")
        ).scalar()
        assert conn.execute(text("SELECT count(*) FROM readings")).scalar() == 2 * count
    assert placed == count
    take_back(database, made.id)
    work_amid_kills(database, database_url, kills, rng)
    assert states(database) == []
    assert replayed(database) == situation(database)
    assert readings(database) == words
    assert outcome(database) == before
