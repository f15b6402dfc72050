"""What a person does with a report of the tray: give it a place, take it for a report, leave it without one.

Each is one transaction under the writer lock: the reading, its incidents with their changes, and the action
that says who did it. An action keeps numbers and codes, never what was said: it outlives the report.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from geo.place import Level
from geo.taught import level_of
from nlp.reading import DamageType, Status
from service.report import UNASSIGNED, Incident, Observation, Verification
from service.store import actions, codec, ledger, nearby
from service.store.actions import Action, Recorded
from service.store.gathering import Gathering
from service.store.ledger import Fusion
from service.store.rows import OBSERVATION_COLUMNS, insert_many, observation_from_row, observation_row
from service.store.save import search_for
from service.store.tables import readings

PLACE: Final = "tray.place"
PULL: Final = "tray.pull"
SETTLE: Final = "tray.settle"
UNDO: Final = "tray.undo"
BY_HAND: Final = "本部が地図で指定した場所。もとの読み取り：「"
PULLED: Final = "本部が通報として取り込み、種別を決めた"


@dataclass(frozen=True, slots=True)
class Author:
    """Who acts: the account (None for a machine), the name and the organization as they are now."""

    account: UUID | None
    name: str
    organization: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a person says it is: WGS 84 in degrees, the radius in metres, the municipality's code."""

    lat: float
    lon: float
    radius_m: float
    municipality: str | None


class ChangedError(Exception):
    """What the person saw is no longer so: somebody else was quicker, or a lesson placed it."""


def place(
    conn: Connection, report_id: UUID, ordinal: int, spot: Spot, author: Author, fuse: Fusion
) -> Recorded:
    """Put one unplaced observation at `spot`; this report only, nothing is learned from it.

    It joins the incident that is there, or goes on under the id that it had. From then on no lesson moves
    the report. Raises LookupError for an unknown observation, ChangedError for one that has a place.
    """
    ledger.lock(conn)
    said, leaves = _reading(conn, report_id, ordinal)
    _require_unplaced(conn, said, leaves)
    moved = _is_held_by_a_person(conn, said)
    level = level_of(spot.radius_m)
    placed = replace(
        said,
        lat=spot.lat,
        lon=spot.lon,
        radius_m=spot.radius_m,
        municipality=spot.municipality or said.municipality,
        level=level,
        shape=None,
        ambiguous=False,
        why=f"{BY_HAND}{said.why}」",
    )
    belongs = _rejoin(conn, placed, leaves, fuse)
    before = {
        "incident": None if leaves is None else str(leaves),
        "municipality": said.municipality,
        "radius_m": said.radius_m,
        "level": said.level.value,
        "shape": said.shape,
        "ambiguous": said.ambiguous,
        "moved": moved,
    }
    after = {"incident": str(belongs), "lat": spot.lat, "lon": spot.lon, "municipality": placed.municipality}
    body = {"report": str(report_id), "ordinal": ordinal, "before": before, "after": after}
    return _record(conn, PLACE, author, belongs, body, earlier=leaves)


def pull(
    conn: Connection,
    report_id: UUID,
    kind: DamageType,
    status: Status,
    author: Author,
    fuse: Fusion,
    *,
    urgent: bool = False,
) -> Recorded:
    """Take for a report what was read as none: one observation of `kind` without a place, in the tray.

    Raises LookupError for an unknown report, ChangedError for one that has observations.
    """
    ledger.lock(conn)
    row = conn.execute(
        text(
            "SELECT posted_at, sender_municipality, drill, urgent, relevant FROM reports "
            "WHERE id = :id AND erased_at IS NULL FOR UPDATE"
        ),
        {"id": report_id},
    ).first()
    if row is None:
        raise LookupError(f"no report {report_id}")
    if conn.execute(text("SELECT 1 FROM readings WHERE report_id = :id"), {"id": report_id}).first():
        raise ChangedError
    observation = _without_place(report_id, row, kind, status, urgent=urgent)
    belongs = _rejoin(conn, observation, None, fuse)
    conn.execute(
        text("UPDATE reports SET relevant = true, urgent = :urgent, settled_at = NULL WHERE id = :id"),
        {"id": report_id, "urgent": urgent},
    )
    before = {"relevant": row.relevant, "urgent": row.urgent}
    after = {"incident": str(belongs), "type": kind.value, "status": status.value, "urgent": urgent}
    body = {"report": str(report_id), "ordinal": 0, "before": before, "after": after}
    return _record(conn, PULL, author, belongs, body)


