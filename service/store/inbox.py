"""The inbox: every message once, handed to one worker at a time, tried a bounded number of times."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from service.report import Message, Receipt, Waiting
from service.store import codec
from service.store.erase import erase
from service.store.workers import DEAD_OR_NONE

__all__ = [
    "BuriedEntry",
    "InboxCounts",
    "ReceiptState",
    "buried",
    "claim",
    "counts",
    "erase",
    "fail",
    "put",
    "put_many",
    "receipt",
    "release",
    "revive",
]

MAX_ATTEMPTS = 5
FIRST_RETRY = timedelta(seconds=1)
# 1, 4, 16, 64 s: a database or model that comes back within a minute costs nobody's message.
RETRY_GROWTH = 4
ERROR_CHARACTERS = 8000
# The turns of one sender's waiting messages are a TURN apart, and so many of them are still nobody's flood.
TURN = timedelta(seconds=1)
FREE_TURNS = 20
# So many at a time of a flood: who comes after them waits for no more.
EARLY_AT_ONCE = 16
DIED = "the worker died while it had this message"


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """How many entries are in which state, and since when the oldest one waits."""

    waiting: int
    done: int
    buried: int
    oldest_waiting_at: datetime | None


@dataclass(frozen=True, slots=True)
class BuriedEntry:
    """An entry given up after MAX_ATTEMPTS, with the last failure."""

    inbox_id: int
    report_id: UUID
    channel: str
    received_at: datetime
    attempts: int
    error: str


@dataclass(frozen=True, slots=True)
class ReceiptState:
    """What the holder of a receipt may know: `state` waiting, done, buried or erased."""

    state: str
    understood: str | None


# The last turn of a sender's waiting messages is all that has to be known. Two deliveries at the same moment
# may take the same turn, which does no harm.
_PUT = """
    INSERT INTO inbox (channel, key, message, turn_at)
    SELECT given.channel, given.key, given.message,
        greatest(clock_timestamp(), latest.turn_at + CAST(:turn AS interval))
            + CAST(:turn AS interval) * (row_number() OVER (
                PARTITION BY given.channel, coalesce(given.message ->> 'sender', given.key)
                ORDER BY given.key) - 1)
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given(channel text, key text, message jsonb)
    LEFT JOIN LATERAL (
        SELECT max(turn_at) AS turn_at FROM inbox
        WHERE inbox.channel = given.channel AND inbox.message ->> 'sender' = given.message ->> 'sender'
          AND state = 'waiting' AND attempts = 0
    ) AS latest ON true
    ORDER BY given.channel, given.key
    ON CONFLICT (channel, key) DO NOTHING RETURNING channel, key, report_id, received_at
