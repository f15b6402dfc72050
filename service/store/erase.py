"""Taking a report back: its words vanish everywhere, and what was known from it is summed up again."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, text

from service.store import aliases, ledger
from service.store.ledger import Summarizer


def erase(conn: Connection, channel: str, key: str, fuse: Summarizer) -> bool:
    """Erase the report delivered as (channel, key): text, photo, place, evidence, sender, position,
    reply, address, what it was before its place was taught, and the questions and answers about it.

    Its entry stays as `erased`, so that a late redelivery does not bring it back. Incidents that it
    belonged to are summed up without it, as changes; what their older changes quoted of places is
    replaced by what is still said. False for an unknown key; True again for a repeated call.
    """
    ledger.lock(conn)
    entry = conn.execute(
        text("SELECT id, report_id FROM inbox WHERE channel = :channel AND key = :key FOR UPDATE"),
        {"channel": channel, "key": key},
    ).first()
    if entry is None:
        return False
    conn.execute(
        text(
            "UPDATE inbox SET state = 'erased', message = NULL, worker = NULL, last_error = NULL "
            "WHERE id = :id"
        ),
        {"id": entry.id},
    )
    said = [entry.report_id, *_answers(conn, entry.report_id)]
    touched = [
        row.incident_id
        for row in conn.execute(
            text("DELETE FROM readings WHERE report_id = ANY(:ids) RETURNING incident_id"), {"ids": said}
        )
        if row.incident_id is not None
    ]
    for report_id in said:
        _blank_report(conn, report_id)
    ledger.recompute(conn, touched, fuse)
    merged = aliases.forget_all(conn, touched)
    _blank_history(conn, [*touched, *merged])
    return True


def forget_address(conn: Connection, channel: str, sender: str) -> None:
    """Forget where `sender` can be written to (who blocked us is asked nothing more)."""
    conn.execute(
        text("UPDATE reports SET address = NULL WHERE channel = :channel AND sender = :sender"),
        {"channel": channel, "sender": sender},
    )
    conn.execute(
        text(
            "UPDATE inbox SET message = message - 'address' "
            "WHERE channel = :channel AND message->>'sender' = :sender AND state IN ('waiting', 'buried')"
        ),
        {"channel": channel, "sender": sender},
    )


def _answers(conn: Connection, report_id: UUID) -> list[UUID]:
    """What its sender answered about it: it holds the report's place, and goes with it."""
    return list(conn.execute(text("SELECT id FROM reports WHERE about = :id"), {"id": report_id}).scalars())


def _blank_report(conn: Connection, report_id: UUID) -> None:
    for statement in (
        "DELETE FROM photos WHERE report_id = :id",
        "DELETE FROM replies WHERE report_id = :id",
        "DELETE FROM relocations WHERE report_id = :id",
        "DELETE FROM questions WHERE report_id = :id",
        (
            "UPDATE reports SET text = '', reply = NULL, sender = NULL, address = NULL, position = NULL, "
            "position_accuracy_m = NULL, people = '{}', erased_at = clock_timestamp() WHERE id = :id"
        ),
    ):
        conn.execute(text(statement), {"id": report_id})


def _blank_history(conn: Connection, incident_ids: Sequence[UUID]) -> None:
    """Let every change of the incidents say the place as the remaining reports say it, '' without any.

    Point, shape and people of older changes came from the erased report as well: they become those of
    the present, too.
    """
    conn.execute(
        text(
            "UPDATE changes SET body = changes.body || jsonb_build_object("
            "'place_text', coalesce(i.place_text, ''), 'lat', ST_Y(i.geom), 'lon', ST_X(i.geom), "
            "'shape', last.body->'shape', 'radius_m', i.radius_m, "
            "'people', coalesce(i.people, '{}'::jsonb)) "
            "FROM unnest(CAST(:ids AS uuid[])) AS touched(id) "
            "LEFT JOIN incidents i ON i.id = touched.id "
            "LEFT JOIN LATERAL (SELECT c.body FROM changes c WHERE c.incident_id = touched.id "
            "AND i.id IS NOT NULL ORDER BY c.seq DESC LIMIT 1) last ON true "
            "WHERE changes.incident_id = touched.id"
        ),
        {"ids": list(incident_ids)},
    )
