"""What officers decide about incidents: who may, on which version, and what it means. One action at a time.

Each order names the version of the ruling that its author saw. Another version is never overwritten: the
order is refused, and its author sees both. A report that arrives meanwhile changes no ruling.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID, uuid4

from nlp.reading import Status
from service import access, deeds, problems
from service.access import Principal
from service.fuse import OPEN
from service.limits import Limiter
from service.report import NO_RULING, Incident, RuledPlace, RuledStatus, Ruling, Verification
from service.store import actions, desk, ledger, places
from service.store.actions import Action, Recorded
from service.store.database import Connection
from service.store.desk import Deed, Edit, Move
from service.store.ledger import Fusion

ACTIONS_PER_MINUTE: Final = 120  # of one person: a keyboard walks fast through a queue
MOST_AT_ONCE: Final = 200  # incidents of one order
KIND: Final = "desk."


@dataclass(frozen=True, slots=True)
class Seen:
    """An incident and the version of its ruling that the officer saw."""

    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Order:
    """Decide `change` (names of Ruling's fields; a `status` without its time, which is now) for each of
    `seen`."""

    kind: str
    seen: tuple[Seen, ...]
    change: Mapping[str, Any]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Merge:
    """Put all reports of `seen` into `into`."""

    into: Seen
    seen: tuple[Seen, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """Take the readings (report, ordinal) out of `seen` into an incident of their own."""

    seen: Seen
    readings: frozenset[tuple[UUID, int]]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """An incident that is not as the officer saw it: as it was last, whether it still is, and who changed
    it (None: the program, because its reports were taken back)."""

    seen: Seen
    last: Incident
    living: bool
    by: Recorded | None


class ConflictError(Exception):
    """Somebody else decided first; nothing was done."""

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        super().__init__("the ruling is not the one that was seen")
        self.conflicts = tuple(conflicts)


class OvertakenError(Exception):
    """An action cannot be taken back because of `later`, which has to be taken back before."""

    def __init__(self, later: Recorded) -> None:
        super().__init__("a later action stands in the way")
        self.later = later


@dataclass(frozen=True, slots=True)
class Done:
    """What was recorded, and the incidents as they are now; those that ended are missing."""

    recorded: Recorded
    incidents: tuple[Incident, ...] = field(default=())


def admit(limiter: Limiter, person: Principal) -> None:
    """Raise ProblemError `too-many-requests` when `person` has to wait."""
    wait = limiter.take(f"desk:{person.subject}", ACTIONS_PER_MINUTE)
    if wait is not None:
        raise problems.ProblemError(problems.TOO_MANY_REQUESTS, retry_after_s=wait)


def decide(conn: Connection, person: Principal, order: Order, fuse: Fusion) -> Done:
    """Carry out an order. Raises ConflictError, ProblemError `not-found`, `forbidden`."""
    held = _held(conn, person, order.seen)
    change = dict(order.change)
    if isinstance(change.get("status"), Status):
        at = desk.now(conn)
        # Who decides that it goes on has seen that it does.
        if change["status"] in OPEN:
            change["confirmed_at"] = at
        change["status"] = RuledStatus(change["status"], at)
    if isinstance(change.get("place"), RuledPlace):
        change["place"] = _within(conn, person, change["place"], held[0])
    edits = [Edit(one.id, one.ruling, _next(one.ruling, **change)) for one in held]
    return _carry_out(conn, person, order.kind, order.reason, Deed(tuple(edits)), fuse)


def merge(conn: Connection, person: Principal, order: Merge, fuse: Fusion) -> Done:
    """Put incidents together. The one that stays keeps its type; if one of them was verified or assigned,
    it is. Raises as `decide`, and `invalid-input` for what must not be mixed."""
    into, *others = _held(conn, person, (order.into, *order.seen))
    if any(one.drill != into.drill for one in others):
        raise problems.invalid("incidents", "訓練の事案と実際の事案は統合できません。")
    if any(one.verification is Verification.REJECTED for one in (into, *others)):
        raise problems.invalid("incidents", "棄却した事案は統合できません。先に棄却を取り消してください。")
    change: dict[str, Any] = {}
    if any(one.type is not into.type for one in others):
        change["type"] = into.type
    if any(one.verification is Verification.VERIFIED for one in others):
        change["verification"] = Verification.VERIFIED
    assigned = next((one.ruling.assigned for one in (into, *others) if one.ruling.assigned), None)
    edits = [Edit(into.id, into.ruling, _next(into.ruling, **change, assigned=assigned))]
    edits += [Edit(one.id, one.ruling, _next(one.ruling, merged_into=into.id), whole=True) for one in others]
    at = desk.now(conn)
    moves = [
        Move(report, ordinal, one.id, into.id, (moved_at, at))
        for one in others
        for report, ordinal, moved_at in desk.readings_of(conn, one.id)
    ]
    return _carry_out(conn, person, "merge", order.reason, Deed(tuple(edits), tuple(moves)), fuse)


def split(conn: Connection, person: Principal, order: Split, fuse: Fusion) -> Done:
    """Take readings out into a new incident. Raises as `decide`, and `invalid-input` when they are not its
    own or all of them."""
    [one] = _held(conn, person, (order.seen,))
    mine = desk.readings_of(conn, one.id)
    taken = [each for each in mine if each[:2] in order.readings]
    if len(taken) != len(order.readings):
        raise problems.invalid("readings", "この事案の通報ではありません。画面を読み込み直してください。")
    if len(taken) == len(mine):
        raise problems.invalid("readings", "すべての通報は分けられません。残す通報を決めてください。")
    fresh, at = uuid4(), desk.now(conn)
    edits = (
        Edit(one.id, one.ruling, _next(one.ruling)),
        Edit(fresh, NO_RULING, _next(NO_RULING), whole=True),
    )
    moves = tuple(Move(report, ordinal, one.id, fresh, (before, at)) for report, ordinal, before in taken)
    return _carry_out(conn, person, "split", order.reason, Deed(edits, moves), fuse)


def undo(conn: Connection, person: Principal, action_id: int, reason: str, fuse: Fusion) -> Done:
    """Take an action back, however many reports came since; what they say stays.

    Raises OvertakenError, ProblemError `not-found`, `forbidden`.
    """
    ledger.lock(conn)
    found = actions.one(conn, action_id)
    if (
        found is None
        or not found.action.kind.startswith(KIND)
        or not person.scope.sees(found.action.audience)
    ):
        raise problems.ProblemError(problems.NOT_FOUND)
    deed = desk.deed_of(found.action.body)
    ids = [edit.incident_id for edit in deed.edits]
    if not ids:
        raise problems.invalid("action", "この操作は取り消せません。")
    last = ledger.last_versions(conn, ids)
    for one in last.values():
        access.require_own(person, one)
    later = deeds.obstacle(desk.touching(conn, ids), action_id)
    if later is not None:
        raise OvertakenError(later)
    edits = deeds.reverse(deed, desk.rulings(conn, ids))
    moves = _moves_back(conn, found, deed, last, fuse)
    return _carry_out(conn, person, "undo", reason, Deed(edits, moves), fuse, undoes=action_id)


def _moves_back(
    conn: Connection, found: Recorded, deed: Deed, last: Mapping[UUID, Incident], fuse: Fusion
) -> tuple[Move, ...]:
    """The moves of a deed backwards, but for readings that are gone or were taken elsewhere; and what joined
    a merged incident only because the other was part of it goes with the other."""
    where = desk.where_now(conn, deed.moves)
    back = [one.back() for one in deed.moves if where.get((one.report_id, one.ordinal)) == one.to]
    living = ledger.incidents_by_id(conn, list(last))
    for edit in deed.edits:
        into = living.get(edit.after.merged_into) if edit.after.merged_into else None
        if into is None or edit.incident_id not in last:
            continue
        apart = replace(
            last[edit.incident_id],
            first_reported_at=into.first_reported_at,
            last_reported_at=into.last_reported_at,
        )
        back += [
            Move(one.report_id, one.ordinal, into.id, apart.id, (None, None))
            for one in desk.joined_since(conn, into.id, found.at)
            if fuse.match(one, [apart, into]) == apart.id
        ]
    return tuple(back)


def _held(conn: Connection, person: Principal, seen: Sequence[Seen]) -> list[Incident]:
    """Those incidents, locked, each as it was seen. Raises ConflictError, ProblemError."""
    ledger.lock(conn)
    ids = [one.id for one in seen]
    if len(set(ids)) != len(ids):
        raise problems.invalid("incidents", "同じ事案が2回選ばれています。")
    living, last = ledger.incidents_by_id(conn, ids), ledger.last_versions(conn, ids)
    conflicts = []
    for one in seen:
        known = living.get(one.id, last.get(one.id))
        if known is None or not person.scope.sees(known.audience):
            raise problems.ProblemError(problems.NOT_FOUND)
        access.require_own(person, known)
        if one.id not in living or known.ruling.version != one.version:
            by = next(reversed(desk.touching(conn, [one.id])), None)
            conflicts.append(Conflict(one, known, one.id in living, by))
    if conflicts:
        raise ConflictError(conflicts)
    return [living[one] for one in ids]


def _next(ruling: Ruling, **change: Any) -> Ruling:
    return replace(ruling, version=ruling.version + 1, **change)


def _within(conn: Connection, person: Principal, place: RuledPlace, incident: Incident) -> RuledPlace:
    """The place with the municipality that covers it; nobody puts an incident where they lose sight of it."""
    code = places.municipality_at(conn, place.lat, place.lon) or incident.municipality
    if code is not None and not person.own.sees({code, code[:2]}):
        raise problems.ProblemError(
            problems.FORBIDDEN,
            "担当する市区町村の外です。ほかの市区町村へ移すときは、都道府県の担当者に依頼してください。",
        )
    return replace(place, municipality=code)


def _carry_out(
    conn: Connection,
    person: Principal,
    kind: str,
    reason: str,
    deed: Deed,
    fuse: Fusion,
    undoes: int | None = None,
) -> Done:
    by = Action(
        kind=KIND + kind,
        actor=person.account,
        actor_name=person.name,
        audience=(),
        organization_name="" if person.organization is None else person.organization.name,
        incident_id=deed.edits[0].incident_id if len(deed.edits) == 1 or deed.moves else None,
        reason=reason,
        undoes=undoes,
    )
    recorded = desk.carry_out(conn, deed, by, fuse)
    after = ledger.incidents_by_id(conn, [edit.incident_id for edit in deed.edits])
    ordered = (after[edit.incident_id] for edit in deed.edits if edit.incident_id in after)
    return Done(recorded, tuple(ordered))
