"""発令, 見送り and 解除 as recorded: appended once, with the whole board of that moment."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from service.evacuation.model import Decided, Standing
from service.store.codec import dumps

_COLUMNS = (
    "id, number, municipality, kind, level, units, decided_at, recorded_at, reason, actor_name, "
    "organization_name, drill, edition, by_proxy, hash"
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a commander decided about units (id, code, name, mark of each), by whom, and why. `by_proxy`: one
    of the prefecture, in the mayor's place."""

    municipality: str
    kind: Decided
    level: int
    units: tuple[Mapping[str, Any], ...]
    decided_at: datetime
    recorded_at: datetime
    reason: str
    actor_name: str
    organization_name: str
    drill: bool
    edition: int
    by_proxy: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """A decision with its number and the SHA-256 of what was frozen."""

    id: UUID
    number: int
    decision: Decision
    hash: str


def add(conn: Connection, decision: Decision, actor: UUID | None, frozen: bytes, action: int) -> Stored:
    """Append a decision with the board as it was known; needs the board's lock."""
    digest = hashlib.sha256(frozen).hexdigest()
    row = conn.execute(
        text(
            "INSERT INTO evacuation_decisions (municipality, kind, level, codes, units, decided_at, "
            "recorded_at, reason, actor, actor_name, organization_name, drill, edition, by_proxy, "
            "frozen, hash, action) VALUES (:municipality, :kind, :level, :codes, CAST(:units AS jsonb), "
            ":decided_at, :recorded_at, :reason, :actor, :actor_name, :organization_name, :drill, "
            ":edition, :by_proxy, :frozen, :hash, :action) "
            "RETURNING id, number"
        ),
        {
            **{name: getattr(decision, name) for name in Decision.__slots__},
            "kind": decision.kind.value,
            "codes": [unit["code"] for unit in decision.units],
            "units": dumps(list(decision.units)),
            "actor": actor,
            "frozen": frozen,
            "hash": digest,
            "action": action,
        },
    ).one()
    return Stored(row.id, row.number, decision, digest)


def standing(
    conn: Connection, municipality: str, *, drill: bool, at: datetime | None = None
) -> dict[str, Standing]:
    """What is in force for each unit code that was ever decided about, and what its dismissal weighed; by
    what was recorded until `at` (None: now)."""
    rows = conn.execute(
        text(
            "SELECT DISTINCT ON (u->>'code', d.kind = 'dismiss') u->>'code', d.kind, d.level, d.number, "
            "d.decided_at, u->'mark'->'met', CASE WHEN d.by_proxy THEN d.organization_name END "
            "FROM evacuation_decisions d, jsonb_array_elements(d.units) u "
            "WHERE d.municipality = :code AND d.drill = :drill "
            "AND d.recorded_at <= coalesce(CAST(:at AS timestamptz), 'infinity') "
            "ORDER BY u->>'code', d.kind = 'dismiss', d.number DESC"
        ),
        {"code": municipality, "drill": drill, "at": at},
    ).all()
    last: dict[str, dict[str, Any]] = {}
    for code, kind, *rest in rows:
        last.setdefault(code, {})["dismiss" if kind == "dismiss" else "force"] = (kind, *rest)
    return {code: _standing(known.get("force"), known.get("dismiss")) for code, known in last.items()}


def _standing(force: Any, dismissal: Any) -> Standing:
    """A dismissal counts until the next order or lift; a lift weighs what was known like a dismissal."""
    kind, level, number, decided_at, met, proxy = force or (None,) * 6
    ordered = kind == Decided.ORDER
    newest = number if dismissal is None else max(number or 0, dismissal[2])
    if dismissal is not None and dismissal[2] > (number or 0):
        weighed, dismissed_level, dismissed_at = dismissal[4], dismissal[1], dismissal[3]
    elif kind == Decided.LIFT:
        weighed, dismissed_level, dismissed_at = met, 5, None
    else:
        weighed, dismissed_level, dismissed_at = {}, None, None
    return Standing(
        level=level if ordered else None,
        proxy=proxy if ordered else None,
        number=newest,
        decided_at=decided_at,
        dismissed_level=dismissed_level,
        dismissed_at=dismissed_at,
        weighed={line: frozenset(keys) for line, keys in weighed.items()},
    )


def listed(conn: Connection, municipality: str, limit: int, *, drill: bool) -> list[Stored]:
    """The newest decisions of a municipality."""
    return _select(
        conn,
        "municipality = :code AND drill = :drill ORDER BY number DESC LIMIT :limit",
        {"code": municipality, "drill": drill, "limit": limit},
    )


def one(conn: Connection, decision_id: UUID) -> Stored | None:
    """The decision with this id."""
    return next(iter(_select(conn, "id = :id", {"id": decision_id})), None)


def frozen(conn: Connection, decision_id: UUID) -> bytes | None:
    """The board exactly as it was known when the decision was recorded."""
    found = conn.execute(
        text("SELECT frozen FROM evacuation_decisions WHERE id = :id"), {"id": decision_id}
    ).scalar()
    return None if found is None else bytes(found)


def _select(conn: Connection, where: str, values: Mapping[str, object]) -> list[Stored]:
    rows: Sequence[Any] = conn.execute(
        text(f"SELECT {_COLUMNS} FROM evacuation_decisions WHERE {where}"),  # noqa: S608 - constants
        values,
    ).all()
    return [
        Stored(
            row.id,
            row.number,
            Decision(
                row.municipality,
                Decided(row.kind),
                row.level,
                tuple(row.units),
                row.decided_at,
                row.recorded_at,
                row.reason,
                row.actor_name,
                row.organization_name,
                row.drill,
                row.edition,
                row.by_proxy,
            ),
            row.hash,
        )
        for row in rows
    ]
