"""What a worker understood, stored in one transaction: reports, readings, incidents, changes, replies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Connection, text

from service.report import Observation, ReadReport
from service.store import codec, ledger, nearby
from service.store.gathering import Gathering
from service.store.ledger import Fusion, Summarizer
from service.store.nearby import Search
from service.store.recollection import Recollection
from service.store.rows import insert_many, observation_row, report_row
from service.store.tables import readings, replies, reports


@dataclass(frozen=True, slots=True)
class SaveResult:
    """`seq` is the last change written, None when no incident changed; `saved` counts reports."""

    seq: int | None
    saved: int = 0


def save(
    conn: Connection, read: Sequence[ReadReport], fuse: Fusion, recollection: Recollection | None = None
) -> SaveResult:
    """Store a batch, all of it or, when the caller's transaction fails, nothing. A `recollection` that the
    caller gives to one batch after another saves reading what the batch before wrote.

    A report whose entry was meanwhile taken over, erased or done is left out: the entry's attempt is
    the fence. The words leave the inbox in the same transaction as they enter `reports`.
    """
    ledger.lock(conn)
    mine = _finish(conn, read)
    insert_many(conn, reports, [report_row(one) for one in mine])
    observations = [seen for one in mine for seen in one.observations]
    seq, belongs = _fuse(conn, observations, fuse, recollection)
    rows = [observation_row(seen, str(incident_id)) for seen, incident_id in belongs]
    insert_many(conn, readings, rows)
    _queue_replies(conn, mine)
    return SaveResult(seq, len(mine))


def move(
    conn: Connection, report_id: UUID, ordinal: int, to_incident: UUID | None, fuse: Summarizer
) -> SaveResult:
    """Put one reading into `to_incident`, or into none; both incidents are summed up again.

    A new id begins an incident, a removed one comes back as its next version, and one that is left
    without members becomes a removed change: every move can be undone by another. From then on no place
    that is taught moves the report. Raises LookupError for an unknown reading.
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
        text(
            "UPDATE readings SET incident_id = :to, moved_at = clock_timestamp() "
            "WHERE report_id = :id AND ordinal = :ordinal"
        ),
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
    conn: Connection, observations: Iterable[Observation], fuse: Fusion, recollection: Recollection | None
) -> tuple[int | None, list[tuple[Observation, UUID]]]:
    """Find or begin the incident of each observation, write the incidents, and say who belongs where."""
    searches = [search_for(one, fuse) for one in observations]
    if not searches:
        return None, []
    batch = Gathering(conn, nearby.fetch(conn, searches), fuse, recollection)
    batch.expect(searches)
    belongs = [(search.observation, batch.place(search)) for search in searches]
    written = ledger.written(conn, batch.changed())
    batch.remember(written)
    return written[-1].seq if written else None, belongs


def search_for(observation: Observation, fuse: Fusion) -> Search:
    """Where the observation looks for its incident; its shape is spelled as the database returns it."""
    tidy = replace(observation, shape=codec.canonical_shape(observation.shape))
    return Search(tidy, fuse.search_radius_m(tidy), fuse.window(tidy))


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
