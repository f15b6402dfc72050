"""Who is asking, and what they may: roles, permissions, scopes."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from geo import codes
from service import problems
from service.report import EVERYTHING, NOTHING, PREFECTURE_DIGITS, UNASSIGNED, Incident, Organization, Scope


class Permission(StrEnum):
    """What can be allowed. A key's scopes are permissions; none is ever more than KEY_SCOPES."""

    READ_INCIDENTS = "incidents:read"
    WRITE_REPORTS = "reports:write"
    READ_METRICS = "metrics:read"
    READ_WORDS = "words:read"
    TEACH_PLACES = "places:teach"
    WORK_AT_DESK = "desk:work"
    DECIDE_EVACUATION = "evacuation:decide"
    MANAGE_PEOPLE = "people:manage"


class Role(StrEnum):
    """閲覧者, 本部員, 指揮者, 管理者."""

    VIEWER = "viewer"
    OFFICER = "officer"
    COMMANDER = "commander"
    ADMINISTRATOR = "administrator"


KEY_SCOPES: Final = frozenset({Permission.READ_INCIDENTS, Permission.WRITE_REPORTS, Permission.READ_METRICS})
_DESK: Final = frozenset(
    {
        Permission.READ_INCIDENTS,
        Permission.READ_WORDS,
        Permission.TEACH_PLACES,
        Permission.WORK_AT_DESK,
    }
)
# 避難情報 is the head's to decide (災害対策基本法 第60条): an administrator runs the system and decides none.
ROLE_PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.VIEWER: frozenset({Permission.READ_INCIDENTS}),
    Role.OFFICER: _DESK,
    Role.COMMANDER: _DESK | {Permission.DECIDE_EVACUATION},
    Role.ADMINISTRATOR: _DESK | {Permission.READ_METRICS, Permission.MANAGE_PEOPLE},
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking. `subject` is an opaque identifier for rate limits, never a name; `csrf` is set for
    signed-in people and devices and must come back with each state-changing request. `jurisdiction` is the
    code of their municipality (5 digits) or prefecture (2), None for the whole country; `scope` is what they
    see, `own` what they answer for: whose words they may read, what they may act on."""

    kind: Literal["anonymous", "key", "user", "device"]
    subject: str
    permissions: frozenset[Permission] = frozenset()
    name: str = ""
    role: Role | None = None
    jurisdiction: str | None = None
    scope: Scope = NOTHING
    own: Scope = NOTHING
    organization: Organization | None = None
    account: UUID | None = None
    csrf: str | None = None

    def may(self, permission: Permission) -> bool:
        """True when `permission` is given."""
        return permission in self.permissions


ANONYMOUS: Final = Principal("anonymous", "")


def require(principal: Principal, permission: Permission) -> None:
    """Raise ProblemError unless `principal` may: 401 for nobody, 403 for somebody without the right."""
    if principal.may(permission):
        return
    if principal.kind == "anonymous":
        raise problems.ProblemError(problems.SIGN_IN_REQUIRED)
    raise problems.ProblemError(problems.FORBIDDEN)


def require_own(principal: Principal, incident: Incident) -> None:
    """Raise ProblemError `forbidden` for an incident that is only shared with the asker: its words and what
    is done about it are its municipality's."""
    if not principal.own.sees(incident.owners):
        raise problems.ProblemError(
            problems.FORBIDDEN,
            "ほかの市区町村から共有された事案です。文面を読むことと操作は、担当の市区町村だけができます。",
        )


def require_csrf(principal: Principal, token: str | None) -> None:
    """Raise ProblemError `csrf` when a signed-in person's request does not carry the session's token."""
    if principal.csrf is None:
        return
    if token is None or not hmac.compare_digest(principal.csrf.encode(), token.encode("utf-8", "replace")):
        raise problems.ProblemError(problems.CSRF)


def scope_of(jurisdiction: str | None) -> Scope:
    """What a municipality (5 digits; a city with its wards) or a prefecture (2) answers for.

    What is nobody's is shown to every prefecture, so that somebody looks at it.
    """
    if jurisdiction is None:
        return EVERYTHING
    if len(jurisdiction) == PREFECTURE_DIGITS:
        return Scope(frozenset({jurisdiction, UNASSIGNED}))
    return Scope(codes.with_wards(jurisdiction))


def person(
    account: UUID, name: str, role: str, organization: Organization | None, csrf: str | None = None
) -> Principal:
    """A signed-in person: an organization's people see and answer for what is its own."""
    held, code = Role(role), None if organization is None else organization.code
    return Principal(
        kind="user",
        subject=f"user:{account}",
        permissions=ROLE_PERMISSIONS[held],
        name=name,
        role=held,
        jurisdiction=code,
        scope=scope_of(code),
        own=scope_of(code),
        organization=organization,
        account=account,
        csrf=csrf,
    )


def device(device_id: UUID, name: str, organization: Organization | None, csrf: str) -> Principal:
    """A screen on the wall: it sees what its organization sees, and can do nothing."""
    code = None if organization is None else organization.code
    return Principal(
        kind="device",
        subject=f"device:{device_id}",
        permissions=ROLE_PERMISSIONS[Role.VIEWER],
        name=name,
        role=Role.VIEWER,
        jurisdiction=code,
        scope=scope_of(code),
        own=NOTHING,
        organization=organization,
        csrf=csrf,
    )
