"""Sign-ins by OIDC that are under way: what the browser must come back with, used once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was sent to the provider, and where to go afterwards."""

    state: str
    nonce: str
    verifier: str
    next: str


def begin(conn: Connection, cookie_hash: bytes, attempt: Attempt, expires_at: datetime) -> None:
    """Store an attempt by its cookie's hash; those that have expired are swept away."""
    conn.execute(text("DELETE FROM sign_in_attempts WHERE expires_at <= clock_timestamp()"))
    conn.execute(
        text(
            "INSERT INTO sign_in_attempts (hash, state, nonce, verifier, next, expires_at) "
            "VALUES (:hash, :state, :nonce, :verifier, :next, :expires)"
        ),
        {
            "hash": cookie_hash,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "verifier": attempt.verifier,
            "next": attempt.next,
            "expires": expires_at,
        },
    )


def take(conn: Connection, cookie_hash: bytes, now: datetime) -> Attempt | None:
    """The attempt of this cookie, which is thereby used up; None when there is none (any more)."""
    row = conn.execute(
        text(
            "DELETE FROM sign_in_attempts WHERE hash = :hash "
            "RETURNING state, nonce, verifier, next, expires_at"
        ),
        {"hash": cookie_hash},
    ).first()
    return None if row is None or row.expires_at <= now else Attempt(*row[:4])
