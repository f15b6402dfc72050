"""The sources of the gazetteer: what is loaded, since when, under which licence; and the one version of all.

Whoever changes places, houses or areas calls `touch` in the same transaction. Whoever holds rows in memory
compares `version` and then the versions of the sources: that is how a running worker learns of new names.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

PACKAGED = "packaged"


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Where rows come from: its name, the checksum of the table, its licence and date as published,
    how the file was read (`format`, PACKAGED for the program's own tables) and the file's name."""

    source: str
    checksum: str
    licence: str
    dated: str
    format: str = PACKAGED
    file: str = ""


@dataclass(frozen=True, slots=True)
class LoadedSource:
    """A source in the database; `version` is the gazetteer's version when it last changed."""

    info: SourceInfo
    rows: int
    loaded_at: datetime
    version: int


def version(conn: Connection) -> int:
    """A number that grows with every change of the gazetteer."""
    number: int = conn.execute(text("SELECT version FROM gazetteer_state")).scalar_one()
    return number


def touch(conn: Connection, source: str | None = None) -> int:
    """Say that the gazetteer changed, and which source; returns the new version.

    Others who change it wait from here until this transaction ends: call it last.
    """
    number: int = conn.execute(
        text("UPDATE gazetteer_state SET version = version + 1 RETURNING version")
    ).scalar_one()
    if source is not None:
        conn.execute(
            text("UPDATE place_sources SET version = :number WHERE source = :source"),
            {"number": number, "source": source},
        )
    return number


def loaded(conn: Connection) -> list[LoadedSource]:
    """Every source, the packaged ones first, then by name."""
    found = conn.execute(
        text(
            "SELECT source, checksum, licence, dated, format, file, rows, loaded_at, version "
            "FROM place_sources ORDER BY format <> :packaged, source"
        ),
        {"packaged": PACKAGED},
    )
    return [LoadedSource(SourceInfo(*row[:6]), row[6], row[7], row[8]) for row in found]


def begin(conn: Connection, info: SourceInfo) -> None:
    """Make `info` an empty source: rows that it had are gone, other sources' rows stay."""
    remove(conn, info.source)
    conn.execute(
        text(
            "INSERT INTO place_sources (source, checksum, licence, dated, format, file, rows) "
            "VALUES (:source, :checksum, :licence, :dated, :format, :file, 0)"
        ),
        {name: getattr(info, name) for name in SourceInfo.__slots__},
    )


def finish(conn: Connection, source: str, count: int) -> None:
    """Note how many rows a source has now, and that it changed."""
    conn.execute(
        text("UPDATE place_sources SET rows = :count WHERE source = :source"),
        {"source": source, "count": count},
    )
    touch(conn, source)


def remove(conn: Connection, source: str) -> int | None:
    """Take a source out with all its places, houses and areas; how many rows it had, None if unknown."""
    conn.execute(text("DELETE FROM municipalities WHERE source = :source"), {"source": source})
    rows: int | None = conn.execute(
        text("DELETE FROM place_sources WHERE source = :source RETURNING rows"), {"source": source}
    ).scalar()
    if rows is not None:
        touch(conn)
    return rows
