"""The database that a command works on: DATABASE_URL, or the private cluster of STATE."""

from collections.abc import Iterator
from contextlib import contextmanager

from service.settings import Settings
from service.store import migrate
from service.store.database import Connection, Database
from service.store.embedded import EmbeddedCluster


@contextmanager
def database_url(settings: Settings, *, stop: bool = False) -> Iterator[str]:
    """URL of a database that is up for the block; a private cluster that did not run before is stopped after,
    with `stop` also one that did (left by a killed `hansho up`).

    Raises ClusterError when the private cluster cannot start.
    """
    if settings.database_url:
        yield settings.database_url
        return
    cluster = EmbeddedCluster(settings.state)
    was_running = cluster.is_running()
    url = cluster.start()
    try:
        yield url
    finally:
        if stop or not was_running:
            cluster.stop()


@contextmanager
def database(settings: Settings) -> Iterator[Database]:
    """The database of `database_url`, for the block."""
    with database_url(settings) as url:
        opened = Database(url)
        try:
            yield opened
        finally:
            opened.dispose()


@contextmanager
def migrated_database(settings: Settings) -> Iterator[Database | None]:
    """The database for the block, None when its tables are not those of this program.

    Raises StoreUnavailable when it does not answer, ClusterError.
    """
    with database_url(settings) as url:
        opened = Database(url)
        try:
            # Asked first, because its refusals come in our own words.
            with opened.transaction():
                pass
            yield opened if migrate.state(url).is_current else None
        finally:
            opened.dispose()


@contextmanager
def transaction(settings: Settings) -> Iterator[Connection]:
    """One transaction on that database."""
    with database(settings) as opened, opened.transaction() as conn:
        yield conn
