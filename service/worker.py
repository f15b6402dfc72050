"""The worker: claims the inbox in batches, reads, locates, fuses and saves; answers senders; keeps the clock.

Any number of workers on any number of machines share one queue through PostgreSQL.
"""

import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Protocol

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from service.fuse import Fusing
from service.pipeline import Pipeline
from service.refresh import Refreshed
from service.relocating import Relocating
from service.report import Waiting
from service.store import inbox, ledger, save, workers
from service.store.database import Connection, Database, StoreUnavailable
from service.store.recollection import Recollection

IDLE_WAIT_S = 0.5  # an empty look at the queue costs one index probe
OUTAGE_WAIT_S = 2.0  # pause before the next try while the database is away
BEAT_EVERY_S = 5.0
RENEW_AGAIN_S = 60.0  # pause after places that could not be read

log = structlog.get_logger("worker")


class Refreshing(Protocol):
    """What keeps the pipeline equal to the gazetteer in the database (service/refresh.py)."""

    def __call__(self, conn: Connection) -> Refreshed | None:
        """Bring the pipeline up to date; None when nothing had changed."""
        ...

    def is_current(self, conn: Connection) -> bool:
        """Whether nothing has changed since the last call."""
        ...


class Worker:
    """One worker process: `run` returns after `stop`, at the latest one batch later.

    It gives its sign of life from the loop that does the work: a worker that hangs falls silent.
    """

    def __init__(
        self,
        database: Database,
        pipeline: Pipeline,
        *,
        name: str,
        batch: int,
        refresh: Refreshing | None = None,
    ) -> None:
        """`refresh` brings the pipeline's places up to date; asked after every claim."""
        self._refresh = refresh
        self._relocating = None if refresh is None else Relocating(database, pipeline, refresh.is_current)
        self._database = database
        self._pipeline = pipeline
        self._name = name
        self._batch = batch
        self._recollection = Recollection()
        self._fusing = Fusing()
        self._stopping = threading.Event()
        self._done = 0
        self._lease: workers.WorkerLease | None = None
        self._last_beat = 0.0
        self._renew_at = 0.0

    def stop(self) -> None:
        """Ask the worker to finish its batch and return; safe in a signal handler."""
        self._stopping.set()

    def run(self) -> None:
        """Work until stopped; survives an outage of the database."""
        while not self._stopping.is_set():
            try:
                with workers.register(self._database, self._name) as lease:
                    log.info("worker_started", worker=lease.id)
                    self._lease = lease
                    self._work(lease)
            except StoreUnavailable as outage:
                log.warning("database_unavailable", reason=str(outage))
                self._stopping.wait(OUTAGE_WAIT_S)
            finally:
                self._lease = None

    def holds_clock(self) -> bool:
        """Whether this worker, among all, runs the scheduled jobs; safe to call from another thread."""
        lease = self._lease
        return lease is not None and lease.try_scheduler_lock()

    def _work(self, lease: workers.WorkerLease) -> None:
        while not self._stopping.is_set() and lease.held():
            with self._database.transaction() as conn:
                batch = inbox.claim(conn, lease.id, self._batch)
            # After the claim: a message committed together with new places is read with them.
            self._renew()
            if batch:
                self._do(batch)
            # New reports first, but never alone: a taught place shows within seconds in a flood, too.
            relocated = self._relocating is not None and self._relocating.step(lease.id, self._renew)
            self._beat(lease.id)
            if not batch and not relocated:
                self._stopping.wait(IDLE_WAIT_S)

    def _renew(self) -> None:
        if self._refresh is None or time.monotonic() < self._renew_at:
            return
        try:
            with self._database.transaction() as conn:
                news = self._refresh(conn)
            if news is not None:
                log.info("gazetteer_refreshed", **asdict(news))
        except StoreUnavailable:
            raise
        except Exception as failure:  # noqa: BLE001 - better yesterday's names than a worker that stands still
            log.error("gazetteer_refresh_failed", error=type(failure).__name__)  # noqa: TRY400
            self._renew_at = time.monotonic() + RENEW_AGAIN_S

    def _is_current(self, conn: Connection) -> bool:
        """True, too, while the new places cannot be read: yesterday's names are then all there is."""
        waits = time.monotonic() < self._renew_at
        return self._refresh is None or waits or self._refresh.is_current(conn)

    def _do(self, batch: Sequence[Waiting]) -> None:
        """Save the batch whole; when that fails, each alone, so that one message cannot hold up others."""
        try:
            self._save(batch)
        except StoreUnavailable:
            raise
        except Exception as failure:  # noqa: BLE001 - whatever a message causes is stored with it
            if len(batch) == 1:
                self._fail(batch[0], failure)
                return
            log.warning("batch_failed", messages=len(batch), error=type(failure).__name__)
            for waiting in batch:
                self._do([waiting])

    def _save(self, batch: Sequence[Waiting]) -> None:
        started = time.monotonic()
        reports = self._pipeline.process(batch)
        read = time.monotonic()
        with self._database.transaction() as conn:
            ledger.lock(conn)
            # A place that was taught meanwhile has not queued these reports: they are read with it now.
            current = self._is_current(conn)
            if current:
                save.save(conn, reports, self._fusing, self._recollection)
        if not current:
            self._renew()
            self._save(batch)
            return
        self._done += len(batch)
        log.info(
            "batch_saved",
            messages=len(batch),
            read_s=round(read - started, 3),
            save_s=round(time.monotonic() - read, 3),
        )

    def _fail(self, waiting: Waiting, failure: Exception) -> None:
        # Only the frames: an exception's text may quote the message.
        frames = "".join(traceback.format_tb(failure.__traceback__)) + type(failure).__name__
        with self._database.transaction() as conn:
            buried = inbox.fail(conn, waiting.inbox_id, frames)
        log.error(
            "message_buried" if buried else "message_failed",
            inbox_id=waiting.inbox_id,
            attempts=waiting.attempts + 1,
            error=type(failure).__name__,
        )

    def _beat(self, worker: int) -> None:
        now = time.monotonic()
        if now - self._last_beat >= BEAT_EVERY_S:
            with self._database.transaction() as conn:
                workers.beat(conn, worker, self._done)
            self._last_beat = now


class Clock:
    """Runs jobs at intervals in the one worker for which `held` answers True.

    `jobs` are (name, seconds, function); each must be short, idempotent, and keep its cursor in a table.
    """

    def __init__(
        self, held: Callable[[], bool], jobs: Sequence[tuple[str, float, Callable[[], None]]]
    ) -> None:
        self._held = held
        self._scheduler = BackgroundScheduler(timezone="Asia/Tokyo")
        for name, seconds, job in jobs:
            self._scheduler.add_job(
                self._if_held(name, job), "interval", seconds=seconds, id=name, coalesce=True, max_instances=1
            )

    def start(self) -> None:
        """Begin to run the jobs in a thread of its own."""
        self._scheduler.start()

    def stop(self) -> None:
        """End the thread after the job at hand."""
        self._scheduler.shutdown(wait=True)

    def _if_held(self, name: str, job: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                if self._held():
                    job()
            except StoreUnavailable as outage:
                log.warning("job_waits_for_database", job=name, reason=str(outage))
            except Exception as failure:  # noqa: BLE001 - the clock must not stop for one job
                # No traceback: its text may quote words.
                log.error("job_failed", job=name, error=type(failure).__name__)  # noqa: TRY400

        return run
