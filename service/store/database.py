"""Connections: one transaction at a time, notifications, and the driver's errors in our own words."""

import contextlib
import re
import selectors
import socket
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Protocol

import psycopg
import sqlalchemy
import structlog
from sqlalchemy import Connection, create_engine, event, make_url
from sqlalchemy.pool import ConnectionPoolEntry

from service.report import EVERYTHING, Scope
from service.store import fence

__all__ = ["Bell", "Connection", "Database", "StoreError", "StoreUnavailable"]

# As many as threads that answer, and kept: opening a connection takes longer than storing a report.
POOL_SIZE = 40
POOL_TIMEOUT_S = 5
CONNECT_TIMEOUT_S = 5
RECONNECT_PAUSE_S = 0.5

# SQLSTATE classes after which the same work may succeed later: connection lost, rolled back by the
# server, out of resources (disk full too), lock not available, operator's intervention, system error;
# 25006, a server that is read-only while it fails over, and 25P03, our own IDLE_LIMIT.
TRANSIENT = re.compile(r"08|40|53|55P03|57|58|25006|25P03")

# A process that hangs inside a transaction may hold the writer lock: the server cuts it off.
IDLE_LIMIT = "-c idle_in_transaction_session_timeout=60s"

log = structlog.get_logger("store")

_CHANNEL_NAME = re.compile(r"[a-z_]+")


class StoreError(RuntimeError):
    """The database refused a statement. Says where, never with which values."""

    def __init__(self, sqlstate: str | None, where: str) -> None:
        super().__init__(f"database error {sqlstate or 'unknown'}{where}")
        self.sqlstate = sqlstate


class StoreUnavailable(StoreError):  # noqa: N818 - a state that callers answer with 503
    """The database cannot be reached or cannot take work now; the same call may succeed later."""


class Readable(Protocol):
    """Something with a file number that can be waited for."""

    def fileno(self) -> int:
        """The number."""


class Bell:
    """Ends the waiting of another thread (`Database.listen`) at once; rings once and for ever."""

    def __init__(self) -> None:
        self._rope, self._clapper = socket.socketpair()
        self.rung = False

    def ring(self) -> None:
        """End the waiting."""
        self.rung = True
        self._rope.close()

    def wait(self, timeout_s: float, *others: Readable) -> bool:
        """Wait until it rings or there is something to read from one of the others; True when it rang."""
        # select() knows no file numbers above 1,023, which an api with many streams has.
        with selectors.DefaultSelector() as ready:
            for each in (self._clapper, *others):
                ready.register(each, selectors.EVENT_READ)
            ready.select(timeout_s)
        return self.rung

    def close(self) -> None:
        """Free its sockets, once nobody waits any more."""
        self._rope.close()
        self._clapper.close()


