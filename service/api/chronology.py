"""The chronology over HTTP: the headquarters' running log, its entries, and the files made of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from starlette.datastructures import QueryParams
from starlette.responses import JSONResponse, Response

from service import access, actionwords
from service.access import Permission, Principal
from service.api import logschemas
from service.api import query as queries
from service.api.deeds import admit, author_of, cleaned
from service.api.door import DeskWorker, PrincipalDep
from service.api.pages import headquarters_page, sign_in_first, wants_html
from service.api.services import Services, ServicesDep
from service.chronology import CATEGORY_JA, COLUMNS, Reader, Row, cells, rows
from service.problems import ALREADY_STRUCK, FORBIDDEN, NOT_FOUND, ProblemError, invalid
from service.publish import sheet
from service.publish.geojson import JST, jst
from service.report import NOTHING, PREFECTURE_DIGITS, UNASSIGNED
from service.store import chronology, entries, incidents
from service.store.chronology import Category, LogQuery, Source
from service.store.entries import Draft, StruckError

LISTED: Final = 200
MOST_LISTED: Final = 1_000
MOST_EXPORTED: Final = 20_000
CUT: Final = (
    f"これより古い記録は、この表にありません（{MOST_EXPORTED:,}件まで）。期間を分けて書き出してください。"
)
MOST_WORDS: Final = 100
NO_STORE: Final = {"Cache-Control": "no-store"}
WIDTHS: Final = (8, 19, 6, 20, 14, 60, 14, 18, 8, 10, 6, 14, 19, 12, 50)

router = APIRouter(tags=["chronology"], default_response_class=Response)
T = TypeVar("T")
# A headquarters' clock may run ahead of ours by so much.
AHEAD: Final = timedelta(minutes=2)


class EntryIn(BaseModel):
    """A line written by hand."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[UUID, Field(description="端末が作る番号。同じ番号をもう一度送っても、記録は一つです。")]
    at: Annotated[AwareDatetime, Field(description="その事が起きた時刻（時差付き）。")]
    category: Annotated[Category, Field(description="received 受信、sent 発信、decided 決定、done 対応")]
    text: Annotated[str, BeforeValidator(cleaned), Field(min_length=1, max_length=2000, description="内容。")]
    origin: Annotated[str, BeforeValidator(cleaned), Field(max_length=100, description="発信元。")] = ""
    recipient: Annotated[str, BeforeValidator(cleaned), Field(max_length=100, description="受信先。")] = ""
    response: Annotated[str, BeforeValidator(cleaned), Field(max_length=1000, description="対応。")] = ""
    municipality: Annotated[str | None, Field(description="関わる市区町村（5桁）。")] = None
    incident: Annotated[UUID | None, Field(description="関わる事案。")] = None
    strikes: Annotated[int | None, Field(ge=1, le=2**62, description="この記録が訂正する記録の番号。")] = None
    drill: Annotated[bool, Field(description="訓練の記録。")] = False


def log_reader(asker: PrincipalDep) -> Principal:
    """Raises ProblemError unless somebody of a headquarters asks: an API key opens the map, not the log."""
    access.require(asker, Permission.READ_INCIDENTS)
    if asker.kind == "key":
        raise ProblemError(FORBIDDEN)
    return asker


LogReader = Annotated[Principal, Depends(log_reader)]


@router.get(
    "/chronology",
    openapi_extra={"parameters": logschemas.LOG_PARAMETERS},
    responses=logschemas.page_answers("Chronology"),
)
def chronology_page(request: Request, services: ServicesDep, asker: PrincipalDep) -> Response:
    """クロノロジー。新しい順。ブラウザーには画面を返します。"""
    if wants_html(request):
        if not asker.may(Permission.READ_INCIDENTS):
            return sign_in_first(request)
        log_reader(asker)
        return headquarters_page(request, services, asker, "chronology.html")
    reader = log_reader(asker)
    query = log_query(request.query_params)
    found, following = _page(services, reader, query)
    body = {"lines": [_line(row, services) for row in found], "next": following}
    return JSONResponse(body, headers=NO_STORE)


