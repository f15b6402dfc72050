"""API keys, users and sessions as stored: hashes only, never a secret."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class StoredKey:
    """An API key that is neither revoked nor expired."""

    id: UUID
    name: str
    scopes: frozenset[str]
    municipality: str | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredUser:
    """A local account; `role` is viewer, officer or administrator."""

    id: UUID
    name: str
    password_hash: str
    role: str
    municipality: str | None


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session that has not expired, with its user."""

    user_id: UUID
    name: str
    role: str
    municipality: str | None
    csrf: str
    expires_at: datetime


def add_key(
    conn: Connection,
    name: str,
    key_hash: bytes,
    scopes: Iterable[str],
    municipality: str | None = None,
    expires_at: datetime | None = None,
) -> UUID:
    """Store a key by its hash. Raises StoreError at the end of the transaction for a hash that is there."""
    key_id: UUID = conn.execute(
        text(
            "INSERT INTO api_keys (name, hash, scopes, municipality, expires_at) "
            "VALUES (:name, :hash, :scopes, :municipality, :expires_at) RETURNING id"
        ),
        {
            "name": name,
            "hash": key_hash,
            "scopes": sorted(scopes),
            "municipality": municipality,
            "expires_at": expires_at,
        },
    ).scalar_one()
    return key_id


def key(conn: Connection, key_hash: bytes) -> StoredKey | None:
    """The usable key with this hash."""
    row = conn.execute(
        text(
            "SELECT id, name, scopes, municipality, expires_at FROM api_keys WHERE hash = :hash "
            "AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > clock_timestamp())"
        ),
        {"hash": key_hash},
    ).first()
    return None if row is None else StoredKey(row[0], row[1], frozenset(row[2]), row[3], row[4])


def revoke_key(conn: Connection, key_id: UUID) -> bool:
    """End a key now; False when it is unknown or ended before."""
    revoked = conn.execute(
        text("UPDATE api_keys SET revoked_at = clock_timestamp() WHERE id = :id AND revoked_at IS NULL"),
        {"id": key_id},
    )
    return revoked.rowcount == 1


def add_user(
    conn: Connection, name: str, password_hash: str, role: str, municipality: str | None = None
) -> UUID:
    """Store a local account, or give the account of that name this password hash and role."""
    user_id: UUID = conn.execute(
        text(
            "INSERT INTO users (name, password_hash, role, municipality) "
            "VALUES (:name, :hash, :role, :municipality) ON CONFLICT (name) DO UPDATE SET "
            "password_hash = excluded.password_hash, role = excluded.role, "
            "municipality = excluded.municipality RETURNING id"
        ),
        {"name": name, "hash": password_hash, "role": role, "municipality": municipality},
    ).scalar_one()
    return user_id


def user(conn: Connection, name: str) -> StoredUser | None:
    """The account of that name."""
    row = conn.execute(
        text("SELECT id, name, password_hash, role, municipality FROM users WHERE name = :name"),
        {"name": name},
    ).first()
    return None if row is None else StoredUser(*row)


def add_session(
    conn: Connection, session_hash: bytes, user_id: UUID, csrf: str, expires_at: datetime
) -> None:
    """Store a session by its token's hash; sessions that have expired are swept away."""
    conn.execute(text("DELETE FROM sessions WHERE expires_at <= clock_timestamp()"))
    conn.execute(
        text("INSERT INTO sessions (hash, user_id, csrf, expires_at) VALUES (:hash, :user, :csrf, :expires)"),
        {"hash": session_hash, "user": user_id, "csrf": csrf, "expires": expires_at},
    )


def session(conn: Connection, session_hash: bytes) -> StoredSession | None:
    """The living session with this hash, with its user's present role."""
    row = conn.execute(
        text(
            "SELECT users.id, users.name, users.role, users.municipality, sessions.csrf, sessions.expires_at "
            "FROM sessions JOIN users ON users.id = sessions.user_id "
            "WHERE sessions.hash = :hash AND sessions.expires_at > clock_timestamp()"
        ),
        {"hash": session_hash},
    ).first()
    return None if row is None else StoredSession(*row)


def end_session(conn: Connection, session_hash: bytes) -> None:
    """Sign one session out."""
    conn.execute(text("DELETE FROM sessions WHERE hash = :hash"), {"hash": session_hash})


def end_all_sessions(conn: Connection, user_id: UUID) -> None:
    """Sign every session of a user out."""
    conn.execute(text("DELETE FROM sessions WHERE user_id = :id"), {"id": user_id})
