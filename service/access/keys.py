"""API keys of machines, and the secret that keeps every hash from serving elsewhere."""

import hmac
import os
import secrets
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

from service import problems
from service.access.principal import KEY_SCOPES, Permission, Principal, scope_of
from service.settings import Settings
from service.store import access as stored

if TYPE_CHECKING:
    from service.store.database import Connection

KEY_PREFIX: Final = "hansho_"  # so that a leaked key is recognised by secret scanners
SECRET_BYTES: Final = 32


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


def digest(
    secret: bytes, purpose: Literal["key", "session", "sender", "device", "attempt"], token: str
) -> bytes:
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


def by_key(conn: "Connection", secret: bytes, authorization: str, now: datetime) -> Principal:
    """Who sends this `Authorization` header. Raises ProblemError `invalid-key`."""
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token.startswith(KEY_PREFIX):
        raise problems.ProblemError(problems.INVALID_KEY)
    key = stored.key(conn, digest(secret, "key", token))
    if key is None or (key.expires_at is not None and key.expires_at <= now):
        raise problems.ProblemError(problems.INVALID_KEY)
    known = {scope.value for scope in KEY_SCOPES}
    permissions = frozenset(Permission(scope) for scope in key.scopes if scope in known)
    scope = scope_of(key.municipality)
    return Principal("key", f"key:{key.id}", permissions, key.name, None, key.municipality, scope, scope)
