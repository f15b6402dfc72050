"""Reading incidents: pages for the map and the feeds, one incident, and the reports behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from service.report import PREFECTURE_DIGITS, Incident, IncidentReport, Observation, Scope
from service.store import changes, visible
from service.store.rows import (
    INCIDENT_COLUMNS,
    OBSERVATION_COLUMNS,
    incident_from_row,
    observation_from_row,
)


@dataclass(frozen=True, slots=True)
class IncidentQuery:
    """What to list. None means: no restriction.

    `bbox` is west, south, east, north in degrees (EPSG:4326); west greater than east crosses 180°.
    `municipalities` are 5-digit codes; a 2-digit code stands for its whole prefecture. `since` and
    `until` keep incidents whose time from first to last report touches that interval. `after` is the
    `next_after` of the page before.
    """

    bbox: tuple[float, float, float, float] | None = None
    after: str | None = None
    limit: int = 1000
    types: frozenset[str] | None = None
    statuses: frozenset[str] | None = None
    municipalities: frozenset[str] | None = None
    verifications: frozenset[str] | None = None
    drill: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """One page in order of id. `matched` counts all pages' incidents; `seq` is a change that this page
    already contains: whoever follows the changes after the first page's `seq` misses nothing."""

    incidents: tuple[Incident, ...]
    matched: int
    next_after: str | None
    seq: int


def page(conn: Connection, query: IncidentQuery, scope: Scope) -> IncidentPage:
    """One page of what `scope` sees. Ids never change: walking the pages neither skips nor doubles.

    Raises ValueError when `after` is not a page's `next_after`.
    """
    # Read before the rows: they may be newer than seq, never older.
    seq = changes.latest(conn)
    where, values = conditions(query, scope)
    matched = conn.execute(text(f"SELECT count(*) FROM incidents i WHERE {where}"), values)  # noqa: S608
    statement, values = page_statement(query, scope)
    rows = conn.execute(text(statement), values).all()
    incidents = tuple(map(incident_from_row, rows[: query.limit]))
    next_after = str(incidents[-1].id) if len(rows) > query.limit else None
    return IncidentPage(incidents, matched.scalar_one(), next_after, seq)


def page_statement(query: IncidentQuery, scope: Scope) -> tuple[str, dict[str, Any]]:
    """SQL and values of one page, one row longer than the page when another follows."""
    where, values = conditions(query, scope)
    if query.after is not None:
        where += " AND i.id > :after"
        values["after"] = UUID(query.after)
    values["rows"] = query.limit + 1
    order = "ORDER BY i.id LIMIT :rows"
    return f"SELECT {INCIDENT_COLUMNS} FROM incidents i WHERE {where} {order}", values  # noqa: S608


def conditions(query: IncidentQuery, scope: Scope) -> tuple[str, dict[str, Any]]:
    """The WHERE of a query without its page, and its values."""
    seen, values = visible.condition(scope)
    parts = [seen]
    if query.bbox is not None:
        parts.append(_inside(query.bbox, values))
    for column, wanted in (
        ("type", query.types),
        ("status", query.statuses),
        ("verification", query.verifications),
    ):
        if wanted is not None:
            parts.append(f"i.{column} = ANY(:{column})")
            values[column] = sorted(wanted)
    if query.municipalities is not None:
        parts.append(
            f"(i.municipality = ANY(:codes) OR left(i.municipality, {PREFECTURE_DIGITS}) = ANY(:prefectures))"
        )
        values["codes"] = sorted(query.municipalities)
        values["prefectures"] = [one for one in values["codes"] if len(one) == PREFECTURE_DIGITS]
    for name, condition, value in (
        ("drill", "i.drill = :drill", query.drill),
        ("since", "i.last_reported_at >= :since", query.since),
        ("until", "i.first_reported_at <= :until", query.until),
    ):
        if value is not None:
            parts.append(condition)
            values[name] = value
    return " AND ".join(parts), values


def _inside(bbox: tuple[float, float, float, float], values: dict[str, Any]) -> str:
    """`&&` asks the index, whose boxes are rounded outward; ST_Intersects is exact. They stand apart: under
    row-level security the index answers only what consists of leakproof operators alone."""
    west, south, east, north = bbox
    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    asked, exact = [], []
    for number, (left, right) in enumerate(spans):
        box = f"ST_MakeEnvelope(:west{number}, :south, :east{number}, :north, 4326)"
        asked.append(f"i.geom && {box}")
        exact.append(f"ST_Intersects(i.geom, {box})")
        values |= {f"west{number}": left, f"east{number}": right, "south": south, "north": north}
    return f"(({' OR '.join(asked)}) AND ({' OR '.join(exact)}))"


