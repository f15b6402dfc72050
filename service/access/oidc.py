"""Signing in with the organization's own account: OpenID Connect, authorization code with PKCE.

The provider's addresses come from its discovery document and must lie at the issuer's own origin, so that the
only address asked from here is the one in the settings. Role and organization come from claims of the ID
token (docs/operations.md); nobody without both gets in, and nobody of the whole installation comes this way.
"""

import hmac
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import requests
import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from service import problems
from service.access.keys import digest
from service.access.people import kept, record
from service.access.principal import Principal, Role, person
from service.access.sessions import Session, open_session
from service.report import Organization
from service.settings import Settings
from service.store import attempts, organizations, people
from service.store.attempts import Attempt
from service.store.people import Person

if TYPE_CHECKING:
    from service.store.database import Connection

SCOPES: Final = "openid profile"
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
PATIENCE_S: Final = 5.0
KEPT_S: Final = 600.0  # how long the discovery document and the keys are believed
MINUTES_TO_COME_BACK: Final = 10
CLOCK_SKEW_S: Final = 60
MAX_NAME: Final = 100
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})

log: Final = structlog.get_logger("oidc")


class ProviderError(ValueError):
    """The settings of the provider are wrong; the text says in Japanese what to do."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouches for: `subject` is issuer and subject, `code` the organization's."""

    subject: str
    name: str
    role: Role
    code: str


