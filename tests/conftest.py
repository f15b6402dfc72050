"""A real PostGIS for every test that asks: one cluster a run, one migrated template, one clone a test."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql
from sqlalchemy import make_url

from service.pipeline import Pipeline, build_pipeline
from service.store import migrate
from service.store.database import Database
from service.store.embedded import EmbeddedCluster, missing

MEMORY = Path("/dev/shm")  # noqa: S108 - Linux's folder in memory
ROOM_BYTES = 2 * 1024**3
AFTERWARDS = Path(__file__).with_name("afterwards.sh")

# The same examples in every run, none failed by the clock; `--hypothesis-profile=search` looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", derandomize=False, deadline=None, max_examples=2_000)
settings.load_profile("same")


def _address(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def _administer(url: str, statement: sql.Composed) -> None:
    plain = make_url(url).set(drivername="postgresql", database="postgres")
    with psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(statement)


def _create(url: str, name: str, template: str) -> None:
    """Clone `template`, which nobody is connected to, as `name`."""
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
    _administer(url, statement.format(sql.Identifier(name), sql.Identifier(template)))


def _drop(url: str, name: str) -> None:
    _administer(url, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def reachable_folder() -> Iterator[Path]:
    """A folder which the server's own user can reach (pytest's are closed), in memory where there is room."""
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM_BYTES
    with tempfile.TemporaryDirectory(prefix="hansho-", dir=MEMORY if roomy else None) as name:
        folder = Path(name)
        folder.chmod(0o755)
        with cleared_even_when_killed(folder):
            yield folder


@contextmanager
def cleared_even_when_killed(folder: Path) -> Iterator[None]:
    """A killed run leaves neither a server nor its data: a shell outlives it and sees its pipe close."""
    command = ["/bin/sh", str(AFTERWARDS), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as shell:
        try:
            yield
        finally:
            if shell.stdin is not None:
                shell.stdin.close()
            shell.wait()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Say at once what failed: a run that is cut off prints no summary."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        crash = getattr(report.longrepr, "reprcrash", None)
        sys.stderr.write(f"\n{report.nodeid} ({report.when}): {crash or report.longreprtext[-400:]}\n")


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A PostgreSQL server with PostGIS: DATABASE_URL's, else a private fast one of this (xdist) process."""
    if given := os.environ.get("DATABASE_URL"):
        yield make_url(given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        return
    if packages := missing():
        pytest.fail(
            "These tests run on a real PostGIS. Install it (apt-get install -y "
            f"{' '.join(packages)}), run `make test`, or set DATABASE_URL.",
            pytrace=False,
        )
    with reachable_folder() as folder:
        cluster = EmbeddedCluster(folder, durable=False)
        yield cluster.start()
        cluster.stop(immediate=True)


@pytest.fixture(scope="session")
def template(server_url: str) -> Iterator[str]:
    """Name of a migrated database that tests clone; never connect to it."""
    name = f"hansho_template_{os.getpid()}"
    _create(server_url, name, "template0")
    migrate.upgrade(_address(server_url, name))
    yield name
    _drop(server_url, name)


@pytest.fixture
def new_database_url(server_url: str) -> Iterator[Callable[[str], str]]:
    """Makes further databases: `new_database_url(template)` → URL; all are dropped after the test."""
    made: list[str] = []

    def make(source: str) -> str:
        name = f"hansho_test_{os.getpid()}_{len(made)}"
        _create(server_url, name, source)
        made.append(name)
        return _address(server_url, name)

    yield make
    for name in made:
        _drop(server_url, name)


@pytest.fixture
def database_url(new_database_url: Callable[[str], str], template: str) -> str:
    """URL of an empty, migrated database of this test alone."""
    return new_database_url(template)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty, migrated database of this test alone."""
    made = Database(database_url)
    yield made
    made.dispose()


@pytest.fixture
def durable_cluster() -> Iterator[EmbeddedCluster]:
    """A private cluster with the settings of `hansho up`, not started; stopped after the test."""
    with reachable_folder() as folder:
        cluster = EmbeddedCluster(folder)
        yield cluster
        cluster.stop(immediate=True)


@pytest.fixture(scope="session")
def pipeline() -> Pipeline:
    """The real reader, gazetteer and locator; loading them takes seconds, so one serves all tests."""
    return build_pipeline()
