"""「まだ続いていますか」: whom of an incident's reporters one can ask, who was asked, what they answered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, text

from service.store import ledger
from service.store.ledger import Summarizer

FIRST_RETRY: Final = timedelta(seconds=2)
ERROR_CHARACTERS: Final = 200

# Of one person the report that can be answered, else the latest. A report without sender is a person of
# its own.
_REPORTERS: Final = """
    SELECT DISTINCT ON (p.channel, coalesce(p.sender, p.id::text))
        p.id, r.ordinal, p.channel, p.sender, p.address IS NOT NULL AND p.sender IS NOT NULL AS reachable,
        EXISTS (SELECT FROM questions q WHERE q.channel = p.channel AND q.sender = p.sender
            AND q.state IN ('waiting', 'sent') AND q.asked_at > clock_timestamp() - CAST(:again AS interval)
        ) AS recent
    FROM readings r JOIN reports p ON p.id = r.report_id
    WHERE r.incident_id = :incident AND p.erased_at IS NULL
    ORDER BY p.channel, coalesce(p.sender, p.id::text), p.address IS NULL, p.posted_at DESC, p.id, r.ordinal
"""


@dataclass(frozen=True, slots=True)
class Reporter:
    """One person behind an incident, by a report and its reading; `recent`: asked a short while ago."""

    report_id: UUID
    ordinal: int
    channel: str
    sender: str | None
    reachable: bool
    recent: bool


@dataclass(frozen=True, slots=True)
class Askable:
    """One person behind an incident, of whom only this may be shown; as in Reporter."""

    channel: str
    reachable: bool
    recent: bool


@dataclass(frozen=True, slots=True)
class Question:
    """What became of one question: `state` waiting, sent, failed or withdrawn; `trouble` is why it failed."""

    id: UUID
    channel: str
    state: str
    trouble: str | None
    asked_at: datetime
    sent_at: datetime | None
    answer: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A question to be sent: to whom (sealed), and about what, in the reporter's own words of the place."""

    id: UUID
    channel: str
    address: str
    type: str
    place_text: str
    said_at: datetime
    drill: bool
    attempts: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answered; `key` is the delivery's own, so that a redelivery is not a second answer."""

    question: UUID
    channel: str
    key: str
    sender: str
    answer: str
    words: str
    said_at: datetime
    address: str | None


def reporters(conn: Connection, incident_id: UUID, again: timedelta) -> list[Reporter]:
    """The people behind an incident; `recent` are those asked about anything within `again`."""
    rows = conn.execute(text(_REPORTERS), {"incident": incident_id, "again": again})
    return [Reporter(*row) for row in rows]


def askable(conn: Connection, incident_id: UUID, again: timedelta) -> list[Askable]:
    """`reporters` without who they are, for people to see."""
    rows = conn.execute(
        text(
            "SELECT channel, reachable, "
            "coalesce(asked_at > clock_timestamp() - CAST(:again AS interval), false) "
            "FROM reporters_behind WHERE incident_id = :incident"
        ),
        {"incident": incident_id, "again": again},
    )
    return [Askable(*row) for row in rows]


def ask(conn: Connection, incident_id: UUID, channels: Collection[str], again: timedelta) -> list[Reporter]:
    """Queue a question to everybody behind the incident who can be asked by one of `channels`; who they are.

    Needs `ledger.lock`: two officers who ask at once must not ask one person twice.
    """
    asked = [
        one
        for one in reporters(conn, incident_id, again)
        if one.reachable and not one.recent and one.channel in channels
    ]
    for one in asked:
        conn.execute(
            text(
                "INSERT INTO questions (incident_id, report_id, ordinal, channel, sender) "
                "VALUES (:incident, :report, :ordinal, :channel, :sender)"
            ),
            {
                "incident": incident_id,
                "report": one.report_id,
                "ordinal": one.ordinal,
                "channel": one.channel,
                "sender": one.sender,
            },
        )
    return asked


def of_incident(conn: Connection, incident_id: UUID) -> list[Question]:
    """What was asked about an incident or about what has since been moved into it, newest first."""
    rows = conn.execute(
        text(
            "SELECT q.id, q.channel, q.state, q.last_error, q.asked_at, q.sent_at, q.answer, q.answered_at "
            "FROM questions q LEFT JOIN readings r ON r.report_id = q.report_id AND r.ordinal = q.ordinal "
            # Found by index first: behind the second fence each row costs a look at its incident.
            "WHERE q.id IN (SELECT id FROM questions WHERE incident_id = :incident UNION SELECT o.id "
            "FROM readings s JOIN questions o ON o.report_id = s.report_id WHERE s.incident_id = :incident) "
            "AND coalesce(r.incident_id, q.incident_id) = :incident ORDER BY q.asked_at DESC, q.id"
        ),
        {"incident": incident_id},
    )
    return [Question(*row) for row in rows]


