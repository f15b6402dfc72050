"""Signing in with a password, and the server-side sessions of people and screens."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from service import problems
from service.access.keys import by_key, digest
from service.access.people import passwords
from service.access.principal import ANONYMOUS, Principal, device, person
from service.limits import Limiter
from service.report import Organization
from service.store import access as stored

if TYPE_CHECKING:
    from service.store.database import Connection

SESSION_HOURS: Final = 12  # one shift at headquarters
# Of one address, behind which a whole headquarters may sit: who signs in does not count.
FAILED_SIGN_INS_PER_MINUTE: Final = 20


@dataclass(frozen=True, slots=True)
class Session:
    """A fresh sign-in: `token` goes into the cookie and is stored nowhere."""

    token: str
    expires_at: datetime
    principal: Principal


def identify(
    conn: "Connection", secret: bytes, authorization: str | None, cookie: str | None, now: datetime
) -> Principal:
    """Who sends this `Authorization` header or session cookie.

    A key that is wrong is an error, never "nobody"; a session that has ended is nobody.
    Raises ProblemError `invalid-key`.
    """
    if authorization is not None:
        return by_key(conn, secret, authorization, now)
    if cookie:
        return _by_session(conn, secret, cookie, now)
    return ANONYMOUS


def admit_sign_in(limiter: Limiter, name: str, address: str) -> None:
    """Raise ProblemError `locked-out` or `too-many-requests` when this sign-in must wait."""
    wait = limiter.locked_for(_account(name, address))
    if wait is not None:
        raise problems.ProblemError(
            problems.LOCKED_OUT,
            f"失敗が続いたため受け付けていません。{wait}秒後にもう一度試してください。",
            retry_after_s=wait,
        )
    wait = limiter.take(_door(address), FAILED_SIGN_INS_PER_MINUTE)
    if wait is not None:
        raise problems.ProblemError(problems.TOO_MANY_REQUESTS, retry_after_s=wait)


def sign_in(
    conn: "Connection",
    secret: bytes,
    limiter: Limiter,
    name: str,
    password: str,
    address: str,
    now: datetime,
) -> Session:
    """Check a name and password and open a session.

    Failures lock the pair of account and address, so that a stranger cannot lock an officer out.
    Raises ProblemError `wrong-credentials`, `locked-out` or `too-many-requests`.
    """
    admit_sign_in(limiter, name, address)
    # A name that cannot be printed cannot be stored either (NUL), so nobody has it.
    user = stored.user(conn, name) if name.isprintable() else None
    if user is None or user.password_hash is None:
        # The same work as a check, so that the answer's time does not tell which names exist.
        passwords().hash(password)
    if user is None or user.password_hash is None or not passwords().verify(password, user.password_hash):
        limiter.failed(_account(name, address))
        raise problems.ProblemError(problems.WRONG_CREDENTIALS)
    limiter.succeeded(_account(name, address))
    limiter.give_back(_door(address))
    return open_session(conn, secret, user.id, user.name, user.role, user.organization, now)


def open_session(
    conn: "Connection",
    secret: bytes,
    account: UUID,
    name: str,
    role: str,
    organization: Organization | None,
    now: datetime,
) -> Session:
    """A session of somebody who has shown who they are."""
    token = secrets.token_urlsafe(32)
    csrf = secrets.token_urlsafe(24)
    expires_at = now + timedelta(hours=SESSION_HOURS)
    stored.add_session(conn, digest(secret, "session", token), account, csrf, expires_at)
    return Session(token, expires_at, person(account, name, role, organization, csrf))


def sign_out(conn: "Connection", secret: bytes, token: str) -> None:
    """End the session of `token`; nothing happens when it has ended already."""
    stored.end_session(conn, digest(secret, "session", token))


def _by_session(conn: "Connection", secret: bytes, cookie: str, now: datetime) -> Principal:
    session = stored.session(conn, digest(secret, "session", cookie))
    if session is None or session.expires_at <= now:
        return ANONYMOUS
    if session.device is not None:
        return device(session.device, session.name, session.organization, session.csrf)
    if session.user_id is None:
        return ANONYMOUS
    return person(session.user_id, session.name, session.role, session.organization, session.csrf)


def _door(address: str) -> str:
    return f"sign-in:{address}"


def _account(name: str, address: str) -> str:
    return f"{name}\n{address}"