def _without_place(
    report_id: UUID, row: Any, kind: DamageType, status: Status, *, urgent: bool
) -> Observation:
    home = row.sender_municipality
    return Observation(
        report_id=report_id,
        ordinal=0,
        type=kind,
        status=status,
        place_text="",
        municipality=home,
        lat=None,
        lon=None,
        radius_m=None,
        level=Level.UNKNOWN if home is None else Level.MUNICIPALITY,
        shape=None,
        ambiguous=False,
        candidates=(),
        why=PULLED,
        evidence=(),
        quantities=(),
        urgent=urgent,
        people={},
        said_at=row.posted_at,
        drill=row.drill,
        home=home,
    )


def settle(conn: Connection, report_id: UUID, reason: str, author: Author) -> Recorded:
    """Leave a report without a place: it lies no longer in the tray, and stays in the list of the settled.

    Raises LookupError for an unknown report, ChangedError for one that is settled or says nothing.
    """
    ledger.lock(conn)
    row = conn.execute(
        text(
            "UPDATE reports SET settled_at = clock_timestamp() "
            "WHERE id = :id AND erased_at IS NULL AND settled_at IS NULL "
            "AND EXISTS (SELECT FROM readings r WHERE r.report_id = reports.id) RETURNING id"
        ),
        {"id": report_id},
    ).first()
    if row is None:
        known = conn.execute(text("SELECT 1 FROM reports WHERE id = :id"), {"id": report_id}).first()
        raise ChangedError if known else LookupError(f"no report {report_id}")
    incident = conn.execute(
        text("SELECT incident_id FROM readings WHERE report_id = :id ORDER BY ordinal LIMIT 1"),
        {"id": report_id},
    ).scalar()
    return _record(conn, SETTLE, author, incident, {"report": str(report_id)}, reason=reason)


def undo(conn: Connection, action_id: int, author: Author, fuse: Fusion) -> Recorded:
    """Take an action of this module back to the letter.

    Raises LookupError for what is no such action, ChangedError when it was taken back before or what it
    made has changed since.
    """
    ledger.lock(conn)
    done = actions.one(conn, action_id)
    taker = None if done is None else _TAKERS.get(done.action.kind)
    if done is None or taker is None:
        raise LookupError(f"no action {action_id} of the tray")
    if conn.execute(text("SELECT 1 FROM actions WHERE undoes = :id"), {"id": action_id}).first():
        raise ChangedError
    body = done.action.body
    taker(conn, UUID(body["report"]), body, fuse)
    taken = replace(
        done.action,
        kind=UNDO,
        actor=author.account,
        actor_name=author.name,
        organization_name=author.organization,
        reason="",
        body={"report": body["report"], "kind": done.action.kind},
        undoes=action_id,
    )
    return actions.record(conn, taken)


def _unplace(conn: Connection, report_id: UUID, body: Mapping[str, Any], fuse: Fusion) -> None:
    before, after = body["before"], body["after"]
    try:
        said, belongs = _reading(conn, report_id, body["ordinal"])
    except LookupError:
        raise ChangedError from None
    if (said.lat, said.lon) != (after["lat"], after["lon"]) or str(belongs) != after["incident"]:
        raise ChangedError
    came = None if before["incident"] is None else UUID(before["incident"])
    back = replace(
        said,
        lat=None,
        lon=None,
        radius_m=before["radius_m"],
        municipality=before["municipality"],
        level=Level(before["level"]),
        shape=before["shape"],
        ambiguous=before["ambiguous"],
        why=said.why.removeprefix(BY_HAND).removesuffix("」"),
    )
    _replace_row(conn, back, came)
    if before["moved"]:
        _hold_by_a_person(conn, back)
    ledger.recompute(conn, [one for one in (belongs, came) if one is not None], fuse)


def _unpull(conn: Connection, report_id: UUID, body: Mapping[str, Any], fuse: Fusion) -> None:
    after = body["after"]
    row = conn.execute(
        text(
            "DELETE FROM readings WHERE report_id = :id AND ordinal = 0 AND geom IS NULL "
            "AND incident_id = :incident RETURNING incident_id"
        ),
        {"id": report_id, "incident": UUID(after["incident"])},
    ).first()
    if row is None:
        raise ChangedError
    conn.execute(
        text("UPDATE reports SET relevant = :relevant, urgent = :urgent WHERE id = :id"),
        {"id": report_id, **body["before"]},
    )
    ledger.recompute(conn, [row.incident_id], fuse)


