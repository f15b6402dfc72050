"""「まだ続いているか」: ask an incident's reporters, see what they answered, or say so as headquarters."""

from collections import Counter
from collections.abc import Collection
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from service import access, problems
from service.access import Principal
from service.api import schemas
from service.api.door import CSRF_HEADER, DeskWorker, own_incident
from service.api.services import Services, ServicesDep
from service.collect import line
from service.problems import NOT_FOUND, ProblemError
from service.publish.geojson import jst
from service.report import PREFECTURE_DIGITS, Incident
from service.settings import Settings
from service.store import actions, incidents, ledger, questions, still
from service.store.actions import Action
from service.store.database import Connection

NO_STORE: Final = {"Cache-Control": "no-store"}
ACTIONS_PER_MINUTE: Final = 30  # of one person; each question goes to everybody behind an incident

router = APIRouter(tags=["desk"], default_response_class=Response)


@router.get(
    "/incidents/{incident_id}/questions", responses=schemas.answers("Questions", 400, 401, 403, 404, 503)
)
def asked(services: ServicesDep, worker: DeskWorker, incident_id: UUID) -> Response:
    """通報者への問い合わせ（まだ続いているか）：尋ねられる人数、送った状態、回答。"""
    with services.database.transaction(worker.scope) as conn:
        own_incident(conn, worker, incident_id)
        body = _shown(conn, services.settings, incident_id)
    return JSONResponse(body, headers=NO_STORE)


@router.post(
    "/incidents/{incident_id}/questions",
    status_code=202,
    responses={
        202: {"description": "送ります", "content": {schemas.JSON: {"schema": schemas.ref("Questions")}}},
        **schemas.problems(400, 401, 403, 404, 429, 503),
    },
)
def ask(request: Request, services: ServicesDep, worker: DeskWorker, incident_id: UUID) -> Response:
    """まだ続いているかを、通報した人に、通報に使われた手段（今はLINEだけ）で尋ねる。"""
    access.require_csrf(worker, request.headers.get(CSRF_HEADER))
    _admit(services, worker)
    settings = services.settings
    with services.database.transaction() as conn:
        ledger.lock(conn)
        incident = own_incident(conn, worker, incident_id)
        told = questions.ask(conn, incident_id, channels_of(settings), _again(settings))
        if told:
            by = Counter(one.channel for one in told)
            actions.record(conn, _action("desk.ask", worker, incident, {"asked": dict(sorted(by.items()))}))
        body = _shown(conn, settings, incident_id) | {"asked_now": len(told)}
    return JSONResponse(body, 202, NO_STORE)


@router.post(
    "/incidents/{incident_id}/confirmation",
    responses=schemas.answers("Confirmation", 400, 401, 403, 404, 429, 503),
)
def confirm(request: Request, services: ServicesDep, worker: DeskWorker, incident_id: UUID) -> Response:
    """まだ続いていることを本部が確かめた、と記録する。情報の古さは今から数え直します。"""
    access.require_csrf(worker, request.headers.get(CSRF_HEADER))
    _admit(services, worker)
    with services.database.transaction() as conn:
        own_incident(conn, worker, incident_id)
        at = services.clock()
        before = still.confirm(conn, incident_id, at)
        if before is None:
            raise ProblemError(NOT_FOUND)
        earlier = before.ruling.confirmed_at
        change = {"before": None if earlier is None else jst(earlier), "after": jst(at)}
        actions.record(conn, _action("desk.still", worker, before, {"confirmed_at": change}))
        after = incidents.one(conn, incident_id, worker.scope)
    stale_at = None if after is None else services.lifetimes.stale_at(after)
    body = {"confirmed_at": jst(at), "stale_at": None if stale_at is None else jst(stale_at)}
    return JSONResponse(body, headers=NO_STORE)


def channels_of(settings: Settings) -> Collection[str]:
    """The channels by which one can ask: LINE, where it may send."""
    return () if settings.line_channel_access_token is None else (line.CHANNEL,)


def _shown(conn: Connection, settings: Settings, incident_id: UUID) -> dict[str, Any]:
    channels = channels_of(settings)
    people = questions.askable(conn, incident_id, _again(settings))
    can = [one for one in people if one.reachable and one.channel in channels]
    cannot = Counter(one.channel for one in people if one not in can)
    found = questions.of_incident(conn, incident_id)
    return {
        "can_ask": sum(not one.recent for one in can),
        "recent": sum(one.recent for one in can),
        "again_minutes": settings.ask_again_minutes,
        "unreachable": [{"channel": channel, "count": count} for channel, count in sorted(cannot.items())],
        "asked": sum(one.state in {"waiting", "sent"} for one in found),
        "answered": sum(one.answer is not None for one in found),
        "asked_now": 0,
        "questions": [
            {
                "id": str(one.id),
                "channel": one.channel,
                "state": one.state,
                "trouble": one.trouble,
                "asked_at": jst(one.asked_at),
                "sent_at": None if one.sent_at is None else jst(one.sent_at),
                "answer": one.answer,
                "answered_at": None if one.answered_at is None else jst(one.answered_at),
            }
            for one in found
        ],
    }


def _again(settings: Settings) -> timedelta:
    return timedelta(minutes=settings.ask_again_minutes)


def _action(kind: str, worker: Principal, incident: Incident, body: dict[str, Any]) -> Action:
    owners = sorted(code for code in incident.owners if len(code) > PREFECTURE_DIGITS)
    return Action(
        kind=kind,
        actor=worker.account,
        actor_name=worker.name,
        audience=incident.audience,
        organization_name="" if worker.organization is None else worker.organization.name,
        owner=incident.municipality or (owners[0] if len(owners) == 1 else None),
        incident_id=incident.id,
        body=body,
        drill=incident.drill,
    )


def _admit(services: Services, worker: Principal) -> None:
    wait = services.limiter.take(f"still:{worker.subject}", ACTIONS_PER_MINUTE)
    if wait is not None:
        raise problems.ProblemError(problems.TOO_MANY_REQUESTS, retry_after_s=wait)
