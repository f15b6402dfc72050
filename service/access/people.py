"""People and their organizations: who is made by whom, and who manages whom."""

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from uuid import UUID

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from service import problems
from service.access.principal import Principal, Role
from service.report import PREFECTURE_DIGITS, Organization
from service.store import access as stored
from service.store import actions, organizations, people
from service.store.actions import Action

if TYPE_CHECKING:
    from service.store.database import Connection

MIN_PASSWORD_LENGTH: Final = 10
GIVEN_PASSWORD_BYTES: Final = 12
# Who may read what is done to people of no organization: nobody but the whole installation's administrators.
INSTALLATION: Final = "installation"


def create_user(
    conn: "Connection", name: str, password: str, role: Role, jurisdiction: str | None = None
) -> None:
    """Store a person who may sign in, of the municipality (5 digits) or prefecture (2) `jurisdiction`.

    Raises ValueError for a password under ten characters or a name that cannot be printed.
    """
    if not name or not name.isprintable():
        raise ValueError("an account's name is made of printable characters")
    if len(password) < MIN_PASSWORD_LENGTH:
        raise ValueError(f"a password has at least {MIN_PASSWORD_LENGTH} characters")
    organization = None if jurisdiction is None else stored.ensure_organization(conn, jurisdiction)
    stored.add_user(conn, name, passwords().hash(password), role, organization)


def passwords() -> PasswordHash:
    """How passwords are hashed: argon2."""
    return PasswordHash((Argon2Hasher(),))


def manages(administrator: Principal, organization: Organization | None) -> bool:
    """Whether the organization is the administrator's own or below it; the installation's manages all."""
    mine = administrator.own.audience
    if mine is None:
        return True
    if organization is None:
        return False
    code = organization.code
    return code in mine or (organization.kind != "prefecture" and code[:PREFECTURE_DIGITS] in mine)


def require_managed(administrator: Principal, organization: Organization | None) -> None:
    """Raise ProblemError `forbidden` for an organization that is not the administrator's."""
    if not manages(administrator, organization):
        raise problems.ProblemError(
            problems.FORBIDDEN, "管理できるのは、所属する組織とその下の組織だけです。"
        )


def require_fitting(role: Role, organization: Organization | None) -> None:
    """Raise ProblemError `invalid-input` for a role that the organization does not have."""
    if organization is not None and organization.kind == "brigade" and role is not Role.VIEWER:
        raise problems.invalid("role", "分団の人は閲覧者だけです。本部員は市区町村に登録してください。")


def new_password() -> str:
    """A password to hand over once."""
    return secrets.token_urlsafe(GIVEN_PASSWORD_BYTES)


def audience_of(organization: Organization | None) -> tuple[str, ...]:
    """Who may read what was done to an organization's people: it and its prefecture."""
    if organization is None:
        return (INSTALLATION,)
    return tuple(sorted({organization.code, organization.code[:PREFECTURE_DIGITS]}))


def record(
    conn: "Connection",
    actor: Principal,
    kind: str,
    organization: Organization | None,
    body: Mapping[str, object],
    also: Organization | None = None,
) -> None:
    """Note what an administrator did; `body` holds ids and roles, never names of accounts. `also` is the
    organization that somebody left: its administrators may read it, too."""
    municipal = organization is not None and organization.kind != "prefecture"
    actions.record(
        conn,
        Action(
            kind=kind,
            actor=actor.account,
            actor_name=actor.name,
            audience=tuple({*audience_of(organization), *(() if also is None else audience_of(also))}),
            organization_name="" if actor.organization is None else actor.organization.name,
            owner=organization.code if organization is not None and municipal else None,
            body=body,
        ),
    )


def kept(person: people.Person) -> dict[str, object]:
    """What the record keeps of a person before and after a change."""
    organization = None if person.organization is None else str(person.organization.id)
    return {"role": person.role, "organization": organization, "disabled": person.disabled_at is not None}


def managed_person(conn: "Connection", administrator: Principal, person_id: UUID) -> people.Person:
    """The person, when the administrator manages them; ProblemError `not-found` for everybody else."""
    found = people.one(conn, person_id)
    if found is None or not manages(administrator, found.organization):
        raise problems.ProblemError(problems.NOT_FOUND)
    return found


def managed_organization(
    conn: "Connection", administrator: Principal, organization_id: UUID | None, *, missing: bool = False
) -> Organization | None:
    """The organization of this id (None: the installation), when the administrator manages it.

    Raises ProblemError `invalid-input` for an unknown one (`not-found` with `missing`, when the
    address names it), `forbidden` for somebody else's.
    """
    found = None
    if organization_id is not None:
        found = organizations.one(conn, organization_id)
        if found is None and missing:
            raise problems.ProblemError(problems.NOT_FOUND)
        if found is None:
            raise problems.invalid("organization", "登録されている組織を選んでください。")
    require_managed(administrator, found)
    return found
