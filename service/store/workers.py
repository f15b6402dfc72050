"""Who is at work: each worker holds an advisory lock, which PostgreSQL frees in the moment it dies."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import psycopg
from sqlalchemy import Connection, text

from service.store.database import Database
from service.store.locks import SCHEDULER, WORKER_CLASS

# A worker lives as long as it holds its advisory lock (objsubid 2: the form with two numbers).
DEAD_OR_NONE = f"""
    (worker IS NULL OR worker NOT IN (
        SELECT objid::bigint FROM pg_locks
        WHERE locktype = 'advisory' AND classid = {WORKER_CLASS} AND objsubid = 2 AND granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())))
"""  # noqa: S608
KEPT = timedelta(days=7)  # how long operators see a worker that is gone


class WorkerLease:
    """A worker's sign of life, held on a connection of its own. `id` is what `inbox.claim` wants."""

    def __init__(self, worker_id: int, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        self.id = worker_id
        self._connection = connection

    def held(self) -> bool:
        """Whether the lease stands; if not, others may claim this worker's messages: register anew."""
        try:
            self._connection.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def try_scheduler_lock(self) -> bool:
        """Whether this worker's clock is the one that runs; the lock stays until the lease ends."""
        try:
            mine = self._connection.execute(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted "
                "AND pid = pg_backend_pid() AND (classid::bigint << 32 | objid::bigint) = %(key)s) "
                "OR pg_try_advisory_lock(%(key)s)",
                {"key": SCHEDULER},
            ).fetchone()
        except psycopg.Error:
            return False
        return mine is not None and bool(mine[0])


@contextmanager
def register(database: Database, name: str) -> Iterator[WorkerLease]:
    """Sign a worker on; until the block ends or its process dies, its claims are its own.

    `name` is shown to operators (host and process id). Raises StoreUnavailable.
    """
    with database.transaction() as conn:
        conn.execute(text("DELETE FROM workers WHERE seen_at < now() - :kept"), {"kept": KEPT})
        worker_id: int = conn.execute(
            text("INSERT INTO workers (name) VALUES (:name) RETURNING id"), {"name": name}
        ).scalar_one()
    connection = database.connect_alone()
    try:
        connection.execute("SELECT pg_advisory_lock(%s, %s)", [WORKER_CLASS, worker_id])
        yield WorkerLease(worker_id, connection)
    finally:
        # The server sees a closed connection a moment later; a lease that ended holds nothing even then.
        with contextlib.suppress(psycopg.Error):
            connection.execute("SELECT pg_advisory_unlock_all()")
        connection.close()


def beat(conn: Connection, worker_id: int, done: int) -> None:
    """Note that the worker is well and has done `done` messages since it registered."""
    conn.execute(
        text("UPDATE workers SET seen_at = clock_timestamp(), done = :done WHERE id = :id"),
        {"id": worker_id, "done": done},
    )


def last_seen(conn: Connection) -> datetime | None:
    """When any worker last gave a sign, None when none ever registered."""
    seen: datetime | None = conn.execute(text("SELECT max(seen_at) FROM workers")).scalar()
    return seen
