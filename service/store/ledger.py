"""Incidents and their changes: the writer lock, the one sequence, and the rows that carry both."""

from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection, text

from service.report import NO_RULING, Incident, Observation, Ruling
from service.store import codec, shares
from service.store.locks import WRITER
from service.store.rows import (
    INCIDENT_COLUMNS,
    MEMBER_COLUMNS,
    incident_from_row,
    incident_row,
    insert_many,
    member_from_row,
)
from service.store.tables import changes, incidents

CHANNEL = "changes"


class Summarizer(Protocol):
    """The part of fusing that sums an incident's members up; pure."""

    def summarize(self, incident_id: UUID, members: Sequence[Observation], ruling: Ruling) -> Incident:
        """The incident made of `members`; version, seq and updated_at are the store's to fill."""
        ...


class Fusion(Summarizer, Protocol):
    """How reports about one thing become one incident; pure, passed in by the pipeline."""

    def search_radius_m(self, observation: Observation) -> float:
        """Metres around the observation in which an incident may be the same."""
        ...

    def window(self, observation: Observation) -> timedelta:
        """Time before and after the observation in which an incident may be the same."""
        ...

    def match(self, observation: Observation, nearby: Sequence[Incident]) -> UUID | None:
        """The incident among `nearby` that the observation belongs to; None: it begins a new one.

        `nearby` is within radius and window, of the same drill flag, of any type, ordered by id. For an
        observation without a point: the incidents without a point of its municipality.
        """
        ...


def lock(conn: Connection) -> None:
    """Become the one writer until this transaction ends: numbers then appear in their order.

    Take it before anything else that others may wait for, so that no two callers wait in a circle.
    """
    conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER})


def incidents_by_id(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, Incident]:
    """The present state of those of `ids` that exist."""
    rows = conn.execute(
        text(f"SELECT {INCIDENT_COLUMNS} FROM incidents i WHERE i.id = ANY(:ids)"),  # noqa: S608
        {"ids": list(ids)},
    )
    return {incident.id: incident for incident in map(incident_from_row, rows)}


def members(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, list[Observation]]:
    """The readings that belong to each of `ids`, in order of time said; without candidates, why,
    evidence and quantities."""
    found: dict[UUID, list[Observation]] = {one: [] for one in ids}
    rows = conn.execute(
        text(
            f"SELECT {MEMBER_COLUMNS}, r.incident_id FROM readings r WHERE r.incident_id = ANY(:ids) "  # noqa: S608
            "ORDER BY r.said_at, r.report_id, r.ordinal"
        ),
        {"ids": list(ids)},
    ).all()
    for row in rows:
        found[row[-1]].append(member_from_row(row))
    return found


def add_member(said: list[Observation], observation: Observation) -> None:
    """Put an observation into a list of members where `members` would show it, as bare as those."""
    bare = replace(observation, candidates=(), why="", evidence=(), quantities=())
    insort(said, bare, key=_place_in_order)


def _place_in_order(observation: Observation) -> tuple[datetime, UUID, int]:
    return (observation.said_at, observation.report_id, observation.ordinal)


def write(conn: Connection, changed: Sequence[Incident], removed: Sequence[Incident] = ()) -> int | None:
    """`written`, of which only the last change's number is wanted; None when there was nothing to write."""
    stamped = written(conn, changed, removed)
    return stamped[-1].seq if stamped else None


def written(
    conn: Connection, changed: Sequence[Incident], removed: Sequence[Incident] = ()
) -> list[Incident]:
    """Store each of `changed` as its next version and drop `removed`; one change each. What was stored.

    `version` of what is given counts as the version before. Needs `lock`.
    """
    count = len(changed) + len(removed)
    if count == 0:
        return []
    numbers = conn.execute(
        text("SELECT nextval('change_seq'), clock_timestamp() FROM generate_series(1, :count)"),
        {"count": count},
    ).all()
    shown = shares.applied(conn, [*changed, *removed])
    stamped = [_stamp(one, *number) for one, number in zip(shown, numbers, strict=True)]
    gone = {one.id for one in removed}
    audiences = _audiences(conn, [one.id for one in stamped])
    insert_many(conn, incidents, [incident_row(one) for one in stamped if one.id not in gone], replace=True)
    if gone:
        conn.execute(text("DELETE FROM incidents WHERE id = ANY(:ids)"), {"ids": list(gone)})
    insert_many(
        conn, changes, [_change_row(one, one.id in gone, audiences.get(one.id, ())) for one in stamped]
    )
    last = stamped[-1].seq
    # Delivered with the commit, and only then.
    conn.execute(text("SELECT pg_notify(:channel, :seq)"), {"channel": CHANNEL, "seq": str(last)})
    return stamped


def _stamp(incident: Incident, seq: int, at: datetime) -> Incident:
    return replace(
        incident,
        version=incident.version + 1,
        seq=seq,
        updated_at=at,
        shape=codec.canonical_shape(incident.shape),
    )


def _audiences(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, Sequence[str]]:
    rows = conn.execute(text("SELECT id, audience FROM incidents WHERE id = ANY(:ids)"), {"ids": list(ids)})
    return {row.id: row.audience for row in rows}


def _change_row(incident: Incident, removed: bool, audience_before: Sequence[str]) -> dict[str, Any]:
    body = codec.incident_to_json(incident)
    return {
        "seq": incident.seq,
        "incident_id": body["id"],
        "at": body["updated_at"],
        "removed": removed,
        "version": incident.version,
        "body": body,
        "audience_before": list(audience_before),
    }


def last_versions(conn: Connection, ids: Sequence[UUID]) -> dict[UUID, Incident]:
    """The last known state of each of `ids`, from the changes: removed incidents have one, too."""
    rows = conn.execute(
        text(
            "SELECT DISTINCT ON (incident_id) body FROM changes WHERE incident_id = ANY(:ids) "
            "ORDER BY incident_id, seq DESC"
        ),
        {"ids": list(ids)},
    )
    return {one.id: one for one in (codec.incident_from_json(row.body) for row in rows)}


def recompute(
    conn: Connection, ids: Sequence[UUID], fuse: Summarizer, rulings: Mapping[UUID, Ruling] | None = None
) -> int | None:
    """Sum the incidents `ids` up again from their present members; one without members is removed.

    `rulings` take the place of those that the incidents have. Returns the last seq, None when there was
    nothing to write. Needs `lock`.
    """
    rulings = rulings or {}
    ordered = sorted(set(ids))
    before = last_versions(conn, ordered)
    living = incidents_by_id(conn, ordered)
    changed, removed = [], []
    for one, said in members(conn, ordered).items():
        known = before.get(one)
        if said:
            ruling = rulings.get(one, NO_RULING if known is None else known.ruling)
            summary = fuse.summarize(one, said, ruling)
            changed.append(replace(summary, version=0 if known is None else known.version))
        elif one in living:
            removed.append(replace(living[one], ruling=rulings.get(one, living[one].ruling)))
    return write(conn, changed, removed)
