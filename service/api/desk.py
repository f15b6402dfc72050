"""The desk 本部の机: the queue, one incident with everything about it, and the one door for decisions."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request
from starlette.responses import JSONResponse, Response

from nlp.reading import DamageType
from service import access, desk, triage
from service.access import Permission, Principal
from service.api import desk_orders, deskview, reports, schemas
from service.api.desk_orders import OrderIn
from service.api.door import CSRF_HEADER, DeskWorker, PrincipalDep, own_incident
from service.api.pages import headquarters_page, sign_in_first
from service.api.services import ServicesDep
from service.desk import ConflictError, Done, Order, OvertakenError
from service.fuse import Fusing
from service.problems import DESK_CONFLICT, OVERTAKEN, ProblemError, invalid
from service.report import Verification
from service.store import assignees, changes, incidents, queue
from service.store import desk as stored
from service.store.database import Connection
from service.store.queue import Queued, QueueQuery

NO_STORE: Final = {"Cache-Control": "no-store"}
LISTED: Final = 200
MERGEABLE_WITHIN_M: Final = 2_000.0
MERGEABLE: Final = 8

router = APIRouter(tags=["desk"], default_response_class=Response)


@router.get("/desk", responses={303: {"description": "サインインへ"}, **schemas.html_answers(401, 403)})
def desk_page(request: Request, services: ServicesDep, principal: PrincipalDep) -> Response:
    """事案を処理する画面。"""
    if principal.kind == "anonymous":
        return sign_in_first(request)
    access.require(principal, Permission.WORK_AT_DESK)
    return headquarters_page(request, services, principal, "desk.html")


@router.get("/desk/queue", responses=schemas.answers("DeskQueue", 400, 401, 403, 503))
def desk_queue(
    services: ServicesDep,
    worker: DeskWorker,
    state: Annotated[str, Query(pattern="^(waiting|working|closed|all)$")] = "waiting",
    type: Annotated[list[DamageType] | None, Query()] = None,  # noqa: A002 - the name of the parameter
    municipality: Annotated[str | None, Query(pattern="^([0-9]{5}|none)$")] = None,
    assigned: Annotated[str | None, Query(pattern="^(me|none)$")] = None,
    drill: bool | None = None,
    same_sender_as: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=queue.MOST_WEIGHED)] = LISTED,
) -> Response:
    """処理を待つ事案。命の危険の大きい順、次に裏付けの多い順、同じなら古い順。理由つき。絞り込みの選択肢と件数も返します。"""
    asked = QueueQuery(
        state=state,
        types=None if type is None else frozenset(one.value for one in type),
        municipalities=_municipalities(municipality),
        assigned=worker.account if assigned == "me" else None,
        unassigned=assigned == "none",
        drill=drill,
        same_sender_as=same_sender_as,
    )
    with services.database.transaction(worker.own) as conn:
        if same_sender_as is not None:
            own_incident(conn, worker, same_sender_as)
        # Read before the rows: they may be newer than seq, never older.
        seq = changes.latest(conn)
        found, matched = queue.queue(conn, asked, worker.own)
        offered = queue.choices(conn, asked, worker.own)
    found.sort(key=lambda one: triage.order(one.incident, one.support))
    listed = [deskview.queued(one, services) for one in found[:limit]]
    body = {"queue": listed, "matched": matched, **deskview.choices(offered, services), "seq": seq}
    return JSONResponse(body, headers=NO_STORE)


def _municipalities(asked: str | None) -> frozenset[str] | None:
    if asked == "none":
        return frozenset({""})
    return None if asked is None else access.with_wards(asked)


@router.get(
    "/desk/incidents/{incident_id}", responses=schemas.answers("DeskIncident", 400, 401, 403, 404, 503)
)
def desk_incident(services: ServicesDep, worker: DeskWorker, incident_id: UUID) -> Response:
    """1つの事案のすべて。通報の文面、場所の候補、まとめられそうな事案、操作の記録。"""
    with services.database.transaction(worker.scope) as conn:
        incident = own_incident(conn, worker, incident_id)
        behind = incidents.reports_behind(conn, incident_id)
        near = queue.nearby(conn, incident, worker.own, MERGEABLE_WITHIN_M, MERGEABLE)
        done = stored.touching(conn, [incident_id])
        support = queue.support_of(conn, incident_id)
    body = deskview.queued(Queued(incident, support), services) | {
        "reports": [reports.report_body(one, services) for one in behind],
        "nearby": [deskview.neighbour(one, services) for one in near],
        "trail": deskview.trail(done, incident_id, services),
    }
    return JSONResponse(body, headers=NO_STORE)


@router.get("/desk/assignees", responses=schemas.answers("DeskAssignees", 401, 403, 503))
def desk_assignees(services: ServicesDep, worker: DeskWorker) -> Response:
    """担当にできる人と分団。"""
    with services.database.transaction(worker.own) as conn:
        found = assignees.assignees(conn, worker.own)
    return JSONResponse({"assignees": [deskview.assignee(one) for one in found]}, headers=NO_STORE)


@router.post(
    "/desk/actions",
    status_code=201,
    responses={
        201: {
            "description": "操作を記録しました",
            "content": {schemas.JSON: {"schema": schemas.ref("DeskDone")}},
        },
        **schemas.problems(400, 401, 403, 404, 409, 413, 415, 429, 503),
    },
)
def desk_action(
    request: Request, services: ServicesDep, worker: DeskWorker, given: Annotated[OrderIn, Body()]
) -> Response:
    """確認、棄却、種別・状態・場所の訂正、担当、統合、分割、取消。見ていた版が古ければ409で両方を示します。"""
    access.require_csrf(worker, request.headers.get(CSRF_HEADER))
    desk.admit(services.limiter, worker)
    try:
        with services.database.transaction() as conn:
            made = _carry_out(conn, worker, given)
    except ConflictError as refused:
        members = {
            "conflicts": [deskview.conflict(one, services) for one in refused.conflicts],
            "yours": given.model_dump(mode="json"),
        }
        raise ProblemError(DESK_CONFLICT, members=members) from None
    except OvertakenError as refused:
        later = deskview.action(refused.later, None, services, standing=True)
        raise ProblemError(OVERTAKEN, members={"later": later}) from None
    return JSONResponse(deskview.done(made, services), 201, NO_STORE)


def _carry_out(conn: Connection, worker: Principal, given: OrderIn) -> Done:
    fuse = Fusing()
    match given:
        case desk_orders.UndoIn():
            return desk.undo(conn, worker, given.action, given.reason, fuse)
        case desk_orders.MergeIn():
            return desk.merge(conn, worker, desk.Merge(given.into.seen(), given.seen(), given.reason), fuse)
        case desk_orders.SplitIn():
            taken = frozenset((one.report, one.ordinal) for one in given.readings)
            return desk.split(conn, worker, desk.Split(given.seen()[0], taken, given.reason), fuse)
        case _:
            change = _change(conn, worker, given)
            return desk.decide(conn, worker, Order(given.kind, given.seen(), change, given.reason), fuse)


def _change(conn: Connection, worker: Principal, given: Any) -> dict[str, Any]:
    match given:
        case desk_orders.Verify():
            return {"verification": Verification.VERIFIED, "reason": ""}
        case desk_orders.Reopen():
            return {"verification": Verification.UNVERIFIED, "reason": ""}
        case desk_orders.Reject():
            return {"verification": Verification.REJECTED, "reason": given.reason}
        case desk_orders.SetType():
            return {"type": given.type}
        case desk_orders.SetStatus():
            return {"status": given.status}
        case desk_orders.SetPlace():
            return {"place": None if given.place is None else desk_orders.place_of(given.place)}
    who = given.assignee
    found = None if who is None else assignees.assignee(conn, worker.own, who.kind, who.id)
    if who is not None and found is None:
        raise invalid("assignee", "担当にできる人または分団を選んでください。")
    return {"assigned": found}
