"""What every route needs, made once by the composition and handed to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from service.access.oidc import Provider
from service.lifetimes import PACKAGED, Lifetimes
from service.limits import Limiter
from service.settings import Settings
from service.store.database import Database


@dataclass(frozen=True, slots=True)
class Services:
    """The api's parts: `secret` keys the hashes of keys, sessions and senders; `clock` gives aware times;
    `municipalities` gives names by 5-digit code; `lifetimes` says from when on an incident is old;
    `provider` signs in who has an account elsewhere, None when there is none."""

    database: Database
    settings: Settings
    secret: bytes
    limiter: Limiter
    clock: Callable[[], datetime]
    municipalities: Mapping[str, str] = field(default_factory=dict)
    lifetimes: Lifetimes = PACKAGED
    provider: Provider | None = None


def services_of(connection: HTTPConnection) -> Services:
    """The services of the app that serves this connection."""
    return cast("Services", connection.app.state.services)


ServicesDep = Annotated[Services, Depends(services_of)]
