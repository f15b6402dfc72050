"""The only door: who is asking, and what they may see.

Machines carry API keys, people sign in with a name and a password; the database keeps HMAC-SHA256 of keys
and sessions and argon2 of passwords, so that a copy of it opens nothing. Words of reports are read by
officers and administrators only: no key scope opens them.
"""

import hmac
import os
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from service import problems
from service.limits import Limiter
from service.settings import Settings
from service.store import access as stored

if TYPE_CHECKING:
    from service.store.database import Connection

KEY_PREFIX: Final = "hansho_"  # so that a leaked key is recognised by secret scanners
SESSION_HOURS: Final = 12  # one shift at headquarters
SIGN_INS_PER_MINUTE: Final = 20  # of one address: each costs 50 ms and 64 MiB of argon2
MIN_PASSWORD_LENGTH: Final = 10
SECRET_BYTES: Final = 32


class Permission(StrEnum):
    """What can be allowed. A key's scopes are permissions; none ever gets `words:read` or `places:teach`."""

    READ_INCIDENTS = "incidents:read"
    WRITE_REPORTS = "reports:write"
    READ_METRICS = "metrics:read"
    READ_WORDS = "words:read"
    TEACH_PLACES = "places:teach"


class Role(StrEnum):
    """閲覧者, 本部員, 管理者."""

    VIEWER = "viewer"
    OFFICER = "officer"
    ADMINISTRATOR = "administrator"


