"""API keys, users and sessions as stored: hashes only, never a secret."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Connection, text

from service.report import PREFECTURE_DIGITS, Organization

_ORGANIZATION = "o.id, o.kind, o.name, o.code"


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
    """An account that may sign in; `role` is viewer, officer, commander or administrator. Without a hash no
    password opens it: its holder signs in by OIDC."""

    id: UUID
    name: str
    password_hash: str | None
    role: str
    organization: Organization | None


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session that has not expired, with its user or its device."""

    user_id: UUID | None
    name: str
    role: str
    organization: Organization | None
    csrf: str
    expires_at: datetime
    device: UUID | None = None


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


def ensure_organization(conn: Connection, code: str) -> UUID:
    """The municipality (5 digits) or prefecture (2) of that code; made with its name where it is not."""
    found = conn.execute(
        text("SELECT id FROM organizations WHERE code = :code AND kind <> 'brigade'"), {"code": code}
    ).scalar()
    if found is None:
        found = conn.execute(
            text(
                "INSERT INTO organizations (kind, code, name) VALUES (:kind, :code, coalesce(("
                "SELECT CASE WHEN length(:code) = 2 THEN prefecture ELSE name END FROM municipalities "
                "WHERE left(code, length(:code)) = :code LIMIT 1), :code)) RETURNING id"
            ),
            {"code": code, "kind": "prefecture" if len(code) == PREFECTURE_DIGITS else "municipality"},
        ).scalar_one()
    return cast(UUID, found)


def add_user(
    conn: Connection, name: str, password_hash: str, role: str, organization: UUID | None = None
) -> UUID:
    """Store a local account, or give the account of that name this password hash and role."""
    user_id: UUID = conn.execute(
        text(
            "INSERT INTO users (name, password_hash, role, organization) "
            "VALUES (:name, :hash, :role, :organization) ON CONFLICT (name) DO UPDATE SET "
            "password_hash = excluded.password_hash, role = excluded.role, "
            "organization = excluded.organization, disabled_at = NULL RETURNING id"
        ),
        {"name": name, "hash": password_hash, "role": role, "organization": organization},
    ).scalar_one()
    return user_id


def user(conn: Connection, name: str) -> StoredUser | None:
    """The account of that name that is not disabled."""
    row = conn.execute(
        text(
            f"SELECT users.id, users.name, users.password_hash, users.role, {_ORGANIZATION} FROM users "  # noqa: S608
            "LEFT JOIN organizations o ON o.id = users.organization WHERE users.name = :name "
            "AND users.disabled_at IS NULL"
        ),
        {"name": name},
    ).first()
    return None if row is None else StoredUser(row[0], row[1], row[2], row[3], _organization(row[4:]))


def add_session(
    conn: Connection, session_hash: bytes, user_id: UUID, csrf: str, expires_at: datetime
) -> None:
    """Store a session by its token's hash; sessions that have expired are swept away."""
    conn.execute(text("DELETE FROM sessions WHERE expires_at <= clock_timestamp()"))
    conn.execute(
        text("INSERT INTO sessions (hash, user_id, csrf, expires_at) VALUES (:hash, :user, :csrf, :expires)"),
        {"hash": session_hash, "user": user_id, "csrf": csrf, "expires": expires_at},
    )


def add_device_session(
    conn: Connection, session_hash: bytes, device: UUID, csrf: str, expires_at: datetime
) -> None:
    """Store a device's session by its token's hash."""
    conn.execute(
        text(
            "INSERT INTO sessions (hash, device, csrf, expires_at) VALUES (:hash, :device, :csrf, :expires)"
        ),
        {"hash": session_hash, "device": device, "csrf": csrf, "expires": expires_at},
    )


def session(conn: Connection, session_hash: bytes) -> StoredSession | None:
    """The living session with this hash, with its user's present role; none of a disabled person or a revoked
    device."""
    row = conn.execute(
        text(
            "SELECT users.id, coalesce(users.name, d.name), coalesce(users.role, 'viewer'), s.csrf, "  # noqa: S608
            f"least(s.expires_at, d.expires_at), d.id, {_ORGANIZATION} FROM sessions s "
            "LEFT JOIN users ON users.id = s.user_id LEFT JOIN devices d ON d.id = s.device "
            "LEFT JOIN organizations o ON o.id = coalesce(users.organization, d.organization) "
            "WHERE s.hash = :hash AND s.expires_at > clock_timestamp() "
            "AND users.disabled_at IS NULL AND d.revoked_at IS NULL"
        ),
        {"hash": session_hash},
    ).first()
    if row is None:
        return None
    return StoredSession(row[0], row[1], row[2], _organization(row[6:]), row[3], row[4], row[5])


def _organization(row: Sequence[Any]) -> Organization | None:
    return None if row[0] is None else Organization(*row)


def end_session(conn: Connection, session_hash: bytes) -> None:
    """Sign one session out."""
    conn.execute(text("DELETE FROM sessions WHERE hash = :hash"), {"hash": session_hash})


def end_all_sessions(conn: Connection, user_id: UUID) -> None:
    """Sign every session of a user out."""
    conn.execute(text("DELETE FROM sessions WHERE user_id = :id"), {"id": user_id})
