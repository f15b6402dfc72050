"""A real api on a real database: services, a live uvicorn, keys and people of each kind."""

import contextlib
import logging
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import structlog
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from geo.gazetteer.memory import data_folder
from geo.gazetteer.tables import OUTLINES
from service import access, logs
from service.access import Permission, Role
from service.api.app import create_app
from service.api.pages import Site, load_site
from service.api.services import Services
from service.limits import Limiter
from service.settings import Settings
from service.store import access as accounts
from service.store import inbox, organizations, save, workers
from service.store.database import Database
from tests.hosting import hosted, wait_until
from tests.service.store.samples import NearestOfType, message, observation, read
from web import assets

SECRET = b"a secret of tests"
PASSWORD = "correct horse battery"
# The same argon2 with less work: a run signs thousands of people in.
PASSWORD_HASH = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64),)).hash(PASSWORD)
CERTIFICATES = ssl.create_default_context()  # reading them takes longer than most tests
NAMES = {"34207": "福山市", "34202": "呉市"}


def services_for(
    database: Database, url: str, state: Path, limiter: Limiter | None = None, **settings: object
) -> Services:
    return Services(
        database=database,
        settings=Settings(database_url=url, state=state, **settings),  # type: ignore[arg-type]
        secret=SECRET,
        limiter=limiter or Limiter(),
        clock=lambda: datetime.now(UTC),
        municipalities=NAMES,
    )


def site() -> Site:
    return load_site(assets.NODE_MODULES, data_folder() / OUTLINES)


@dataclass(frozen=True, slots=True)
class World:
    """The services of one test's api and the address at which it answers."""

    services: Services
    url: str
    open_clients: contextlib.ExitStack

    def key(self, *scopes: Permission, code: str | None = None) -> str:
        with self.services.database.transaction() as conn:
            return access.create_key(conn, SECRET, "test", scopes, code)

    def user(self, name: str, role: Role, code: str | None = None) -> None:
        with self.services.database.transaction() as conn:
            organization = None if code is None else accounts.ensure_organization(conn, code)
            accounts.add_user(conn, name, PASSWORD_HASH, role, organization)

    def client(self, key: str | None = None) -> httpx.Client:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        client = httpx.Client(base_url=self.url, headers=headers, timeout=20.0, verify=CERTIFICATES)
        return self.open_clients.enter_context(client)

    def reader(self) -> httpx.Client:
        return self.client(self.key(Permission.READ_INCIDENTS))

    def signed_in(self, role: Role, code: str | None = None) -> httpx.Client:
        """A client with the session of a fresh person of `role` in the municipality or prefecture `code`; its
        CSRF token is set as header."""
        name = f"{role.value}-{time.monotonic_ns()}"
        self.user(name, role, code)
        client = self.client()
        answer = client.post(
            "/signin", data={"name": name, "password": PASSWORD}, headers={"Accept": "application/json"}
        )
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf"]
        return client

    def link(self, code: str | None = None, days: float = 1.0) -> str:
        """The token of a fresh wall screen of the municipality or prefecture `code`."""
        with self.services.database.transaction() as conn:
            organization = None
            if code is not None:
                accounts.ensure_organization(conn, code)
                organization = organizations.of_code(conn, code)
            until = datetime.now(UTC) + timedelta(days=days)
            return access.create_device(conn, SECRET, "壁の画面", organization, until, "test")[1]

    def on_the_wall(self, code: str | None = None) -> httpx.Client:
        """A client with the session of a fresh wall screen."""
        client = self.client()
        answer = client.post("/device", json={"token": self.link(code)})
        assert answer.status_code == 204, answer.text
        client.headers["X-CSRF-Token"] = client.get("/me").json()["csrf"]
        return client


@contextlib.contextmanager
def real_logs() -> Iterator[None]:
    """Logs as the service writes them, on the present standard error; afterwards those of tests again."""
    root, access_log = logging.getLogger(), logging.getLogger("uvicorn.access")
    handlers, level, disabled = root.handlers[:], root.level, access_log.disabled
    logs.configure("INFO")
    try:
        yield
    finally:
        structlog.reset_defaults()
        root.handlers[:], root.level, access_log.disabled = handlers, level, disabled


def report(services: Services, key: str, **given: object) -> None:
    """One report with one observation, all the way into the incidents."""
    report_many(services, [(key, given)])


def report_many(services: Services, reports: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Reports in one batch, claimed and saved as the worker does."""
    database = services.database
    with workers.register(database, "test") as lease:
        with database.transaction() as conn:
            inbox.put_many(conn, [message(key) for key, _ in reports])
        by_key = dict(reports)
        while True:
            with database.transaction() as conn:
                claimed = inbox.claim(conn, lease.id, 500)
            if not claimed:
                return
            read_reports = [
                read(one, observation(one.report_id, **by_key[one.message.key])) for one in claimed
            ]
            with database.transaction() as conn:
                save.save(conn, read_reports, NearestOfType())


@contextlib.contextmanager
def running(services: Services, prepared: Site) -> Iterator[World]:
    """The api under uvicorn, in a thread."""
    app = create_app(services, prepared)
    with hosted(app, app.state.feed.stop) as url:
        wait_until(lambda: app.state.feed.started)
        with contextlib.ExitStack() as open_clients:
            yield World(services, url, open_clients)
