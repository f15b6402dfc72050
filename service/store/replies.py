"""Answers waiting to be sent to those who reported."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection, text

FIRST_RETRY = timedelta(seconds=2)
ERROR_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; `reply_to` is the channel's own address (LINE's reply token), `id` the report's."""

    id: UUID
    channel: str
    reply_to: str
    text: str
    attempts: int


def waiting(conn: Connection, limit: int) -> list[Reply]:
    """Up to `limit` due answers, locked until the caller's transaction ends; others skip them."""
    rows = conn.execute(
        text(
            "SELECT replies.report_id, replies.channel, replies.reply_to, reports.reply, replies.attempts "
            "FROM replies JOIN reports ON reports.id = replies.report_id "
            "WHERE replies.state = 'waiting' AND reports.reply IS NOT NULL "
            "AND (replies.retry_at IS NULL OR replies.retry_at <= clock_timestamp()) "
            "ORDER BY reports.received_at LIMIT :limit FOR UPDATE OF replies SKIP LOCKED"
        ),
        {"limit": limit},
    )
    return [Reply(*row) for row in rows]


def sent(conn: Connection, reply_id: UUID) -> None:
    """The channel took the answer."""
    conn.execute(
        text("UPDATE replies SET state = 'sent', attempts = attempts + 1 WHERE report_id = :id"),
        {"id": reply_id},
    )


def failed(conn: Connection, reply_id: UUID, error: str, retry: bool) -> None:
    """The channel refused: try again after 2, 4, 8 … s when `retry`, else give the answer up.

    `error` never contains what was said.
    """
    conn.execute(
        text(
            "UPDATE replies SET attempts = attempts + 1, last_error = :error, "
            "state = CASE WHEN :retry THEN 'waiting' ELSE 'failed' END, "
            "retry_at = clock_timestamp() + :first * (2.0 ^ attempts)::double precision "
            "WHERE report_id = :id"
        ),
        {"id": reply_id, "error": error[:ERROR_CHARACTERS], "retry": retry, "first": FIRST_RETRY},
    )


def expired(conn: Connection, reply_id: UUID) -> None:
    """The channel's address is too old to be answered (LINE's reply token)."""
    conn.execute(text("UPDATE replies SET state = 'expired' WHERE report_id = :id"), {"id": reply_id})
