"""「この名前はここ」: places that officers teach, for those who may read words. Names stand in no log."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from geo.names import normal_form
from service import access, teaching
from service.api import schemas
from service.api.door import CSRF_HEADER, Teacher
from service.api.services import Services, ServicesDep
from service.api.spot import Lat, Lon, RadiusM
from service.collect.clean import clean_text
from service.problems import ALREADY_TAUGHT, NOT_FOUND, ProblemError, invalid
from service.publish.geojson import jst
from service.store import taught
from service.store.taught import AlreadyTaughtError, Lesson, Progress, TaughtPlace

LISTED: Final = 500  # newest; a municipality teaches a few dozen names in an event
NO_STORE: Final = {"Cache-Control": "no-store"}

router = APIRouter(tags=["taught places"], default_response_class=Response)


def _cleaned(value: object) -> object:
    """JSON may carry lone surrogates, which pydantic would refuse whole."""
    return clean_text(value) if isinstance(value, str) else value


class LessonIn(BaseModel):
    """What an officer teaches."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, BeforeValidator(_cleaned), Field(description="場所の名前（通報に書かれたとおり）。")]
    municipality: Annotated[str, Field(description="この名前を使う市区町村（5桁）。")]
    lat: Lat
    lon: Lon
    radius_m: RadiusM = teaching.DEFAULT_RADIUS_M
    incident: Annotated[
        UUID | None, Field(description="教える元の事案。すでに地図にあっても、位置を見直します。")
    ] = None
    replaces: Annotated[UUID | None, Field(description="見たうえで置き換える、登録済みの場所。")] = None
    outside: Annotated[bool, Field(description="市区町村の外であることを確かめた。")] = False


@router.get("/taught-places", responses=schemas.answers("TaughtPlaces", 400, 401, 403, 503))
def taught_places(services: ServicesDep, teacher: Teacher, municipality: str | None = None) -> Response:
    """担当する市区町村で職員が教えた場所。新しい順。`municipality`（5桁）で絞り込めます。"""
    codes = None if municipality is None else teaching.codes_with(municipality)
    with services.database.transaction(teacher.own) as conn:
        found = taught.standing(conn, codes, LISTED, teacher.own)
    body = {"taught": [_shown(place, services, progress) for place, progress in found]}
    return JSONResponse(body, headers=NO_STORE)


@router.post(
    "/taught-places",
    status_code=201,
    responses={
        201: {
            "description": "登録しました",
            "content": {schemas.JSON: {"schema": schemas.ref("TaughtPlace")}},
        },
        **schemas.problems(400, 401, 403, 409, 413, 415, 429, 503),
    },
)
def teach(request: Request, services: ServicesDep, teacher: Teacher, given: LessonIn) -> Response:
    """名前と場所を教える。同じ名前を含む、場所の分からなかった通報を読み直します。"""
    access.require_csrf(teacher, request.headers.get(CSRF_HEADER))
    teaching.admit(services.limiter, teacher)
    lesson = _lesson(given, services)
    teaching.require_own(teacher, lesson.municipality)
    name = services.municipalities[lesson.municipality]
    codes = teaching.codes_with(lesson.municipality)
    with services.database.transaction() as conn:
        teaching.require_inside(conn, lesson, name, confirmed=given.outside)
        try:
            made = taught.teach(conn, lesson, teacher.name, codes, given.incident, given.replaces)
        except AlreadyTaughtError as conflict:
            members = {"taught": _shown(conflict.standing, services, None)}
            raise ProblemError(ALREADY_TAUGHT, members=members) from None
        progress = taught.progress(conn, made.id)
    headers = {**NO_STORE, "Location": f"/taught-places/{made.id}"}
    return JSONResponse(_shown(made, services, progress), 201, headers)


@router.get("/taught-places/{taught_id}", responses=schemas.answers("TaughtPlace", 400, 401, 403, 404, 503))
def taught_place(services: ServicesDep, teacher: Teacher, taught_id: UUID) -> Response:
    """教えた場所1件と、読み直しの進み具合。"""
    with services.database.transaction(teacher.own) as conn:
        found = taught.one(conn, taught_id)
        progress = taught.progress(conn, taught_id)
    if found is None or not teaching.is_own(teacher, found.lesson.municipality):
        raise ProblemError(NOT_FOUND)
    return JSONResponse(_shown(found, services, progress), headers=NO_STORE)


@router.delete(
    "/taught-places/{taught_id}",
    status_code=204,
    responses=schemas.problems(400, 401, 403, 404, 429, 503),
)
def take_back(request: Request, services: ServicesDep, teacher: Teacher, taught_id: UUID) -> Response:
    """教えた場所を取り消す。この場所で地図に出た通報は、元に戻ります。"""
    access.require_csrf(teacher, request.headers.get(CSRF_HEADER))
    teaching.admit(services.limiter, teacher)
    with services.database.transaction() as conn:
        found = taught.one(conn, taught_id)
        if found is not None:
            teaching.require_own(teacher, found.lesson.municipality)
        if found is None or taught.take_back(conn, taught_id, teacher.name) is None:
            raise ProblemError(NOT_FOUND)
    return Response(status_code=204, headers=NO_STORE)


def _lesson(given: LessonIn, services: Services) -> Lesson:
    """Raises ProblemError `invalid-input` for a name that is no place's and a code that is nobody's."""
    if given.municipality not in services.municipalities:
        raise invalid("municipality", "実在する市区町村のコード（5桁）を書いてください。")
    names = frozenset(normal_form(name) for name in services.municipalities.values())
    if fault := teaching.name_fault(given.name, names):
        raise invalid("name", fault)
    return Lesson(given.municipality, given.name, given.lat, given.lon, given.radius_m)


def _shown(place: TaughtPlace, services: Services, progress: Progress | None) -> dict[str, Any]:
    lesson, counted = place.lesson, progress or Progress(0, 0, 0)
    return {
        "id": str(place.id),
        "name": lesson.name,
        "municipality": lesson.municipality,
        "municipality_name": services.municipalities.get(lesson.municipality),
        "lat": lesson.lat,
        "lon": lesson.lon,
        "radius_m": lesson.radius_m,
        "taught_by": place.taught_by,
        "taught_at": jst(place.taught_at),
        "reports": {"waiting": counted.waiting, "located": counted.located, "failed": counted.failed},
    }
