"""The api as a process: uvicorn with one event loop, open streams sent away when it stops."""

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import uvicorn

from geo.gazetteer.memory import data_folder
from geo.gazetteer.tables import MUNICIPALITIES, OUTLINES, read_municipalities
from service import access, lifetimes, logs
from service.access import oidc
from service.api.app import create_app
from service.api.pages import load_site
from service.api.services import Services
from service.limits import Limiter
from service.settings import Settings
from service.store.database import Database
from web import assets

SHUTDOWN_S: Final = 4
LOOK_EVERY_S: Final = 0.2


def compose(settings: Settings) -> Services:
    """The parts of the api by the settings. Raises ValueError without DATABASE_URL, LifetimesError."""
    if not settings.database_url:
        raise ValueError("DATABASE_URL is empty: start with `hansho up`, or set it")
    return Services(
        database=Database(settings.database_url),
        settings=settings,
        secret=access.load_secret(settings),
        limiter=Limiter(),
        clock=_now,
        municipalities={row.code: row.name for row in read_municipalities(data_folder() / MUNICIPALITIES)},
        lifetimes=lifetimes.load(settings.lifetimes),
        provider=oidc.provider_of(settings),
    )


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; returns after open requests have ended, at most a few seconds later.

    Raises ValueError without DATABASE_URL, FileNotFoundError when the npm packages are missing.
    """
    logs.configure(settings.log_level)
    services = compose(settings)
    app = create_app(services, load_site(assets.NODE_MODULES, data_folder() / OUTLINES))
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    server = uvicorn.Server(config)

    def stop(*_: object) -> None:
        server.should_exit = True

    # uvicorn raises the signal again when it has stopped: without a handler a clean stop looks like a crash.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(until_stopped(server, app.state.feed.stop))
    finally:
        services.database.dispose()


async def until_stopped(
    server: uvicorn.Server,
    send_listeners_away: Callable[[], Awaitable[None]],
    sockets: list[socket.socket] | None = None,
) -> None:
    """Serve; when the server is told to stop, end the streams first: they never end by themselves."""
    serving = asyncio.create_task(server.serve(sockets))
    while not serving.done() and not server.should_exit:
        await asyncio.wait([serving], timeout=LOOK_EVERY_S)
    await send_listeners_away()
    await serving


def _now() -> datetime:
    return datetime.now(UTC)