@router.post("/chronology", status_code=201, responses=logschemas.deed_answers("LogLine", 201))
def write_entry(request: Request, services: ServicesDep, worker: DeskWorker, given: EntryIn) -> Response:
    """手書きの記録を加える。あとから直すことはできません。間違いは、それを訂正する記録を加えます。"""
    admit(request, services, worker)
    draft = _draft(given, services, worker)
    organization = worker.organization
    with services.database.transaction() as conn:
        if draft.incident_id is not None and incidents.one(conn, draft.incident_id, worker.scope) is None:
            raise invalid("incident", "見られる事案の番号を書いてください。")
        if draft.strikes is not None:
            old = entries.one(conn, draft.strikes)
            if old is None or not worker.scope.sees(old.audience):
                raise ProblemError(NOT_FOUND)
            mine = None if organization is None else organization.id
            if worker.own.audience is not None and old.organization != mine:
                raise ProblemError(FORBIDDEN, "訂正できるのは、書いた本部だけです。")
        try:
            made, is_new = entries.write(
                conn, draft, author_of(worker), organization, _audience(draft, worker)
            )
        except StruckError:
            raise ProblemError(ALREADY_STRUCK) from None
        except LookupError:
            raise invalid("key", "新しい番号を作って、もう一度送ってください。") from None
    [row] = rows([made], services.municipalities, _reader(worker))
    return JSONResponse(_line(row, services), 201 if is_new else 200, NO_STORE)


@router.get(
    "/chronology.csv",
    openapi_extra={"parameters": logschemas.LOG_FILTERS},
    responses=logschemas.file_answers(logschemas.CSV),
)
def as_csv(request: Request, services: ServicesDep, reader: LogReader) -> Response:
    """クロノロジーのCSV（UTF-8、BOM付き）。古い順。"""
    found, rest = _everything(request, services, reader)
    table = [cells(row, services.municipalities) for row in found]
    body = sheet.csv_bytes(COLUMNS, [_cut_line(), *table] if rest else table)
    return _file(body, logschemas.CSV, "csv", found, services.clock())


@router.get(
    "/chronology.xlsx",
    openapi_extra={"parameters": logschemas.LOG_FILTERS},
    responses=logschemas.file_answers(logschemas.XLSX),
)
def as_xlsx(request: Request, services: ServicesDep, reader: LogReader) -> Response:
    """クロノロジーのExcelファイル。すべての欄は文字で、時刻は日本時間です。古い順。"""
    found, rest = _everything(request, services, reader)
    drill = any(row.drill for row in found)
    title = f"{'【訓練】' if drill else ''}クロノロジー"
    now = services.clock().astimezone(JST)
    banner = f"{title}　{now:%Y-%m-%d %H:%M} 時点（日本時間）　{len(found)}件{f'　{CUT}' if rest else ''}"
    table = (cells(row, services.municipalities) for row in found)
    body = sheet.xlsx_bytes(title, banner, COLUMNS, table, WIDTHS)
    return _file(body, logschemas.XLSX, "xlsx", found, services.clock())


def log_query(params: QueryParams, *, paged: bool = True) -> LogQuery:
    """The query that `params` asks for. Raises ProblemError `invalid-input` naming what is wrong."""
    known = {"datetime", "municipality", "source", "category", "incident", "q", "drill"}
    if paged:
        known |= {"limit", "after"}
    for name in params:
        if name not in known:
            raise invalid(name[:64], "このパラメーターはありません。")
        if len(params.getlist(name)) > 1:
            raise invalid(name, "一度だけ書いてください。複数の値はコンマで区切ります。")

    def value(name: str, parser: Callable[[str], T]) -> T | None:
        try:
            return parser(params[name]) if params.get(name) else None
        except queries.BadValueError as fault:
            raise invalid(name, str(fault)) from None
        except ValueError:
            raise invalid(name, "値が正しくありません。") from None

    since, until = value("datetime", queries.interval) or (None, None)
    sources = value("source", queries.codes_of(Source))
    categories = value("category", queries.codes_of(Category))
    words = value("q", _words)
    return LogQuery(
        limit=min(value("limit", queries.limit) or LISTED, MOST_LISTED),
        after=params.get("after") or None,
        since=since,
        until=until,
        municipalities=value("municipality", queries.municipality_codes),
        sources=None if sources is None else frozenset(map(Source, sources)),
        categories=None if categories is None else frozenset(map(Category, categories)),
        incident=value("incident", UUID),
        words=words,
        kinds=frozenset() if words is None else actionwords.kinds_saying(words),
        types=frozenset() if words is None else actionwords.types_saying(words),
        drill=value("drill", queries.truth),
    )


def _words(text: str) -> str:
    if len(text) > MOST_WORDS:
        raise queries.BadValueError(f"{MOST_WORDS}文字以内で書いてください。")
    found = str(cleaned(text)).strip()
    if not found:
        raise queries.BadValueError("探す言葉を書いてください。")
    return found


