"""Nothing acknowledged is lost, nothing is done twice: under redelivery, kills, poison and crashes.

Each promise runs small in the default suite, and with the promised numbers under `-m promise`.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from service.report import EVERYTHING, Incident
from service.store import changes, inbox, incidents, migrate
from service.store.database import Database, StoreUnavailable
from service.store.embedded import EmbeddedCluster
from service.store.incidents import IncidentQuery
from service.store.recollection import Recollection
from tests.promises.store_worker import POISON, understand, work
from tests.service.store.samples import message, store

ROOT = Path(__file__).parents[2]
TOWNS = 12


def sizes(small: int, promised: int, *further: pytest.MarkDecorator) -> pytest.MarkDecorator:
    """The same test twice: small by default, promised (with `further` marks) on demand."""
    marks = [pytest.mark.promise, pytest.mark.timeout(900), *further]
    many = pytest.param(promised, id=f"promised-{promised}", marks=marks)
    return pytest.mark.parametrize("size", [pytest.param(small, id=f"small-{small}"), many])


class Nursery:
    """Starts worker processes on a database; all of them end with it. `within` stands before the command."""

    def __init__(self, url: str, within: Sequence[str] = ()) -> None:
        command = [*within, sys.executable, "-m", "tests.promises.store_worker", url]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen(command, cwd=ROOT, **pipes)
        self._one_at_a_time = threading.Lock()

    def start(self, read_seconds: float = 0.0) -> int:
        """Process id of a new worker that has registered."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._one_at_a_time:
            self._process.stdin.write(f"{read_seconds}\n")
            self._process.stdin.flush()
            return int(self._process.stdout.readline())

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture
def nursery(database_url: str) -> Iterator[Nursery]:
    made = Nursery(database_url)
    yield made
    made.close()


def put_towns(database: Database, count: int, poison_every: int = 0) -> None:
    texts = [
        POISON if poison_every and n % poison_every == poison_every // 2 else str(n % TOWNS)
        for n in range(count)
    ]
    with database.transaction() as conn:
        inbox.put_many(conn, [message(f"{n:06}", words) for n, words in enumerate(texts)])


def counts(database: Database) -> inbox.InboxCounts:
    with database.transaction() as conn:
        return inbox.counts(conn)


