"""The only door: who is asking, and what they may see.

Machines carry API keys, people sign in with a name and a password or by their organization's sign-in (OIDC),
screens on the wall with a link; the database keeps HMAC-SHA256 of keys, links and sessions and argon2 of
passwords, so that a copy of it opens nothing. Words of reports are read by officers, commanders and
administrators only: no key scope opens them.
"""

from geo.codes import with_wards
from service.access.devices import create_device, exchange
from service.access.keys import create_key, digest, load_secret
from service.access.people import MIN_PASSWORD_LENGTH, create_user
from service.access.principal import (
    ANONYMOUS,
    KEY_SCOPES,
    ROLE_PERMISSIONS,
    Permission,
    Principal,
    Role,
    require,
    require_csrf,
    require_own,
    scope_of,
)
from service.access.sessions import SESSION_HOURS, Session, admit_sign_in, identify, sign_in, sign_out

__all__ = [
    "ANONYMOUS",
    "KEY_SCOPES",
    "MIN_PASSWORD_LENGTH",
    "ROLE_PERMISSIONS",
    "SESSION_HOURS",
    "Permission",
    "Principal",
    "Role",
    "Session",
    "admit_sign_in",
    "create_device",
    "create_key",
    "create_user",
    "digest",
    "exchange",
    "identify",
    "load_secret",
    "require",
    "require_csrf",
    "require_own",
    "scope_of",
    "sign_in",
    "sign_out",
    "with_wards",
]
