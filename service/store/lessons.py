"""Incidents that a taught place moved say so in their own record: by whose lesson, and which name."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, text

from service.report import Incident
from service.store import actions
from service.store.actions import Action


@dataclass(frozen=True, slots=True)
class Cause:
    """A taught place that moves reports; `undo`: it was taken back."""

    taught_id: UUID
    undo: bool


@dataclass(frozen=True, slots=True)
class _Lesson:
    """What was taught or taken back, and by whom: the account and its organization as they are now."""

    name: str
    by: str
    account: UUID | None
    organization: str


def record(
    conn: Connection,
    causes: Mapping[UUID, Collection[Cause]],
    before: Mapping[UUID, Incident],
    after: Mapping[UUID, Incident],
) -> None:
    """Note in each incident that has another place than `before` which lessons (by incident) moved it.

    One that has ended says nothing: what it held is in the incident which that one joined.
    """
    moved = [one for one in after.values() if _place(one) != _place(before.get(one.id))]
    wanted = {cause for one in moved for cause in causes[one.id]}
    known = {cause: lesson for cause in wanted if (lesson := _lesson(conn, cause)) is not None}
    for one in moved:
        for cause in sorted(causes[one.id], key=str):
            if lesson := known.get(cause):
                actions.record(conn, _action(one, cause, lesson))


def _place(incident: Incident | None) -> tuple[float | None, float | None, float | None] | None:
    return None if incident is None else (incident.lat, incident.lon, incident.radius_m)


def _lesson(conn: Connection, cause: Cause) -> _Lesson | None:
    row = conn.execute(
        text(
            "SELECT t.name, t.said_by, u.id, coalesce(o.name, '') FROM (SELECT name, CASE WHEN :undo "
            "THEN coalesce(removed_by, taught_by) ELSE taught_by END AS said_by "
            "FROM taught_places WHERE id = :id) t "
            "LEFT JOIN users u ON u.name = t.said_by LEFT JOIN organizations o ON o.id = u.organization"
        ),
        {"id": cause.taught_id, "undo": cause.undo},
    ).first()
    return None if row is None else _Lesson(*row)


def _action(incident: Incident, cause: Cause, lesson: _Lesson) -> Action:
    return Action(
        kind="taught.undo" if cause.undo else "taught.place",
        actor=lesson.account,
        actor_name=lesson.by,
        audience=tuple(sorted(incident.owners)),
        organization_name=lesson.organization,
        owner=incident.municipality,
        incident_id=incident.id,
        body={"name": lesson.name, "taught": str(cause.taught_id)},
        drill=incident.drill,
    )
