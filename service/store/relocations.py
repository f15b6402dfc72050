"""The queue of reports that are to be located again, because headquarters taught a place or took it back.

A row is there as long as what it did can be undone: `before` keeps the readings that it replaced.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from geo.names import normal_form, search_keys
from geo.place import Position
from geo.taught import KIND
from service.report import Message, Waiting
from service.store.workers import DEAD_OR_NONE

# Reports received within this time are located again: the event at hand, not last year's.
LOOK_BACK: Final = timedelta(hours=72)
MAX_ATTEMPTS: Final = 10  # more than in the inbox: nothing else repeats this work
ERROR_CHARACTERS: Final = 8000
DIED: Final = "the worker died while it had this report"
# The lesson stands behind the report's present place, and undoing it has something to do.
_PLACED: Final = "(before IS NOT NULL OR anew)"


@dataclass(frozen=True, slots=True)
class Relocation:
    """A claimed row: the report as it was delivered, and how often it was tried before."""

    id: int
    attempts: int
    waiting: Waiting


def queue_unplaced(
    conn: Connection, taught_id: UUID, codes: Collection[str], name: str, incident: UUID | None
) -> int:
    """Queue the reports of `codes` that say `name` and are not on the map, and those of `incident`.

    Looks LOOK_BACK back. Names are compared in every spelling. Returns how many were queued.
    """
    rows = conn.execute(
        text(
            "SELECT reports.id, reports.text FROM reports WHERE erased_at IS NULL AND ("
            "received_at >= clock_timestamp() - CAST(:back AS interval) "
            # What only a lesson has placed may have waited for this one: it names both.
            "AND EXISTS (SELECT FROM readings r WHERE r.report_id = reports.id AND (r.geom IS NULL "
            "OR jsonb_path_exists(r.candidates, '$[*].scores.taught_here'))) "
            "AND (sender_municipality = ANY(:codes) OR EXISTS (SELECT FROM readings r "
            "WHERE r.report_id = reports.id AND r.municipality = ANY(:codes))) "
            "OR EXISTS (SELECT FROM readings r WHERE r.report_id = reports.id AND r.incident_id = :incident))"
        ),
        {"back": LOOK_BACK, "codes": sorted(codes), "incident": incident},
    )
    keys = search_keys(name, KIND)
    saying = [row.id for row in rows if any(key in normal_form(row.text) for key in keys)]
    return _insert(conn, taught_id, saying, state="waiting", anew=False)


def queue_read_with(
    conn: Connection, taught_id: UUID, municipality: str, name: str, *, undo: bool = False
) -> int:
    """Queue the reports that came after the lesson and were placed by it when they were first read."""
    found = conn.execute(
        text(
            "SELECT DISTINCT r.report_id FROM readings r WHERE r.municipality = :municipality "
            "AND jsonb_path_exists(r.candidates, '$[*].scores.taught_here') "
            "AND r.candidates->0->>'name' = :name AND r.candidates->0->'scores' ? 'taught_here' "
            "AND NOT EXISTS (SELECT FROM relocations l "
            "WHERE l.report_id = r.report_id AND l.taught_id = :id)"
        ),
        {"municipality": municipality, "name": name, "id": taught_id},
    ).scalars()
    return _insert(conn, taught_id, found, state="undoing" if undo else "waiting", anew=True)


def queue_undoing(conn: Connection, taught_id: UUID) -> None:
    """What the lesson placed goes back; what still waited for it waits no longer."""
    conn.execute(text(f"DELETE FROM relocations WHERE taught_id = :id AND NOT {_PLACED}"), {"id": taught_id})  # noqa: S608
    conn.execute(
        text("UPDATE relocations SET state = 'undoing', attempts = 0, worker = NULL WHERE taught_id = :id"),
        {"id": taught_id},
    )


def take_over(conn: Connection, old_id: UUID, new_id: UUID) -> None:
    """A corrected lesson inherits what the one before it had placed: one step, and one undoing for both."""
    conn.execute(text(f"DELETE FROM relocations WHERE taught_id = :old AND NOT {_PLACED}"), {"old": old_id})  # noqa: S608
    conn.execute(
        text(
            "UPDATE relocations SET taught_id = :new, state = 'waiting', attempts = 0, worker = NULL "
            "WHERE taught_id = :old"
        ),
        {"old": old_id, "new": new_id},
    )


def _insert(conn: Connection, taught_id: UUID, reports: Iterable[UUID], *, state: str, anew: bool) -> int:
    made = conn.execute(
        text(
            "INSERT INTO relocations (taught_id, report_id, state, anew) "
            "SELECT :taught, id, :state, :anew FROM unnest(CAST(:reports AS uuid[])) AS given(id) "
            "ORDER BY id ON CONFLICT (taught_id, report_id) DO NOTHING"
        ),
        {"taught": taught_id, "reports": list(reports), "state": state, "anew": anew},
    )
    return made.rowcount


def counts(conn: Connection, taught_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int, int]]:
    """Waiting, located and failed reports of each lesson that has any."""
    rows = conn.execute(
        text(
            "SELECT taught_id, count(*) FILTER (WHERE state IN ('waiting', 'undoing')), "
            "count(*) FILTER (WHERE state = 'located'), count(*) FILTER (WHERE state = 'failed') "
            "FROM relocations WHERE taught_id = ANY(:ids) GROUP BY taught_id"
        ),
        {"ids": list(taught_ids)},
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


# One report at a time, in the order in which its lessons were given and taken back.
_OPEN = f"""
    state IN ('waiting', 'undoing') AND {DEAD_OR_NONE} AND NOT EXISTS (
        SELECT FROM relocations earlier WHERE earlier.report_id = relocations.report_id
        AND earlier.id < relocations.id AND earlier.state IN ('waiting', 'undoing'))
