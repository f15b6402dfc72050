"""Showing incidents to other organizations: one by an officer, all of an organization's by agreement."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from service import access, sharing
from service.access import Principal, people
from service.api import accessschemas, schemas
from service.api.door import CSRF_HEADER, Administrator, DeskWorker, own_incident
from service.api.people import NO_STORE, SEEN, Code, Given, organization_body
from service.api.services import Services, ServicesDep
from service.problems import NOT_FOUND, ProblemError, invalid
from service.report import Incident
from service.store import actions, ledger, organizations, shares
from service.store.actions import Action
from service.store.shares import Agreement

router = APIRouter(tags=["shares"], default_response_class=Response)


class AgreementIn(Given):
    """Whose incidents are shown to whom."""

    owner: Annotated[UUID, Field(description="見せる組織。")]
    receiver: Annotated[UUID, Field(description="見る組織。")]


class ShareIn(Given):
    """With whom one incident is shared."""

    code: Code


@router.get("/shares", responses=schemas.answers("Shares", 400, 401, 403, 503))
def standing(services: ServicesDep, administrator: Administrator) -> Response:
    """続けて共有している組織どうし。"""
    with services.database.transaction() as conn:
        found = [
            one
            for one in shares.agreements(conn)
            if people.manages(administrator, one.owner) or people.manages(administrator, one.receiver)
        ]
    return JSONResponse({"shares": [_agreement(one) for one in found]}, headers=NO_STORE)


@router.post("/shares", status_code=201, responses=accessschemas.made("Share"))
def agree(
    request: Request, services: ServicesDep, administrator: Administrator, given: AgreementIn
) -> Response:
    """組織の事案を、別の組織に続けて見せる。いまある事案も見えるようになります。"""
    access.require_csrf(administrator, request.headers.get(CSRF_HEADER))
    with services.database.transaction() as conn:
        owner = people.managed_organization(conn, administrator, given.owner)
        receiver = organizations.one(conn, given.receiver)
        if owner is None or receiver is None or "brigade" in {owner.kind, receiver.kind} or owner == receiver:
            raise invalid("receiver", "都道府県か市区町村の、別の組織を選んでください。")
        # What is written after the lock knows of the agreement; what was before is shown anew below.
        ledger.lock(conn)
        made = Agreement(shares.agree(conn, owner.id, receiver.id), owner, receiver)
        people.record(conn, administrator, "share.agree", owner, {"receiver": receiver.code})
    sharing.settle(services.database)
    return JSONResponse(_agreement(made), 201, NO_STORE)


@router.delete("/shares/{share_id}", status_code=204, responses=schemas.problems(*SEEN))
def end(request: Request, services: ServicesDep, administrator: Administrator, share_id: UUID) -> Response:
    """続けての共有をやめる。一件ずつ共有した事案は見えたままです。"""
    access.require_csrf(administrator, request.headers.get(CSRF_HEADER))
    with services.database.transaction() as conn:
        ledger.lock(conn)
        found = next((one for one in shares.agreements(conn) if one.id == share_id), None)
        if found is None or not people.manages(administrator, found.owner):
            raise ProblemError(NOT_FOUND)
        shares.end(conn, share_id)
        people.record(conn, administrator, "share.end", found.owner, {"receiver": found.receiver.code})
    sharing.settle(services.database)
    return Response(status_code=204, headers=NO_STORE)


@router.get("/incidents/{incident_id}/shares", responses=schemas.answers("IncidentShares", *SEEN))
def shared_with(services: ServicesDep, worker: DeskWorker, incident_id: UUID) -> Response:
    """事案を共有している相手。"""
    with services.database.transaction(worker.scope) as conn:
        incident = own_incident(conn, worker, incident_id)
    return JSONResponse(_shared(incident), headers=NO_STORE)


@router.post("/incidents/{incident_id}/shares", responses=schemas.answers("IncidentShares", *SEEN))
def share(
    request: Request, services: ServicesDep, worker: DeskWorker, incident_id: UUID, given: ShareIn
) -> Response:
    """事案を別の組織にも見せる。文面と写真は見せません。"""
    access.require_csrf(worker, request.headers.get(CSRF_HEADER))
    return JSONResponse(_shared(_changed(services, worker, incident_id, given.code, shown=True)))


@router.delete("/incidents/{incident_id}/shares/{code}", responses=schemas.answers("IncidentShares", *SEEN))
def take_back(
    request: Request, services: ServicesDep, worker: DeskWorker, incident_id: UUID, code: Code
) -> Response:
    """事案の共有をやめる。続けての共有は、管理者がやめるまで続きます。"""
    access.require_csrf(worker, request.headers.get(CSRF_HEADER))
    return JSONResponse(_shared(_changed(services, worker, incident_id, code, shown=False)))


def _changed(services: Services, worker: Principal, incident_id: UUID, code: str, *, shown: bool) -> Incident:
    with services.database.transaction() as conn:
        ledger.lock(conn)
        before = own_incident(conn, worker, incident_id)
        if shown and organizations.of_code(conn, code) is None:
            raise invalid("code", "登録されている都道府県か市区町村を選んでください。")
        singly = set(before.ruling.shared) - set(before.ruling.standing)
        after = shares.shown_to(before, singly | {code} if shown else singly - {code})
        if after == before:
            return before
        ledger.write(conn, [after])
        organization = worker.organization
        actions.record(
            conn,
            Action(
                kind="incident.share" if shown else "incident.unshare",
                actor=worker.account,
                actor_name=worker.name,
                audience=tuple(sorted(before.owners)),
                organization_name="" if organization is None else organization.name,
                owner=before.municipality,
                incident_id=incident_id,
                body={"before": list(before.ruling.shared), "after": list(after.ruling.shared)},
                drill=before.drill,
            ),
        )
        return after


def _agreement(one: Agreement) -> dict[str, object]:
    return {
        "id": str(one.id),
        "owner": organization_body(one.owner),
        "receiver": organization_body(one.receiver),
    }


def _shared(incident: Incident) -> dict[str, object]:
    standing = set(incident.ruling.standing)
    return {"shared": [{"code": code, "standing": code in standing} for code in incident.ruling.shared]}
