"""A reader that follows the numbers misses nothing: numbers appear in their order, thanks to one lock."""

import random
import threading
import time

import pytest

from service.report import EVERYTHING, Waiting
from service.store import changes, inbox, ledger, save
from service.store.database import Connection, Database
from tests.service.store.samples import NearestOfType, message, observation, read

WRITERS = 8


def follow(database: Database, stop: threading.Event, seen: list[int]) -> None:
    """A client with a cursor: asks for what comes after the last number it saw."""
    cursor = 0
    while True:
        last_round = stop.is_set()
        with database.transaction() as conn:
            news = [change.seq for change in changes.since(conn, cursor, 1000, EVERYTHING)]
        seen += news
        cursor = news[-1] if news else cursor
        if last_round and not news:
            return


def write(database: Database, mine: list[Waiting], seed: int) -> None:
    """Save one report after another, and take a random time before each commit."""
    rng = random.Random(seed)  # noqa: S311
    for waiting in mine:
        far = observation(waiting.report_id, lat=rng.uniform(30, 40), lon=rng.uniform(130, 140))
        with database.transaction() as conn:
            save.save(conn, [read(waiting, far)], NearestOfType())
            time.sleep(rng.uniform(0, 0.003))


def changes_seen(database: Database, each: int) -> list[int]:
    """What a following client saw while eight writers wrote `each` changes each."""
    with database.transaction() as conn:
        inbox.put_many(conn, [message(f"{n:06}") for n in range(WRITERS * each)])
    with database.transaction() as conn:
        waiting = inbox.claim(conn, 0, WRITERS * each)
    seen: list[int] = []
    stop = threading.Event()
    client = threading.Thread(target=follow, args=[database, stop, seen])
    writers = [
        threading.Thread(target=write, args=[database, waiting[n::WRITERS], n]) for n in range(WRITERS)
    ]
    for thread in (client, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    client.join()
    with database.transaction() as conn:
        assert len(changes.since(conn, 0, 10**6, EVERYTHING)) == WRITERS * each
    return seen


@pytest.mark.parametrize(
    "each", [pytest.param(15, id="small"), pytest.param(400, id="promised", marks=pytest.mark.promise)]
)
def test_a_client_with_a_cursor_sees_every_change(database: Database, each: int) -> None:
    seen = changes_seen(database, each)
    assert seen == list(range(1, WRITERS * each + 1))


@pytest.mark.parametrize(
    "each", [pytest.param(30, id="small"), pytest.param(400, id="promised", marks=pytest.mark.promise)]
)
def test_without_the_lock_it_misses_some(
    database: Database, monkeypatch: pytest.MonkeyPatch, each: int
) -> None:
    def nothing(conn: Connection) -> None:
        """No lock."""

    monkeypatch.setattr(ledger, "lock", nothing)
    seen = changes_seen(database, each)
    assert len(seen) < WRITERS * each, "the lock is what keeps the order, or this test sees nothing"
