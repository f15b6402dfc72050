"""Reports located again: their readings are replaced, and their incidents follow, in one transaction.

A reading that did not change keeps its incident; what was replaced is kept with the relocation, so that
taking a lesson back restores it to the letter. What a person has verified or moved stays as it is.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from service.report import Observation, ReadReport, Verification
from service.store import codec, ledger, lessons, nearby
from service.store.gathering import Gathering
from service.store.ledger import Fusion
from service.store.lessons import Cause
from service.store.relocations import Relocation
from service.store.rows import OBSERVATION_COLUMNS, insert_many, observation_from_row, observation_row
from service.store.save import SaveResult, search_for
from service.store.tables import readings

TAUGHT_VOICE = "taught_here"  # a name of geo.scores.WEIGHTS

Row = dict[str, Any]
Belonging = tuple[Observation, UUID | None]  # a reading and the incident it is in


@dataclass(frozen=True, slots=True)
class _Held:
    """A relocation row that is still ours."""

    id: int
    taught_id: UUID
    undo: bool
    before: list[Row] | None
    anew: bool
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Plan:
    """What replaces the readings of one report: rows with their incident, and observations without one,
    each with the incident that it leaves; `touched` are the incidents whose members change."""

    report_id: UUID
    rows: list[Row] = field(default_factory=list)
    loose: list[Belonging] = field(default_factory=list)
    touched: frozenset[UUID] = frozenset()

    @property
    def changes(self) -> bool:
        return bool(self.loose or self.touched)


def locate_again(conn: Connection, read: Sequence[tuple[Relocation, ReadReport]], fuse: Fusion) -> SaveResult:
    """Store what a batch of relocations came to, all of it or, when the transaction fails, nothing.

    A relocation that was taken over, withdrawn or done meanwhile is left out: its attempt is the fence.
    """
    ledger.lock(conn)
    mine = _still_ours(conn, [relocation for relocation, _ in read])
    reports = [one.waiting.report_id for one, _ in read if one.id in mine]
    present = _present(conn, reports)
    held = _held_by_people(conn, reports)
    plans, causes = list[_Plan](), dict[UUID, Cause]()
    for relocation, report in read:
        row, report_id = mine.get(relocation.id), relocation.waiting.report_id
        if row is None:
            continue
        plan, free = None, report_id not in held
        if free:
            now = present[report_id]
            plan = _undone(conn, row, report, now) if row.undo else _located(row, report, now)
        if plan is not None:
            plans.append(plan)
            causes[report_id] = Cause(row.taught_id, row.undo)
        # Another lesson's relocation may have brought this one's place already: both stand behind it.
        placed = free and any(map(_is_taught, report.observations))
        _close(conn, row, present[report_id], placed=placed)
    return SaveResult(_apply(conn, plans, causes, fuse), len(plans))


def _still_ours(conn: Connection, relocations: Sequence[Relocation]) -> dict[int, _Held]:
    rows = conn.execute(
        text(
            "SELECT id, taught_id, state = 'undoing', before, anew, done_at FROM relocations "
            "JOIN unnest(CAST(:ids AS bigint[]), CAST(:attempts AS int[])) AS mine(id, attempts) USING (id) "
            "WHERE state IN ('waiting', 'undoing') AND relocations.attempts = mine.attempts + 1"
        ),
        {"ids": [one.id for one in relocations], "attempts": [one.attempts for one in relocations]},
    )
    return {row[0]: _Held(*row) for row in rows}


def _present(conn: Connection, reports: Sequence[UUID]) -> dict[UUID, list[Belonging]]:
    """The readings of each report as they are, with their incidents."""
    found: dict[UUID, list[Belonging]] = {one: [] for one in reports}
    rows = conn.execute(
        text(
            f"SELECT {OBSERVATION_COLUMNS}, r.incident_id FROM readings r "  # noqa: S608 - constants
            "WHERE r.report_id = ANY(:reports) ORDER BY r.report_id, r.ordinal"
        ),
        {"reports": list(reports)},
    )
    for row in rows:
        found[row[0]].append((observation_from_row(row), row[-1]))
    return found


def _held_by_people(conn: Connection, reports: Sequence[UUID]) -> set[UUID]:
    rows = conn.execute(
        text(
            "SELECT DISTINCT r.report_id FROM readings r LEFT JOIN incidents i ON i.id = r.incident_id "
            "WHERE r.report_id = ANY(:reports) AND (r.moved_at IS NOT NULL OR i.verification <> :unverified "
            "OR jsonb_exists(i.ruling, 'place'))"
        ),
        {"reports": list(reports), "unverified": Verification.UNVERIFIED.value},
    )
    return set(rows.scalars())


def _located(row: _Held, report: ReadReport, present: Sequence[Belonging]) -> _Plan | None:
    """The new readings, when the lesson places any of them; else the report stays as it is."""
    plan = _renewed(report, present)
    placed = any(_is_taught(observation) for observation, _ in plan.loose)
    corrects = row.anew or row.before is not None
    return plan if plan.changes and (placed or corrects) else None


def _undone(conn: Connection, row: _Held, report: ReadReport, present: Sequence[Belonging]) -> _Plan | None:
    """The readings of before the lesson, to the letter; read again where other lessons place the report,
    too, or where it was first read with this one."""
    others = _others(conn, row, report.waiting.report_id)
    if not others and row.before is not None:
        incidents = {row["incident_id"] for row in row.before} - {None}
        touched = {UUID(one) for one in incidents} | {one for _, one in present if one is not None}
        return _Plan(report.waiting.report_id, rows=row.before, touched=frozenset(touched))
    if row.anew:
        _pass_on_anew(conn, row.id, report.waiting.report_id)
    elif others and (row.done_at is None or row.done_at < others[0][1]):
        _hand_down(conn, row, others[0][0])
    plan = _renewed(report, present)
    return plan if plan.changes else None


def _others(conn: Connection, row: _Held, report_id: UUID) -> list[tuple[int, datetime]]:
    """The other lessons that placed this report, the first one first; it knows what was before them all."""
    rows = conn.execute(
        text(
            "SELECT id, done_at FROM relocations WHERE report_id = :report AND id <> :id "
            "AND done_at IS NOT NULL AND (before IS NOT NULL OR anew) ORDER BY done_at, id"
        ),
        {"report": report_id, "id": row.id},
    )
    return [(other.id, other.done_at) for other in rows]


def _pass_on_anew(conn: Connection, relocation: int, report_id: UUID) -> None:
    """A report that was first read with a lesson has no place from before any: others must not take the
    present one for it."""
    conn.execute(
        text(
            "UPDATE relocations SET anew = true, before = NULL "
            "WHERE report_id = :report AND id <> :id AND state <> 'kept'"
        ),
        {"report": report_id, "id": relocation},
    )


def _hand_down(conn: Connection, row: _Held, to: int) -> None:
    """Let the lesson that placed the report next remember what was before this one."""
    conn.execute(
        text("UPDATE relocations SET before = CAST(:before AS jsonb) WHERE id = :id AND NOT anew"),
        {"before": None if row.before is None else codec.dumps(row.before), "id": to},
    )


def _renewed(report: ReadReport, present: Sequence[Belonging]) -> _Plan:
    """The report as it is read now; what says the same of the same place stays in its incident."""
    left, rows, fresh = list(present), list[Row](), list[Observation]()
    for observation in map(_tidy, report.observations):
        same = next((one for one in left if _said(one[0]) == _said(observation)), None)
        if same is None:
            fresh.append(observation)
        else:
            left.remove(same)
            rows.append(observation_row(observation, None if same[1] is None else str(same[1])))
    leaving = {one.type: incident for one, incident in reversed(left)}
    loose = [(observation, leaving.get(observation.type)) for observation in fresh]
    touched = frozenset(incident for _, incident in left if incident is not None)
    return _Plan(report.waiting.report_id, rows, loose, touched)


def _tidy(observation: Observation) -> Observation:
    return replace(observation, shape=codec.canonical_shape(observation.shape))


def _said(one: Observation) -> Observation:
    """What an observation says; how the reader and the locator came to it may differ."""
    return replace(one, ordinal=0, candidates=(), why="", evidence=(), quantities=())


def _is_taught(observation: Observation) -> bool:
    best = observation.candidates[:1]
    return observation.lat is not None and any(TAUGHT_VOICE in choice.scores for choice in best)


def _close(conn: Connection, row: _Held, present: Sequence[Belonging], *, placed: bool) -> None:
    if row.undo:
        conn.execute(text("DELETE FROM relocations WHERE id = :id"), {"id": row.id})
        return
    before = row.before
    if placed and before is None and not row.anew:
        before = [observation_row(one, None if at is None else str(at)) for one, at in present]
    stays = before is not None or row.anew
    conn.execute(
        text(
            "UPDATE relocations SET state = :state, before = CAST(:before AS jsonb), worker = NULL, "
            "done_at = coalesce(done_at, clock_timestamp()) WHERE id = :id"
        ),
        {
            "id": row.id,
            "state": "located" if stays else "kept",
            "before": None if before is None else codec.dumps(before),
        },
    )


def _apply(
    conn: Connection, plans: Sequence[_Plan], causes: Mapping[UUID, Cause], fuse: Fusion
) -> int | None:
    """Replace the readings of the planned reports and bring their incidents up to date; the last seq.
    `causes` say, by report, for which lesson: the incidents that move note it."""
    if not plans:
        return None
    conn.execute(text("SET CONSTRAINTS fk_readings_incident_id DEFERRED"))
    conn.execute(
        text("DELETE FROM readings WHERE report_id = ANY(:ids)"), {"ids": [plan.report_id for plan in plans]}
    )
    insert_many(conn, readings, [row for plan in plans for row in plan.rows])
    touched = sorted(frozenset().union(*(plan.touched for plan in plans)))
    loose = sorted(
        ((one, leaves) for plan in plans for one, leaves in plan.loose),
        key=lambda pair: (pair[0].said_at, str(pair[0].report_id), pair[0].ordinal),
    )
    searches = [(search_for(one, fuse), leaves) for one, leaves in loose]
    gathering = Gathering(conn, nearby.fetch(conn, [search for search, _ in searches]), fuse)
    before = ledger.last_versions(conn, touched)
    for incident_id, said in ledger.members(conn, touched).items():
        gathering.resume(incident_id, before.get(incident_id), said)
    belongs = [(search.observation, gathering.place(search, leaves)) for search, leaves in searches]
    living = ledger.incidents_by_id(conn, gathering.ended())
    moving = _moving(plans, belongs, causes)
    stood = ledger.incidents_by_id(conn, list(moving))
    seq = ledger.write(conn, gathering.changed(), list(living.values()))
    insert_many(conn, readings, [observation_row(one, str(incident)) for one, incident in belongs])
    lessons.record(conn, moving, stood, ledger.incidents_by_id(conn, list(moving)))
    return seq


def _moving(
    plans: Sequence[_Plan], belongs: Sequence[tuple[Observation, UUID]], causes: Mapping[UUID, Cause]
) -> dict[UUID, set[Cause]]:
    """The incidents that the plans take from and give to, each with the lessons for whose sake."""
    found = defaultdict[UUID, set[Cause]](set)
    for plan in plans:
        for incident in plan.touched:
            found[incident].add(causes[plan.report_id])
    for one, incident in belongs:
        found[incident].add(causes[one.report_id])
    return found