def _page(services: Services, reader: Principal, query: LogQuery) -> tuple[list[Row], str | None]:
    with services.database.transaction(reader.scope) as conn:
        try:
            # Whoever may not read words does not find them either.
            own = reader.own if reader.may(Permission.READ_WORDS) else NOTHING
            found = chronology.page(conn, query, reader.scope, own)
        except ValueError:
            raise invalid("after", "前のページのnextにある値をそのまま使ってください。") from None
    return rows(found.lines, services.municipalities, _reader(reader)), found.next_after


def _everything(request: Request, services: Services, reader: Principal) -> tuple[list[Row], bool]:
    """All lines of the filter, oldest first; the newest MOST_EXPORTED if there are more, and whether so."""
    query = log_query(request.query_params, paged=False)
    found: list[Row] = []
    after: str | None = None
    while len(found) < MOST_EXPORTED:
        more, after = _page(services, reader, _at(query, after))
        found += more
        if after is None:
            break
    return found[::-1], after is not None


def _cut_line() -> list[str]:
    """A line of the table that says that older ones are missing: a file is read without this page."""
    return [CUT if column == "内容" else "" for column in COLUMNS]


def _at(query: LogQuery, after: str | None) -> LogQuery:
    return replace(query, limit=MOST_LISTED, after=after)


def _file(body: bytes, media_type: str, suffix: str, found: list[Row], now: datetime) -> Response:
    drill = "訓練_" if any(row.drill for row in found) else ""
    name = f"クロノロジー_{drill}{now.astimezone(JST):%Y%m%d_%H%M}.{suffix}"
    plain = f"chronology_{'kunren_' if drill else ''}{now.astimezone(JST):%Y%m%d_%H%M}.{suffix}"
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    return Response(body, 200, {**NO_STORE, "Content-Disposition": disposition}, media_type)


def _reader(person: Principal) -> Reader:
    organization = None if person.organization is None else person.organization.id
    may = person.may(Permission.READ_WORDS)
    return Reader(person.own, may, organization, everything=person.own.audience is None)


def _draft(given: EntryIn, services: Services, worker: Principal) -> Draft:
    text = given.text.strip()
    if not text:
        raise invalid("text", "内容を書いてください。")
    if given.at > services.clock() + AHEAD:
        raise invalid("at", "未来の時刻です。起きた時刻を入れてください。")
    code = given.municipality or None
    if code is not None and code not in services.municipalities:
        raise invalid("municipality", "実在する市区町村のコード（5桁）を書いてください。")
    if code is None and worker.jurisdiction is not None and len(worker.jurisdiction) > PREFECTURE_DIGITS:
        code = worker.jurisdiction
    if code is not None and not worker.own.sees((code, code[:PREFECTURE_DIGITS])):
        raise invalid("municipality", "担当する市区町村を選んでください。")
    return Draft(
        key=given.key,
        at=given.at,
        category=given.category.value,
        origin=given.origin.strip(),
        recipient=given.recipient.strip(),
        text=text,
        response=given.response.strip(),
        municipality=code,
        incident_id=given.incident,
        strikes=given.strikes,
        drill=given.drill,
    )


def _audience(draft: Draft, worker: Principal) -> tuple[str, ...]:
    """Who reads an entry: the municipality that it is about and its prefecture; else the writer's own."""
    if draft.municipality is not None:
        return (draft.municipality, draft.municipality[:PREFECTURE_DIGITS])
    return (UNASSIGNED,) if worker.jurisdiction is None else (worker.jurisdiction,)


def _line(row: Row, services: Services) -> dict[str, Any]:
    return {
        "id": row.id,
        "source": row.source.value,
        "kind": row.kind,
        "category": row.category.value,
        "category_ja": CATEGORY_JA[row.category],
        "at": jst(row.at),
        "written_at": jst(row.written_at),
        "origin": row.origin,
        "recipient": row.recipient,
        "text": row.text,
        "response": row.response,
        "author": row.author,
        "municipality": row.municipality,
        "municipality_name": services.municipalities.get(row.municipality or ""),
        "incidents": [str(one) for one in row.incidents],
        "urgent": row.urgent,
        "drill": row.drill,
        "words": row.words,
        "strikes": row.strikes,
        "struck_by": row.struck_by,
        "may_strike": row.may_strike,
    }
