"""Fixtures of the api's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.api.pages import Site
from service.api.services import Services
from service.store.database import Database
from tests.service.api import world as worlds
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
