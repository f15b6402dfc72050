"""The board of one municipality now, and all of a prefecture's side by side."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from geo import codes
from service.access import Permission, Principal
from service.api import schemas
from service.api.door import IncidentReader, PrincipalDep
from service.api.evacuation import asked
from service.api.evacuation.asked import Board
from service.api.pages import headquarters_page, sign_in_first
from service.api.services import Services, ServicesDep
from service.evacuation import board as boards
from service.evacuation.model import Json
from service.evacuation.times import jst
from service.publish.geojson import encode
from service.report import PREFECTURE_DIGITS
from service.store.database import Connection
from service.store.evacuation import facts, units

JSON: Final = "application/json"
KEPT: Final = 4_000  # summaries; a nation has 1,741 municipalities

router = APIRouter(tags=["evacuation"], default_response_class=Response)


@router.get("/evacuation", responses=schemas.page_answers())
def page(request: Request, services: ServicesDep, principal: PrincipalDep) -> Response:
    """避難判断ボードの画面。"""
    if not principal.may(Permission.READ_INCIDENTS):
        return sign_in_first(request)
    return headquarters_page(request, services, principal, "evacuation.html")


@router.get("/evacuation/board", responses=schemas.answers("EvacuationBoard", 400, 401, 403, 503))
def board_now(
    services: ServicesDep, reader: IncidentReader, municipality: str | None = None, drill: bool = False
) -> Response:
    """避難判断ボードの今。発令単位ごとの事案、前兆、道路、孤立、避難場所、報告の有無、達した発令基準。

    `drill=true`は訓練の事案と訓練の記録だけで作ります。
    """
    board = asked.board_of(services, reader, municipality)
    asked.make_units(services, board)
    with services.database.transaction(asked.looking(reader, board)) as conn:
        known = asked.facts_of(conn, board, services.clock(), drill=drill)
    return Response(encode(boards.assemble(known)), headers=asked.NO_STORE, media_type=JSON)


@router.get("/evacuation/municipalities", responses=schemas.answers("EvacuationOverview", 400, 401, 403, 503))
def overview(
    request: Request, services: ServicesDep, reader: IncidentReader, drill: bool = False
) -> Response:
    """見られる市区町村の一覧。発令中の最も高い警戒レベル、判断待ち、報告のない単位。"""
    now = services.clock()
    kept: dict[tuple[str, bool], tuple[object, Json]] = request.app.state.evacuation
    listed = []
    with services.database.transaction(reader.scope) as conn:
        for one in _seen(conn, services, reader):
            services.database.narrow(conn, asked.looking(reader, one))
            listed.append(_summary(conn, services, one, kept, drill=drill))
    body = {"at": jst(now), "drill": drill, "municipalities": listed}
    return Response(encode(body), headers=asked.NO_STORE, media_type=JSON)


def _seen(conn: Connection, services: Services, reader: Principal) -> list[Board]:
    """A prefecture sees all of its municipalities, who sees the whole country those with a board or an
    incident."""
    own = reader.jurisdiction
    if own is None:
        known = (code for code in units.municipalities(conn) if code in services.municipalities)
        found = sorted({codes.parent(code) or code for code in known})
    elif len(own) == PREFECTURE_DIGITS:
        inside = (code for code in services.municipalities if code.startswith(own))
        found = sorted({codes.parent(code) or code for code in inside})
    else:
        found = [own]
    return [asked.board_of(services, reader, code) for code in found]


def _summary(
    conn: Connection,
    services: Services,
    board: Board,
    kept: dict[tuple[str, bool], tuple[object, Json]],
    *,
    drill: bool,
) -> Json:
    """One row, made anew only when something of the municipality changed, or a minute passed."""
    row = units.board(conn, board.code)
    now = services.clock()
    seen = (row.version, facts.fingerprint(conn, board.codes), now.replace(second=0, microsecond=0))
    held = kept.get((board.code, drill))
    if held is not None and held[0] == seen:
        return held[1]
    known = facts.read(conn, row, board.name, board.codes, now, drill=drill)
    made = {
        "code": board.code,
        "name": board.name,
        "automatic": known.automatic,
        "criteria": len(known.criteria),
        "unplaced": known.unplaced,
        "other_mode": known.other_mode,
        **boards.assemble(known)["summary"],
    }
    if len(kept) >= KEPT:
        kept.clear()
    kept[board.code, drill] = (seen, made)
    return made
