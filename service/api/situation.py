"""The map of very many incidents: one view at a time, clustered and counted by the server.

Numbers come from columns in memory, the words of the few incidents that are shown from the database.
"""

import hashlib
import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
import structlog
from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.responses import Response

from nlp.reading import DamageType
from service.api import mapschemas, schemas
from service.api import query as queries
from service.api.door import IncidentReader
from service.api.etag import PRIVATE, etagged, is_known
from service.api.services import Services, ServicesDep
from service.overview import danger
from service.overview.cells import Box
from service.overview.columns import mercator
from service.overview.held import Answer, Held, Replay
from service.overview.sift import Filter
from service.overview.view import MOST_LISTED, Mark, Name, Question
from service.problems import INVALID_INPUT, ProblemError
from service.publish import geojson
from service.report import Scope
from service.store import changes
from service.store.database import StoreError

TICK_S: Final = 30  # 「1時間以内」 moves on in steps, so that the same state stays the same bytes
NOWHERE: Final = "-"  # 市町村不明
MOST_HOURS: Final = 8760
ZOOMS: Final = (0.0, 22.0)
LONGEST_TIMELINE_S: Final = 32 * 86_400.0

log: Final = structlog.get_logger("situation")
router = APIRouter(tags=["situation"], default_response_class=Response)


def warm(held: Held) -> threading.Thread:
    """Read the columns in the background; the first page that asks reads them when this fails. Wait for the
    thread before the database is closed."""

    def read() -> None:
        try:
            held.warm()
        except StoreError as failure:
            log.warning("columns_unreadable", failure=type(failure).__name__)

    reading = threading.Thread(target=read, name="columns", daemon=True)
    reading.start()
    return reading


@router.get(
    "/situation",
    openapi_extra={"parameters": mapschemas.VIEW_PARAMETERS},
    responses=schemas.answers("Situation", 400, 401, 403, 503),
)
def situation(request: Request, services: ServicesDep, reader: IncidentReader) -> Response:
    """地図の一つの範囲の状況。近い事案は一つの印にまとめ、一覧は危険の大きい順です。`at`で過去の時点。"""
    question, at = parse(request.query_params)
    if at is None:
        held: Held = request.app.state.held
        now = services.clock().timestamp() // TICK_S * TICK_S
        # Asked again after each change, most answers are the one that the page already has.
        etag = _etag(request, reader.scope, held.seq(), now)
        if is_known(request.headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers={"ETag": etag, "Cache-Control": PRIVATE})
        answer = held.view(question, reader.scope, now)
        etag = _etag(request, reader.scope, answer.seq, now)
    else:
        replay: Replay = request.app.state.replay
        answer = replay.view(question, reader.scope, at.timestamp())
        etag = _etag(request, reader.scope, answer.seq, at.timestamp())
    body = geojson.encode(_document(services, answer, at, reader.scope))
    return etagged(request, body, schemas.JSON, etag=etag)


@router.get(
    "/situation/timeline",
    openapi_extra={"parameters": mapschemas.TIMELINE_PARAMETERS},
    responses=schemas.answers("Timeline", 400, 401, 403, 503),
)
def timeline(request: Request, services: ServicesDep, reader: IncidentReader) -> Response:
    """再生できる時刻の始まりと、期間を144等分したそれぞれに新しく出た事案の数。"""
    reading = queries.Reading(request.query_params)
    since, until = reading.value("from", queries.instant), reading.value("to", queries.instant)
    reading.finish()
    end = (until or services.clock()).timestamp()
    begin = max(end - LONGEST_TIMELINE_S, since.timestamp() if since else end - 86_400.0)
    if begin >= end:
        raise ProblemError(INVALID_INPUT)
    replay: Replay = request.app.state.replay
    found = replay.timeline(reader.scope, begin, end)
    document = {
        "first": None if found.first is None else _time(found.first),
        "from": _time(begin),
        "to": _time(end),
        "step_s": found.step_s,
        "new": found.new,
        "urgent": found.urgent,
    }
    return etagged(request, geojson.encode(document), schemas.JSON)


