"""The whole api asked in process, without sockets: for tests of many small requests."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

import httpx
from pydantic import SecretStr
from sqlalchemy import text

from service.api.app import create_app
from service.api.pages import Site
from service.api.services import Services
from service.limits import Limiter
from service.settings import Settings
from service.store.database import Database
from tests.service.api.line_events import CHANNEL_SECRET, signature

SECRET = b"a secret of tests"
NOW = datetime(2026, 7, 29, 3, 0, tzinfo=UTC)


def services(database: Database, **changes: Any) -> Services:
    given = {"line_channel_secret": SecretStr(CHANNEL_SECRET), "database_url": None, **changes}
    return Services(database, Settings(**given), SECRET, Limiter(), lambda: NOW)


class Api:
    """The whole application, asked in process; each request may come from a thread of its own."""

    base_url = "http://testserver"

    def __init__(self, services: Services) -> None:
        self._app = create_app(services, cast("Site", None))

    def get(self, path: str) -> httpx.Response:
        return asyncio.run(self._ask("GET", path))

    def post(self, path: str, **how: Any) -> httpx.Response:
        return asyncio.run(self._ask("POST", path, **how))

    async def _ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url=self.base_url) as client:
            return await client.request(method, path, **how)


Serve = Callable[..., Api]
NewKey = Callable[..., dict[str, str]]


def rows(database: Database) -> list[Any]:
    with database.transaction() as conn:
        return list(conn.execute(text("SELECT * FROM inbox ORDER BY id")))


def deliver(client: Api, body: bytes) -> httpx.Response:
    """A webhook delivery as LINE signs it."""
    return client.post("/hooks/line", content=body, headers={"x-line-signature": signature(body)})