class Provider:
    """The configured provider. Safe to share between threads."""

    def __init__(self, settings: Settings) -> None:
        """Raises ProviderError when the issuer is not https (or loopback), or when client id, secret or
        OIDC_ROLES are missing or wrong."""
        if not (settings.oidc_issuer and settings.oidc_client_id and settings.oidc_client_secret):
            raise ProviderError("OIDC_ISSUER、OIDC_CLIENT_ID、OIDC_CLIENT_SECRET は、そろえて設定します。")
        address = urlsplit(settings.oidc_issuer)
        if address.scheme != "https" and address.hostname not in LOOPBACK:
            raise ProviderError("OIDC_ISSUER は https:// で始まるアドレスにしてください。")
        self._issuer = settings.oidc_issuer.rstrip("/")
        self._origin = (address.scheme, address.netloc)
        self._client_id = settings.oidc_client_id
        self._client_secret = settings.oidc_client_secret.get_secret_value()
        self._role_claim = settings.oidc_role_claim
        self._organization_claim = settings.oidc_organization_claim
        self._roles = roles_of(settings.oidc_roles)
        self._lock = threading.Lock()
        self._known: tuple[float, Mapping[str, Any], KeySet] | None = None

    def begin(self, redirect_uri: str, then: str) -> tuple[str, Attempt]:
        """Where to send the browser, and what it must come back with. Raises ProblemError
        `provider-unavailable`."""
        described, _ = self._described()
        made = Attempt(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), then)
        with self._client(redirect_uri) as client:
            address, _ = client.create_authorization_url(
                described["authorization_endpoint"],
                state=made.state,
                nonce=made.nonce,
                code_verifier=made.verifier,
            )
        return str(address), made

    def identity(self, attempt: Attempt, code: str, redirect_uri: str, now: datetime) -> Identity:
        """Who stands behind the code. Raises ProblemError `provider-refused`, `provider-unavailable`."""
        described, _ = self._described()
        try:
            with self._client(redirect_uri) as client:
                token = client.fetch_token(
                    described["token_endpoint"],
                    code=code,
                    code_verifier=attempt.verifier,
                    timeout=PATIENCE_S,
                    allow_redirects=False,
                )
        except (requests.RequestException, ValueError) as failure:
            raise _unavailable(failure) from None
        except OAuthError as failure:
            raise _refused("code", failure) from None
        id_token = token.get("id_token")
        if not isinstance(id_token, str):
            raise _refused("no_id_token")
        return self.vouched(id_token, attempt.nonce, now)

    def vouched(self, id_token: str, nonce: str, now: datetime) -> Identity:
        """What an ID token says, when its signature, issuer, audience, time and nonce are right.

        Raises ProblemError `provider-refused`, `provider-unavailable`.
        """
        claims = self._claims(id_token)
        checked = CodeIDToken(
            claims,
            {},
            options={
                "iss": {"essential": True, "value": self._issuer},
                "aud": {"essential": True, "value": self._client_id},
            },
            params={"nonce": nonce, "client_id": self._client_id},
        )
        try:
            checked.validate(now=int(now.timestamp()), leeway=CLOCK_SKEW_S)
        except JoseError as failure:
            raise _refused(getattr(failure, "claim", None) or failure.error, failure) from None
        return self._identity_of(claims)

    def _claims(self, id_token: str) -> dict[str, Any]:
        for fresh in (False, True):  # a key that is not known may have been made since
            _, keys = self._described(fresh=fresh)
            try:
                return dict(jwt.decode(id_token, keys, algorithms=list(ALGORITHMS)).claims)
            except (JoseError, ValueError) as failure:
                if fresh:
                    raise _refused("signature", failure) from None
        raise _refused("signature")

    def _identity_of(self, claims: Mapping[str, Any]) -> Identity:
        said = claims.get(self._role_claim)
        groups = said if isinstance(said, list) else [said]
        held = {self._roles[group] for group in groups if isinstance(group, str) and group in self._roles}
        code = claims.get(self._organization_claim)
        if len(held) != 1 or not isinstance(code, str):
            log.warning("oidc_refused", reason="claims", roles=len(held), organization=isinstance(code, str))
            raise problems.ProblemError(
                problems.PROVIDER_REFUSED,
                "役割または所属が設定されていません。外部のサインインの管理者に、半鐘の役割と所属の設定を求めてください。",
            )
        name = claims.get("preferred_username") or claims.get("name") or claims["sub"]
        shown = "".join(letter for letter in str(name) if letter.isprintable())[:MAX_NAME]
        return Identity(f"{self._issuer} {claims['sub']}", shown or "OIDC", held.pop(), code)

    def _client(self, redirect_uri: str) -> OAuth2Session:
        client = OAuth2Session(
            self._client_id,
            self._client_secret,
            scope=SCOPES,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
        )
        client.trust_env = False
        return client

    def _described(self, *, fresh: bool = False) -> tuple[Mapping[str, Any], KeySet]:
        """The discovery document and the keys. Raises ProblemError `provider-unavailable`."""
        with self._lock:
            if self._known is None or fresh or time.monotonic() > self._known[0] + KEPT_S:
                try:
                    self._known = (time.monotonic(), *self._discover())
                except (requests.RequestException, JoseError, ValueError, KeyError, TypeError) as failure:
                    raise _unavailable(failure) from None
            return self._known[1], self._known[2]

    def _discover(self) -> tuple[Mapping[str, Any], KeySet]:
        with requests.Session() as client:
            client.trust_env = False
            described = _document(client, f"{self._issuer}/.well-known/openid-configuration")
            if str(described["issuer"]).rstrip("/") != self._issuer:
                raise ValueError("the discovery document is another issuer's")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                address = urlsplit(str(described[name]))
                if (address.scheme, address.netloc) != self._origin:
                    raise ValueError(f"{name} is not at the issuer's own address")
            keys = KeySet.import_key_set(_document(client, described["jwks_uri"]))  # type: ignore[arg-type]
        return described, keys


def provider_of(settings: Settings) -> Provider | None:
    """The provider of the settings, None when there is none. Raises ProviderError as Provider does."""
    return Provider(settings) if settings.oidc_issuer else None


def roles_of(words: str) -> dict[str, Role]:
    """Group → role from `group=role,group=role`; without words every role is its own group.

    Raises ProviderError for a role that there is not.
    """
    if not words.strip():
        return {role.value: role for role in Role}
    pairs = (pair.strip().rpartition("=") for pair in words.split(","))
    known = {role.value: role for role in Role}
    try:
        return {group.strip(): known[role.strip()] for group, _, role in pairs}
    except KeyError:
        raise ProviderError(
            "OIDC_ROLES は「グループ=役割」をコンマで区切って書いてください。"
            "役割は viewer、officer、commander、administrator です。"
        ) from None


