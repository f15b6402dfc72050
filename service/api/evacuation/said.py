"""What officers say to the board: manual lines, shelters' states, reporters heard by radio or telephone."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from service.api import schemas
from service.api.door import CSRF_HEADER, DeskWorker
from service.api.evacuation import asked
from service.api.evacuation.asked import Board, Code, Municipality, Note, Strict, Words
from service.api.services import ServicesDep
from service.evacuation.model import Call, ConditionKind, ShelterState
from service.evacuation.times import jst
from service.problems import NOT_FOUND, ProblemError, invalid
from service.store import actions
from service.store.database import Connection
from service.store.evacuation import facts, said, units

router = APIRouter(tags=["evacuation"], default_response_class=Response)

ANSWERS = schemas.answers("EvacuationWritten", 400, 401, 403, 404, 413, 415, 429, 503)
Drill = Annotated[bool, Field(description="訓練の記録。")]


class TickIn(Strict):
    """A manual line is met, or no longer; `units` None: in the whole municipality."""

    municipality: Municipality
    criterion: UUID
    units: Annotated[list[Code] | None, Field(min_length=1, max_length=2000)] = None
    met: bool
    since: datetime | None = None
    reason: Words
    drill: Drill = False


class ShelterIn(Strict):
    """How a shelter is."""

    municipality: Municipality
    state: ShelterState
    note: Note = ""
    drill: Drill = False


class CallIn(Strict):
    """A reporter of a unit was heard."""

    municipality: Municipality
    unit: Code
    reporter: Annotated[Code, Field(max_length=60)]
    heard_at: datetime | None = None
    note: Note = ""
    drill: Drill = False


@router.post("/evacuation/ticks", responses=ANSWERS)
def tick(request: Request, services: ServicesDep, officer: DeskWorker, given: TickIn) -> Response:
    """手動の発令基準に達した（達しなくなった）ことを、時刻と理由とともに記録する。"""
    board = asked.writable(services, officer, given.municipality, request.headers.get(CSRF_HEADER))
    since = asked.moment(services, "since", given.since)
    with services.database.transaction() as conn:
        row = units.board(conn, board.code, lock=True)
        line = next((one for one in said.criteria(conn, board.code) if one.id == given.criterion), None)
        if line is None or line.condition.kind is not ConditionKind.MANUAL:
            raise invalid("criterion", "手動で判断する行ではありません。読み込み直してください。")
        known = {unit.code: unit.name for unit in units.of_edition(conn, board.code, row.edition)}
        wanted: list[str | None] = [None] if given.units is None else list(dict.fromkeys(given.units))
        if not {code for code in wanted if code is not None} <= known.keys():
            raise invalid("units", "今はない発令単位が含まれています。読み込み直してください。")
        for code in wanted:
            said.tick(
                conn,
                board.code,
                line.id,
                code,
                met=given.met,
                since=since,
                reason=given.reason,
                drill=given.drill,
            )
        body: dict[str, object] = {
            "line": line.text,
            "level": line.level,
            "met": given.met,
            "since": jst(since),
            "units": given.units,
            "unit_names": [known[code] for code in wanted if code is not None],
        }
        done = asked.action(board, officer, "evacuation.line", given.reason, body, drill=given.drill)
        return _written(conn, board, done)


@router.put("/evacuation/shelters/{place_id:path}", responses=ANSWERS)
def shelter(
    request: Request, services: ServicesDep, officer: DeskWorker, place_id: str, given: ShelterIn
) -> Response:
    """避難場所・避難所の状態（開設、満員、閉鎖）を記録する。"""
    board = asked.writable(services, officer, given.municipality, request.headers.get(CSRF_HEADER))
    with services.database.transaction() as conn:
        units.board(conn, board.code, lock=True)
        name = None if "\0" in place_id else facts.shelter_name(conn, place_id, board.codes)
        if name is None:
            raise ProblemError(NOT_FOUND)
        before = said.set_shelter(
            conn, board.code, place_id, given.state, given.note, services.clock(), drill=given.drill
        )
        body: dict[str, object] = {
            "place": place_id,
            "name": name,
            "before": before,
            "after": given.state.value,
        }
        done = asked.action(board, officer, "evacuation.shelter", given.note, body, drill=given.drill)
        return _written(conn, board, done)


@router.post("/evacuation/calls", responses=ANSWERS)
def call(request: Request, services: ServicesDep, officer: DeskWorker, given: CallIn) -> Response:
    """無線や電話で報告を受けたことを記録する。「異常なし」も報告です。"""
    board = asked.writable(services, officer, given.municipality, request.headers.get(CSRF_HEADER))
    heard_at = asked.moment(services, "heard_at", given.heard_at)
    with services.database.transaction() as conn:
        row = units.board(conn, board.code, lock=True)
        known = {unit.code: unit.name for unit in units.of_edition(conn, board.code, row.edition)}
        if given.unit not in known:
            raise invalid("unit", "今はない発令単位です。読み込み直してください。")
        said.add_call(
            conn, board.code, Call(given.unit, given.reporter, heard_at, given.note), drill=given.drill
        )
        body: dict[str, object] = {
            "reporter": given.reporter,
            "heard_at": jst(heard_at),
            "unit": given.unit,
            "unit_name": known[given.unit],
        }
        done = asked.action(board, officer, "evacuation.heard", given.note, body, drill=given.drill)
        return _written(conn, board, done)


def _written(conn: Connection, board: Board, done: actions.Action) -> Response:
    actions.record(conn, done)
    return JSONResponse({"version": units.touch(conn, board.code)}, headers=asked.NO_STORE)