"""


def put(conn: Connection, message: Message) -> Receipt:
    """Store one message unless (channel, key) is there already; the caller commits, then acknowledges."""
    return put_many(conn, [message])[0]


def put_many(conn: Connection, messages: Sequence[Message]) -> list[Receipt]:
    """Store messages, each (channel, key) once; receipts come in the order of `messages`.

    Safe under concurrent delivery of the same keys: the later caller waits for the earlier one's commit.
    """
    firsts: dict[tuple[str, str], Message] = {}
    for message in messages:
        firsts.setdefault((message.channel, message.key), message)
    # One order for everybody: two callers with the same keys wait for each other, never in a circle.
    rows = [
        {"channel": channel, "key": key, "message": codec.message_to_json(firsts[channel, key])}
        for channel, key in sorted(firsts)
    ]
    created = conn.execute(text(_PUT), {"rows": codec.dumps(rows), "turn": TURN})
    receipts = {(row[0], row[1]): Receipt(row[2], row[3], True) for row in created}
    _put_photos(conn, [(receipts[at].report_id, one) for at, one in firsts.items() if at in receipts])
    known = [{"channel": c, "key": k} for c, k in firsts if (c, k) not in receipts]
    if known:
        found = conn.execute(
            text(
                "SELECT channel, key, report_id, received_at FROM inbox "
                "JOIN jsonb_to_recordset(CAST(:rows AS jsonb)) AS given(channel text, key text) "
                "USING (channel, key)"
            ),
            {"rows": codec.dumps(known)},
        )
        receipts |= {(row[0], row[1]): Receipt(row[2], row[3], False) for row in found}
    return _in_order(messages, receipts)


def _put_photos(conn: Connection, created: Iterable[tuple[UUID, Message]]) -> None:
    photos = [
        {"id": report_id, "jpeg": one.photo.jpeg, "width": one.photo.width, "height": one.photo.height}
        for report_id, one in created
        if one.photo is not None
    ]
    if photos:
        conn.execute(
            text("INSERT INTO photos (report_id, jpeg, width, height) VALUES (:id, :jpeg, :width, :height)"),
            photos,
        )


def _in_order(messages: Sequence[Message], receipts: dict[tuple[str, str], Receipt]) -> list[Receipt]:
    """One receipt a message; a key repeated among `messages` was created at most once."""
    answers = []
    for message in messages:
        at = (message.channel, message.key)
        receipt = receipts[at]
        answers.append(receipt)
        receipts[at] = Receipt(receipt.report_id, receipt.received_at, False)
    return answers


_TRIED = f"""
    SELECT id, attempts FROM inbox
    WHERE state = 'waiting' AND attempts > 0 AND {DEAD_OR_NONE}
      AND retry_at <= least(clock_timestamp(), coalesce(
          (SELECT turn_at FROM inbox WHERE state = 'waiting' AND attempts = 0 ORDER BY turn_at, id LIMIT 1),
          'infinity'))
    ORDER BY retry_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
"""  # noqa: S608

_FRESH = """
    SELECT id FROM inbox WHERE state = 'waiting' AND attempts = 0 AND turn_at < clock_timestamp() + :free
    ORDER BY turn_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
"""

_EARLY = """
    SELECT id FROM inbox WHERE state = 'waiting' AND attempts = 0
    ORDER BY turn_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
"""

_BURY = """
    UPDATE inbox SET state = 'buried', worker = NULL, last_error = coalesce(last_error, :error)
    WHERE id = :id