class Database:
    """The pool of connections to one database. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        """`url` as DATABASE_URL: `postgresql://user@host/name`; connects at first use."""
        address = make_url(url).set(drivername="postgresql+psycopg")
        self._url = address
        self._fenced = self._said_unfenced = self._disposed = False
        self._engine = create_engine(
            address,
            hide_parameters=True,
            pool_pre_ping=True,
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_use_lifo=True,
            pool_timeout=POOL_TIMEOUT_S,
            connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "options": f"-c timezone=UTC {IDLE_LIMIT}"},
        )
        event.listen(self._engine, "checkin", self._close_after_disposal)

    def _close_after_disposal(self, _: object, entry: ConnectionPoolEntry) -> None:
        """The pool forgets a connection that is lent while it is disposed of: nobody else would close it."""
        if self._disposed:
            entry.close()

    @contextmanager
    def transaction(self, scope: Scope = EVERYTHING) -> Iterator[Connection]:
        """One transaction: committed at the end of the block, rolled back on any exception.

        With a `scope` that is not everything it only reads, behind the second fence (service/store/fence.py):
        a query that forgets to ask who is asking shows nothing that the scope does not see.

        Raises StoreUnavailable when the database is away, full or shutting down (the commit may or may
        not have happened: repeat the same idempotent work), StoreError for other refusals.
        """
        try:
            with self._engine.begin() as connection:
                self.narrow(connection, scope)
                yield connection
        except sqlalchemy.exc.TimeoutError as failure:
            raise StoreUnavailable(None, ": every connection is in use") from failure
        except sqlalchemy.exc.DBAPIError as failure:
            # `from None`: the driver's own text may quote what people wrote.
            raise _in_our_words(failure.orig, failure.__traceback__) from None
        except psycopg.Error as failure:
            raise _in_our_words(failure, failure.__traceback__) from None

    def narrow(self, connection: Connection, scope: Scope) -> None:
        """Let a transaction that only reads go on as one that was begun with `scope`."""
        if scope.audience is not None and self._is_fenced(connection):
            fence.step_behind(connection, scope.audience)

    def _is_fenced(self, connection: Connection) -> bool:
        """Whether the fence can be used; asked until it can, and said once when it cannot."""
        if not self._fenced:
            self._fenced = fence.is_usable(connection)
            if not self._fenced and not self._said_unfenced:
                self._said_unfenced = True
                log.warning("row_security_missing", remedy="hansho check")
        return self._fenced

    def connect_alone(self) -> psycopg.Connection[tuple[object, ...]]:
        """A connection outside the pool, autocommitting, for locks and notifications that last.

        Its server side notices a vanished client host within half a minute. Raises StoreUnavailable.
        """
        arguments = self._url.translate_connect_args(username="user", database="dbname")
        keepalives = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
        try:
            return psycopg.connect(
                **{**arguments, **self._url.query},
                autocommit=True,
                connect_timeout=CONNECT_TIMEOUT_S,
                options=f"-c timezone=UTC {keepalives}",
            )
        except psycopg.Error as failure:
            raise _in_our_words(failure, failure.__traceback__) from None

    def listen(self, channel: str, timeout_s: float, bell: Bell | None = None) -> Generator[str | None]:
        """Payloads notified on `channel`; None after each `timeout_s` without one and after each
        (re)connection. Ends when `bell` rings; without one never.

        A None may stand for missed notifications: read from your own cursor then, too. Never raises
        for a lost connection; closing the iterator closes the connection.
        """
        if not _CHANNEL_NAME.fullmatch(channel):
            raise ValueError(f"not a channel: {channel}")
        end = bell or Bell()
        with contextlib.nullcontext() if bell else contextlib.closing(end):
            while not end.rung:
                try:
                    with self.connect_alone() as connection:
                        connection.execute(f"LISTEN {channel}")
                        yield None
                        while not end.wait(timeout_s, connection):
                            # One packet may carry several notifications.
                            payloads: list[str | None] = [
                                notice.payload for notice in connection.notifies(timeout=0, stop_after=1)
                            ]
                            yield from payloads or [None]
                except (StoreUnavailable, psycopg.OperationalError):
                    yield None
                    end.wait(min(timeout_s, RECONNECT_PAUSE_S))

    def dispose(self) -> None:
        """Close the pooled connections at once, and one that is in use when it is given back."""
        self._disposed = True
        self._engine.dispose()


def _in_our_words(failure: BaseException | None, traceback: TracebackType | None) -> StoreError:
    """Our error for the driver's: code and names of things, never values; keeps the traceback."""
    if not isinstance(failure, psycopg.Error):
        return StoreError(None, "").with_traceback(traceback)
    names = (failure.diag.table_name, failure.diag.column_name, failure.diag.constraint_name)
    where = "".join(f" {name}" for name in names if name)
    lost = failure.sqlstate is None and isinstance(failure, psycopg.OperationalError | psycopg.InterfaceError)
    if lost or (failure.sqlstate is not None and TRANSIENT.match(failure.sqlstate)):
        return StoreUnavailable(failure.sqlstate, where).with_traceback(traceback)
    return StoreError(failure.sqlstate, where).with_traceback(traceback)