def begin(conn: "Connection", secret: bytes, attempt: Attempt, now: datetime) -> str:
    """Remember an attempt; returns the cookie that the browser must bring back."""
    cookie = secrets.token_urlsafe(32)
    until = now + timedelta(minutes=MINUTES_TO_COME_BACK)
    attempts.begin(conn, digest(secret, "attempt", cookie), attempt, until)
    return cookie


def take(conn: "Connection", secret: bytes, cookie: str | None, state: str, now: datetime) -> Attempt:
    """The attempt of this browser, used up. Raises ProblemError `provider-refused` for another browser's, an
    old or an invented one."""
    found = attempts.take(conn, digest(secret, "attempt", cookie), now) if cookie else None
    if found is None or not hmac.compare_digest(found.state.encode(), state.encode("utf-8", "replace")):
        raise _refused("state")
    return found


def sign_in(conn: "Connection", secret: bytes, identity: Identity, now: datetime) -> Session:
    """A session for whom the provider vouches for; role and organization are what it says today.

    Raises ProblemError `provider-refused` for a disabled person and an unknown organization.
    """
    organization = organizations.of_code(conn, identity.code)
    if organization is None:
        log.warning("oidc_refused", reason="organization")
        raise problems.ProblemError(
            problems.PROVIDER_REFUSED,
            "所属する組織が半鐘に登録されていません。管理者に登録を求めてください。",
        )
    known = people.of_subject(conn, identity.subject)
    if known is not None and known.disabled_at is not None:
        log.warning("oidc_refused", reason="disabled")
        raise problems.ProblemError(
            problems.PROVIDER_REFUSED, "この人は使えなくなっています。管理者に確かめてください。"
        )
    if known is None:
        account, name = _new_person(conn, identity, organization.id)
    else:
        account, name = known.id, known.name
    actor: Principal = person(account, name, identity.role, organization)
    if known is None:
        record(conn, actor, "people.create", organization, {"person": str(account), "role": identity.role})
    elif (known.role, known.organization) != (identity.role.value, organization):
        _follow(conn, known, identity, organization, actor)
    return open_session(conn, secret, account, name, identity.role, organization, now)


def _follow(
    conn: "Connection", known: Person, identity: Identity, organization: Organization, actor: Principal
) -> None:
    """Give a person the role and organization of today, and say so where changes of accounts stand."""
    people.change(conn, known.id, identity.role, organization.id, disabled=False)
    now = replace(known, role=identity.role.value, organization=organization)
    body = {
        "person": str(known.id),
        "before": kept(known),
        "after": kept(now),
        "organizations": [one.name for one in (known.organization, organization) if one is not None],
        "provider": urlsplit(identity.subject.partition(" ")[0]).netloc,
    }
    record(conn, actor, "people.provider", organization, body, also=known.organization)


def _new_person(conn: "Connection", identity: Identity, organization: UUID) -> tuple[UUID, str]:
    """Never another's account: a name that is taken gets a number."""
    for number in range(1, 100):
        name = identity.name if number == 1 else f"{identity.name}（{number}）"
        made = people.add(conn, name, identity.role, organization, subject=identity.subject)
        if made is not None:
            return made, name
    raise problems.ProblemError(problems.NAME_TAKEN)


def _document(client: requests.Session, address: str) -> Mapping[str, Any]:
    answer = client.get(address, timeout=PATIENCE_S, allow_redirects=False)
    if answer.status_code != requests.codes.ok:
        raise ValueError("not answered with a document")
    found = answer.json()
    if not isinstance(found, dict):
        raise ValueError("not an object")  # noqa: TRY004 - of another's answer, not of our call
    return found


def _unavailable(failure: Exception) -> problems.ProblemError:
    log.warning("oidc_unavailable", failure=type(failure).__name__)
    return problems.ProblemError(problems.PROVIDER_UNAVAILABLE, retry_after_s=30)


def _refused(reason: str, failure: Exception | None = None) -> problems.ProblemError:
    """What was wrong stands in the log alone: the browser may be an attacker's."""
    log.warning("oidc_refused", reason=reason, failure=None if failure is None else type(failure).__name__)
    return problems.ProblemError(problems.PROVIDER_REFUSED)