def waiting(conn: Connection, limit: int) -> list[Outgoing]:
    """Up to `limit` due questions, locked until the caller's transaction ends; others skip them.

    A question that nobody needs to answer any more (the incident ended, its reporter left) is withdrawn.
    """
    conn.execute(
        text(
            "UPDATE questions q SET state = 'withdrawn' WHERE state = 'waiting' AND NOT EXISTS ("
            "SELECT FROM reports p JOIN readings r ON r.report_id = p.id AND r.ordinal = q.ordinal "
            "JOIN incidents i ON i.id = r.incident_id WHERE p.id = q.report_id AND p.address IS NOT NULL "
            "AND i.verification <> 'rejected' AND i.status NOT IN ('resolved', 'denied'))"
        )
    )
    rows = conn.execute(
        text(
            "SELECT q.id, q.channel, p.address, r.type, r.place_text, p.posted_at, r.drill, q.attempts "
            "FROM questions q JOIN reports p ON p.id = q.report_id "
            "JOIN readings r ON r.report_id = q.report_id AND r.ordinal = q.ordinal "
            "WHERE q.state = 'waiting' AND (q.retry_at IS NULL OR q.retry_at <= clock_timestamp()) "
            "ORDER BY q.asked_at LIMIT :limit FOR UPDATE OF q SKIP LOCKED"
        ),
        {"limit": limit},
    )
    return [Outgoing(*row) for row in rows]


def sent(conn: Connection, question: UUID) -> None:
    """The channel took the question; it does not say whether it was read."""
    conn.execute(
        text(
            "UPDATE questions SET state = 'sent', attempts = attempts + 1, sent_at = clock_timestamp(), "
            "last_error = NULL WHERE id = :id"
        ),
        {"id": question},
    )


def failed(conn: Connection, question: UUID, error: str, *, retry: bool) -> None:
    """The channel refused: try again after 2, 4, 8 … s when `retry`, else give the question up."""
    conn.execute(
        text(
            "UPDATE questions SET attempts = attempts + 1, last_error = :error, "
            "state = CASE WHEN :retry THEN 'waiting' ELSE 'failed' END, "
            "retry_at = clock_timestamp() + :first * (2.0 ^ attempts)::double precision WHERE id = :id"
        ),
        {"id": question, "error": error[:ERROR_CHARACTERS], "retry": retry, "first": FIRST_RETRY},
    )


def answer(conn: Connection, given: Answer, fuse: Summarizer) -> bool:
    """Keep an answer as a report on the incident that the question's report now belongs to.

    False when no such question was put to this sender. `unknown` is a report that says nothing of the
    incident; the incident is summed up again, as a change, for the others. A redelivery changes nothing.
    """
    ledger.lock(conn)
    question = conn.execute(
        text(
            "SELECT q.report_id, q.ordinal FROM questions q JOIN reports p ON p.id = q.report_id "
            "WHERE q.id = :id AND q.channel = :channel AND q.sender = :sender AND p.erased_at IS NULL"
        ),
        {"id": given.question, "channel": given.channel, "sender": given.sender},
    ).first()
    if question is None:
        return False
    report_id = _keep(conn, given, question.report_id)
    if report_id is None:
        return True
    conn.execute(
        text("UPDATE questions SET answer = :answer, answered_at = :at, state = 'sent' WHERE id = :id"),
        {"answer": given.answer, "at": given.said_at, "id": given.question},
    )
    if given.answer != "unknown":
        ledger.recompute(conn, _attach(conn, given, report_id, question.report_id, question.ordinal), fuse)
    return True


def _keep(conn: Connection, given: Answer, about: UUID) -> UUID | None:
    """The answer as a report of its own; None when the delivery was there already."""
    entry = conn.execute(
        text(
            "INSERT INTO inbox (channel, key, state, done_at) VALUES (:channel, :key, 'done', "
            "clock_timestamp()) ON CONFLICT (channel, key) DO NOTHING RETURNING id, report_id, received_at"
        ),
        {"channel": given.channel, "key": given.key},
    ).first()
    if entry is None:
        return None
    conn.execute(
        text(
            "INSERT INTO reports (id, inbox_id, channel, text, sender, sender_municipality, posted_at, "
            "received_at, relevant, urgent, people, drill, address, about) "
            "SELECT :id, :inbox, channel, :words, sender, sender_municipality, :at, :received, :relevant, "
            "false, '{}', drill, :address, id FROM reports WHERE id = :about"
        ),
        {
            "id": entry.report_id,
            "inbox": entry.id,
            "words": given.words,
            "at": given.said_at,
            "received": entry.received_at,
            "relevant": given.answer != "unknown",
            "address": given.address,
            "about": about,
        },
    )
    return UUID(str(entry.report_id))


def _attach(conn: Connection, given: Answer, report_id: UUID, about: UUID, ordinal: int) -> Sequence[UUID]:
    """Say the same of the same place with the answer's status; the incident, empty when it is gone.

    `moved_at` keeps a taught place from reading the answer's words, which name no place.
    """
    found = conn.execute(
        text(
            "INSERT INTO readings (report_id, ordinal, incident_id, type, status, place_text, municipality, "
            "geom, shape, radius_m, level, ambiguous, candidates, why, evidence, quantities, urgent, people, "
            "said_at, drill, retracts, home, moved_at) "
            "SELECT :report, 0, incident_id, type, :status, place_text, municipality, geom, shape, radius_m, "
            "level, ambiguous, '[]', :why, '[]', '[]', false, '{}', :at, drill, false, home, "
            "clock_timestamp() FROM readings WHERE report_id = :about AND incident_id IS NOT NULL "
            "ORDER BY ordinal <> :ordinal, ordinal LIMIT 1 RETURNING incident_id"
        ),
        {
            "report": report_id,
            "status": given.answer,
            "why": "本部の問い合わせへの回答（場所は元の通報のまま）",
            "at": given.said_at,
            "about": about,
            "ordinal": ordinal,
        },
    )
    return [row.incident_id for row in found]