def _unsettle(conn: Connection, report_id: UUID, body: Mapping[str, Any], fuse: Fusion) -> None:
    conn.execute(text("UPDATE reports SET settled_at = NULL WHERE id = :id"), {"id": report_id})


_TAKERS: Final[Mapping[str, Callable[[Connection, UUID, Mapping[str, Any], Fusion], None]]] = {
    PLACE: _unplace,
    PULL: _unpull,
    SETTLE: _unsettle,
}


def _reading(conn: Connection, report_id: UUID, ordinal: int) -> tuple[Observation, UUID | None]:
    row = conn.execute(
        text(
            f"SELECT {OBSERVATION_COLUMNS}, r.incident_id FROM readings r "  # noqa: S608 - constants
            "WHERE r.report_id = :id AND r.ordinal = :ordinal"
        ),
        {"id": report_id, "ordinal": ordinal},
    ).first()
    if row is None:
        raise LookupError(f"no reading {report_id}/{ordinal}")
    return observation_from_row(row), row[-1]


def _require_unplaced(conn: Connection, said: Observation, incident_id: UUID | None) -> None:
    incident = None if incident_id is None else ledger.incidents_by_id(conn, [incident_id]).get(incident_id)
    held = incident is not None and (
        incident.lat is not None or incident.verification is Verification.REJECTED
    )
    if said.lat is not None or held:
        raise ChangedError


def _rejoin(conn: Connection, observation: Observation, leaves: UUID | None, fuse: Fusion) -> UUID:
    """Give the observation the incident of its new place, write the changes and the row; the incident."""
    conn.execute(text("SET CONSTRAINTS fk_readings_incident_id DEFERRED"))
    conn.execute(
        text("DELETE FROM readings WHERE report_id = :id AND ordinal = :ordinal"),
        {"id": observation.report_id, "ordinal": observation.ordinal},
    )
    search = search_for(observation, fuse)
    gathering = Gathering(conn, nearby.fetch(conn, [search]), fuse)
    if leaves is not None:
        before = ledger.last_versions(conn, [leaves])
        gathering.resume(leaves, before.get(leaves), ledger.members(conn, [leaves])[leaves])
    belongs = gathering.place(search, leaves)
    ended = ledger.incidents_by_id(conn, gathering.ended())
    ledger.write(conn, gathering.changed(), list(ended.values()))
    _replace_row(conn, search.observation, belongs)
    _hold_by_a_person(conn, observation)
    return belongs


def _replace_row(conn: Connection, observation: Observation, incident_id: UUID | None) -> None:
    conn.execute(text("SET CONSTRAINTS fk_readings_incident_id DEFERRED"))
    conn.execute(
        text("DELETE FROM readings WHERE report_id = :id AND ordinal = :ordinal"),
        {"id": observation.report_id, "ordinal": observation.ordinal},
    )
    row = observation_row(
        replace(observation, shape=codec.canonical_shape(observation.shape)),
        None if incident_id is None else str(incident_id),
    )
    insert_many(conn, readings, [row])


def _is_held_by_a_person(conn: Connection, observation: Observation) -> bool:
    held: bool = conn.execute(
        text("SELECT moved_at IS NOT NULL FROM readings WHERE report_id = :id AND ordinal = :ordinal"),
        {"id": observation.report_id, "ordinal": observation.ordinal},
    ).scalar_one()
    return held


def _hold_by_a_person(conn: Connection, observation: Observation) -> None:
    conn.execute(
        text("UPDATE readings SET moved_at = clock_timestamp() WHERE report_id = :id AND ordinal = :ordinal"),
        {"id": observation.report_id, "ordinal": observation.ordinal},
    )


def _record(
    conn: Connection,
    kind: str,
    author: Author,
    incident_id: UUID | None,
    body: Mapping[str, Any],
    *,
    earlier: UUID | None = None,
    reason: str = "",
) -> Recorded:
    """The action, for those who see the incident, and who saw the one that was left."""
    ids = [one for one in (incident_id, earlier) if one is not None]
    known = ledger.last_versions(conn, ids)
    now: Incident | None = known.get(incident_id) if incident_id is not None else None
    audience = frozenset().union(*(one.audience for one in known.values()))
    return actions.record(
        conn,
        Action(
            kind=kind,
            actor=author.account,
            actor_name=author.name,
            organization_name=author.organization,
            audience=tuple(sorted(audience)) or (UNASSIGNED,),
            owner=None if now is None else now.municipality,
            incident_id=incident_id,
            reason=reason,
            body=body,
            drill=now is not None and now.drill,
        ),
    )
