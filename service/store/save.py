"""What a worker understood, stored in one transaction: reports, readings, incidents, changes, replies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol
from uuid import UUID, uuid4

from sqlalchemy import Connection, text

from service.report import Incident, Observation, ReadReport, Verification
from service.store import codec, ledger, nearby
from service.store.ledger import Summarizer
from service.store.nearby import Neighbourhood, Search
from service.store.rows import insert_many, observation_row, report_row
from service.store.tables import readings, replies, reports

# Beyond this many members one more report moves nothing that the next match of the same batch would
# notice; the incident is then summed up once, at the end of the batch.
SUMMED_UP_AT_ONCE = 50


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


@dataclass(frozen=True, slots=True)
class SaveResult:
    """`seq` is the last change written, None when no incident changed; `saved` counts reports."""

    seq: int | None
    saved: int = 0


def save(conn: Connection, read: Sequence[ReadReport], fuse: Fusion) -> SaveResult:
    """Store a batch, all of it or, when the caller's transaction fails, nothing.

    A report whose entry was meanwhile taken over, erased or done is left out: the entry's attempt is
    the fence. The words leave the inbox in the same transaction as they enter `reports`.
    """
    ledger.lock(conn)
    mine = _finish(conn, read)
    insert_many(conn, reports, [report_row(one) for one in mine])
    seq, belongs = _fuse(conn, [seen for one in mine for seen in one.observations], fuse)
    rows = [observation_row(seen, str(incident_id)) for seen, incident_id in belongs]
    insert_many(conn, readings, rows)
    _queue_replies(conn, mine)
    return SaveResult(seq, len(mine))


def move(
    conn: Connection, report_id: UUID, ordinal: int, to_incident: UUID | None, fuse: Summarizer
) -> SaveResult:
    """Put one reading into `to_incident`, or into none; both incidents are summed up again.

    A new id begins an incident, a removed one comes back as its next version, and one that is left
    without members becomes a removed change: every move can be undone by another. Raises LookupError
    for an unknown reading.
    """
    ledger.lock(conn)
    found = conn.execute(
        text("SELECT incident_id FROM readings WHERE report_id = :id AND ordinal = :ordinal"),
        {"id": report_id, "ordinal": ordinal},
    ).first()
    if found is None:
        raise LookupError(f"no reading {report_id}/{ordinal}")
    if found.incident_id == to_incident:
        return SaveResult(None)
    conn.execute(text("SET CONSTRAINTS fk_readings_incident_id DEFERRED"))
    conn.execute(
        text("UPDATE readings SET incident_id = :to WHERE report_id = :id AND ordinal = :ordinal"),
        {"to": to_incident, "id": report_id, "ordinal": ordinal},
    )
    touched = [one for one in (found.incident_id, to_incident) if one is not None]
    return SaveResult(ledger.recompute(conn, touched, fuse))


def _finish(conn: Connection, read: Sequence[ReadReport]) -> list[ReadReport]:
    """Mark the entries done and empty; those of `read` that were still ours."""
    done = conn.execute(
        text(
            "UPDATE inbox SET state = 'done', message = NULL, worker = NULL, done_at = clock_timestamp() "
            "FROM unnest(CAST(:ids AS bigint[]), CAST(:attempts AS int[])) AS mine(id, attempts) "
            "WHERE inbox.id = mine.id AND state = 'waiting' AND inbox.attempts = mine.attempts + 1 "
            "RETURNING inbox.id"
        ),
        {
            "ids": [one.waiting.inbox_id for one in read],
            "attempts": [one.waiting.attempts for one in read],
        },
    )
    ours = {row.id for row in done}
    return [one for one in read if one.waiting.inbox_id in ours]


def _fuse(
    conn: Connection, observations: Iterable[Observation], fuse: Fusion
) -> tuple[int | None, list[tuple[Observation, UUID]]]:
    """Find or begin the incident of each observation, write the incidents, and say who belongs where."""
    searches = [Search(_tidy(one), fuse.search_radius_m(one), fuse.window(one)) for one in observations]
    if not searches:
        return None, []
    batch = _Batch(conn, nearby.fetch(conn, searches), fuse)
    belongs = [(search.observation, batch.place(search)) for search in searches]
    return ledger.write(conn, batch.changed()), belongs


def _tidy(observation: Observation) -> Observation:
    """The observation with its shape spelled as the database will return it."""
    return replace(observation, shape=codec.canonical_shape(observation.shape))


class _Batch:
    """The incidents that one batch touches, each with its members so far."""

    def __init__(self, conn: Connection, neighbourhood: Neighbourhood, fuse: Fusion) -> None:
        self._conn = conn
        self._fuse = fuse
        self._neighbourhood = neighbourhood
        self._members: dict[UUID, list[Observation]] = {}
        self._before: dict[UUID, Incident | None] = {}
        self._stale: set[UUID] = set()

    def place(self, search: Search) -> UUID:
        """The incident that the observation now belongs to; later searches of the batch see it."""
        near = self._neighbourhood.near(search)
        matched = self._fuse.match(search.observation, near)
        if matched is None:
            matched = uuid4()
            self._before[matched], self._members[matched] = None, []
        elif matched not in self._members:
            before = self._neighbourhood.get(matched)
            if before is None:
                raise LookupError(f"incident {matched} is none of those nearby")
            self._before[matched] = before
            self._members[matched] = ledger.members(self._conn, [matched])[matched]
        ledger.add_member(self._members[matched], search.observation)
        if len(self._members[matched]) <= SUMMED_UP_AT_ONCE:
            self._sum_up(matched)
        else:
            self._stale.add(matched)
        return matched

    def changed(self) -> list[Incident]:
        """Every touched incident as it is after the batch, with the version it had before."""
        for incident_id in self._stale:
            self._sum_up(incident_id)
        incidents = [(self._neighbourhood.get(one), before) for one, before in self._before.items()]
        return [
            replace(now, version=0 if before is None else before.version)
            for now, before in incidents
            if now is not None
        ]

    def _sum_up(self, incident_id: UUID) -> None:
        before = self._before[incident_id]
        verification = Verification.UNVERIFIED if before is None else before.verification
        self._neighbourhood.put(self._fuse.summarize(incident_id, self._members[incident_id], verification))


def _queue_replies(conn: Connection, read: Sequence[ReadReport]) -> None:
    rows = [
        {
            "report_id": str(one.waiting.report_id),
            "channel": one.waiting.message.channel,
            "reply_to": one.waiting.message.reply_to,
        }
        for one in read
        if one.reply and one.waiting.message.reply_to is not None
    ]
    insert_many(conn, replies, rows)
