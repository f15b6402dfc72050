"""Incidents as bare facts, for counting and clustering in memory: never a word of them."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

AT_ONCE = 5_000  # a reader in the background lets others have their turn between two parts


class Fact(NamedTuple):
    """What the map counts of one version of an incident. Degrees in EPSG:4326, None without a point; times
    are seconds since 1970: `last` of its latest report, `at` when this version came into being, `confirmed`
    when headquarters last knew it to go on; `audience` is a JSON array."""

    id: str
    type: str
    status: str
    verification: str
    municipality: str | None
    lat: float | None
    lon: float | None
    urgent: bool
    drill: bool
    people: dict[str, int] | None
    last: float
    seq: int
    at: float
    removed: bool
    audience: str
    confirmed: float | None


# Numbers instead of times and no empty objects: of a hundred thousand rows the parsing is what takes long.
_CURRENT = (
    "SELECT CAST(id AS text), type, status, verification, municipality, ST_Y(geom), ST_X(geom), "
    "urgent, drill, NULLIF(people, '{}'), date_part('epoch', last_reported_at), seq, "
    "date_part('epoch', updated_at), false, CAST(array_to_json(audience) AS text), "
    "date_part('epoch', CAST(ruling->>'confirmed_at' AS timestamptz)) FROM incidents"
)
_CHANGED = (
    "SELECT CAST(incident_id AS text), body->>'type', body->>'status', body->>'verification', "
    "body->>'municipality', CAST(body->>'lat' AS float8), CAST(body->>'lon' AS float8), "
    "CAST(body->>'urgent' AS boolean), CAST(body->>'drill' AS boolean), NULLIF(body->'people', '{}'), "
    "date_part('epoch', CAST(body->>'last_reported_at' AS timestamptz)), seq, "
    "date_part('epoch', at), removed, body->>'audience', "
    "date_part('epoch', CAST(body->'ruling'->>'confirmed_at' AS timestamptz)) FROM changes"
)


def current(conn: Connection) -> Iterator[list[Fact]]:
    """Every incident as it is now, some thousands at a time. Read `changes.latest` before: rows may then be
    newer, never older."""
    return _facts(conn, _CURRENT, {})


def changed(conn: Connection, after: int, limit: int) -> list[Fact]:
    """Up to `limit` changes after the number `after`, in order."""
    statement = f"{_CHANGED} WHERE seq > :after ORDER BY seq LIMIT :limit"
    return _all(_facts(conn, statement, {"after": after, "limit": limit}))


def history_of(conn: Connection, ids: Sequence[str], upto: int) -> list[Fact]:
    """The changes of these incidents up to the number `upto`, as they read now: erasing a report rewrites
    them."""
    statement = f"{_CHANGED} WHERE incident_id = ANY(CAST(:ids AS uuid[])) AND seq <= :upto"
    return _all(_facts(conn, statement, {"ids": list(ids), "upto": upto}))


def _facts(conn: Connection, statement: str, values: dict[str, Any]) -> Iterator[list[Fact]]:
    # Not by a cursor of the server: each of its small packets would pass through Python's selector.
    for part in conn.execute(text(statement), values).partitions(AT_ONCE):
        yield list(itertools.starmap(Fact, part))


def _all(parts: Iterator[list[Fact]]) -> list[Fact]:
    return list(itertools.chain.from_iterable(parts))
