"""The public history: what changed after a number that the reader has."""

from sqlalchemy import Connection, text

from service.report import Change
from service.store.codec import incident_from_json


def since(conn: Connection, seq: int, limit: int) -> list[Change]:
    """Up to `limit` changes after `seq`, in order; a smaller number never appears later."""
    rows = conn.execute(
        text("SELECT seq, at, removed, body FROM changes WHERE seq > :seq ORDER BY seq LIMIT :limit"),
        {"seq": seq, "limit": limit},
    )
    return [Change(row.seq, row.at, row.removed, incident_from_json(row.body)) for row in rows]


def latest(conn: Connection) -> int:
    """Number of the newest change, 0 before the first."""
    newest: int = conn.execute(text("SELECT coalesce(max(seq), 0) FROM changes")).scalar_one()
    return newest


def oldest(conn: Connection) -> int:
    """Number of the oldest change that is kept, 0 before the first."""
    first: int = conn.execute(text("SELECT coalesce(min(seq), 0) FROM changes")).scalar_one()
    return first
