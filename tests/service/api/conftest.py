"""Fixtures of the api's tests."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service import access
from service.access import Permission
from service.api.pages import Site
from service.api.services import Services
from service.store.database import Database
from tests.service.api import inprocess
from tests.service.api import world as worlds
from tests.service.api.inprocess import Api, NewKey, Serve
from tests.service.api.world import World


@pytest.fixture(scope="session")
def site() -> Site:
    return worlds.site()


@pytest.fixture
def services(database: Database, database_url: str, tmp_path: Path) -> Services:
    return worlds.services_for(database, database_url, tmp_path)


@pytest.fixture
def world(services: Services, site: Site) -> Iterator[World]:
    with worlds.running(services, site) as made:
        yield made


@pytest.fixture
def serve(database: Database) -> Serve:
    """`serve(setting=value)` gives an api with these settings."""

    def make(store: Database = database, **changes: Any) -> Api:
        return Api(inprocess.services(store, **changes))

    return make


@pytest.fixture
def client(serve: Serve) -> Api:
    return serve()


@pytest.fixture
def new_key(database: Database) -> NewKey:
    def make(*scopes: Permission, municipality: str | None = None) -> dict[str, str]:
        with database.transaction() as conn:
            key = access.create_key(
                conn, inprocess.SECRET, "test", scopes or (Permission.WRITE_REPORTS,), municipality, None
            )
        return {"Authorization": f"Bearer {key}"}

    return make
