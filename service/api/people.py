"""Organizations and their people, for the administrators of their own. Names of accounts stand in no log."""

from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from geo import codes
from service import access
from service.access import Permission, Role, people
from service.api import accessschemas, schemas
from service.api.door import CSRF_HEADER, Administrator, IncidentReader, PrincipalDep
from service.api.pages import sign_in_first, site_of, wants_html
from service.api.services import Services, ServicesDep
from service.collect.clean import clean_text
from service.problems import FORBIDDEN, NAME_TAKEN, ProblemError, invalid
from service.publish.geojson import jst
from service.report import PREFECTURE_DIGITS, Organization
from service.store import access as accounts
from service.store import organizations
from service.store import people as stored
from service.store.organizations import Listed
from service.store.people import Person

NO_STORE: Final = {"Cache-Control": "no-store"}
SEEN: Final = (400, 401, 403, 404, 503)
AREA_FAULTS: Final[Mapping[str, str]] = {
    "area": "区域は、面（PolygonかMultiPolygon）のGeoJSONにしてください。",
    "crossing": "区域の線が自分自身と交わっています。角の順か位置を直してください。",
    "outside": "座標が経度・緯度の範囲の外です。世界測地系の経度,緯度（度）のGeoJSONにしてください。",
}

router = APIRouter(tags=["people"], default_response_class=Response)


def cleaned(value: object) -> object:
    """JSON may carry lone surrogates, which pydantic would refuse whole."""
    return clean_text(value) if isinstance(value, str) else value


Name = Annotated[
    str, BeforeValidator(cleaned), Field(min_length=1, max_length=100, description="名前（100文字まで）。")
]
Code = Annotated[
    str,
    Field(pattern=r"^([0-9]{2}|[0-9]{5})$", description="都道府県（2桁）または市区町村（5桁）のコード。"),
]
Area = Annotated[
    dict[str, Any] | None, Field(description="担当区域。GeoJSONのPolygonまたはMultiPolygon（経度,緯度）。")
]


