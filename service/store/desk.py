"""What headquarters decide, in one transaction: rulings, moved reports, changes, and the record."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from service.report import NO_RULING, Incident, Observation, Ruling
from service.store import actions, aliases, ledger
from service.store.actions import COLUMNS, Action, Recorded
from service.store.ledger import Fusion
from service.store.rows import MEMBER_COLUMNS, member_from_row
from service.store.rulings import ruling_from_json, ruling_to_json, time_to_json


@dataclass(frozen=True, slots=True)
class Edit:
    """One incident's ruling before and after; `whole` when the incident ended or began with it."""

    incident_id: UUID
    before: Ruling
    after: Ruling
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """A reading that goes from one incident to another; `moved_at` is what it had before and gets with it:
    None when the program had put it there."""

    report_id: UUID
    ordinal: int
    origin: UUID
    to: UUID
    moved_at: tuple[datetime | None, datetime | None]

    def back(self) -> "Move":
        """The move that takes this one back."""
        return Move(self.report_id, self.ordinal, self.to, self.origin, self.moved_at[::-1])


@dataclass(frozen=True, slots=True)
class Deed:
    """What one action does: `edits` of rulings and `moves` of readings."""

    edits: tuple[Edit, ...]
    moves: tuple[Move, ...] = field(default=())


def now(conn: Connection) -> datetime:
    """The database's time; ask for it under the lock."""
    at: datetime = conn.execute(text("SELECT clock_timestamp()")).scalar_one()
    return at


def carry_out(conn: Connection, deed: Deed, by: Action, fuse: Fusion) -> Recorded:
    """Write the rulings, move the readings, sum up, and record it as `by`, all of it or nothing.

    Needs `ledger.lock`, and `before` as it is now. Audience, owner, drill and body of `by` are filled in.
    """
    ids = [edit.incident_id for edit in deed.edits]
    before = ledger.incidents_by_id(conn, ids)
    _move(conn, deed.moves)
    ledger.recompute(conn, ids, fuse, {edit.incident_id: edit.after for edit in deed.edits})
    after = ledger.incidents_by_id(conn, ids)
    for edit in deed.edits:
        _known_as(conn, edit, before.get(edit.incident_id), fuse)
    touched = [*before.values(), *after.values()]
    owners = {one.municipality for one in touched}
    return actions.record(
        conn,
        replace(
            by,
            audience=tuple(sorted({code for one in touched for code in one.audience})),
            owner=owners.pop() if len(owners) == 1 else None,
            drill=any(one.drill for one in touched),
            body=body_of(deed),
        ),
    )


def _move(conn: Connection, moves: Sequence[Move]) -> None:
    if not moves:
        return
    conn.execute(text("SET CONSTRAINTS fk_readings_incident_id DEFERRED"))
    conn.execute(
        text(
            "UPDATE readings SET incident_id = :to, moved_at = :at "
            "WHERE report_id = :report AND ordinal = :ordinal AND incident_id = :origin"
        ),
        [
            {
                "report": one.report_id,
                "ordinal": one.ordinal,
                "origin": one.origin,
                "to": one.to,
                "at": one.moved_at[1],
            }
            for one in moves
        ],
    )


def _known_as(conn: Connection, edit: Edit, was: Incident | None, fuse: Fusion) -> None:
    """Reports that would have joined the incident as it was find what became of it."""
    if edit.after.merged_into is not None:
        if was is not None:
            aliases.keep(conn, was, edit.after.merged_into)
        return
    if edit.before.merged_into is not None:
        aliases.forget(conn, edit.incident_id, edit.before.merged_into)
    said = ledger.members(conn, [edit.incident_id])[edit.incident_id]
    if said and (edit.after.type is not None or edit.after.place is not None):
        unruled = replace(edit.after, type=None, place=None, status=None)
        aliases.keep(conn, fuse.summarize(edit.incident_id, said, unruled), edit.incident_id)
    else:
        aliases.forget(conn, edit.incident_id, edit.incident_id)


