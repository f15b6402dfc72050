"""People as administrators see them: who belongs where, with which role, and whether they may sign in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from service.report import Organization, Scope

_SELECT = (
    "SELECT u.id, u.name, u.role, u.created_at, u.disabled_at, u.password_hash IS NOT NULL, "
    "(SELECT max(s.created_at) FROM sessions s WHERE s.user_id = u.id), o.id, o.kind, o.name, o.code "
    "FROM users u LEFT JOIN organizations o ON o.id = u.organization"
)


@dataclass(frozen=True, slots=True)
class Person:
    """`local` has a password here; the others sign in by OIDC. `signed_in_at`: the newest open session."""

    id: UUID
    name: str
    role: str
    created_at: datetime
    disabled_at: datetime | None
    local: bool
    signed_in_at: datetime | None
    organization: Organization | None


def managed(conn: Connection, own: Scope) -> list[Person]:
    """Everybody of the organizations that `own` answers for, by organization and name."""
    values: dict[str, list[str]] = {}
    where = ""
    if own.audience is not None:
        where = " WHERE o.code = ANY(:own) OR (o.kind <> 'prefecture' AND left(o.code, 2) = ANY(:own))"
        values["own"] = sorted(own.audience)
    order = " ORDER BY o.code NULLS FIRST, o.kind = 'brigade', o.name, u.name"
    return [_person(row) for row in conn.execute(text(_SELECT + where + order), values)]


def one(conn: Connection, person_id: UUID) -> Person | None:
    """The person of this id."""
    row = conn.execute(text(_SELECT + " WHERE u.id = :id"), {"id": person_id}).first()
    return None if row is None else _person(row)


def of_subject(conn: Connection, subject: str) -> Person | None:
    """The person whom the provider knows by this issuer and subject."""
    row = conn.execute(text(_SELECT + " WHERE u.subject = :subject"), {"subject": subject}).first()
    return None if row is None else _person(row)


def add(
    conn: Connection,
    name: str,
    role: str,
    organization: UUID | None,
    password_hash: str | None = None,
    subject: str | None = None,
) -> UUID | None:
    """Store a new person; None when the name is taken."""
    made: UUID | None = conn.execute(
        text(
            "INSERT INTO users (name, role, organization, password_hash, subject) "
            "VALUES (:name, :role, :organization, :hash, :subject) ON CONFLICT DO NOTHING RETURNING id"
        ),
        {
            "name": name,
            "role": role,
            "organization": organization,
            "hash": password_hash,
            "subject": subject,
        },
    ).scalar()
    return made


def change(
    conn: Connection, person_id: UUID, role: str, organization: UUID | None, *, disabled: bool
) -> None:
    """Give a person this role and organization, and let them sign in or not."""
    conn.execute(
        text(
            "UPDATE users SET role = :role, organization = :organization, disabled_at = "
            "CASE WHEN :disabled THEN coalesce(disabled_at, clock_timestamp()) END WHERE id = :id"
        ),
        {"id": person_id, "role": role, "organization": organization, "disabled": disabled},
    )


def set_password(conn: Connection, person_id: UUID, password_hash: str) -> None:
    """Give a person another password."""
    conn.execute(
        text("UPDATE users SET password_hash = :hash WHERE id = :id"),
        {"id": person_id, "hash": password_hash},
    )


def _person(row: Sequence[Any]) -> Person:
    organization = None if row[7] is None else Organization(*row[7:])
    return Person(*(*row[:7], organization))
