"""One sender's flood and everybody else, in a real worker."""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from statistics import quantiles

import pytest
from sqlalchemy import text

from geo.gazetteer.memory import load
from service.store import inbox
from service.store.database import Database
from tests.hosting import wait_until
from tests.measure.messages import invented
from tests.promises.processes import command
from tests.service.store.samples import message

FLOOD = 3_000
BATCH = 500
OTHERS = 100
PER_SECOND = 10.0
SLOWER = 1.2
LOADED_WITHIN_S = 240.0

Record = Callable[[str, object], None]


@pytest.mark.alone
@pytest.mark.promise
@pytest.mark.timeout(420)
def test_a_flood_from_one_sender_leaves_the_others_as_quick(
    database: Database, database_url: str, tmp_path: Path, record_property: Record
) -> None:
    words = [str(one["text"]) for one in invented(list(load()), FLOOD)]
    with command("work", database_url, tmp_path):
        put(database, "first", words[:64])
        wait_until(lambda: waiting(database) == 0, LOADED_WITHIN_S)
        calm = delays(database, "calm", words)
        batches = count()
        flooded = delays(database, "flooded", words, lambda: keep_flooding(database, words, batches))
        assert waiting(database) > 0, "the flood was over before the others had come"
    record_property("p99_s", (round(calm, 2), round(flooded, 2)))
    assert flooded <= calm * SLOWER, f"p99 {calm:.2f} s when calm, {flooded:.2f} s beside the flood"


def keep_flooding(database: Database, words: Sequence[str], batches: Iterator[int]) -> None:
    """However fast the worker reads, FLOOD messages of one sender wait; `batches` counts those put so far."""
    while waiting(database) < FLOOD:
        number = next(batches)
        begin = number * BATCH % FLOOD
        put(database, f"flood {number}", words[begin : begin + BATCH], sender="one who does not stop")


def delays(
    database: Database, name: str, words: Sequence[str], before_each: Callable[[], None] = lambda: None
) -> float:
    """Seconds within which 99 % of OTHERS messages, each of its own sender, are read after their receipt."""
    for number in range(OTHERS):
        before_each()
        put(database, f"{name} {number}", [words[number]], sender=f"{name} {number}")
        time.sleep(1 / PER_SECOND)
    wait_until(lambda: len(taken(database, name)) == OTHERS, 60)
    return quantiles(taken(database, name), n=100)[98]


def taken(database: Database, name: str) -> list[float]:
    with database.transaction() as conn:
        took = text(
            "SELECT extract(epoch FROM done_at - received_at)::float FROM inbox "
            "WHERE key LIKE :name AND state = 'done'"
        )
        return list(conn.scalars(took, {"name": f"{name} %"}))


def put(database: Database, name: str, words: Sequence[str], sender: str | None = None) -> None:
    with database.transaction() as conn:
        inbox.put_many(conn, [message(f"{name}-{at:04}", one, sender=sender) for at, one in enumerate(words)])


def waiting(database: Database) -> int:
    with database.transaction() as conn:
        return inbox.counts(conn).waiting