class Given(BaseModel):
    """What is sent: nothing unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OrganizationIn(Given):
    """A prefecture or municipality by its code, or a brigade of a municipality by its name."""

    code: Code
    brigade: Annotated[Name | None, Field(description="分団の名前。なければ、コードの自治体そのもの。")] = (
        None
    )
    area: Area = None


class OrganizationChange(Given):
    """What changes of an organization."""

    name: Name | None = None
    area: Area = None


class PersonIn(Given):
    """A new person; the password is made and shown once."""

    name: Name
    role: Role
    organization: Annotated[UUID | None, Field(description="所属する組織。なければ全体の管理者などです。")]


class PersonChange(Given):
    """What changes of a person."""

    role: Role | None = None
    organization: UUID | None = None
    disabled: bool | None = None


@router.get("/organizations", responses=schemas.answers("Organizations", 400, 401, 403, 503))
def listed(services: ServicesDep, reader: IncidentReader) -> Response:
    """登録されている組織。共有の相手や、割り当ての相手を選ぶために使います。"""
    with services.database.transaction() as conn:
        found = organizations.listed(conn)
    may = reader.may(Permission.MANAGE_PEOPLE)
    body = [_organization(one, managed=may and people.manages(reader, one.organization)) for one in found]
    return JSONResponse({"organizations": body}, headers=NO_STORE)


@router.post("/organizations", status_code=201, responses=accessschemas.made("Organization"))
def add_organization(
    request: Request, services: ServicesDep, administrator: Administrator, given: OrganizationIn
) -> Response:
    """組織を登録する。都道府県・市区町村はコードで、分団は市区町村のコードと名前で。"""
    access.require_csrf(administrator, request.headers.get(CSRF_HEADER))
    _require_real(given.code, services, brigade=given.brigade is not None)
    with services.database.transaction() as conn:
        kind = "prefecture" if len(given.code) == PREFECTURE_DIGITS else "municipality"
        people.require_managed(administrator, Organization(UUID(int=0), kind, "", given.code))
        accounts.ensure_organization(conn, given.code)
        made = organizations.of_code(conn, given.code)
        if made is not None and given.brigade is not None:
            made = organizations.add_brigade(conn, made, given.brigade)
        if made is None:
            raise ProblemError(NAME_TAKEN)
        _set_area(conn, made.id, given.area)
        people.record(conn, administrator, "organization.create", made, {"organization": str(made.id)})
    return JSONResponse(_organization(Listed(made, None, given.area), managed=True), 201, NO_STORE)


@router.patch("/organizations/{organization_id}", status_code=204, responses=schemas.problems(*SEEN))
def change_organization(
    request: Request,
    services: ServicesDep,
    administrator: Administrator,
    organization_id: UUID,
    given: OrganizationChange,
) -> Response:
    """組織の名前と担当区域を変える。"""
    access.require_csrf(administrator, request.headers.get(CSRF_HEADER))
    with services.database.transaction() as conn:
        found = people.managed_organization(conn, administrator, organization_id, missing=True)
        if given.name is not None:
            organizations.rename(conn, organization_id, given.name)
        if "area" in given.model_fields_set:
            _set_area(conn, organization_id, given.area)
        people.record(
            conn, administrator, "organization.change", found, {"organization": str(organization_id)}
        )
    return Response(status_code=204, headers=NO_STORE)


@router.get("/people", responses=accessschemas.page_or("People"))
def list_people(request: Request, services: ServicesDep, principal: PrincipalDep) -> Response:
    """管理する組織の人。ブラウザーには画面を返します。"""
    page = wants_html(request)
    if page and principal.kind == "anonymous":
        return sign_in_first(request)
    access.require(principal, Permission.MANAGE_PEOPLE)
    if page:
        settings = services.settings
        shown = {"tile_url": settings.tile_url or "", "tile_attribution": settings.tile_attribution}
        return site_of(request).page("people.html", shown)
    with services.database.transaction() as conn:
        found = stored.managed(conn, principal.own)
    return JSONResponse({"people": [_person(one) for one in found]}, headers=NO_STORE)


@router.post("/people", status_code=201, responses=accessschemas.made("NewPerson"))
def add_person(
    request: Request, services: ServicesDep, administrator: Administrator, given: PersonIn
) -> Response:
    """人を登録する。パスワードは応答で一度だけ示します。"""
    access.require_csrf(administrator, request.headers.get(CSRF_HEADER))
    if not given.name.isprintable() or given.name != given.name.strip():
        raise invalid("name", "前後に空白のない、印字できる文字で書いてください。")
    password = people.new_password()
    password_hash = people.passwords().hash(password)
    with services.database.transaction() as conn:
        organization = people.managed_organization(conn, administrator, given.organization)
        people.require_fitting(given.role, organization)
        made = stored.add(conn, given.name, given.role, given.organization, password_hash)
        if made is None:
            raise ProblemError(NAME_TAKEN)
        body = {"person": str(made), "role": given.role}
        people.record(conn, administrator, "people.create", organization, body)
        found = people.managed_person(conn, administrator, made)
    return JSONResponse({**_person(found), "password": password}, 201, NO_STORE)


@router.patch("/people/{person_id}", responses=schemas.answers("Person", *SEEN))
def change_person(
    request: Request,
    services: ServicesDep,
    administrator: Administrator,
    person_id: UUID,
    given: PersonChange,
) -> Response:
    """役割・所属・使えるかどうかを変える。使えなくすると、すぐにサインアウトします。"""
    access.require_csrf(administrator, request.headers.get(CSRF_HEADER))
    with services.database.transaction() as conn:
        before = people.managed_person(conn, administrator, person_id)
        _require_other(administrator, person_id)
        role = given.role or Role(before.role)
        organization = before.organization
        if "organization" in given.model_fields_set:
            organization = people.managed_organization(conn, administrator, given.organization)
        people.require_fitting(role, organization)
        disabled = before.disabled_at is not None if given.disabled is None else given.disabled
        belongs = None if organization is None else organization.id
        stored.change(conn, person_id, role, belongs, disabled=disabled)
        if disabled:
            accounts.end_all_sessions(conn, person_id)
        after = people.managed_person(conn, administrator, person_id)
        body = {"person": str(person_id), "before": people.kept(before), "after": people.kept(after)}
        people.record(conn, administrator, "people.change", organization, body)
    return JSONResponse(_person(after), headers=NO_STORE)


@router.post("/people/{person_id}/password", responses=schemas.answers("Password", *SEEN))
def reset_password(
    request: Request, services: ServicesDep, administrator: Administrator, person_id: UUID
) -> Response:
    """新しいパスワードを作り、応答で一度だけ示す。その人はどの端末からもサインアウトします。"""
    access.require_csrf(administrator, request.headers.get(CSRF_HEADER))
    password = people.new_password()
    password_hash = people.passwords().hash(password)
    with services.database.transaction() as conn:
        person = people.managed_person(conn, administrator, person_id)
        stored.set_password(conn, person_id, password_hash)
        accounts.end_all_sessions(conn, person_id)
        people.record(conn, administrator, "people.password", person.organization, {"person": str(person_id)})
    return JSONResponse({"password": password}, headers=NO_STORE)


@router.post("/people/{person_id}/signout", status_code=204, responses=schemas.problems(*SEEN))
def sign_out_person(
    request: Request, services: ServicesDep, administrator: Administrator, person_id: UUID
) -> Response:
    """その人をどの端末からもサインアウトさせる。"""
    access.require_csrf(administrator, request.headers.get(CSRF_HEADER))
    with services.database.transaction() as conn:
        person = people.managed_person(conn, administrator, person_id)
        accounts.end_all_sessions(conn, person_id)
        people.record(conn, administrator, "people.signout", person.organization, {"person": str(person_id)})
    return Response(status_code=204, headers=NO_STORE)


def _require_other(administrator: access.Principal, person_id: UUID) -> None:
    """Nobody takes the own rights away: the last administrator would lock everyone out."""
    if administrator.account == person_id:
        raise ProblemError(FORBIDDEN, "自分の役割・所属は変えられません。ほかの管理者に依頼してください。")


def _require_real(code: str, services: Services, *, brigade: bool) -> None:
    municipal = len(code) != PREFECTURE_DIGITS
    known = code in services.municipalities or (municipal and _is_designated_city(code))
    if not (known if municipal else any(one.startswith(code) for one in services.municipalities)):
        raise invalid("code", "実在する都道府県（2桁）か市区町村（5桁）のコードを書いてください。")
    if brigade and not municipal:
        raise invalid("code", "分団は市区町村（5桁）のコードで登録してください。")


def _is_designated_city(code: str) -> bool:
    try:
        return codes.is_designated_city(code)
    except codes.CodeError:
        return False


def _set_area(conn: Any, organization_id: UUID, area: Mapping[str, Any] | None) -> None:
    try:
        organizations.set_area(conn, organization_id, area)
    except organizations.AreaError as wrong:
        raise invalid("area", AREA_FAULTS[wrong.reason]) from None


def organization_body(organization: Organization | None) -> dict[str, Any] | None:
    """An organization where it is mentioned."""
    if organization is None:
        return None
    return {
        "id": str(organization.id),
        "kind": organization.kind,
        "name": organization.name,
        "code": organization.code,
    }


def _organization(one: Listed, *, managed: bool) -> dict[str, Any]:
    parent = None if one.parent is None else str(one.parent)
    return {
        **(organization_body(one.organization) or {}),
        "parent": parent,
        "area": one.area,
        "managed": managed,
    }


def _person(person: Person) -> dict[str, Any]:
    return {
        "id": str(person.id),
        "name": person.name,
        "role": person.role,
        "organization": organization_body(person.organization),
        "disabled": person.disabled_at is not None,
        "local": person.local,
        "created_at": jst(person.created_at),
        "signed_in_at": None if person.signed_in_at is None else jst(person.signed_in_at),
    }
