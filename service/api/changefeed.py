"""The one reader of table `changes` in this process: encodes each change once, keeps the newest in a ring.

Every client is sent what its scope sees: the same bytes to all of them, or, when an incident has left its
scope, a removal that says nothing but which one.
"""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from time import monotonic
from typing import Any, Final

import structlog
from starlette.concurrency import run_in_threadpool

from service.api import readiness
from service.api.services import Services
from service.publish import geojson
from service.report import EVERYTHING, Change, Scope
from service.store import changes, chronology
from service.store.database import Bell, StoreError
from service.store.evacuation.units import SIGNAL

CHANNEL: Final = "changes"
LOG: Final = "log"  # what a trigger notifies when the chronology has a new line
POLL_S: Final = 0.5  # how late a lost NOTIFY shows at worst
PULSE_S: Final = 10.0
READ_AT_ONCE: Final = 500
RING_SIZE: Final = 5_000  # about 1 kB each
SENT_AT_ONCE: Final = 200
STOP_WITHIN_S: Final = 5.0

log: Final = structlog.get_logger("stream")


@dataclass(frozen=True, slots=True)
class Pulse:
    """A sign of life as sent, and the change that it speaks of."""

    data: bytes
    seq: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Encoded changes up to `seq`; `more` when there may be others already, `reset` when the history
    does not reach back to the cursor any more."""

    data: bytes
    seq: int
    more: bool = False
    reset: bool = False


@dataclass(frozen=True, slots=True)
class Encoded:
    """A change as sent. `farewell` is for those in `before` who may not see it any more; empty when there
    can be none."""

    seq: int
    data: bytes
    audience: tuple[str, ...]
    before: tuple[str, ...]
    farewell: bytes

    def for_scope(self, scope: Scope) -> bytes:
        """What a client of `scope` is sent; empty for what it never saw."""
        if scope.sees(self.audience):
            return self.data
        return self.farewell if self.farewell and scope.sees(self.before) else b""


class ChangeFeed:
    """Follows the changes in one thread; everything else happens on the event loop that called `start`.

    `epoch` changes when the history turned out to be another one (a restored database): listeners then
    have to begin anew.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._ring: deque[Encoded] = deque()
        self._floor = 0  # the ring holds every change after this one, up to `seq`
        self._arrival = asyncio.Event()
        self._bell: Bell | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._read_seq: int | None = None  # belongs to the thread
        self.seq = 0
        self.started = False
        self.epoch = 0
        self.listeners = 0
        self.pulse = Pulse(b"", 0)
        self.news = Pulse(b"", 0)  # that the chronology has a new line, never which: each asks for its own

    def start(self) -> None:
        """Begin to follow; call on the event loop."""
        self._loop = asyncio.get_running_loop()
        self._bell = Bell()
        self._thread = threading.Thread(
            target=self._follow, args=[self._bell], name="change-feed", daemon=True
        )
        self._thread.start()

    async def stop(self) -> None:
        """Stop following and send every listener away."""
        if self._bell is not None:
            self._bell.ring()
        self.epoch += 1
        self._wake()
        if self._thread is not None:
            await run_in_threadpool(self._thread.join, STOP_WITHIN_S)

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Count one listener for as long as the block lasts."""
        self.listeners += 1
        try:
            yield
        finally:
            self.listeners -= 1

    def arrival(self) -> asyncio.Event:
        """An event that is set when something new is there; ask for it before looking."""
        return self._arrival

    async def after(self, cursor: int, scope: Scope) -> Batch:
        """The next changes after `cursor` that `scope` is told of; raises StoreUnavailable."""
        if cursor >= self._floor:
            return self._from_ring(cursor, scope)
        return await run_in_threadpool(self._from_history, cursor, scope)

    def reaches_back_to(self, cursor: int, most: int) -> bool:
        """True when at most `most` numbers lie between `cursor` and now, all of them kept.

        Blocking; raises StoreUnavailable.
        """
        with self._services.database.transaction() as conn:
            return changes.oldest(conn) - 1 <= cursor <= changes.latest(conn) <= cursor + most

    def _from_ring(self, cursor: int, scope: Scope) -> Batch:
        newer: list[Encoded] = []
        for one in reversed(self._ring):
            if one.seq <= cursor:
                break
            newer.append(one)
        if not newer:
            return Batch(b"", cursor)
        first = list(islice(reversed(newer), SENT_AT_ONCE))
        data = b"".join(one.for_scope(scope) for one in first)
        return Batch(data, first[-1].seq, more=len(first) < len(newer))

    def _from_history(self, cursor: int, scope: Scope) -> Batch:
        with self._services.database.transaction() as conn:
            latest = changes.latest(conn)
            if latest <= cursor or changes.oldest(conn) > cursor + 1:
                return Batch(b"", latest, more=True, reset=True)
        with self._services.database.transaction(scope) as conn:
            found = changes.since(conn, cursor, READ_AT_ONCE, scope)
        # Fewer than asked for: nothing else up to `latest` is this scope's.
        reached = found[-1].seq if len(found) == READ_AT_ONCE else max(latest, *(one.seq for one in found), 0)
        data = b"".join(self._encoded(one).for_scope(scope) for one in found)
        return Batch(data, reached, more=True)

    def _follow(self, bell: Bell) -> None:
        pulse_at = 0.0
        with contextlib.closing(bell):
            for payload in self._services.database.listen(CHANNEL, POLL_S, bell):
                try:
                    self._read_new(payload)
                    if payload == LOG:
                        self._tell()
                except StoreError as failure:
                    log.warning("changes_unreadable", failure=type(failure).__name__)
                if payload == SIGNAL or monotonic() >= pulse_at:
                    pulse_at = monotonic() + PULSE_S
                    self._beat()

    def _read_new(self, payload: str | None) -> None:
        if self._read_seq is None:
            with self._services.database.transaction() as conn:
                self._read_seq = changes.latest(conn)
            self._on_loop(self._begin, self._read_seq)
            return
        if payload is not None and payload.isdecimal() and int(payload) <= self._read_seq:
            return
        while True:
            with self._services.database.transaction() as conn:
                found = changes.since(conn, self._read_seq, READ_AT_ONCE, EVERYTHING)
            if not found:
                return
            self._on_loop(self._publish, [self._encoded(one) for one in found])
            self._read_seq = found[-1].seq

    def _log_number(self) -> int | None:
        """So that a page whose notice was lost notices; None while the database is away."""
        try:
            with self._services.database.transaction() as conn:
                return chronology.latest(conn)
        except StoreError:
            return None

    def _tell(self) -> None:
        with self._services.database.transaction() as conn:
            number = chronology.latest(conn)
        data = b"event: log\ndata: " + geojson.encode({"log": number}) + b"\n\n"
        self._on_loop(self._spread, Pulse(data, number))

    def _beat(self) -> None:
        status = readiness.vital_signs(self._services)
        if status.seq is not None and self._read_seq is not None and status.seq < self._read_seq:
            log.error("history_went_back")
            self._read_seq = None
        document = {
            "at": geojson.jst(self._services.clock()),
            "seq": self._read_seq,
            "worker_seen_at": None if status.worker_seen_at is None else geojson.jst(status.worker_seen_at),
            "waiting": status.waiting,
            "log": self._log_number(),
            "ready": status.ready,
            "evacuation": status.boards,
        }
        data = b"event: pulse\ndata: " + geojson.encode(document) + b"\n\n"
        self._on_loop(self._pulse, Pulse(data, self._read_seq or 0))

    def _encoded(self, change: Change) -> Encoded:
        data = geojson.encode(geojson.change(change, self._services.municipalities, self._services.lifetimes))
        audience, before = change.incident.audience, change.audience_before
        left = not set(before) <= set(audience)
        farewell = _event(change.seq, geojson.encode(geojson.removal(change))) if left else b""
        return Encoded(change.seq, _event(change.seq, data), audience, before, farewell)

    def _on_loop(self, call: Callable[[Any], None], argument: Any) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has been closed: nobody listens any more
                self._loop.call_soon_threadsafe(call, argument)

    def _begin(self, seq: int) -> None:
        self._ring.clear()
        self._floor = self.seq = seq
        self.epoch += 1
        self.started = True
        self._wake()

    def _publish(self, events: list[Encoded]) -> None:
        self._ring.extend(events)
        while len(self._ring) > RING_SIZE:
            self._floor = self._ring.popleft().seq
        self.seq = events[-1].seq
        self._wake()

    def _pulse(self, pulse: Pulse) -> None:
        self.pulse = pulse
        self._wake()

    def _spread(self, news: Pulse) -> None:
        self.news = news
        self._wake()

    def _wake(self) -> None:
        waiting, self._arrival = self._arrival, asyncio.Event()
        waiting.set()


def _event(seq: int, data: bytes) -> bytes:
    return b"event: change\nid: %d\ndata: %b\n\n" % (seq, data)


def reset_event(seq: int) -> bytes:
    """Tells the client that its cursor is unknown here: fetch the collection, then go on after `seq`."""
    return b'event: reset\nid: %d\ndata: {"seq":%d}\n\n' % (seq, seq)
