"""Worker processes that only locate again: `python -m tests.promises.relocating_worker URL`.

One process is forked for each line on standard input, the seconds that a batch takes to read.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence
from typing import cast

from service import logs, relocating
from service.pipeline import Pipeline
from service.report import ReadReport, Waiting
from service.store import workers
from service.store.database import Database, StoreUnavailable
from tests.service.store.words import WordReader

AT_ONCE = 8


class Slow(WordReader):
    """Takes its time, so that a kill meets it in the middle."""

    def __init__(self, database: Database, seconds: float) -> None:
        super().__init__(database)
        self._seconds = seconds

    def process(self, batch: Sequence[Waiting]) -> list[ReadReport]:
        time.sleep(self._seconds)
        return super().process(batch)


def live(url: str, seconds: float) -> None:
    """Work until the parent goes away or someone kills this process; says its id once it is registered."""
    database, parent = Database(url), os.getppid()
    work = relocating.Relocating(database, cast("Pipeline", Slow(database, seconds)), lambda conn: True)
    with workers.register(database, f"promise {os.getpid()}") as lease:
        sys.stdout.write(f"{os.getpid()}\n")
        sys.stdout.flush()
        while os.getppid() == parent:
            try:
                if not work.step(lease.id, lambda: None):
                    time.sleep(0.01)
            except StoreUnavailable:
                time.sleep(0.1)


def main(url: str) -> None:
    """Fork as the lines come."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    logs.configure("ERROR")  # standard output carries the ids alone
    relocating.AT_ONCE = AT_ONCE  # type: ignore[misc]
    for line in sys.stdin:
        if os.fork() == 0:
            live(url, float(line))
            os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
