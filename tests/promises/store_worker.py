"""Real worker processes with a trivial reader: `python -m tests.promises.store_worker URL`.

The text of a message is the town it tells of; the text POISON cannot be read.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence
from datetime import timedelta

from service.report import ReadReport, Waiting
from service.store import inbox, save, workers
from service.store.database import Database, StoreUnavailable
from service.store.recollection import Recollection
from tests.service.store.samples import MATSUNAGA, NearestOfType, observation, read

BATCH = 16
POISON = "poison"
TOWN_DEGREES = 0.05  # about five kilometres: no two towns are fused
FIRST_RETRY = timedelta(milliseconds=20)


def understand(waiting: Waiting) -> ReadReport:
    """Read the town's number; raises ValueError for poison."""
    if waiting.message.text == POISON:
        raise ValueError("not a town")
    lat, lon = MATSUNAGA
    seen = observation(waiting.report_id, lat=lat + int(waiting.message.text) * TOWN_DEGREES, lon=lon)
    return read(waiting, seen)


def work(
    database: Database, worker: int, read_seconds: float, recollection: Recollection | None = None
) -> int:
    """One round: claim, read, save or fail. Returns how many were claimed."""
    with database.transaction() as conn:
        batch = inbox.claim(conn, worker, BATCH)
    time.sleep(read_seconds * bool(batch))
    reports = _read_all(database, batch)
    with database.transaction() as conn:
        save.save(conn, reports, NearestOfType(), recollection)
    return len(batch)


def _read_all(database: Database, batch: Sequence[Waiting]) -> list[ReadReport]:
    reports = []
    for waiting in batch:
        try:
            reports.append(understand(waiting))
        except ValueError as failure:
            with database.transaction() as conn:
                inbox.fail(conn, waiting.inbox_id, type(failure).__name__, FIRST_RETRY)
    return reports


def live(url: str, read_seconds: float) -> None:
    """Work until the parent goes away or someone kills this process; says its id once it is registered."""
    database = Database(url)
    parent = os.getppid()
    recollection = Recollection()
    with workers.register(database, f"promise {os.getpid()}") as lease:
        sys.stdout.write(f"{os.getpid()}\n")
        sys.stdout.flush()
        while os.getppid() == parent:
            try:
                if work(database, lease.id, read_seconds, recollection) == 0:
                    time.sleep(0.01)
            except StoreUnavailable:
                time.sleep(0.1)


def main(url: str) -> None:
    """Fork one worker process for each line, seconds a batch takes to read, on standard input.

    Forked from a process that has imported everything, hundreds of workers start in seconds.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if os.fork() == 0:
            live(url, float(line))
            os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
