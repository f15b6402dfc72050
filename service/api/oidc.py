"""Signing in with the organization's own account: to the provider and back."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from service.access import oidc
from service.access.oidc import Provider
from service.api import schemas
from service.api.features import base_url
from service.api.services import Services, ServicesDep
from service.api.signin import is_https, own_path, refused_page, with_session
from service.problems import NOT_FOUND, PROVIDER_REFUSED, ProblemError

ATTEMPT_COOKIE: Final = "hansho_attempt"
PATH: Final = "/oidc"
NO_STORE: Final = {"Cache-Control": "no-store"}

router = APIRouter(tags=["sign-in"], default_response_class=Response)


@router.get("/oidc/start", responses=schemas.redirect_answers(400, 401, 404, 503))
def start(request: Request, services: ServicesDep, to: Annotated[str, Query(alias="next")] = "") -> Response:
    """外部のサインインへ移ります。"""
    try:
        address, attempt = _provider(services).begin(_back(services, request), own_path(to))
    except ProblemError as refusal:
        return refused_page(request, services, refusal, "", own_path(to))
    with services.database.transaction() as conn:
        cookie = oidc.begin(conn, services.secret, attempt, services.clock())
    answer = RedirectResponse(address, 303, NO_STORE)
    answer.set_cookie(
        ATTEMPT_COOKIE,
        cookie,
        max_age=oidc.MINUTES_TO_COME_BACK * 60,
        path=PATH,
        secure=is_https(services),
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/oidc/callback", responses=schemas.redirect_answers(400, 401, 404, 503))
def callback(
    request: Request,
    services: ServicesDep,
    code: Annotated[str, Query(max_length=4000)] = "",
    state: Annotated[str, Query(max_length=400)] = "",
    error: Annotated[str, Query(max_length=400)] = "",
) -> Response:
    """外部のサインインから戻ります。"""
    now, provider = services.clock(), None
    try:
        provider = _provider(services)
        with services.database.transaction() as conn:
            attempt = oidc.take(conn, services.secret, request.cookies.get(ATTEMPT_COOKIE), state, now)
        _require_code(code, error)
        # Outside a transaction: the provider may take seconds.
        identity = provider.identity(attempt, code, _back(services, request), now)
        with services.database.transaction() as conn:
            session = oidc.sign_in(conn, services.secret, identity, now)
    except ProblemError as refusal:
        return refused_page(request, services, refusal, "", "")
    answer = with_session(RedirectResponse(attempt.next or "/", 303, NO_STORE), services, session.token)
    answer.delete_cookie(ATTEMPT_COOKIE, path=PATH)
    return answer


def _require_code(code: str, error: str) -> None:
    if error or not code:
        raise ProblemError(PROVIDER_REFUSED, "外部のサインインで取り消されたか、許されませんでした。")


def _provider(services: Services) -> Provider:
    if services.provider is None:
        raise ProblemError(NOT_FOUND, "組織のアカウントでのサインインは設定されていません。")
    return services.provider


def _back(services: Services, request: Request) -> str:
    return f"{base_url(services, request)}/oidc/callback"
