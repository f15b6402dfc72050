"""Signing in and out: server-side sessions in the cookie `hansho_session`."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from service import access
from service.api import schemas
from service.api.door import COOKIE, CSRF_HEADER, PrincipalDep, address_of
from service.api.pages import site_of
from service.api.services import Services, ServicesDep
from service.problems import CSRF, SIGN_IN_REQUIRED, ProblemError

MAX_NAME: Final = 200
MAX_PASSWORD: Final = 1000
NO_STORE: Final = {"Cache-Control": "no-store"}

router = APIRouter(tags=["sign-in"], default_response_class=Response)


@router.get("/me", responses=schemas.answers("Me", 401, 503))
def me(principal: PrincipalDep) -> Response:
    """サインインしている人。"""
    if principal.kind != "user":
        raise ProblemError(SIGN_IN_REQUIRED)
    body = {
        "name": principal.name,
        "role": principal.role,
        "municipality": principal.municipality,
        "csrf": principal.csrf,
    }
    return JSONResponse(body, headers=NO_STORE)


@router.get("/signin", responses=schemas.html_answers(400))
def sign_in_page(request: Request, to: Annotated[str, Query(alias="next", max_length=500)] = "") -> Response:
    """サインインの画面。"""
    return site_of(request).page("signin.html", {"error": "", "name": "", "next": _own_path(to)})


@router.post("/signin", responses=schemas.sign_in_answers())
def sign_in(
    request: Request,
    services: ServicesDep,
    name: Annotated[str, Form(max_length=MAX_NAME)],
    password: Annotated[str, Form(max_length=MAX_PASSWORD)],
    to: Annotated[str, Form(alias="next", max_length=500)] = "",
) -> Response:
    """サインインして地図へ移ります。`Accept: application/json`なら/meと同じ本文を返します。"""
    _same_origin(request)
    wants_json = "application/json" in request.headers.get("accept", "")
    try:
        # The lock-out is counted in memory, so a refusal rolls nothing back that matters.
        with services.database.transaction() as conn:
            session = access.sign_in(
                conn,
                services.secret,
                services.limiter,
                name,
                password,
                address_of(request),
                services.clock(),
            )
    except ProblemError as refusal:
        if wants_json:
            raise
        context = {"error": f"{refusal.kind.title}。{refusal.detail}", "name": name, "next": _own_path(to)}
        page = site_of(request).page("signin.html", context, refusal.kind.status)
        page.headers.update({k: v for k, v in refusal.headers().items() if k == "Retry-After"})
        return page
    answer = me(session.principal) if wants_json else RedirectResponse(_own_path(to) or "/", 303, NO_STORE)
    answer.set_cookie(
        COOKIE,
        session.token,
        max_age=access.SESSION_HOURS * 3600,
        secure=_is_https(services),
        httponly=True,
        samesite="lax",
    )
    return answer


@router.post("/signout", status_code=204, responses=schemas.problems(401, 403, 503))
def sign_out(
    request: Request,
    services: ServicesDep,
    principal: PrincipalDep,
) -> Response:
    """サインアウト。`X-CSRF-Token`に/meのcsrfを付けます。"""
    if principal.kind != "user":
        raise ProblemError(SIGN_IN_REQUIRED)
    access.require_csrf(principal, request.headers.get(CSRF_HEADER))
    with services.database.transaction() as conn:
        access.sign_out(conn, services.secret, request.cookies[COOKIE])
    answer = Response(status_code=204, headers=NO_STORE)
    answer.delete_cookie(COOKIE, secure=_is_https(services), httponly=True, samesite="lax")
    return answer


def _is_https(services: Services) -> bool:
    return (services.settings.public_url or "").startswith("https:")


def _own_path(path: str) -> str:
    """`path` when it stays on this site, else nothing: `//host` and `/\\host` would leave it."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if inside else ""


def _same_origin(request: Request) -> None:
    """Refuse a form that another site's page sends, so that nobody is signed in as somebody else."""
    if request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
        raise ProblemError(CSRF)
