"""Intake: every route that takes reports in. 202 (or LINE's 200) is said only after the commit."""

from typing import Annotated, Final
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from fastapi import APIRouter, BackgroundTasks, File, Form, Request, Response, UploadFile
from pydantic import BaseModel
from starlette.responses import JSONResponse

from service.api.door import ReportWriter, address_of
from service.api.keeping import Keeper
from service.api.services import Services, ServicesDep, services_of
from service.collect import api as api_channel
from service.collect import form as form_channel
from service.collect import line
from service.collect.channel import Channel, channels
from service.collect.parcel import Delivery, Notice
from service.problems import (
    CSRF,
    NOT_CONFIGURED,
    NOT_FOUND,
    TOO_LARGE,
    TOO_MANY_REQUESTS,
    ProblemError,
)
from service.report import Message, Receipt
from service.store import inbox

JST: Final = ZoneInfo("Asia/Tokyo")

log: Final = structlog.get_logger("api")


class ReceiptOut(BaseModel):
    """Proof that a report is stored; the same key gets the same `id` again."""

    id: UUID
    received_at: str
    receipt: str


class ReceiptStateOut(BaseModel):
    """How far a report has come, and what was understood."""

    state: str
    understood: str | None


router = APIRouter(tags=["intake"])


@router.post("/reports", status_code=202, response_model=ReceiptOut, summary="通報を受け付ける（APIキー）")
def post_report(report: api_channel.ReportIn, principal: ReportWriter, services: ServicesDep) -> JSONResponse:
    """One report of another system. The same `key` of the same API key is stored once."""
    _admit(services, f"reports:{principal.subject}", services.settings.api_limit_per_minute)
    message = api_channel.message_of(
        report,
        subject=principal.subject,
        municipality=principal.jurisdiction,
        secret=services.secret,
        now=services.clock(),
    )
    return _accepted(_store(services, message))


@router.post(
    "/form/reports",
    status_code=202,
    response_model=ReceiptOut,
    summary="通報を受け付ける（スマートフォンの画面）",
)
def post_form(
    request: Request,
    services: ServicesDep,
    text: Annotated[str, Form()] = "",
    key: Annotated[str, Form()] = "",
    posted_at: Annotated[str, Form()] = "",
    municipality: Annotated[str, Form()] = "",
    lat: Annotated[str, Form()] = "",
    lon: Annotated[str, Form()] = "",
    accuracy: Annotated[str, Form()] = "",
    photo: Annotated[UploadFile | None, File()] = None,
) -> JSONResponse:
    """One report of the phone form; anybody may send, a bounded number a minute from one address."""
    _require_own_page(request, services)
    _admit(services, f"form:{address_of(request)}", services.settings.report_limit_per_minute)
    submission = form_channel.Submission(
        text=text,
        key=key,
        posted_at=posted_at,
        municipality=municipality,
        lat=lat,
        lon=lon,
        accuracy=accuracy,
        photo=_read_photo(photo, services.settings.max_photo_bytes),
    )
    return _accepted(_store(services, form_channel.message_of(submission, now=services.clock())))


@router.get("/reports/{report_id}/receipt", response_model=ReceiptStateOut, summary="通報の受付の状態")
def get_receipt(report_id: UUID, services: ServicesDep, response: Response) -> ReceiptStateOut:
    """State of a report for the holder of its id, which nobody can guess."""
    with services.database.transaction() as conn:
        found = inbox.receipt(conn, report_id)
    if found is None:
        raise ProblemError(NOT_FOUND)
    response.headers["Cache-Control"] = "no-store"
    return ReceiptStateOut(state=found.state, understood=found.understood)


@router.post("/hooks/line", summary="LINE Messaging APIのWebhook")
async def post_line(request: Request) -> Response:
    """A delivery of LINE: verified, stored whole in one transaction, then 200."""
    services = services_of(request)
    channel = _channel(services, line.CHANNEL)
    # The body untouched: the signature is over these bytes.
    delivery = Delivery(
        {name.lower(): value for name, value in request.headers.items()},
        await request.body(),
        services.clock(),
    )
    channel.verify(delivery)
    keeper: Keeper = request.app.state.keeper
    replies = BackgroundTasks()
    for notice in await keeper.keep(list(channel.messages(delivery))):
        replies.add_task(_send_notice, services, notice)
    return JSONResponse({}, background=replies)


def _channel(services: Services, name: str) -> Channel:
    found = channels(services.settings, services.secret).get(name)
    if found is None:
        raise ProblemError(NOT_CONFIGURED)
    return found


def _store(services: Services, message: Message) -> Receipt:
    with services.database.transaction() as conn:
        return inbox.put(conn, message)


def _send_notice(services: Services, notice: Notice) -> None:
    outcome = line.reply(services.settings, notice.reply_to, notice.text)
    if outcome is not line.Answer.SENT:
        log.info("notice_not_sent", channel=notice.channel, outcome=outcome.value)


def _accepted(receipt: Receipt) -> JSONResponse:
    path = f"/reports/{receipt.report_id}/receipt"
    body = ReceiptOut(
        id=receipt.report_id, received_at=receipt.received_at.astimezone(JST).isoformat(), receipt=path
    )
    return JSONResponse(body.model_dump(mode="json"), 202, {"Location": path, "Cache-Control": "no-store"})


def _admit(services: Services, subject: str, per_minute: int) -> None:
    wait = services.limiter.take(subject, per_minute)
    if wait is not None:
        raise ProblemError(TOO_MANY_REQUESTS, retry_after_s=wait)


def _require_own_page(request: Request, services: Services) -> None:
    """Refuse a form that another site's page sends. Programs without these headers may send.

    Fetch Metadata (Sec-Fetch-Site) where the browser says it, else Origin against our own address.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise ProblemError(CSRF)
        return
    origin = request.headers.get("origin")
    if origin is None:
        return
    own = {request.headers.get("host", "").lower()}
    if services.settings.public_url:
        own.add(urlsplit(services.settings.public_url).netloc.lower())
    if urlsplit(origin).netloc.lower() not in own or not urlsplit(origin).netloc:
        raise ProblemError(CSRF)


def _read_photo(upload: UploadFile | None, limit: int) -> bytes:
    if upload is None:
        return b""
    data = upload.file.read(limit + 1)
    if len(data) > limit:
        raise ProblemError(TOO_LARGE)
    return data
