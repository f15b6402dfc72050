"""Dependencies that let a request in: who asks (service/access.py decides) and what the route requires."""

from collections.abc import Callable
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends
from starlette.requests import HTTPConnection

from service import access
from service.access import Permission, Principal
from service.api.services import ServicesDep, services_of
from service.problems import NOT_FOUND, ProblemError
from service.report import Incident
from service.store import incidents
from service.store.database import Connection

COOKIE: Final = "hansho_session"
CSRF_HEADER: Final = "X-CSRF-Token"


def principal_of(connection: HTTPConnection, services: ServicesDep) -> Principal:
    """Who sends this request; raises ProblemError `invalid-key`, StoreUnavailable."""
    authorization = connection.headers.get("authorization")
    cookie = connection.cookies.get(COOKIE)
    if authorization is None and not cookie:
        return access.ANONYMOUS
    with services.database.transaction() as conn:
        return access.identify(conn, services.secret, authorization, cookie, services.clock())


def identify(connection: HTTPConnection) -> Principal:
    """`principal_of` for a bare ASGI endpoint."""
    return principal_of(connection, services_of(connection))


PrincipalDep = Annotated[Principal, Depends(principal_of)]


def requires(permission: Permission) -> Callable[[Principal], Principal]:
    """A dependency that answers 401 or 403 unless the asker has `permission`."""

    def check(principal: PrincipalDep) -> Principal:
        access.require(principal, permission)
        return principal

    return check


IncidentReader = Annotated[Principal, Depends(requires(Permission.READ_INCIDENTS))]
WordsReader = Annotated[Principal, Depends(requires(Permission.READ_WORDS))]
Administrator = Annotated[Principal, Depends(requires(Permission.MANAGE_PEOPLE))]
Teacher = Annotated[Principal, Depends(requires(Permission.TEACH_PLACES))]
DeskWorker = Annotated[Principal, Depends(requires(Permission.WORK_AT_DESK))]
EvacuationDecider = Annotated[Principal, Depends(requires(Permission.DECIDE_EVACUATION))]
ReportWriter = Annotated[Principal, Depends(requires(Permission.WRITE_REPORTS))]


def own_incident(conn: Connection, worker: Principal, incident_id: UUID) -> Incident:
    """The incident, which `worker` answers for. Raises ProblemError `not-found`, or `forbidden` for one that
    is only shared with them."""
    incident = incidents.one(conn, incident_id, worker.scope)
    if incident is None:
        raise ProblemError(NOT_FOUND)
    access.require_own(worker, incident)
    return incident


def address_of(connection: HTTPConnection) -> str:
    """The client's address for rate limits; behind a proxy uvicorn has put the forwarded one here."""
    return connection.client.host if connection.client is not None else ""


def is_local(connection: HTTPConnection) -> bool:
    """True for a request from this machine that no proxy handed on."""
    forwarded = {"forwarded", "x-forwarded-for", "x-real-ip"} & set(connection.headers.keys())
    return address_of(connection) in {"127.0.0.1", "::1"} and not forwarded
