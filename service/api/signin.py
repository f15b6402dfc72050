"""Signing in and out: server-side sessions in the cookie `hansho_session`."""

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from service import access
from service.api import schemas
from service.api.door import COOKIE, CSRF_HEADER, PrincipalDep, address_of
from service.api.pages import site_of
from service.api.services import Services, ServicesDep
from service.problems import CSRF, SIGN_IN_REQUIRED, ProblemError
from service.store import access as accounts

MAX_NAME: Final = 200
MAX_PASSWORD: Final = 1000
MAX_NEXT: Final = 4000  # a link names hundreds of municipalities at most
NO_STORE: Final = {"Cache-Control": "no-store"}

router = APIRouter(tags=["sign-in"], default_response_class=Response)


@router.get("/me", responses=schemas.answers("Me", 401, 503))
def me(principal: PrincipalDep) -> Response:
    """サインインしている人。"""
    if principal.kind not in {"user", "device"}:
        raise ProblemError(SIGN_IN_REQUIRED)
    body = {
        "name": principal.name,
        "role": principal.role,
        "municipality": principal.jurisdiction,
        "organization": None if principal.organization is None else principal.organization.name,
        "csrf": principal.csrf,
    }
    return JSONResponse(body, headers=NO_STORE)


@router.get("/signin", responses=schemas.html_answers(400))
def sign_in_page(
    request: Request, services: ServicesDep, to: Annotated[str, Query(alias="next")] = ""
) -> Response:
    """サインインの画面。"""
    return site_of(request).page("signin.html", _context(services, "", "", own_path(to)))


@router.post("/signin", responses=schemas.sign_in_answers())
def sign_in(
    request: Request,
    services: ServicesDep,
    name: Annotated[str, Form(max_length=MAX_NAME)],
    password: Annotated[str, Form(max_length=MAX_PASSWORD)],
    to: Annotated[str, Form(alias="next")] = "",
) -> Response:
    """サインインして地図へ移ります。`Accept: application/json`なら/meと同じ本文を返します。"""
    require_same_origin(request)
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
        return refused_page(request, services, refusal, name, own_path(to))
    answer = me(session.principal) if wants_json else RedirectResponse(own_path(to) or "/", 303, NO_STORE)
    return with_session(answer, services, session.token)


@router.post("/signout", status_code=204, responses=schemas.problems(401, 403, 503))
def sign_out(
    request: Request,
    services: ServicesDep,
    principal: PrincipalDep,
) -> Response:
    """サインアウト。`X-CSRF-Token`に/meのcsrfを付けます。"""
    if principal.kind not in {"user", "device"}:
        raise ProblemError(SIGN_IN_REQUIRED)
    access.require_csrf(principal, request.headers.get(CSRF_HEADER))
    with services.database.transaction() as conn:
        access.sign_out(conn, services.secret, request.cookies[COOKIE])
    return _signed_out(services)


@router.delete("/me/sessions", status_code=204, responses=schemas.problems(401, 403, 503))
def sign_out_everywhere(request: Request, services: ServicesDep, principal: PrincipalDep) -> Response:
    """すべての端末からサインアウトする。`X-CSRF-Token`に/meのcsrfを付けます。"""
    if principal.account is None:
        raise ProblemError(SIGN_IN_REQUIRED)
    access.require_csrf(principal, request.headers.get(CSRF_HEADER))
    with services.database.transaction() as conn:
        accounts.end_all_sessions(conn, principal.account)
    return _signed_out(services)


def with_session(
    answer: Response, services: Services, token: str, seconds: int = access.SESSION_HOURS * 3600
) -> Response:
    """The answer with the cookie of a session that lasts `seconds`."""
    answer.set_cookie(
        COOKIE, token, max_age=seconds, secure=is_https(services), httponly=True, samesite="lax"
    )
    return answer


def refused_page(request: Request, services: Services, refusal: ProblemError, name: str, to: str) -> Response:
    """The page of signing in with what went wrong."""
    words = f"{refusal.kind.title}。{refusal.detail}"
    page = site_of(request).page("signin.html", _context(services, words, name, to), refusal.kind.status)
    page.headers.update({k: v for k, v in refusal.headers().items() if k == "Retry-After"})
    return page


def _context(services: Services, error: str, name: str, to: str) -> dict[str, str | int]:
    return {
        "error": error,
        "name": name,
        "next": to,
        "oidc": int(services.provider is not None),
        "oidc_next": quote(to, safe=""),
    }


def _signed_out(services: Services) -> Response:
    answer = Response(status_code=204, headers=NO_STORE)
    answer.delete_cookie(COOKIE, secure=is_https(services), httponly=True, samesite="lax")
    return answer


def is_https(services: Services) -> bool:
    """Whether people open us by https, so that cookies are marked secure."""
    return (services.settings.public_url or "").startswith("https:")


def own_path(path: str) -> str:
    """`path` when it stays on this site, else nothing: `//host` and `/\\host` would leave it. One that is too
    long is nothing, too: it must keep nobody from signing in."""
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if inside and len(path) <= MAX_NEXT else ""


def require_same_origin(request: Request) -> None:
    """Refuse a form that another site's page sends, so that nobody is signed in as somebody else."""
    if request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
        raise ProblemError(CSRF)
