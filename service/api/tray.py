"""The tray of the unplaced over HTTP: what lies in it, and what an officer does with it."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from nlp.reading import DamageType, Status
from service import access, teaching
from service.access import Permission, Principal
from service.api import logschemas, schemas
from service.api.deeds import admit, author_of, cleaned
from service.api.door import DeskWorker, PrincipalDep, WordsReader
from service.api.pages import headquarters_page, sign_in_first, wants_html
from service.api.reports import report_body
from service.api.services import Services, ServicesDep
from service.api.spot import Lat, Lon, RadiusM
from service.fuse import Fusing
from service.problems import CHANGED_SINCE, NOT_FOUND, OUTSIDE_MUNICIPALITY, ProblemError, invalid
from service.publish.geojson import jst
from service.store import actions, places, placing, tray
from service.store.actions import Recorded
from service.store.database import Connection
from service.store.placing import ChangedError, Spot
from service.store.tray import Tab, TrayItem

LISTED: Final = 100
MOST_LISTED: Final = 300
MOST_REASON: Final = 500
NO_STORE: Final = {"Cache-Control": "no-store"}

router = APIRouter(tags=["tray"], default_response_class=Response)


class PlaceIn(BaseModel):
    """Where observations of a report are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ordinals: Annotated[
        list[int], Field(min_length=1, max_length=50, description="場所を決める記述の番号（ordinal）。")
    ]
    lat: Lat
    lon: Lon
    radius_m: RadiusM = teaching.DEFAULT_RADIUS_M
    outside: Annotated[bool, Field(description="担当の外の場所であることを確かめた。")] = False


class PullIn(BaseModel):
    """What an officer takes a report for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Annotated[DamageType, Field(description="被害種別。")]
    status: Annotated[Status, Field(description="状態。")] = Status.PRESENT
    urgent: Annotated[bool, Field(description="命の危険がある。")] = False


class SettleIn(BaseModel):
    """Why a report stays without a place."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Annotated[
        str,
        BeforeValidator(cleaned),
        Field(max_length=MOST_REASON, description="場所を決めない理由（氏名は書かない）。"),
    ] = ""


@router.get("/tray", responses=logschemas.page_answers("Tray"))
def tray_page(
    request: Request,
    services: ServicesDep,
    asker: PrincipalDep,
    tab: Tab = Tab.UNPLACED,
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = LISTED,
) -> Response:
    """場所未特定の通報。緊急、新しい順。ブラウザーには画面を返します。"""
    if wants_html(request):
        if not asker.may(Permission.READ_INCIDENTS):
            return sign_in_first(request)
        access.require(asker, Permission.READ_WORDS)
        return headquarters_page(request, services, asker, "tray.html")
    access.require(asker, Permission.READ_WORDS)
    with services.database.transaction(asker.own) as conn:
        try:
            found = tray.page(conn, tab, asker.own, after, limit)
        except ValueError:
            raise invalid("after", "前のページのnextにある値をそのまま使ってください。") from None
        waiting, urgent = tray.count(conn, asker.own)
    body = {
        "items": [_item(one, services) for one in found.items],
        "next": found.next_after,
        "waiting": waiting,
        "urgent": urgent,
    }
    return JSONResponse(body, headers=NO_STORE)


@router.get("/tray/count", responses=schemas.answers("TrayCount", 401, 403, 503))
def tray_count(services: ServicesDep, reader: WordsReader) -> Response:
    """場所未特定の通報の数。"""
    with services.database.transaction(reader.own) as conn:
        waiting, urgent = tray.count(conn, reader.own)
    return JSONResponse({"waiting": waiting, "urgent": urgent}, headers=NO_STORE)


@router.post("/tray/{report_id}/place", responses=logschemas.deed_answers("TrayDeed"))
def place(
    request: Request, services: ServicesDep, worker: DeskWorker, report_id: UUID, given: PlaceIn
) -> Response:
    """この通報だけに場所を付ける。名前は覚えません。"""
    admit(request, services, worker)
    with services.database.transaction() as conn:
        item = _owned(conn, report_id, worker)
        ordinals = sorted(set(given.ordinals))
        said = {one.ordinal: one for one in item.report.observations}
        if not set(ordinals) <= set(said):
            raise invalid("ordinals", "この通報にある記述の番号を書いてください。")
        code = places.municipality_at(conn, given.lat, given.lon)
        if not given.outside:
            at_home = said[ordinals[0]].municipality or item.report.sender_municipality
            _require_near(conn, at_home, given, services)
        spot = Spot(given.lat, given.lon, given.radius_m, code)
        try:
            done = [
                placing.place(conn, report_id, ordinal, spot, author_of(worker), Fusing())
                for ordinal in ordinals
            ]
        except ChangedError:
            raise ProblemError(CHANGED_SINCE) from None
    return _deed(*done)


