"""The lines of the chronology, each read whole from where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from nlp.reading import DamageType, Status
from service.report import Incident, Scope, Verification
from service.store import actions, ledger, tray, visible
from service.store.actions import COLUMNS, Action, Recorded

ENTRY_COLUMNS = (
    "e.id, e.key, e.at, e.written_at, e.category, e.origin, e.recipient, e.text, e.response, e.author, "
    "e.author_name, e.organization, e.organization_name, e.audience, e.municipality, e.incident_id, "
    "e.strikes, e.drill, (SELECT later.id FROM chronology_entries later WHERE later.strikes = e.id)"
)


@dataclass(frozen=True, slots=True)
class Understood:
    """One observation of a report in its incident, as far as the reader sees that."""

    incident_id: UUID
    type: DamageType
    status: Status
    place_text: str
    municipality: str | None
    verification: Verification


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A report: what was understood, and its words (None: not this reader's to read)."""

    report_id: UUID
    at: datetime
    posted_at: datetime
    channel: str
    sender_municipality: str | None
    urgent: bool
    drill: bool
    erased: bool
    said: tuple[Understood, ...]
    words: str | None


@dataclass(frozen=True, slots=True)
class ActionLine:
    """What somebody did; `incident` as it is now, None when there is none that the reader sees; `undone` is
    what it takes back, where the reader sees that."""

    recorded: Recorded
    incident: Incident | None
    undone: Action | None = None

    @property
    def at(self) -> datetime:
        """When it was done."""
        return self.recorded.at


@dataclass(frozen=True, slots=True)
class EntryLine:
    """What somebody wrote by hand, and which later entry strikes it."""

    id: int
    key: UUID
    at: datetime
    written_at: datetime
    category: str
    origin: str
    recipient: str
    text: str
    response: str
    author: UUID | None
    author_name: str
    organization: UUID | None
    organization_name: str
    audience: Sequence[str]
    municipality: str | None
    incident_id: UUID | None
    strikes: int | None
    drill: bool
    struck_by: int | None


def reports(conn: Connection, ids: Sequence[UUID], scope: Scope, own: Scope) -> dict[UUID, ReportLine]:
    """These reports with those of their observations whose incident `scope` sees."""
    if not ids:
        return {}
    said: dict[UUID, list[Understood]] = {one: [] for one in ids}
    seen, values = visible.condition(scope, "i")
    for row in conn.execute(
        text(
            "SELECT r.report_id, r.incident_id, r.type, r.status, r.place_text, r.municipality, "  # noqa: S608
            "i.verification FROM told_readings r JOIN incidents i ON i.id = r.incident_id "
            f"WHERE r.report_id = ANY(:ids) AND {seen} ORDER BY r.report_id, r.ordinal"
        ),
        {**values, "ids": list(ids)},
    ):
        said[row[0]].append(
            Understood(row[1], DamageType(row[2]), Status(row[3]), row[4], row[5], Verification(row[6]))
        )
    mine, values = tray.owned(own)
    rows = conn.execute(
        text(
            "SELECT told.id, told.received_at, told.posted_at, told.channel, "  # noqa: S608
            "told.sender_municipality, told.urgent, told.drill, told.erased_at IS NOT NULL AS erased, "
            f"CASE WHEN {mine} THEN reports.text END AS words "
            "FROM told_reports told LEFT JOIN reports ON reports.id = told.id WHERE told.id = ANY(:ids)"
        ),
        {**values, "ids": list(ids)},
    )
    return {
        row.id: ReportLine(
            row.id,
            row.received_at,
            row.posted_at,
            row.channel,
            row.sender_municipality,
            row.urgent,
            row.drill,
            row.erased,
            tuple(said[row.id]),
            None if row.erased else row.words,
        )
        for row in rows
    }


def actions_of(conn: Connection, ids: Sequence[int], scope: Scope) -> dict[int, ActionLine]:
    """These actions, each with the last known state of its incident and what it takes back, where `scope`
    sees that."""
    found = _recorded(conn, ids)
    taken_back = _recorded(conn, [one.action.undoes for one in found if one.action.undoes is not None])
    undone = {one.id: one.action for one in taken_back if scope.sees(one.action.audience)}
    spoken_of = sorted({one.action.incident_id for one in found if one.action.incident_id is not None})
    known = {
        key: one for key, one in ledger.last_versions(conn, spoken_of).items() if scope.sees(one.audience)
    }
    return {
        one.id: ActionLine(
            one,
            None if one.action.incident_id is None else known.get(one.action.incident_id),
            None if one.action.undoes is None else undone.get(one.action.undoes),
        )
        for one in found
    }


def _recorded(conn: Connection, ids: Sequence[int]) -> list[Recorded]:
    if not ids:
        return []
    rows = conn.execute(
        text(f"SELECT {COLUMNS} FROM actions a WHERE a.id = ANY(:ids)"),  # noqa: S608 - constants
        {"ids": list(ids)},
    )
    return [actions.recorded(row) for row in rows]


def entries(conn: Connection, ids: Sequence[int]) -> dict[int, EntryLine]:
    """These entries."""
    if not ids:
        return {}
    found = _entries(conn, "e.id = ANY(:ids)", {"ids": list(ids)})
    return {one.id: one for one in found}


def entry_of_key(conn: Connection, key: UUID) -> EntryLine | None:
    """The entry that a browser sent with this key."""
    return next(iter(_entries(conn, "e.key = :key", {"key": key})), None)


def _entries(conn: Connection, where: str, values: dict[str, Any]) -> list[EntryLine]:
    rows = conn.execute(
        text(f"SELECT {ENTRY_COLUMNS} FROM chronology_entries e WHERE {where}"),  # noqa: S608 - constants
        values,
    )
    return [EntryLine(*row) for row in rows]
