"""The live stream: one server-sent-events connection a client, fed from the feed of changes.

A client holds only a cursor into the shared ring of encoded changes. History and live are read under that one
cursor, so nothing is lost or doubled where they meet; a reader that stops reading is dropped after
STALL_S and never holds up another.
"""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, Final

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from service import access
from service.access import Permission
from service.api import door
from service.api.changefeed import ChangeFeed, reset_event
from service.api.errors import problem_of, response
from service.problems import ProblemError, invalid
from service.report import Scope as Audience
from service.store.database import StoreUnavailable

RETRY_MS: Final = 3000
STALL_S: Final = 20.0  # a send that takes longer means that nobody reads at the other end
CLOSE_S: Final = 1.0
RECHECK_S: Final = 30.0  # how long a revoked key or ended session may still listen
MAX_HISTORY: Final = 20_000  # changes replayed at most; beyond, fetching the collection is quicker
LARGEST_SEQ: Final = 2**63 - 1
HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]

log: Final = structlog.get_logger("stream")


class StreamEndpoint:
    """`GET /stream` as a bare ASGI app."""

    def __init__(self, feed: ChangeFeed) -> None:
        self._feed = feed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one client until it leaves, stalls, or may no longer listen."""
        connection = HTTPConnection(scope)
        try:
            cursor, seen = await self._admit(connection)
        except (ProblemError, StoreUnavailable) as refusal:
            await response(problem_of(refusal))(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        client = _Client(self._feed, connection, send, seen)
        await _until_first(client.run(cursor), _disconnected(receive), client.watch_permission())
        # The client may be gone, or may not be reading: closing must not wait for it.
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(CLOSE_S):
                await send({"type": "http.response.body", "body": b""})

    async def _admit(self, connection: HTTPConnection) -> tuple[int | None, Audience]:
        """The cursor to start after, None for "from now", and what the client sees; raises ProblemError,
        StoreUnavailable."""
        seen = await run_in_threadpool(_scope_of_reader, connection)
        if not self._feed.started:
            raise StoreUnavailable(None, ": the change feed has not started")
        since = requested_cursor(connection)
        if since is not None and not await run_in_threadpool(self._feed.reaches_back_to, since, MAX_HISTORY):
            since = -1
        return since, seen


class _Client:
    """One connected reader: its cursor, what it sees, and what it was last told."""

    def __init__(self, feed: ChangeFeed, connection: HTTPConnection, send: Send, seen: Audience) -> None:
        self._feed = feed
        self._connection = connection
        self._send = send
        self._seen = seen
        self._sees_otherwise = False

    async def run(self, cursor: int | None) -> None:
        """Send history after `cursor`, then what happens; a cursor below 0 is unknown to us."""
        epoch = self._feed.epoch
        with self._feed.listening():
            opening = b"retry: %d\n\n" % RETRY_MS
            if cursor is None or cursor < 0:
                now = self._feed.seq
                opening += reset_event(now) if cursor is not None else b""
                cursor = now
            pulse, news = self._feed.pulse, self._feed.news
            await self._write(opening + pulse.data)
            while self._feed.epoch == epoch:
                arrived = self._feed.arrival()
                if self._sees_otherwise:
                    self._sees_otherwise, cursor = False, self._feed.seq
                    await self._write(reset_event(cursor))
                batch = await self._feed.after(cursor, self._seen)
                if batch.reset:
                    await self._write(reset_event(batch.seq))
                elif batch.data:
                    await self._write(batch.data)
                cursor = batch.seq
                latest = self._feed.pulse
                if latest is not pulse and latest.seq <= cursor:
                    pulse = latest
                    # The id moves the cursor over changes of others, so that it does not grow too old.
                    await self._write(b"id: %d\n%b" % (cursor, pulse.data))
                if self._feed.news is not news:
                    news = self._feed.news
                    await self._write(news.data)
                if not batch.more:
                    await arrived.wait()

    async def watch_permission(self) -> None:
        """Return when the key is revoked or the session has ended; take up what the reader sees now.

        Who sees something else than before is told to begin anew.
        """
        while True:
            await asyncio.sleep(RECHECK_S)
            try:
                seen = await run_in_threadpool(_scope_of_reader, self._connection)
            except ProblemError:
                return
            except StoreUnavailable:
                continue  # nothing new can be read either while the database is away
            self._sees_otherwise = self._sees_otherwise or seen != self._seen
            self._seen = seen

    async def _write(self, data: bytes) -> None:
        async with asyncio.timeout(STALL_S):
            await self._send({"type": "http.response.body", "body": data, "more_body": True})


def requested_cursor(connection: HTTPConnection) -> int | None:
    """`Last-Event-ID`, which a reconnecting browser sends, else `since`; -1 stands for an id that is not
    ours. Raises ProblemError `invalid-input` for a `since` that is not a number."""
    last = connection.headers.get("last-event-id")
    if last:
        return int(last) if _is_seq(last) else -1
    unknown = set(connection.query_params) - {"since"}
    if unknown:
        raise invalid(sorted(unknown)[0][:64], "このパラメーターはありません。")
    since = connection.query_params.get("since")
    if since is None:
        return None
    if not _is_seq(since):
        raise invalid("since", "0以上の整数で書いてください。")
    return int(since)


def _is_seq(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 19 and int(text) <= LARGEST_SEQ


def _scope_of_reader(connection: HTTPConnection) -> Audience:
    reader = door.identify(connection)
    access.require(reader, Permission.READ_INCIDENTS)
    return reader.scope


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _until_first(*works: Coroutine[Any, Any, None]) -> None:
    """Run `works` until one ends; the others are cancelled. A failure ends the stream and is logged."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                log.info("stream_ended", reason=type(outcome).__name__)
