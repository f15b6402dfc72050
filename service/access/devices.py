"""Screens on the wall: a link made before the emergency signs one in within seconds, to see and no more."""

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from service import problems
from service.access.keys import digest
from service.access.principal import device
from service.access.sessions import Session
from service.limits import Limiter
from service.report import Organization
from service.store import access as stored
from service.store import devices

if TYPE_CHECKING:
    from service.store.database import Connection

DEVICE_PREFIX: Final = "hansho_device_"  # so that a leaked link is recognised by secret scanners
EXCHANGES_PER_MINUTE: Final = 20  # of one address
LONGEST_DAYS: Final = 400  # from one annual drill to the next


def create_device(
    conn: "Connection",
    secret: bytes,
    name: str,
    organization: Organization | None,
    expires_at: datetime,
    by: str,
) -> tuple[UUID, str]:
    """Store a new device and return its id and token; the token cannot be shown again."""
    token = DEVICE_PREFIX + secrets.token_urlsafe(32)
    made = devices.add(
        conn,
        name,
        digest(secret, "device", token),
        None if organization is None else organization.id,
        expires_at,
        by,
    )
    return made, token


def exchange(
    conn: "Connection", secret: bytes, limiter: Limiter, token: str, address: str, now: datetime
) -> Session:
    """A session for the holder of a device's token; it lasts as long as the link and ends with it.

    Raises ProblemError `invalid-device` or `too-many-requests`.
    """
    wait = limiter.take(f"device:{address}", EXCHANGES_PER_MINUTE)
    if wait is not None:
        raise problems.ProblemError(problems.TOO_MANY_REQUESTS, retry_after_s=wait)
    known = devices.by_hash(conn, digest(secret, "device", token))
    if known is None or known.expires_at <= now:
        raise problems.ProblemError(problems.INVALID_DEVICE)
    session, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
    stored.add_device_session(conn, digest(secret, "session", session), known.id, csrf, known.expires_at)
    return Session(session, known.expires_at, device(known.id, known.name, known.organization, csrf))