def until(finished: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not finished():
        assert time.monotonic() < deadline, "not finished in time"
        time.sleep(0.02)


def situation(database: Database) -> dict[Any, Incident]:
    with database.transaction() as conn:
        return {
            one.id: one for one in incidents.page(conn, IncidentQuery(limit=10_000), EVERYTHING).incidents
        }


def assert_history_makes_the_situation(database: Database) -> None:
    """Every version is there once, in order, and the last ones are what a fresh reader sees."""
    state: dict[Any, Incident] = {}
    with database.transaction() as conn:
        for change in changes.since(conn, 0, 10**6, EVERYTHING):
            before = state.get(change.incident.id)
            assert change.incident.version == (1 if before is None else before.version + 1)
            state[change.incident.id] = change.incident
    assert state == situation(database)


def assert_each_done_once(database: Database, count: int) -> None:
    assert (counts(database).done, counts(database).buried) == (count, 0)
    with database.transaction() as conn:
        assert conn.execute(text("SELECT count(*), count(DISTINCT inbox_id) FROM reports")).one() == (
            count,
            count,
        )
        assert conn.execute(text("SELECT count(*) FROM readings")).scalar() == count
    undisturbed = Counter(n % TOWNS for n in range(count))
    assert Counter(one.report_count for one in situation(database).values()) == Counter(undisturbed.values())
    assert_history_makes_the_situation(database)


@sizes(60, 1000)
def test_concurrent_redelivery_is_absorbed(database: Database, size: int) -> None:
    """Each of `size` events comes 8 times at once, in a different order and grouping each time."""
    receipts: list[tuple[str, Any]] = []
    failures: list[BaseException] = []

    def deliver(seed: int) -> None:
        rng = random.Random(seed)  # noqa: S311
        events = [message(f"{n:06}") for n in range(size)]
        rng.shuffle(events)
        try:
            while events:
                group = [events.pop() for _ in range(min(len(events), rng.randint(1, 5)))]
                with database.transaction() as conn:
                    given = inbox.put_many(conn, group)
                receipts.extend((one.key, receipt) for one, receipt in zip(group, given, strict=True))
        except BaseException as failure:  # noqa: BLE001 - shown by the assertion
            failures.append(failure)

    senders = [threading.Thread(target=deliver, args=[seed]) for seed in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert failures == []
    assert counts(database).waiting == size
    assert len(receipts) == 8 * size
    assert sum(receipt.created for _, receipt in receipts) == size
    assert len({(key, receipt.report_id, receipt.received_at) for key, receipt in receipts}) == size


@sizes(4, 300)
def test_killed_workers_neither_lose_nor_double(database: Database, nursery: Nursery, size: int) -> None:
    """`size` times SIGKILL at a random moment of a worker's life, two workers at a time."""
    count = 20 * size
    put_towns(database, count)
    kills = threading.Semaphore(size)

    def kill_again_and_again(seed: int) -> None:
        rng = random.Random(seed)  # noqa: S311
        while kills.acquire(blocking=False):
            pid = nursery.start(read_seconds=0.01)
            time.sleep(rng.uniform(0.0, 0.12))
            os.kill(pid, signal.SIGKILL)

    loops = [threading.Thread(target=kill_again_and_again, args=[seed]) for seed in range(2)]
    for loop in loops:
        loop.start()
    for loop in loops:
        loop.join()
    with database.transaction() as conn:
        hit = conn.execute(
            text("SELECT count(*) FROM inbox WHERE attempts > 1 OR worker IS NOT NULL")
        ).scalar()
    assert hit, "no worker was killed with messages in its hands: the test proves nothing"
    nursery.start()
    until(lambda: counts(database).waiting == 0, 400)
    assert_each_done_once(database, count)


@sizes(200, 2000, pytest.mark.alone)
def test_poison_is_buried_and_delays_nobody(
    database: Database, new_database_url: Callable[[str], str], template: str, size: int
) -> None:
    clean = Database(new_database_url(template))
    put_towns(clean, size)
    put_towns(database, size, poison_every=100)
    for one in (clean, database):
        until(lambda one=one: work(one, 0, 0.0) == 0 and counts(one).waiting == 0, 120)  # type: ignore[misc]
    assert (counts(database).done, counts(database).buried) == (size - size // 100, size // 100)
    with database.transaction() as conn:
        assert {(one.attempts, one.error) for one in inbox.buried(conn)} == {
            (inbox.MAX_ATTEMPTS, "ValueError")
        }
    assert _seconds_of_good(database) < 2 * _seconds_of_good(clean) + 0.5
    clean.dispose()


def _seconds_of_good(database: Database) -> float:
    """From the first to the last message that was done."""
    with database.transaction() as conn:
        first, last = conn.execute(
            text("SELECT min(done_at), max(done_at) FROM inbox WHERE state = 'done'")
        ).one()
    return float((last - first).total_seconds())


@sizes(1, 5)
def test_an_immediate_stop_of_the_database_loses_nothing_acknowledged(
    durable_cluster: EmbeddedCluster, size: int
) -> None:
    url = durable_cluster.start()
    migrate.upgrade(url)
    database = Database(url)
    stop = threading.Event()
    acknowledged: list[str] = []
    refused = Counter[str]()
    loads = [
        threading.Thread(target=_send, args=[database, n, stop, acknowledged, refused]) for n in range(4)
    ]
    loads.append(threading.Thread(target=_work, args=[database, stop, refused]))
    for load in loads:
        load.start()
    for _ in range(size):
        before = len(acknowledged)
        until(lambda before=before: len(acknowledged) > before + 150, 60)  # type: ignore[misc]
        durable_cluster.stop(immediate=True)
        durable_cluster.start()
    until(lambda: len(acknowledged) > before + 300, 60)
    stop.set()
    for load in loads:
        load.join()
    assert refused["unavailable"] >= size, "the stops were not felt: the test proves nothing"
    assert set(refused) == {"unavailable"}
    with database.transaction() as conn:
        kept = set(conn.execute(text("SELECT key FROM inbox")).scalars())
        done = conn.execute(text("SELECT count(*) FROM inbox WHERE state = 'done'")).scalar()
        reports = conn.execute(text("SELECT count(*) FROM reports")).scalar()
    assert set(acknowledged) - kept == set()
    assert done == reports
    assert_history_makes_the_situation(database)
    database.dispose()


def _send(
    database: Database, number: int, stop: threading.Event, acknowledged: list[str], refused: Counter[str]
) -> None:
    for turn in range(10**6):
        if stop.is_set():
            return
        key = f"{number}/{turn}"
        try:
            with database.transaction() as conn:
                inbox.put(conn, message(key, str(turn % TOWNS)))
            acknowledged.append(key)
        except StoreUnavailable:
            refused["unavailable"] += 1
            time.sleep(0.02)
        except Exception as failure:  # noqa: BLE001 - shown by the assertion
            refused[repr(failure)] += 1


def _work(database: Database, stop: threading.Event, refused: Counter[str]) -> None:
    while not stop.is_set():
        try:
            with database.transaction() as conn:
                batch = inbox.claim(conn, 0, 16)
            store(database, *map(understand, batch))
        except StoreUnavailable:
            refused["unavailable"] += 1
            time.sleep(0.02)
        except Exception as failure:  # noqa: BLE001 - shown by the assertion
            refused[repr(failure)] += 1


@pytest.mark.alone
@pytest.mark.promise
def test_one_worker_saves_500_messages_a_second(database: Database) -> None:
    """5,000 messages in a district of sixty towns, fusing included."""
    count = 5000
    put_towns(database, count)
    recollection = Recollection()
    started = time.perf_counter()
    while True:
        with database.transaction() as conn:
            batch = inbox.claim(conn, 0, 64)
        if not batch:
            break
        store(database, *map(understand, batch), recollection=recollection)
    per_second = count / (time.perf_counter() - started)
    assert counts(database).done == count
    assert per_second >= 500
