"""The situation report: a page to print, or one file that needs no network. It holds what its reader sees."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import Response

from service import access, situationreport
from service.access import Permission, Principal
from service.api import query as queries
from service.api import schemas
from service.api.door import PrincipalDep
from service.api.pages import HTML, sign_in_first, site_of, wants_html
from service.api.services import Services, ServicesDep
from service.problems import TOO_MANY_REQUESTS, ProblemError, invalid
from service.publish.geojson import JST
from service.report import PREFECTURE_DIGITS
from service.situationreport import EVERYWHERE, UnknownAreaError, Wanted
from web import printable, snapshot
from web.paper import Situation

PATH: Final = "/situation-report"
REPORTS_PER_MINUTE: Final = 10  # of one person: thousands of incidents take seconds to draw
PARAMETERS: Final = [
    schemas.parameter(
        "municipality",
        {"type": "string", "pattern": "^([0-9]{2}([0-9]{3})?)?$"},
        "区域（5桁の市区町村、2桁の都道府県）。書かなければ見える範囲のすべて",
    ),
    schemas.parameter("drill", schemas.TRUTH, "trueなら訓練だけ、書かなければ実際だけ。混ぜません。"),
    schemas.parameter(
        "f", {"type": "string", "enum": ["print", "html"]}, "print 印刷用の画面、html 1つのファイル"
    ),
]

router = APIRouter(tags=["situation"], default_response_class=Response)


@router.get(
    PATH,
    openapi_extra={"parameters": PARAMETERS},
    responses=schemas.page_answers() | schemas.problems(403, 429),
)
def situation_report(request: Request, services: ServicesDep, reader: PrincipalDep) -> Response:
    """状況報告。地図、消防庁第4号様式の欄による集計、一覧。印刷用の画面か、通信なしで開くHTMLファイル。"""
    if reader.kind == "anonymous" and wants_html(request):
        return sign_in_first(request)
    access.require(reader, Permission.READ_INCIDENTS)
    reading = queries.Reading(request.query_params)
    code = reading.value("municipality", _area) or None
    drill = reading.value("drill", queries.truth) is True
    form = reading.value("f", queries.one_of("print", "html")) or "print"
    reading.finish()
    wait = services.limiter.take(f"situation-report:{reader.subject}", REPORTS_PER_MINUTE)
    if wait is not None:
        raise ProblemError(TOO_MANY_REQUESTS, retry_after_s=wait)
    wanted, at, site = Wanted(code, drill), services.clock(), site_of(request)
    everywhere = EVERYWHERE if reader.organization is None else reader.organization.name
    with services.database.transaction(reader.scope) as conn:
        try:
            found = situationreport.gather(
                conn,
                wanted,
                reader.scope,
                at,
                services.municipalities,
                services.lifetimes,
                everywhere if code is None else None,
            )
        except UnknownAreaError as unknown:
            raise invalid("municipality", "実在する市区町村のコードを書いてください。") from unknown
        others = situationreport.matching(conn, Wanted(code, not drill), reader.scope)
    if form == "html":
        name = f"hansho-{'drill-' if drill else ''}{at.astimezone(JST):%Y%m%d-%H%M}.html"
        headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(snapshot.render(found, language=site.language), 200, headers, HTML)
    page = printable.render(
        found,
        static_url=f"/static/{site.version}",
        download=_address({"municipality": code or "", "drill": "true" if drill else "", "f": "html"}),
        choices=_choices(services, reader, found, code, everywhere),
        chosen=code or "",
        others=others,
        language=site.language,
    )
    return Response(page, 200, {"Cache-Control": "no-store"}, HTML)


def _area(text: str) -> str:
    """An empty choice of the form is no area. Raises BadValueError."""
    if not text:
        return ""
    codes = queries.municipality_codes(text)
    if len(codes) != 1:
        raise queries.BadValueError("市区町村はひとつだけ書いてください。")
    return next(iter(codes))


def _choices(
    services: Services, reader: Principal, found: Situation, code: str | None, everywhere: str
) -> list[tuple[str, str]]:
    """All that is seen (no code), the municipalities that appear in this report, and the one it is of."""
    seen = {one["properties"]["municipality"] for one in found.features} | {code, reader.jurisdiction}
    codes = sorted(one for one in seen if one and len(one) > PREFECTURE_DIGITS)
    own = [("", everywhere)]
    if code is not None and len(code) == PREFECTURE_DIGITS:
        own.append((code, situationreport.area_name(code)))
    return own + [(one, services.municipalities.get(one, one)) for one in codes]


def _address(given: Mapping[str, str]) -> str:
    return f"{PATH}?{urlencode({name: value for name, value in given.items() if value})}"