def one(conn: Connection, incident_id: UUID, scope: Scope) -> Incident | None:
    """The incident with this id, None when there is none (any more) or `scope` does not see it."""
    seen, values = visible.condition(scope)
    row = conn.execute(
        text(f"SELECT {INCIDENT_COLUMNS} FROM incidents i WHERE i.id = :id AND {seen}"),  # noqa: S608
        {**values, "id": incident_id},
    ).first()
    return None if row is None else incident_from_row(row)


def reports_behind(conn: Connection, incident_id: UUID) -> list[IncidentReport]:
    """The reports behind an incident, oldest first, each with its observations in this incident.

    Ask only for an incident whose owners the reader belongs to.
    """
    return _reports(
        conn,
        "reports.id IN (SELECT report_id FROM readings WHERE incident_id = :incident) "
        "ORDER BY reports.posted_at, reports.id",
        "r.incident_id = :incident",
        {"incident": incident_id},
    )


def unplaced_reports(conn: Connection, limit: int, own: Scope) -> list[IncidentReport]:
    """Relevant reports that `own` answers for and of which nothing could be put on the map, newest first,
    with all observations."""
    allowed, values = visible.reported(own)
    return _reports(
        conn,
        "reports.relevant AND reports.erased_at IS NULL AND NOT EXISTS ("
        "SELECT FROM reading_keys k WHERE k.report_id = reports.id AND k.has_point) "
        f"AND {allowed} ORDER BY reports.posted_at DESC, reports.id LIMIT :limit",
        "true",
        {**values, "limit": limit},
    )


def reports_with(conn: Connection, ids: Sequence[UUID]) -> list[IncidentReport]:
    """These reports with all their observations, in no order. Ask only for those whose reader may."""
    return _reports(conn, "reports.id = ANY(:ids)", "true", {"ids": list(ids)}, said="report_observations")


def report_ids_of(conn: Connection, incident_ids: Sequence[UUID]) -> list[tuple[UUID, UUID]]:
    """Which reports belong to these incidents: pairs of incident and report, in their order. Ids only."""
    rows = conn.execute(
        text(
            "SELECT DISTINCT incident_id, report_id FROM reading_keys WHERE incident_id = ANY(:ids) "
            "ORDER BY incident_id, report_id"
        ),
        {"ids": list(incident_ids)},
    )
    return [(row[0], row[1]) for row in rows]


def photo(conn: Connection, report_id: UUID, own: Scope) -> bytes | None:
    """The JPEG sent with a report, None when there is none behind what `own` answers for."""
    allowed, values = visible.owning(own)
    found: bytes | None = conn.execute(
        text(
            "SELECT jpeg FROM photos WHERE report_id = :id AND (:everybody OR EXISTS ("  # noqa: S608
            "SELECT FROM readings r JOIN incidents i ON i.id = r.incident_id "
            f"WHERE r.report_id = :id AND {allowed}))"
        ),
        {**values, "id": report_id, "everybody": own.audience is None},
    ).scalar()
    return found


def _reports(
    conn: Connection, which: str, of_them: str, values: dict[str, Any], *, said: str = "readings"
) -> list[IncidentReport]:
    rows = conn.execute(
        text(
            "SELECT id, channel, text, posted_at, received_at, sender_municipality, "  # noqa: S608
            "EXISTS (SELECT FROM photos WHERE photos.report_id = reports.id) AS has_photo "
            f"FROM reports WHERE {which}"
        ),
        values,
    ).all()
    observations: dict[UUID, list[Observation]] = {row.id: [] for row in rows}
    seen = conn.execute(
        text(
            f"SELECT {OBSERVATION_COLUMNS} FROM {said} r WHERE r.report_id = ANY(:reports) AND {of_them} "  # noqa: S608
            "ORDER BY r.report_id, r.ordinal"
        ),
        {**values, "reports": list(observations)},
    )
    for observation in map(observation_from_row, seen):
        observations[observation.report_id].append(observation)
    return [
        IncidentReport(
            report_id=row.id,
            channel=row.channel,
            text=row.text,
            posted_at=row.posted_at,
            received_at=row.received_at,
            sender_municipality=row.sender_municipality,
            has_photo=row.has_photo,
            observations=tuple(observations[row.id]),
        )
        for row in rows
    ]
