"""The municipality's own 発令基準: read with a suggestion to begin with, written as a whole."""

import hashlib
from collections.abc import Collection, Sequence
from typing import Annotated, Final, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from nlp.reading import DamageType, Status
from service.api import schemas
from service.api.door import CSRF_HEADER, DeskWorker, IncidentReader
from service.api.evacuation import asked
from service.api.evacuation.asked import Municipality, Note, Strict, Words
from service.api.services import ServicesDep
from service.evacuation.board import criterion_json
from service.evacuation.criteria import SUGGESTED, condition_to_json
from service.evacuation.model import (
    HAZARD_JA,
    LEVEL_JA,
    LOOK_BACK_HOURS,
    MANUAL,
    Condition,
    ConditionKind,
    Criterion,
    Hazard,
    Json,
)
from service.problems import BOARD_CHANGED, ProblemError, invalid
from service.publish.geojson import encode
from service.store import actions
from service.store.database import Connection
from service.store.evacuation import said, units
from service.store.evacuation.units import BoardRow

MAX_LINES: Final = 200

router = APIRouter(tags=["evacuation"], default_response_class=Response)

Hours = Annotated[int, Field(ge=1, le=LOOK_BACK_HOURS, description="何時間前までの報告を数えるか。")]
Verified = Annotated[bool, Field(description="確認済みの事案だけを数える。")]


class CountIn(Strict):
    """So many incidents in the unit."""

    kind: Literal["count"]
    types: Annotated[list[DamageType], Field(min_length=1, max_length=40)]
    statuses: Annotated[list[Status], Field(min_length=1, max_length=5)]
    at_least: Annotated[int, Field(ge=1, le=100, description="何件で達するか。")] = 1
    verified: Verified = True
    hours: Hours = 6


class WaterIn(Strict):
    """Water of some height, by a number or a word such as 膝."""

    kind: Literal["water"]
    at_least_cm: Annotated[int, Field(ge=1, le=500, description="水の深さ（センチメートル）。")]
    verified: Verified = True
    hours: Hours = 6


class ManualIn(Strict):
    """An officer says so."""

    kind: Literal["manual"]


class LineIn(Strict):
    """One line; `id` only for a line that stands already."""

    id: UUID | None = None
    hazard: Hazard
    level: Literal[3, 4, 5]
    text: Words
    condition: Annotated[CountIn | WaterIn | ManualIn, Field(discriminator="kind")]


class TableIn(Strict):
    """The whole table; `basis` is what was read before it was edited."""

    municipality: Municipality
    basis: Annotated[str, Field(max_length=64)]
    interval_min: Annotated[int, Field(ge=5, le=1440, description="各単位から報告を受ける間隔（分）。")] = 60
    criteria: Annotated[list[LineIn], Field(max_length=MAX_LINES)]
    reason: Note = ""


@router.get("/evacuation/criteria", responses=schemas.answers("EvacuationCriteria", 400, 401, 403, 503))
def table(services: ServicesDep, reader: IncidentReader, municipality: str | None = None) -> Response:
    """市区町村の発令基準と、報告の間隔。`suggestions`は書き始めるための例です。"""
    board = asked.board_of(services, reader, municipality)
    with services.database.transaction(reader.scope) as conn:
        row = units.board(conn, board.code)
        lines = said.criteria(conn, board.code)
    return JSONResponse(_shown(row, lines), headers=asked.NO_STORE)


@router.put(
    "/evacuation/criteria",
    responses=schemas.answers("EvacuationCriteria", 400, 401, 403, 409, 413, 415, 429, 503),
)
def write_table(request: Request, services: ServicesDep, officer: DeskWorker, given: TableIn) -> Response:
    """発令基準を書き換える。前の表は記録に残り、以前の判断は当時の文のまま読めます。"""
    board = asked.writable(services, officer, given.municipality, request.headers.get(CSRF_HEADER))
    with services.database.transaction() as conn:
        row = units.board(conn, board.code, lock=True)
        before = said.criteria(conn, board.code)
        if _basis(row, before) != given.basis:
            raise ProblemError(
                BOARD_CHANGED, "発令基準がほかの人に書き換えられました。読み込み直してください。"
            )
        lines = _lines(given.criteria, {line.id for line in before})
        _write(conn, board.code, lines, given.interval_min)
        body: Json = {
            "before": [criterion_json(line) for line in before],
            "after": [criterion_json(line) for line in lines],
            "interval_min": given.interval_min,
        }
        actions.record(
            conn, asked.action(board, officer, "evacuation.criteria", given.reason, body, drill=False)
        )
        row = units.board(conn, board.code)
    return JSONResponse(_shown(row, lines), headers=asked.NO_STORE)


def _write(conn: Connection, municipality: str, lines: Sequence[Criterion], interval_min: int) -> None:
    said.replace_criteria(conn, municipality, lines)
    units.set_interval(conn, municipality, interval_min)
    units.touch(conn, municipality)


def _lines(given: Sequence[LineIn], known: Collection[UUID]) -> tuple[Criterion, ...]:
    found = []
    for number, line in enumerate(given):
        if line.id is not None and line.id not in known:
            raise invalid(
                f"criteria.{number}.id", "この行はもうありません。idを外して新しい行にしてください。"
            )
        found.append(
            Criterion(line.id or uuid4(), line.hazard, line.level, line.text, _condition(line.condition))
        )
    if len({line.id for line in found}) != len(found):
        raise invalid("criteria", "同じidの行が2つあります。")
    return tuple(found)


def _condition(given: CountIn | WaterIn | ManualIn) -> Condition:
    if isinstance(given, ManualIn):
        return MANUAL
    if isinstance(given, WaterIn):
        return Condition(
            ConditionKind.WATER,
            verified=given.verified,
            at_least_cm=given.at_least_cm,
            hours=given.hours,
        )
    return Condition(
        ConditionKind.COUNT,
        frozenset(given.types),
        frozenset(given.statuses),
        given.verified,
        given.at_least,
        hours=given.hours,
    )


def _basis(row: BoardRow, lines: Sequence[Criterion]) -> str:
    body = {"interval_min": row.interval_min, "criteria": [criterion_json(line) for line in lines]}
    return hashlib.sha256(encode(body)).hexdigest()[:16]


def _shown(row: BoardRow, lines: Sequence[Criterion]) -> Json:
    return {
        "municipality": row.municipality,
        "basis": _basis(row, lines),
        "interval_min": row.interval_min,
        "criteria": [criterion_json(line) for line in lines],
        "suggestions": [
            {
                "hazard": hazard.value,
                "hazard_ja": HAZARD_JA[hazard],
                "level": level,
                "level_ja": LEVEL_JA[level],
                "text": words,
                "condition": condition_to_json(condition),
            }
            for hazard, level, words, condition in SUGGESTED
        ],
    }
