"""Screens on the wall: links made before the emergency, exchanged for a session without a password.

The token stands behind `#` in the link, so that no request carries it in its address and no log can hold it.
"""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from service import access
from service.access import devices as links
from service.access import people
from service.api import accessschemas, schemas
from service.api.door import CSRF_HEADER, Administrator, address_of
from service.api.features import base_url
from service.api.pages import site_of
from service.api.people import NO_STORE, SEEN, Given, Name, organization_body
from service.api.services import ServicesDep
from service.api.signin import require_same_origin, with_session
from service.problems import NOT_FOUND, ProblemError
from service.publish.geojson import jst
from service.store import devices
from service.store.devices import Device

router = APIRouter(tags=["devices"], default_response_class=Response)


class DeviceIn(Given):
    """A new device."""

    name: Name
    organization: Annotated[UUID | None, Field(description="見える範囲の組織。なければ全体。")]
    days: Annotated[int, Field(ge=1, le=links.LONGEST_DAYS, description="有効日数。")]


class Token(Given):
    """What stands behind # in the link."""

    token: Annotated[str, Field(max_length=200)]


@router.get("/device", responses=schemas.html_answers(400))
def device_page(request: Request) -> Response:
    """壁の画面を開く。リンクの#の後ろの文字を、この画面がPOST /deviceで送ります。"""
    return site_of(request).page("device.html", {})


@router.post("/device", status_code=204, responses=schemas.problems(400, 401, 403, 413, 415, 429, 503))
def open_device(request: Request, services: ServicesDep, given: Token) -> Response:
    """リンクの文字をセッションに換える。閲覧だけができます。"""
    require_same_origin(request)
    now = services.clock()
    with services.database.transaction() as conn:
        session = access.exchange(
            conn, services.secret, services.limiter, given.token, address_of(request), now
        )
    seconds = int((session.expires_at - now).total_seconds())
    return with_session(Response(status_code=204, headers=NO_STORE), services, session.token, seconds)


@router.get("/devices", responses=schemas.answers("Devices", 400, 401, 403, 503))
def listed(services: ServicesDep, administrator: Administrator) -> Response:
    """管理する組織の、取り消していない画面。"""
    with services.database.transaction() as conn:
        found = devices.managed(conn, administrator.own)
    return JSONResponse({"devices": [_device(one) for one in found]}, headers=NO_STORE)


@router.post("/devices", status_code=201, responses=accessschemas.made("NewDevice"))
def add(request: Request, services: ServicesDep, administrator: Administrator, given: DeviceIn) -> Response:
    """壁の画面のリンクを作る。応答で一度だけ示します。"""
    access.require_csrf(administrator, request.headers.get(CSRF_HEADER))
    until = services.clock() + timedelta(days=given.days)
    with services.database.transaction() as conn:
        organization = people.managed_organization(conn, administrator, given.organization)
        made, token = access.create_device(
            conn, services.secret, given.name, organization, until, administrator.name
        )
        people.record(conn, administrator, "device.create", organization, {"device": str(made)})
        found = devices.one(conn, made)
    if found is None:
        raise ProblemError(NOT_FOUND)
    link = f"{base_url(services, request)}/device#{token}"
    return JSONResponse({**_device(found), "link": link}, 201, NO_STORE)


@router.delete("/devices/{device_id}", status_code=204, responses=schemas.problems(*SEEN))
def revoke(
    request: Request, services: ServicesDep, administrator: Administrator, device_id: UUID
) -> Response:
    """画面のリンクを取り消す。開いている画面もすぐに見えなくなります。"""
    access.require_csrf(administrator, request.headers.get(CSRF_HEADER))
    with services.database.transaction() as conn:
        found = devices.one(conn, device_id)
        if found is None or not people.manages(administrator, found.organization):
            raise ProblemError(NOT_FOUND)
        devices.revoke(conn, device_id)
        people.record(conn, administrator, "device.revoke", found.organization, {"device": str(device_id)})
    return Response(status_code=204, headers=NO_STORE)


def _device(device: Device) -> dict[str, object]:
    return {
        "id": str(device.id),
        "name": device.name,
        "organization": organization_body(device.organization),
        "created_by": device.created_by,
        "created_at": jst(device.created_at),
        "expires_at": jst(device.expires_at),
        "used_at": None if device.used_at is None else jst(device.used_at),
    }
