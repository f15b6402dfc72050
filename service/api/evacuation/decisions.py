"""発令, 見送り and 解除: recorded by a commander with everything that was known; read as it was."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import JSONResponse, Response

from service.access import Permission, Principal, Role
from service.api import schemas
from service.api.door import CSRF_HEADER, EvacuationDecider, IncidentReader
from service.api.evacuation import asked
from service.api.evacuation.asked import Board, Code, Municipality, Strict, Words
from service.api.services import Services, ServicesDep
from service.evacuation import board as boards
from service.evacuation.changes import Difference, difference
from service.evacuation.model import DECIDED_JA, LEVEL_JA, PROXY_LEVELS, Decided, Json
from service.evacuation.times import jst
from service.problems import BOARD_CHANGED, NOT_FOUND, ProblemError, invalid
from service.publish.geojson import encode
from service.store import actions, ledger
from service.store.database import Connection
from service.store.evacuation import decisions, units
from service.store.evacuation.decisions import Decision, Stored

MAX_BYTES: Final = 10_000_000
LISTED: Final = 500

router = APIRouter(tags=["evacuation"], default_response_class=Response)


class MarkIn(Strict):
    """What the commander had seen of a unit: its `mark` of the board, sent back as it was."""

    decision: int | None = None
    level: int | None = None
    met: Annotated[dict[str, list[str]], Field(default_factory=dict)]
    incidents: Annotated[dict[str, int], Field(default_factory=dict)]
    shelters: Annotated[dict[str, str], Field(default_factory=dict)]
    heard: str = ""


class SeenIn(Strict):
    """A unit that the decision is about."""

    code: Code
    mark: MarkIn


class DecisionIn(Strict):
    """What is decided. `confirmed`: new evidence meanwhile does not hold it up; another decision does.
    `by_proxy`: by the governor, as the municipality cannot act."""

    municipality: Municipality
    kind: Decided
    level: Annotated[Literal[3, 4, 5], Field(description="3 高齢者等避難、4 避難指示、5 緊急安全確保。")]
    units: Annotated[list[SeenIn], Field(min_length=1, max_length=2000)]
    decided_at: datetime | None = None
    reason: Words
    drill: bool = False
    confirmed: bool = False
    by_proxy: Annotated[
        bool, Field(description="知事の代行。都道府県の指揮者だけ（災害対策基本法60条6項）。")
    ] = False


@router.get("/evacuation/decisions", responses=schemas.answers("EvacuationDecisions", 400, 401, 403, 503))
def listed(
    services: ServicesDep, reader: IncidentReader, municipality: str | None = None, drill: bool = False
) -> Response:
    """発令・見送り・解除の記録。新しい順。"""
    board = asked.board_of(services, reader, municipality)
    with services.database.transaction(reader.scope) as conn:
        found = decisions.listed(conn, board.code, LISTED, drill=drill)
    body = {"decisions": [_shown(one, reader) for one in found]}
    return JSONResponse(body, headers=asked.NO_STORE)


@router.post(
    "/evacuation/decisions",
    status_code=201,
    responses={
        201: {
            "description": "記録しました",
            "content": {schemas.JSON: {"schema": schemas.ref("EvacuationDecision")}},
        },
        **schemas.problems(400, 401, 403, 409, 413, 415, 429, 503),
    },
)
def decide(
    request: Request, services: ServicesDep, commander: EvacuationDecider, given: DecisionIn
) -> Response:
    """発令・見送り・解除を記録し、その時のボードをそのまま残す。住民への伝達は行いません。

    開いた後に変わったことがあれば409で知らせます。確かめたら`marks`を返して`confirmed`を付けてください。
    """
    allowed = asked.proxied if given.by_proxy else asked.writable
    board = allowed(services, commander, given.municipality, request.headers.get(CSRF_HEADER))
    with services.database.transaction() as conn:
        # Nothing is saved between the first and the last thing that is read: one moment is kept.
        ledger.lock(conn)
        now = services.clock()
        units.ensure(conn, board.code, board.codes)
        units.board(conn, board.code, lock=True)
        known = asked.facts_of(conn, board, now, drill=given.drill)
        shown = boards.assemble(known)
        chosen = _chosen(shown, given)
        differences = _differences(chosen, given, shown["incidents"])
        if any(one.decided for one in differences) or (differences and not given.confirmed):
            raise _changed(differences, chosen)
        _require_sense(chosen, given)
        proxied = any(unit["proxy"] for unit in shown["units"])
        if given.by_proxy and given.kind is Decided.ORDER and not proxied:
            _record_proxy(conn, board, commander, "evacuation.proxy_begin", given)
        stored = _record(conn, services, board, commander, given, chosen, differences, encode(shown), now)
        if proxied and not _is_proxied(conn, board, given):
            _record_proxy(conn, board, commander, "evacuation.proxy_end", given)
        units.touch(conn, board.code)
    headers = {**asked.NO_STORE, "Location": f"/evacuation/decisions/{stored.id}"}
    return JSONResponse(_shown(stored, commander), 201, headers)


@router.get(
    "/evacuation/decisions/{decision_id}",
    responses=schemas.answers("EvacuationDecision", 400, 401, 403, 404, 503),
)
def one(services: ServicesDep, reader: IncidentReader, decision_id: UUID) -> Response:
    """記録1件。"""
    with services.database.transaction(reader.scope) as conn:
        found = _readable(conn, services, reader, decision_id)
    return JSONResponse(_shown(found, reader), headers=asked.NO_STORE)


@router.get(
    "/evacuation/decisions/{decision_id}/frozen",
    responses=schemas.answers("EvacuationBoard", 400, 401, 403, 404, 503),
)
def frozen(services: ServicesDep, reader: IncidentReader, decision_id: UUID) -> Response:
    """記録した時のボード。1バイトも変わりません（SHA-256は記録の`hash`）。"""
    with services.database.transaction(reader.scope) as conn:
        found = _readable(conn, services, reader, decision_id)
        body = decisions.frozen(conn, found.id) or b""
    return Response(body, headers=asked.NO_STORE, media_type="application/json")


def _readable(conn: Connection, services: Services, reader: Principal, decision_id: UUID) -> Stored:
    """The decision; one of a municipality that the reader does not see is not there."""
    found = decisions.one(conn, decision_id)
    if found is None:
        raise ProblemError(NOT_FOUND)
    try:
        asked.board_of(services, reader, found.decision.municipality)
    except ProblemError:
        raise ProblemError(NOT_FOUND) from None
    return found


def _chosen(shown: Json, given: DecisionIn) -> dict[str, Json]:
    """The units of the decision as they stand now, by code."""
    now = {unit["code"]: unit for unit in shown["units"]}
    wanted = [seen.code for seen in given.units]
    if len(set(wanted)) != len(wanted):
        raise invalid("units", "同じ発令単位が2回書かれています。")
    if not set(wanted) <= now.keys():
        raise invalid("units", "今はない発令単位が含まれています。画面を読み込み直してください。")
    return {code: now[code] for code in wanted}


def _differences(
    chosen: Mapping[str, Json], given: DecisionIn, incidents: Mapping[str, Json]
) -> list[Difference]:
    found = []
    for seen in given.units:
        unit = chosen[seen.code]
        one = difference(seen.code, unit["name"], seen.mark.model_dump(), unit["mark"], incidents)
        if one is not None:
            found.append(one)
    return found


def _changed(differences: Sequence[Difference], chosen: Mapping[str, Json]) -> ProblemError:
    members = {
        "changed": [
            {"code": one.code, "name": one.name, "words": list(one.words), "decided": one.decided}
            for one in differences
        ],
        "marks": {code: unit["mark"] for code, unit in chosen.items()},
    }
    return ProblemError(BOARD_CHANGED, members=members)


def _require_sense(chosen: Mapping[str, Json], given: DecisionIn) -> None:
    """Raise ProblemError for an order that stands already, a lift of what does not, a needless dismissal."""
    if given.by_proxy and given.kind is Decided.DISMISS:
        raise invalid("kind", "代行で記録できるのは、発令と解除だけです。")
    if given.by_proxy and given.level not in PROXY_LEVELS:
        raise invalid("level", "代行できるのは、避難指示と緊急安全確保です（災害対策基本法60条6項）。")
    levels = {unit["level"] for unit in chosen.values()}
    words = f"警戒レベル{given.level}（{LEVEL_JA[given.level]}）"
    if given.kind is Decided.ORDER and given.level in levels:
        raise invalid("units", f"すでに{words}を発令中の単位が含まれています。外してください。")
    if given.kind is Decided.LIFT and levels != {given.level}:
        raise invalid("units", f"{words}を発令していない単位が含まれています。外してください。")
    if given.kind is Decided.DISMISS and any((level or 0) >= given.level for level in levels):
        raise invalid("units", f"{words}以上を発令中の単位が含まれています。外してください。")


def _record(
    conn: Connection,
    services: Services,
    board: Board,
    commander: Principal,
    given: DecisionIn,
    chosen: Mapping[str, Json],
    differences: Sequence[Difference],
    frozen_board: bytes,
    now: datetime,
) -> Stored:
    decided_at = asked.moment(services, "decided_at", given.decided_at)
    body: dict[str, object] = {
        "level": given.level,
        "level_ja": LEVEL_JA[given.level],
        "units": [{"code": code, "name": unit["name"]} for code, unit in chosen.items()],
        "decided_at": jst(decided_at),
        **({"by_proxy": True, "role": commander.role} if given.by_proxy else {}),
        "confirmed": [{"unit": one.name, "words": list(one.words)} for one in differences],
    }
    done = asked.action(
        board, commander, f"evacuation.{given.kind.value}", given.reason, body, drill=given.drill
    )
    recorded = actions.record(conn, done)
    decision = Decision(
        municipality=board.code,
        kind=given.kind,
        level=given.level,
        units=tuple(
            {"id": unit["id"], "code": code, "name": unit["name"], "mark": unit["mark"]}
            for code, unit in chosen.items()
        ),
        decided_at=decided_at,
        recorded_at=now,
        reason=given.reason,
        actor_name=commander.name,
        organization_name=done.organization_name,
        drill=given.drill,
        edition=units.board(conn, board.code).edition,
        by_proxy=given.by_proxy,
    )
    return decisions.add(conn, decision, commander.account, frozen_board, recorded.id)


def _is_proxied(conn: Connection, board: Board, given: DecisionIn) -> bool:
    standing = decisions.standing(conn, board.code, drill=given.drill)
    return any(one.proxy is not None for one in standing.values())


def _record_proxy(conn: Connection, board: Board, commander: Principal, kind: str, given: DecisionIn) -> None:
    """The governor makes public when acting in the mayor's place begins and ends (災害対策基本法 第60条):
    both stand in the chronology, beside the decision with which they came."""
    actions.record(conn, asked.action(board, commander, kind, "", {}, drill=given.drill))


def _shown(stored: Stored, reader: Principal) -> dict[str, Any]:
    """Who decided is shown by name to those who work at the desk, to others by organization."""
    decision = stored.decision
    return {
        "id": str(stored.id),
        "number": stored.number,
        "municipality": decision.municipality,
        "kind": decision.kind.value,
        "kind_ja": DECIDED_JA[decision.kind],
        "level": decision.level,
        "level_ja": LEVEL_JA[decision.level],
        "units": [{"code": unit["code"], "name": unit["name"]} for unit in decision.units],
        "decided_at": jst(decision.decided_at),
        "recorded_at": jst(decision.recorded_at),
        "reason": decision.reason,
        "by": decision.actor_name if reader.may(Permission.READ_WORDS) else None,
        "organization": decision.organization_name,
        "by_proxy": decision.by_proxy,
        "role": Role.COMMANDER.value if decision.by_proxy else None,
        "drill": decision.drill,
        "edition": decision.edition,
        "hash": stored.hash,
    }