"""


def claim(conn: Connection, worker: int, limit: int) -> list[Waiting]:
    """Take up to `limit` waiting messages for `worker`, in the order of their turns; commit at once.

    Turns are in the order of receipt, but that one sender's waiting messages are a TURN apart: a flood from
    one waits behind everybody else. What lies FREE_TURNS ahead comes EARLY_AT_ONCE, when nothing else waits.

    The commit counts the attempt before any work is done, so that a message which kills its worker is
    counted too. A message that was tried before comes alone: it cannot take others down, and it comes
    when it is due before every fresh one, so that neither waits for the other for long. Should its
    worker die with it, it goes behind the others: deaths that have other causes spread over many.
    """
    while tried := conn.execute(text(_TRIED)).first():
        if tried.attempts < MAX_ATTEMPTS:
            return _take(conn, worker, [tried.id])
        conn.execute(text(_BURY), {"id": tried.id, "error": DIED})
    fresh = conn.scalars(text(_FRESH), {"limit": limit, "free": FREE_TURNS * TURN}).all()
    if not fresh:
        fresh = conn.scalars(text(_EARLY), {"limit": min(limit, EARLY_AT_ONCE)}).all()
    return _take(conn, worker, list(fresh))


def _take(conn: Connection, worker: int, ids: list[int]) -> list[Waiting]:
    if not ids:
        return []
    taken = conn.execute(
        text(
            "UPDATE inbox SET worker = :worker, attempts = attempts + 1, "
            "retry_at = CASE WHEN attempts = 0 THEN received_at ELSE clock_timestamp() END "
            "WHERE id = ANY(:ids) "
            "RETURNING id, report_id, received_at, attempts - 1, channel, key, message"
        ),
        {"worker": worker, "ids": ids},
    )
    found = [
        Waiting(row[0], row[1], row[2], row[3], codec.message_from_json(row[4], row[5], row[6]))
        for row in taken
    ]
    return sorted(found, key=lambda one: one.inbox_id)


def release(conn: Connection, waiting: Sequence[Waiting]) -> None:
    """Give claimed messages back untried, as a worker does that is asked to stop."""
    conn.execute(
        text(
            "UPDATE inbox SET worker = NULL, attempts = inbox.attempts - 1 "
            "FROM unnest(CAST(:ids AS bigint[]), CAST(:attempts AS int[])) AS mine(id, attempts) "
            "WHERE inbox.id = mine.id AND state = 'waiting' AND inbox.attempts = mine.attempts + 1"
        ),
        {"ids": [one.inbox_id for one in waiting], "attempts": [one.attempts for one in waiting]},
    )


def fail(conn: Connection, inbox_id: int, error: str, first_retry: timedelta = FIRST_RETRY) -> bool:
    """Put a claimed message back, due after `first_retry` times RETRY_GROWTH for each further attempt.

    True when it was buried instead, after MAX_ATTEMPTS. `error` is shown to operators: never the
    message's words.
    """
    failed = conn.execute(
        text(
            "UPDATE inbox SET worker = NULL, last_error = :error, "
            "state = CASE WHEN attempts >= :most THEN 'buried' ELSE 'waiting' END, "
            "retry_at = clock_timestamp() + :first * (:growth ^ greatest(attempts - 1, 0))::double precision "
            "WHERE id = :id AND state = 'waiting' RETURNING state"
        ),
        {
            "id": inbox_id,
            "error": error[-ERROR_CHARACTERS:].replace("\0", ""),
            "most": MAX_ATTEMPTS,
            "first": first_retry,
            "growth": RETRY_GROWTH,
        },
    ).first()
    return failed is not None and failed.state == "buried"


def counts(conn: Connection) -> InboxCounts:
    """How full the inbox is; each number comes from an index of its own state."""
    row: Any = conn.execute(
        text(
            "SELECT (SELECT count(*) FROM inbox WHERE state = 'waiting'), "
            "(SELECT count(*) FROM inbox WHERE state = 'done'), "
            "(SELECT count(*) FROM inbox WHERE state = 'buried'), "
            "(SELECT min(received_at) FROM inbox WHERE state = 'waiting')"
        )
    ).one()
    return InboxCounts(*row)


def buried(conn: Connection) -> list[BuriedEntry]:
    """Entries given up, oldest first."""
    rows = conn.execute(
        text(
            "SELECT id, report_id, channel, received_at, attempts, coalesce(last_error, '') "
            "FROM inbox WHERE state = 'buried' ORDER BY id"
        )
    )
    return [BuriedEntry(*row) for row in rows]


def revive(conn: Connection, inbox_id: int) -> None:
    """Let a buried entry be tried again from the start. Raises LookupError when it is not buried."""
    revived = conn.execute(
        text(
            "UPDATE inbox SET state = 'waiting', attempts = 0, worker = NULL, retry_at = NULL "
            "WHERE id = :id AND state = 'buried'"
        ),
        {"id": inbox_id},
    )
    if revived.rowcount == 0:
        raise LookupError(f"entry {inbox_id} is not buried")


def receipt(conn: Connection, report_id: UUID) -> ReceiptState | None:
    """State of a report for the holder of its id; None for an unknown id."""
    row = conn.execute(
        text(
            "SELECT inbox.state, reports.reply FROM inbox LEFT JOIN reports ON reports.id = inbox.report_id "
            "WHERE inbox.report_id = :id"
        ),
        {"id": report_id},
    ).first()
    return None if row is None else ReceiptState(row[0], row[1])