@router.post("/tray/{report_id}/pull", responses=logschemas.deed_answers("TrayDeed"))
def pull(
    request: Request, services: ServicesDep, worker: DeskWorker, report_id: UUID, given: PullIn
) -> Response:
    """通報と読み取られなかったものを、通報として取り込む。"""
    admit(request, services, worker)
    with services.database.transaction() as conn:
        _owned(conn, report_id, worker)
        try:
            done = placing.pull(
                conn, report_id, given.type, given.status, author_of(worker), Fusing(), urgent=given.urgent
            )
        except ChangedError:
            raise ProblemError(CHANGED_SINCE) from None
    return _deed(done)


@router.post("/tray/{report_id}/settle", responses=logschemas.deed_answers("TrayDeed"))
def settle(
    request: Request, services: ServicesDep, worker: DeskWorker, report_id: UUID, given: SettleIn
) -> Response:
    """場所を決めずに済みとする。「済み」の一覧に残ります。"""
    admit(request, services, worker)
    with services.database.transaction() as conn:
        _owned(conn, report_id, worker)
        try:
            done = placing.settle(conn, report_id, given.reason.strip(), author_of(worker))
        except ChangedError:
            raise ProblemError(CHANGED_SINCE) from None
    return _deed(done)


@router.post("/tray/deeds/{action_id}/undo", responses=logschemas.deed_answers("TrayDeed"))
def undo(request: Request, services: ServicesDep, worker: DeskWorker, action_id: int) -> Response:
    """置いた場所、取り込み、済みを取り消して、元に戻す。"""
    admit(request, services, worker)
    if not 0 < action_id < 2**63:
        raise ProblemError(NOT_FOUND)
    with services.database.transaction() as conn:
        done = actions.one(conn, action_id)
        if done is None or "report" not in done.action.body:
            raise ProblemError(NOT_FOUND)
        _owned_or_done_by(conn, done, worker)
        try:
            undone = placing.undo(conn, action_id, author_of(worker), Fusing())
        except LookupError:
            raise ProblemError(NOT_FOUND) from None
        except ChangedError:
            raise ProblemError(CHANGED_SINCE) from None
    return _deed(undone)


def _owned(conn: Connection, report_id: UUID, person: Principal) -> TrayItem:
    """Raises ProblemError `not-found` for a report that is none of theirs: its being there says something."""
    item = tray.one(conn, report_id, person.own)
    if item is None:
        raise ProblemError(NOT_FOUND)
    return item


def _require_near(conn: Connection, code: str | None, given: PlaceIn, services: Services) -> None:
    """Raises ProblemError `outside-municipality` for a point beyond the border: it is asked back once."""
    if code is None:
        return
    away = places.metres_outside(conn, teaching.codes_with(code), given.lat, given.lon)
    if away is not None and away > teaching.BORDER_SLACK_M:
        name = services.municipalities.get(code, code)
        raise ProblemError(
            OUTSIDE_MUNICIPALITY,
            f"{name}の境から約{away / 1000:.1f} km外です。場所を確かめてください。"
            "間違いでなければ、確かめたことを示して、もう一度置いてください。",
        )


def _owned_or_done_by(conn: Connection, done: Recorded, person: Principal) -> None:
    """Who placed a report across the border may take that back, though it is no longer theirs."""
    if done.action.actor is None or done.action.actor != person.account:
        _owned(conn, UUID(done.action.body["report"]), person)


def _deed(*done: Recorded) -> Response:
    incident = done[-1].action.incident_id
    body = {
        "actions": [one.id for one in done],
        "at": jst(done[-1].at),
        "incident": None if incident is None else str(incident),
    }
    return JSONResponse(body, headers=NO_STORE)


def _item(item: TrayItem, services: Services) -> dict[str, Any]:
    body = report_body(item.report, services)
    for observation in body["observations"]:
        standing = item.standing[observation["ordinal"]]
        incident = standing.incident_id
        observation["incident"] = None if incident is None else str(incident)
        observation["on_map"] = standing.on_map
    position = item.position
    return body | {
        "urgent": item.urgent,
        "drill": item.drill,
        "people": dict(item.people),
        "settled_at": None if item.settled_at is None else jst(item.settled_at),
        "position": None
        if position is None
        else {"lat": position.lat, "lon": position.lon, "accuracy_m": position.accuracy_m},
    }