def readings_of(conn: Connection, incident_id: UUID) -> list[tuple[UUID, int, datetime | None]]:
    """Report, ordinal and `moved_at` of each reading in an incident, oldest first."""
    rows = conn.execute(
        text(
            "SELECT report_id, ordinal, moved_at FROM readings WHERE incident_id = :id "
            "ORDER BY said_at, report_id, ordinal"
        ),
        {"id": incident_id},
    )
    return [(row.report_id, row.ordinal, row.moved_at) for row in rows]


def where_now(conn: Connection, moves: Sequence[Move]) -> dict[tuple[UUID, int], UUID | None]:
    """The incident that each moved reading is in now; those that were erased are missing."""
    rows = conn.execute(
        text("SELECT report_id, ordinal, incident_id FROM readings WHERE report_id = ANY(:ids)"),
        {"ids": [one.report_id for one in moves]},
    )
    return {(row.report_id, row.ordinal): row.incident_id for row in rows}


def joined_since(conn: Connection, incident_id: UUID, at: datetime) -> list[Observation]:
    """The readings that the program put into an incident after `at`, as bare as members are."""
    rows = conn.execute(
        text(
            f"SELECT {MEMBER_COLUMNS} FROM readings r JOIN reports ON reports.id = r.report_id "  # noqa: S608
            "WHERE r.incident_id = :id AND r.moved_at IS NULL AND reports.read_at > :at "
            "ORDER BY r.said_at, r.report_id, r.ordinal"
        ),
        {"id": incident_id, "at": at},
    )
    return list(map(member_from_row, rows))


def touching(conn: Connection, ids: Collection[UUID]) -> list[Recorded]:
    """Every action that any of the incidents was part of, oldest first; for whoever may read about them."""
    rows = conn.execute(
        text(
            f"SELECT {COLUMNS} FROM actions a WHERE a.incident_id = ANY(:ids) OR (a.body ? 'edits' "  # noqa: S608
            "AND a.body -> 'edits' @> ANY(CAST(:parts AS jsonb[]))) ORDER BY a.id"
        ),
        {"ids": list(ids), "parts": [f'[{{"id":"{one}"}}]' for one in ids]},
    )
    return [actions.recorded(row) for row in rows]


def body_of(deed: Deed) -> dict[str, Any]:
    """A deed as the record of actions keeps it. It quotes no report: those can be erased, actions cannot."""
    return {
        "edits": [
            {
                "id": str(one.incident_id),
                "before": ruling_to_json(one.before),
                "after": ruling_to_json(one.after),
                "whole": one.whole,
            }
            for one in deed.edits
        ],
        "moves": [
            {
                "report": str(one.report_id),
                "ordinal": one.ordinal,
                "from": str(one.origin),
                "to": str(one.to),
                "moved_at": [None if at is None else time_to_json(at) for at in one.moved_at],
            }
            for one in deed.moves
        ],
    }


def deed_of(body: Mapping[str, Any]) -> Deed:
    """The deed of an action's body; without edits for an action that was none of the desk's."""
    edits = tuple(
        Edit(
            UUID(one["id"]),
            ruling_from_json(one["before"]),
            ruling_from_json(one["after"]),
            one["whole"],
        )
        for one in body.get("edits", ())
    )
    moves = tuple(
        Move(
            UUID(one["report"]),
            one["ordinal"],
            UUID(one["from"]),
            UUID(one["to"]),
            (_time(one["moved_at"][0]), _time(one["moved_at"][1])),
        )
        for one in body.get("moves", ())
    )
    return Deed(edits, moves)


def _time(at: str | None) -> datetime | None:
    return None if at is None else datetime.fromisoformat(at)


def rulings(conn: Connection, ids: Collection[UUID]) -> dict[UUID, Ruling]:
    """The present rulings of incidents, ended ones as they were last; nothing known counts as no ruling."""
    last = ledger.last_versions(conn, list(ids))
    return {one: last[one].ruling if one in last else NO_RULING for one in ids}
