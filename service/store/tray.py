"""The tray of the unplaced: reports that somebody has to look at, because no map shows what they say.

Lists for people who may read words: each takes `own`, what the reader answers for. A report is of its
sender's municipality and of the owners of the incidents that it speaks of; what is nobody's is of every
prefecture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from geo.place import Position
from service.report import PREFECTURE_DIGITS, UNASSIGNED, IncidentReport, Scope
from service.store import incidents, visible


class Tab(StrEnum):
    """What lies in the tray, what headquarters left without a place, what was read as no report, and what
    one's own people reported about another municipality, where alone it is to be seen."""

    UNPLACED = "unplaced"
    SETTLED = "settled"
    IRRELEVANT = "irrelevant"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an observation stands: its incident, and whether a map shows it."""

    incident_id: UUID | None
    on_map: bool


@dataclass(frozen=True, slots=True)
class TrayItem:
    """A report of the tray; `standing` tells of each of its observations by ordinal."""

    report: IncidentReport
    urgent: bool
    drill: bool
    people: Mapping[str, int]
    position: Position | None
    settled_at: datetime | None
    standing: Mapping[int, Standing]


@dataclass(frozen=True, slots=True)
class TrayPage:
    """Some of the tray, most urgent and newest first; `next_after` asks for what follows."""

    items: tuple[TrayItem, ...]
    next_after: str | None


# Neither the reading nor the incident that it is in has a point; what headquarters rejected is done with.
UNPLACED: Final = """
    SELECT r.report_id FROM report_observations r WHERE NOT r.on_map AND r.verification <> 'rejected'
"""
_SENT: Final = (
    "(reports.sender_municipality = ANY(:own) "
    f"OR left(reports.sender_municipality, {PREFECTURE_DIGITS}) = ANY(:own))"
)
_TABS: Final = {
    Tab.UNPLACED: f"reports.id IN ({UNPLACED}) AND reports.settled_at IS NULL",
    Tab.SETTLED: f"reports.id IN ({UNPLACED}) AND reports.settled_at IS NOT NULL",
    # An answer 「分からない」 to a question of headquarters says nothing, and nobody has to look at it.
    Tab.IRRELEVANT: (
        "reports.about IS NULL AND NOT EXISTS (SELECT FROM reading_keys k WHERE k.report_id = reports.id)"
    ),
}


def page(conn: Connection, tab: Tab, own: Scope, after: str | None, limit: int) -> TrayPage:
    """Up to `limit` reports after the cursor. Raises ValueError for a cursor that no page gave."""
    allowed, values = owned(own)
    where = f"reports.erased_at IS NULL AND {allowed}"
    if tab is Tab.ELSEWHERE:
        belongs, further = _elsewhere(own)
        where, values = f"{where} AND {belongs}", values | further
    else:
        where += f" AND {_TABS[tab]}"
    if after is not None:
        where += " AND (reports.urgent, reports.received_at, reports.id) < (:urgent, :at, :last)"
        values |= _cursor(after)
    rows = conn.execute(
        text(
            f"SELECT id, urgent, received_at FROM reports WHERE {where} "  # noqa: S608 - constants
            "ORDER BY urgent DESC, received_at DESC, id DESC LIMIT :rows"
        ),
        {**values, "rows": limit + 1},
    ).all()
    shown = rows[:limit]
    following = None
    if len(rows) > limit:
        last = shown[-1]
        following = f"{int(last.urgent)}_{last.received_at.isoformat()}_{last.id}"
    return TrayPage(tuple(_items(conn, [row.id for row in shown])), following)


def count(conn: Connection, own: Scope) -> tuple[int, int]:
    """How many reports lie in the tray, and how many of them are urgent."""
    allowed, values = owned(own)
    row = conn.execute(
        text(
            "SELECT count(*), count(*) FILTER (WHERE urgent) FROM reports "  # noqa: S608 - constants
            f"WHERE erased_at IS NULL AND {_TABS[Tab.UNPLACED]} AND {allowed}"
        ),
        values,
    ).one()
    return row[0], row[1]


def one(conn: Connection, report_id: UUID, own: Scope) -> TrayItem | None:
    """The report with this id, wherever it lies; None when `own` does not answer for it."""
    allowed, values = owned(own)
    found = conn.execute(
        text(f"SELECT id FROM reports WHERE id = :id AND erased_at IS NULL AND {allowed}"),  # noqa: S608
        {**values, "id": report_id},
    ).scalar()
    return None if found is None else next(iter(_items(conn, [found])))


def owned(own: Scope) -> tuple[str, dict[str, Any]]:
    """SQL over `reports` and its values: the reports that `own` answers for."""
    incident, values = visible.owning(own, "i")
    if own.audience is None:
        return "true", {}
    nobodys = (
        "reports.sender_municipality IS NULL "
        "AND NOT EXISTS (SELECT FROM reading_keys k WHERE k.report_id = reports.id)"
        if UNASSIGNED in own.audience
        else "false"
    )
    # Aliases of its own: the condition may stand inside one that uses r and i.
    return (
        f"({_SENT} OR ({nobodys}) OR EXISTS (SELECT FROM readings r JOIN incidents i ON i.id = r.incident_id "
        f"WHERE r.report_id = reports.id AND {incident}))"
    ), values


def _elsewhere(own: Scope) -> tuple[str, dict[str, Any]]:
    """SQL over `reports` and its values: reports by people of `own` that stand in an incident which only
    others answer for. For who answers for everything there is none."""
    if own.audience is None:
        return "false", {}
    incident, values = visible.answered_for(own, "i")
    return (
        f"{_SENT} AND EXISTS (SELECT FROM reading_keys k WHERE k.report_id = reports.id "  # noqa: S608
        "AND k.incident_id IS NOT NULL AND NOT EXISTS (SELECT FROM incidents i "
        f"WHERE i.id = k.incident_id AND {incident}))"
    ), values


def _cursor(after: str) -> dict[str, Any]:
    urgent, at, last = after.split("_")
    moment = datetime.fromisoformat(at)
    if urgent not in {"0", "1"} or moment.tzinfo is None:
        raise ValueError("not a cursor of the tray")
    return {"urgent": urgent == "1", "at": moment, "last": UUID(last)}


def _items(conn: Connection, ids: Sequence[UUID]) -> list[TrayItem]:
    reports = {one.report_id: one for one in incidents.reports_with(conn, ids)}
    standing: dict[UUID, dict[int, Standing]] = {one: {} for one in ids}
    for row in conn.execute(
        text(
            "SELECT report_id, ordinal, incident_id, on_map FROM report_observations "
            "WHERE report_id = ANY(:ids)"
        ),
        {"ids": list(ids)},
    ):
        standing[row.report_id][row.ordinal] = Standing(row.incident_id, row.on_map)
    further = conn.execute(
        text(
            "SELECT id, urgent, drill, people, settled_at, position_accuracy_m, ST_Y(position) AS lat, "
            "ST_X(position) AS lon FROM reports WHERE id = ANY(:ids)"
        ),
        {"ids": list(ids)},
    )
    items = {
        row.id: TrayItem(
            reports[row.id],
            row.urgent,
            row.drill,
            row.people,
            None if row.lat is None else Position(row.lat, row.lon, row.position_accuracy_m),
            row.settled_at,
            standing[row.id],
        )
        for row in further
    }
    return [items[one] for one in ids]
