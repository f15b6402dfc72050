"""Reports whose place headquarters taught are read and located again, from the words that are stored."""

import time
import traceback
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from service.fuse import Fusing
from service.pipeline import Pipeline
from service.store import ledger, relocations
from service.store.database import Connection, Database, StoreUnavailable
from service.store.relocate import locate_again
from service.store.relocations import Relocation

AT_ONCE: Final = 64  # one report takes milliseconds; a batch holds the writer lock for a fraction of a second

log = structlog.get_logger("worker")


class OutdatedError(Exception):
    """The gazetteer changed while a batch was read: it has to be read again with the new places."""


class Relocating:
    """The worker's second queue. Nobody is answered: the sender has had the answer to the report."""

    def __init__(
        self, database: Database, pipeline: Pipeline, is_current: Callable[[Connection], bool]
    ) -> None:
        """`is_current` says whether the pipeline knows the gazetteer as it is in the database."""
        self._database = database
        self._pipeline = pipeline
        self._is_current = is_current
        self._fusing = Fusing()

    def step(self, worker: int, renew: Callable[[], None]) -> bool:
        """Take a batch for the lease `worker` and locate it again; whether there was one that could be.

        `renew` brings the pipeline up to date; it is asked after the claim, so that a report which is
        queued together with a new place is read with it. Raises StoreUnavailable.
        """
        with self._database.transaction() as conn:
            batch = relocations.claim(conn, worker, AT_ONCE)
        if not batch:
            return False
        renew()
        try:
            self._do(batch)
        except OutdatedError:
            with self._database.transaction() as conn:
                relocations.release(conn, batch)
            return False
        return True

    def _do(self, batch: Sequence[Relocation]) -> None:
        """The batch whole; when that fails, each report alone, so that none can hold up others."""
        try:
            self._save(batch)
        except (StoreUnavailable, OutdatedError):
            raise
        except Exception as failure:  # noqa: BLE001 - whatever a report causes is stored with it
            if len(batch) == 1:
                self._fail(batch[0], failure)
                return
            log.warning("relocation_batch_failed", reports=len(batch), error=type(failure).__name__)
            for relocation in batch:
                self._do([relocation])

    def _save(self, batch: Sequence[Relocation]) -> None:
        started = time.monotonic()
        reports = self._pipeline.process([relocation.waiting for relocation in batch])
        read = time.monotonic()
        with self._database.transaction() as conn:
            ledger.lock(conn)
            if not self._is_current(conn):
                raise OutdatedError
            saved = locate_again(conn, list(zip(batch, reports, strict=True)), self._fusing)
        log.info(
            "reports_relocated",
            reports=len(batch),
            changed=saved.saved,
            read_s=round(read - started, 3),
            save_s=round(time.monotonic() - read, 3),
        )

    def _fail(self, relocation: Relocation, failure: Exception) -> None:
        # Only the frames: an exception's text may quote the report.
        frames = "".join(traceback.format_tb(failure.__traceback__)) + type(failure).__name__
        with self._database.transaction() as conn:
            given_up = relocations.fail(conn, relocation, frames)
        log.error(
            "relocation_given_up" if given_up else "relocation_failed",
            relocation=relocation.id,
            attempts=relocation.attempts + 1,
            error=type(failure).__name__,
        )
