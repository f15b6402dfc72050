"""Wall-screen devices as stored: by the hash of their token."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from service.report import Organization, Scope

_SELECT = (
    "SELECT d.id, d.name, d.created_by, d.created_at, d.expires_at, d.used_at, o.id, o.kind, o.name, o.code "
    "FROM devices d LEFT JOIN organizations o ON o.id = d.organization WHERE d.revoked_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class Device:
    """A device that is not revoked; it may have expired. `used_at`: when its link was opened last."""

    id: UUID
    name: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    organization: Organization | None


def add(
    conn: Connection, name: str, token_hash: bytes, organization: UUID | None, expires_at: datetime, by: str
) -> UUID:
    """Store a device that the account `by` makes."""
    made: UUID = conn.execute(
        text(
            "INSERT INTO devices (name, hash, organization, created_by, expires_at) "
            "VALUES (:name, :hash, :organization, :by, :expires) RETURNING id"
        ),
        {"name": name, "hash": token_hash, "organization": organization, "by": by, "expires": expires_at},
    ).scalar_one()
    return made


def by_hash(conn: Connection, token_hash: bytes) -> Device | None:
    """The device of this token, noted as used now."""
    row = conn.execute(text(_SELECT + " AND d.hash = :hash"), {"hash": token_hash}).first()
    if row is None:
        return None
    conn.execute(text("UPDATE devices SET used_at = clock_timestamp() WHERE id = :id"), {"id": row[0]})
    return _device(row)


def one(conn: Connection, device_id: UUID) -> Device | None:
    """The device of this id."""
    row = conn.execute(text(_SELECT + " AND d.id = :id"), {"id": device_id}).first()
    return None if row is None else _device(row)


def managed(conn: Connection, own: Scope) -> list[Device]:
    """The devices of the organizations that `own` answers for, newest first."""
    values: dict[str, list[str]] = {}
    where = ""
    if own.audience is not None:
        where = " AND (o.code = ANY(:own) OR (o.kind <> 'prefecture' AND left(o.code, 2) = ANY(:own)))"
        values["own"] = sorted(own.audience)
    rows = conn.execute(text(_SELECT + where + " ORDER BY d.created_at DESC, d.id"), values)
    return [_device(row) for row in rows]


def revoke(conn: Connection, device_id: UUID) -> bool:
    """End a device and its sessions now; False when it is unknown or ended before."""
    revoked = conn.execute(
        text("UPDATE devices SET revoked_at = clock_timestamp() WHERE id = :id AND revoked_at IS NULL"),
        {"id": device_id},
    )
    conn.execute(text("DELETE FROM sessions WHERE device = :id"), {"id": device_id})
    return revoked.rowcount == 1


def _device(row: Sequence[Any]) -> Device:
    organization = None if row[6] is None else Organization(*row[6:])
    return Device(*(*row[:6], organization))
