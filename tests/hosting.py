"""uvicorn in threads of this process, kept for the whole run; each test puts its application behind one."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

WITHIN_S = 10.0
EndStreams = Callable[[], Coroutine[Any, Any, None]]


class Host:
    """A port that answers with whatever application is behind it; starting one costs a test nothing."""

    def __init__(self) -> None:
        self._application: Starlette | None = None
        self._open = 0  # requests that have not ended; belongs to the loop
        self._ended = asyncio.Event()
        self._config = uvicorn.Config(
            self, lifespan="off", log_config=None, access_log=False, loop="uvloop", http="httptools"
        )
        self._server = uvicorn.Server(self._config)
        self._loop: asyncio.AbstractEventLoop | None = None
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        threading.Thread(target=self._run, args=[listener], name="api", daemon=True).start()
        wait_until(lambda: self._server.started)

    def _run(self, listener: socket.socket) -> None:
        with asyncio.Runner(loop_factory=self._config.get_loop_factory()) as runner:
            self._loop = runner.get_loop()
            runner.run(self._server.serve([listener]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._application is not None, f"nothing is behind {self.url}: a test left a client open"
        self._open += 1
        try:
            await self._application(scope, receive, send)
        finally:
            self._open -= 1
            if not self._open:
                self._ended.set()

    @contextlib.contextmanager
    def serving(self, application: Starlette, end_streams: EndStreams | None) -> Iterator[None]:
        """The application behind this port, with its lifespan; after the block every request has ended."""
        lifespan = application.router.lifespan_context(application)
        self._on_loop(lifespan.__aenter__())
        self._application = application
        try:
            yield
        finally:
            if end_streams is not None:
                self._on_loop(end_streams())
            self._on_loop(self._all_ended())
            self._application = None
            self._on_loop(lifespan.__aexit__(None, None, None))

    async def _all_ended(self) -> None:
        while self._open:
            self._ended.clear()
            await asyncio.wait_for(self._ended.wait(), WITHIN_S)

    def _on_loop(self, work: Coroutine[Any, Any, object]) -> None:
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(work, self._loop).result(WITHIN_S)


_idle: list[Host] = []


@contextlib.contextmanager
def hosted(application: Starlette, end_streams: EndStreams | None = None) -> Iterator[str]:
    """The address at which the application answers for as long as the block lasts.

    `end_streams` makes answers end that never would by themselves.
    """
    host = _idle.pop() if _idle else Host()
    with host.serving(application, end_streams):
        yield host.url
    _idle.append(host)


def wait_until(condition: Callable[[], object], within_s: float = WITHIN_S) -> None:
    """Wait for what other threads or processes do."""
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
