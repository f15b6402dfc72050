"""The record of what people did: appended in the transaction that does it, read again as it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from service.report import Scope
from service.store import codec, visible

COLUMNS = (
    "a.id, a.at, a.kind, a.actor, a.actor_name, a.organization_name, a.audience, a.owner, a.incident_id, "
    "a.unit, a.reason, a.body, a.undoes, a.drill"
)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that somebody did. `kind` is a dotted word (`desk.verify`, `evacuation.order`), `actor` the
    account's id (None: the program or a machine), `audience` who may read it, `owner` the municipality
    that it concerns, `body` what was before and after, `undoes` the action that it takes back."""

    kind: str
    actor: UUID | None
    actor_name: str
    audience: tuple[str, ...]
    organization_name: str = ""
    owner: str | None = None
    incident_id: UUID | None = None
    unit: str | None = None
    reason: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    undoes: int | None = None
    drill: bool = False


@dataclass(frozen=True, slots=True)
class Recorded:
    """An action with its number and time."""

    id: int
    at: datetime
    action: Action


def record(conn: Connection, action: Action) -> Recorded:
    """Append an action; raises StoreError when what it undoes was undone before."""
    row = conn.execute(
        text(
            "INSERT INTO actions (kind, actor, actor_name, organization_name, audience, owner, incident_id, "
            "unit, reason, body, undoes, drill) VALUES (:kind, :actor, :actor_name, :organization_name, "
            ":audience, :owner, :incident_id, :unit, :reason, CAST(:body AS jsonb), :undoes, :drill) "
            "RETURNING id, at"
        ),
        {
            "kind": action.kind,
            "actor": action.actor,
            "actor_name": action.actor_name,
            "organization_name": action.organization_name,
            "audience": sorted(action.audience),
            "owner": action.owner,
            "incident_id": action.incident_id,
            "unit": action.unit,
            "reason": action.reason,
            "body": codec.dumps(action.body),
            "undoes": action.undoes,
            "drill": action.drill,
        },
    ).one()
    return Recorded(row.id, row.at, action)


def one(conn: Connection, action_id: int) -> Recorded | None:
    """The action with this number."""
    row = conn.execute(
        text(f"SELECT {COLUMNS} FROM actions a WHERE a.id = :id"),  # noqa: S608
        {"id": action_id},
    ).first()
    return None if row is None else recorded(row)


def of_incident(conn: Connection, incident_id: UUID, scope: Scope) -> list[Recorded]:
    """What was done about an incident, oldest first, as far as `scope` sees it."""
    allowed, values = visible.condition(scope, "a")
    rows = conn.execute(
        text(
            f"SELECT {COLUMNS} FROM actions a WHERE a.incident_id = :incident AND {allowed} ORDER BY a.id"  # noqa: S608
        ),
        {**values, "incident": incident_id},
    )
    return [recorded(row) for row in rows]


def recorded(row: Sequence[Any]) -> Recorded:
    """The action of a row selected by COLUMNS."""
    action = Action(
        kind=row[2],
        actor=row[3],
        actor_name=row[4],
        organization_name=row[5],
        audience=tuple(row[6]),
        owner=row[7],
        incident_id=row[8],
        unit=row[9],
        reason=row[10],
        body=row[11],
        undoes=row[12],
        drill=row[13],
    )
    return Recorded(row[0], row[1], action)
