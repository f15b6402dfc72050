"""Bring a database to the newest revision, and say which revision it has."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from geoalchemy2 import alembic_helpers
from sqlalchemy import Connection, create_engine, make_url, pool, text

from service.store import fence
from service.store.locks import MIGRATION
from service.store.tables import metadata

LOCATION = "service.store:migrations"


@dataclass(frozen=True, slots=True)
class RevisionState:
    """The revision of a database (None: empty) and the newest one that this program knows."""

    current: str | None
    head: str

    @property
    def is_current(self) -> bool:
        """Whether nothing is left to migrate."""
        return self.current == self.head


def is_ours(
    thing: Any,
    name: str | None,
    kind: Literal[
        "schema",
        "table",
        "column",
        "index",
        "unique_constraint",
        "foreign_key_constraint",
        "check_constraint",
    ],
    reflected: bool,
    compare_to: Any,
) -> bool:
    """Whether alembic may compare `thing`: PostGIS's own tables are not ours."""
    return bool(alembic_helpers.include_object(thing, name, kind, reflected, compare_to))  # type: ignore[no-untyped-call]


def upgrade(url: str, revision: str = "head", progress: Callable[[str], None] | None = None) -> None:
    """Run the missing revisions up to `revision`; two callers at once wait for each other.

    `progress` is called with each revision's id before it runs. Needs the right to create the
    extension postgis unless it is there already.
    """
    with _connection(url) as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION})
        connection.commit()
        config = _config(connection)
        if progress is not None:
            for step in _pending(config, connection, revision):
                progress(step)
        command.upgrade(config, revision)
        connection.commit()
        if revision == "head":
            fence.put_up(connection)
            connection.commit()


def state(url: str) -> RevisionState:
    """The revision of the database at `url` beside the newest known one."""
    with _connection(url) as connection:
        config = _config(connection)
        head = ScriptDirectory.from_config(config).get_current_head()
        return RevisionState(_current(connection), str(head))


def revisions() -> list[str]:
    """Every revision, oldest first."""
    scripts = ScriptDirectory.from_config(_config(None))
    return [script.revision for script in reversed(list(scripts.walk_revisions()))]


def differences(url: str) -> list[Any]:
    """What alembic would change to make the database equal to `tables.py`; empty when they agree."""
    with _connection(url) as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_object": is_ours}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def _pending(config: Config, connection: Connection, revision: str) -> Iterator[str]:
    scripts = ScriptDirectory.from_config(config)
    current = _current(connection)
    steps = [script.revision for script in scripts.iterate_revisions(revision, current or "base")]
    yield from reversed(steps)


def _current(connection: Connection) -> str | None:
    found = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    return found


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", LOCATION)
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=pool.NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