def parse(params: QueryParams) -> tuple[Question, datetime | None]:
    """The question that `params` ask, and the moment of which (None: now).

    Raises ProblemError `invalid-input` naming every parameter that is unknown, doubled or wrong.
    """
    reading = queries.Reading(params)
    since, until = reading.value("from", queries.instant), reading.value("to", queries.instant)
    states = reading.value("state", queries.codes_among(danger.STATES))
    wanted = Filter(
        types=reading.value("type", queries.codes_of(DamageType)),
        states=danger.OPEN_STATES if states is None else states,
        municipalities=reading.value("municipality", _municipalities),
        hours=reading.value("hours", queries.number_within(0.01, MOST_HOURS)),
        since=None if since is None else since.timestamp(),
        until=None if until is None else until.timestamp(),
        drill=reading.value("drill", queries.truth) is not False,
        verification=reading.value("verification", queries.one_of("verified", "unverified")) or "",
        old=reading.value("old", queries.one_of("hide", "only")) or "",
    )
    zoom = reading.value("zoom", queries.number_within(*ZOOMS))
    question = Question(
        wanted=wanted,
        box=_box(reading.value("bbox", queries.bbox)),
        zoom=5.0 if zoom is None else zoom,
        list_box=_box(reading.value("list", queries.bbox)),
        limit=min(reading.value("limit", queries.limit) or 60, MOST_LISTED),
        tray=reading.value("tray", queries.truth) is True,
        read_upto=int(reading.value("read", queries.number_within(0, 2**53)) or 0),
    )
    at = reading.value("at", queries.instant)
    reading.finish()
    return question, at


def _municipalities(text: str) -> frozenset[str]:
    codes = text.split(",")
    known = [code for code in codes if code != NOWHERE]
    named = queries.municipality_codes(",".join(known)) if known else frozenset[str]()
    return named | ({""} if NOWHERE in codes else set())


def _box(bbox: tuple[float, float, float, float] | None) -> Box | None:
    if bbox is None:
        return None
    west, south, east, north = bbox
    x, y = mercator(np.array([north, south]), np.array([west, east]))
    return Box(float(x[0]), float(y[0]), float(x[1]), float(y[1]))


def _etag(request: Request, scope: Scope, seq: int, moment: float) -> str:
    seen = sorted(scope.audience or ["*"])
    question = repr((seq, moment, sorted(request.query_params.items()), seen))
    asked = hashlib.sha256(question.encode()).hexdigest()
    return f'"{asked[:32]}"'


def _document(services: Services, answer: Answer, at: datetime | None, scope: Scope) -> dict[str, Any]:
    seen = answer.view
    names = {name.seq for name in (*seen.pins, *seen.first, *seen.tray)}
    with services.database.transaction(scope) as conn:
        incidents = changes.versions(conn, sorted(names), scope)

    def ids(listed: Sequence[Name]) -> list[str]:
        return [name.id for name in listed if name.seq in incidents]

    return {
        "seq": answer.seq,
        "at": None if at is None else geojson.jst(at),
        "total": seen.total,
        "shown": seen.shown,
        "urgent": seen.urgent,
        "drills": seen.drills,
        "unread": seen.unread,
        "counts": {
            "types": seen.counts.types,
            "states": seen.counts.states,
            "municipalities": seen.counts.municipalities,
            "time": seen.counts.hours,
            "drill": seen.counts.drill,
            "verification": seen.counts.verification,
            "stale": seen.counts.stale,
            "hidden": seen.counts.hidden,
            "hidden_stale": seen.counts.hidden_stale,
        },
        "extent": seen.extent,
        "clusters": [_mark(one) for one in seen.marks],
        "pins": ids(seen.pins),
        "listed": seen.listed,
        "types": seen.types,
        "list": ids(seen.first),
        "unplaced": {"count": seen.unplaced, "urgent": seen.unplaced_urgent, "list": ids(seen.tray)},
        "features": [
            geojson.feature(incidents[seq], services.municipalities, services.lifetimes)
            for seq in sorted(incidents)
        ],
    }


def _mark(mark: Mark) -> dict[str, Any]:
    return {
        "lat": round(mark.lat, geojson.DIGITS),
        "lon": round(mark.lon, geojson.DIGITS),
        "count": mark.count,
        "urgent": mark.urgent,
        "stale": mark.stale,
        "drill": mark.drill,
        "type": mark.type,
        "state": mark.state,
        "bounds": [round(edge, geojson.DIGITS) for edge in mark.bounds],
    }


def _time(seconds: float) -> str:
    return geojson.jst(datetime.fromtimestamp(seconds, geojson.JST))