"""


def claim(conn: Connection, worker: int, limit: int) -> list[Relocation]:
    """Take up to `limit` open rows for `worker`, oldest first; commit at once.

    As in the inbox, the attempt counts before the work, and what was tried before comes alone: whatever
    kills or fails a worker takes no other report with it.
    """
    while tried := _ids(conn, f"{_OPEN} AND attempts > 0 ORDER BY attempts, id LIMIT 1", {}):
        if taken := _take(conn, worker, tried):
            return taken
    fresh = _ids(conn, f"{_OPEN} AND attempts = 0 ORDER BY id LIMIT :limit", {"limit": limit})
    return _take(conn, worker, fresh)


def _ids(conn: Connection, where: str, values: dict[str, int]) -> list[int]:
    statement = f"SELECT id FROM relocations WHERE {where} FOR UPDATE SKIP LOCKED"  # noqa: S608 - constants
    return list(conn.execute(text(statement), values).scalars())


def _take(conn: Connection, worker: int, ids: list[int]) -> list[Relocation]:
    """Count the attempt; what has had MAX_ATTEMPTS, because its workers died, is given up instead."""
    if not ids:
        return []
    conn.execute(
        text(
            "UPDATE relocations SET state = 'failed', worker = NULL, last_error = :error "
            "WHERE id = ANY(:ids) AND attempts >= :most"
        ),
        {"ids": ids, "most": MAX_ATTEMPTS, "error": DIED},
    )
    taken = conn.execute(
        text(
            "WITH mine AS (UPDATE relocations SET worker = :worker, attempts = attempts + 1 "
            "WHERE id = ANY(:ids) AND state <> 'failed' RETURNING id, attempts - 1 AS tried, report_id) "
            "SELECT mine.id, mine.tried, r.id AS report_id, r.inbox_id, r.received_at, r.channel, r.text, "
            "r.posted_at, r.sender_municipality, r.drill, r.position_accuracy_m, "
            "ST_Y(r.position) AS lat, ST_X(r.position) AS lon "
            "FROM mine JOIN reports r ON r.id = mine.report_id ORDER BY r.posted_at, r.id"
        ),
        {"worker": worker, "ids": ids},
    )
    return [Relocation(row.id, row.tried, _waiting(row)) for row in taken]


def _waiting(row: Any) -> Waiting:
    position = None if row.lat is None else Position(row.lat, row.lon, row.position_accuracy_m)
    message = Message(
        channel=row.channel,
        key=str(row.report_id),
        text=row.text,
        posted_at=row.posted_at,
        sender_municipality=row.sender_municipality,
        position=position,
        drill=row.drill,
    )
    return Waiting(row.inbox_id, row.report_id, row.received_at, row.tried, message)


def release(conn: Connection, batch: Sequence[Relocation]) -> None:
    """Give claimed rows back untried: the gazetteer changed while they were read."""
    conn.execute(
        text(
            "UPDATE relocations SET worker = NULL, attempts = relocations.attempts - 1 "
            "FROM unnest(CAST(:ids AS bigint[]), CAST(:attempts AS int[])) AS mine(id, attempts) "
            "WHERE relocations.id = mine.id AND state IN ('waiting', 'undoing') "
            "AND relocations.attempts = mine.attempts + 1"
        ),
        {"ids": [one.id for one in batch], "attempts": [one.attempts for one in batch]},
    )


def fail(conn: Connection, relocation: Relocation, error: str) -> bool:
    """Give a row back to be tried again; True when it was given up after MAX_ATTEMPTS.

    `error` is kept for operators: never the report's words.
    """
    failed = conn.execute(
        text(
            "UPDATE relocations SET worker = NULL, last_error = :error, "
            "state = CASE WHEN attempts >= :most THEN 'failed' ELSE state END "
            "WHERE id = :id AND attempts = :attempts AND state IN ('waiting', 'undoing') RETURNING state"
        ),
        {
            "id": relocation.id,
            "attempts": relocation.attempts + 1,
            "error": error[-ERROR_CHARACTERS:].replace("\0", ""),
            "most": MAX_ATTEMPTS,
        },
    ).first()
    return failed is not None and failed.state == "failed"
