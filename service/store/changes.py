"""The public history: what changed after a number that the reader has."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from service.report import Change, Incident, Scope
from service.store import visible
from service.store.codec import incident_from_json


def since(conn: Connection, seq: int, limit: int, scope: Scope) -> list[Change]:
    """Up to `limit` changes after `seq` of incidents that `scope` sees or saw, in order; a smaller number
    never appears later."""
    seen, values = visible.changing(scope)
    rows = conn.execute(
        text(
            "SELECT seq, at, removed, body, audience_before FROM changes "  # noqa: S608
            f"WHERE seq > :seq AND {seen} ORDER BY seq LIMIT :limit"
        ),
        {**values, "seq": seq, "limit": limit},
    )
    return [
        Change(row.seq, row.at, row.removed, incident_from_json(row.body), tuple(row.audience_before))
        for row in rows
    ]


def versions(conn: Connection, seqs: Sequence[int], scope: Scope) -> dict[int, Incident]:
    """The incidents as these changes left them, by number; without what `scope` did not see then."""
    rows = conn.execute(
        text(
            "SELECT seq, body FROM changes WHERE seq = ANY(:seqs) "
            "AND (:everything OR jsonb_exists_any(body->'audience', CAST(:scope AS text[])))"
        ),
        {
            "seqs": list(seqs),
            "everything": scope.audience is None,
            "scope": sorted(scope.audience or ()),
        },
    )
    return {row.seq: incident_from_json(row.body) for row in rows}


# The view of numbers and times is everybody's: a page of any scope says at which change it is true.


def latest(conn: Connection) -> int:
    """Number of the newest change, 0 before the first."""
    newest: int = conn.execute(text("SELECT coalesce(max(seq), 0) FROM change_times")).scalar_one()
    return newest


def oldest(conn: Connection) -> int:
    """Number of the oldest change that is kept, 0 before the first."""
    first: int = conn.execute(text("SELECT coalesce(min(seq), 0) FROM change_times")).scalar_one()
    return first


def made_at(conn: Connection, seq: int) -> datetime | None:
    """When the change of this number was made, None when there is none."""
    found: datetime | None = conn.execute(
        text("SELECT at FROM change_times WHERE seq = :seq"), {"seq": seq}
    ).scalar()
    return found