KEY_SCOPES: Final = frozenset({Permission.READ_INCIDENTS, Permission.WRITE_REPORTS, Permission.READ_METRICS})
ROLE_PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.VIEWER: frozenset({Permission.READ_INCIDENTS}),
    Role.OFFICER: frozenset({Permission.READ_INCIDENTS, Permission.READ_WORDS, Permission.TEACH_PLACES}),
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.READ_INCIDENTS,
            Permission.READ_WORDS,
            Permission.TEACH_PLACES,
            Permission.READ_METRICS,
        }
    ),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking. `subject` is an opaque identifier for rate limits, never a name; `csrf` is set for
    signed-in people and must come back with each state-changing request."""

    kind: Literal["anonymous", "key", "user"]
    subject: str
    permissions: frozenset[Permission] = frozenset()
    name: str = ""
    role: Role | None = None
    municipality: str | None = None
    csrf: str | None = None

    def may(self, permission: Permission) -> bool:
        """True when `permission` is given."""
        return permission in self.permissions


ANONYMOUS: Final = Principal("anonymous", "")


@dataclass(frozen=True, slots=True)
class Session:
    """A fresh sign-in: `token` goes into the cookie and is stored nowhere."""

    token: str
    expires_at: datetime
    principal: Principal


def load_secret(settings: Settings) -> bytes:
    """The key of all hashes: SECRET_KEY, or 32 random bytes kept in STATE/secret_key (mode 0600).

    Raises OSError when STATE cannot be written.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().encode()
    path = settings.state / "secret_key"
    path.parent.mkdir(parents=True, exist_ok=True)
    # Linked into place whole, so that two processes starting together agree on one secret.
    draft = path.with_name(f"secret_key.{os.getpid()}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600, exist_ok=False)
    draft.write_text(secrets.token_hex(SECRET_BYTES), encoding="ascii")
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip().encode()


def digest(secret: bytes, purpose: Literal["key", "session", "sender"], token: str) -> bytes:
    """HMAC-SHA256 of `token`; `purpose` keeps the hashes of one use from serving another."""
    return hmac.digest(secret, f"{purpose}:{token}".encode("utf-8", "surrogatepass"), "sha256")


def create_key(
    conn: "Connection",
    secret: bytes,
    name: str,
    scopes: Collection[Permission],
    municipality: str | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Store a new API key and return it; it cannot be shown again.

    Raises ValueError for a scope that keys do not have.
    """
    unknown = set(scopes) - KEY_SCOPES
    if unknown or not scopes:
        raise ValueError(f"scopes of a key are {', '.join(sorted(KEY_SCOPES))}")
    token = KEY_PREFIX + secrets.token_urlsafe(32)
    stored.add_key(conn, name, digest(secret, "key", token), sorted(scopes), municipality, expires_at)
    return token


def create_user(
    conn: "Connection", name: str, password: str, role: Role, municipality: str | None = None
) -> None:
    """Store a person who may sign in. Raises ValueError for a password under ten characters or a name
    that cannot be printed."""
    if not name or not name.isprintable():
        raise ValueError("an account's name is made of printable characters")
    if len(password) < MIN_PASSWORD_LENGTH:
        raise ValueError(f"a password has at least {MIN_PASSWORD_LENGTH} characters")
    stored.add_user(conn, name, _passwords().hash(password), role, municipality)


def identify(
    conn: "Connection", secret: bytes, authorization: str | None, cookie: str | None, now: datetime
) -> Principal:
    """Who sends this `Authorization` header or session cookie.

    A key that is wrong is an error, never "nobody"; a session that has ended is nobody.
    Raises ProblemError `invalid-key`.
    """
    if authorization is not None:
        return _by_key(conn, secret, authorization, now)
    if cookie:
        return _by_session(conn, secret, cookie, now)
    return ANONYMOUS


def require(principal: Principal, permission: Permission) -> None:
    """Raise ProblemError unless `principal` may: 401 for nobody, 403 for somebody without the right."""
    if principal.may(permission):
        return
    if principal.kind == "anonymous":
        raise problems.ProblemError(problems.SIGN_IN_REQUIRED)
    raise problems.ProblemError(problems.FORBIDDEN)


def require_csrf(principal: Principal, token: str | None) -> None:
    """Raise ProblemError `csrf` when a signed-in person's request does not carry the session's token."""
    if principal.csrf is None:
        return
    if token is None or not hmac.compare_digest(principal.csrf.encode(), token.encode("utf-8", "replace")):
        raise problems.ProblemError(problems.CSRF)


def admit_sign_in(limiter: Limiter, name: str, address: str) -> None:
    """Raise ProblemError `locked-out` or `too-many-requests` when this sign-in must wait."""
    wait = limiter.locked_for(_account(name, address))
    if wait is not None:
        raise problems.ProblemError(
            problems.LOCKED_OUT,
            f"失敗が続いたため受け付けていません。{wait}秒後にもう一度試してください。",
            retry_after_s=wait,
        )
    wait = limiter.take(f"sign-in:{address}", SIGN_INS_PER_MINUTE)
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
    if user is None:
        # The same work as a check, so that the answer's time does not tell which names exist.
        _passwords().hash(password)
    if user is None or not _passwords().verify(password, user.password_hash):
        limiter.failed(_account(name, address))
        raise problems.ProblemError(problems.WRONG_CREDENTIALS)
    limiter.succeeded(_account(name, address))
    token = secrets.token_urlsafe(32)
    csrf = secrets.token_urlsafe(24)
    expires_at = now + timedelta(hours=SESSION_HOURS)
    stored.add_session(conn, digest(secret, "session", token), user.id, csrf, expires_at)
    return Session(token, expires_at, _person(str(user.id), user.name, user.role, user.municipality, csrf))


def sign_out(conn: "Connection", secret: bytes, token: str) -> None:
    """End the session of `token`; nothing happens when it has ended already."""
    stored.end_session(conn, digest(secret, "session", token))


def _by_key(conn: "Connection", secret: bytes, authorization: str, now: datetime) -> Principal:
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token.startswith(KEY_PREFIX):
        raise problems.ProblemError(problems.INVALID_KEY)
    key = stored.key(conn, digest(secret, "key", token))
    if key is None or (key.expires_at is not None and key.expires_at <= now):
        raise problems.ProblemError(problems.INVALID_KEY)
    known = {scope.value for scope in KEY_SCOPES}
    permissions = frozenset(Permission(scope) for scope in key.scopes if scope in known)
    return Principal("key", f"key:{key.id}", permissions, key.name, None, key.municipality)


def _by_session(conn: "Connection", secret: bytes, cookie: str, now: datetime) -> Principal:
    session = stored.session(conn, digest(secret, "session", cookie))
    if session is None or session.expires_at <= now:
        return ANONYMOUS
    return _person(str(session.user_id), session.name, session.role, session.municipality, session.csrf)


def _person(user_id: str, name: str, role: str, municipality: str | None, csrf: str) -> Principal:
    held = Role(role)
    return Principal("user", f"user:{user_id}", ROLE_PERMISSIONS[held], name, held, municipality, csrf)


def _account(name: str, address: str) -> str:
    return f"{name}\n{address}"


def _passwords() -> PasswordHash:
    return PasswordHash((Argon2Hasher(),))
