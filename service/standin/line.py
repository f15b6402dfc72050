"""模擬LINE: LINE's platform on this machine, with a page like a phone's chat. For drills and tests only."""

import asyncio
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
import urllib3
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from service.settings import Settings
from service.standin.messages import ApiError
from service.standin.platform import BOT_BASIC_ID, BOT_USER_ID, Platform, new_user_id, redelivered

PAGE: Final = Path(__file__).parent / "page"
FILES: Final[Mapping[str, str]] = {
    "/": "chat.html",
    "/chat.css": "chat.css",
    "/chat.js": "chat.js",
}
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
    "Cache-Control": "no-store",
}
WEBHOOK_TIMEOUT_S: Final = 2.0  # LINE counts a slower answer as a failure
REDELIVERY_AFTER_S: Final = (1.0, 5.0, 30.0, 120.0)  # LINE does not publish its own intervals
MAX_SAID_CHARACTERS: Final = 5000
MAX_BODY_BYTES: Final = 65_536
DEFAULT_PORT: Final = 8001

log: Final = structlog.get_logger("line-standin")


class Webhook:
    """Delivers events to the bot, again and again until it says 2xx, as LINE does with redelivery on."""

    def __init__(
        self, platform: Platform, url: str, pauses_s: tuple[float, ...] = REDELIVERY_AFTER_S
    ) -> None:
        self._platform = platform
        self._url = url
        self._pauses_s = pauses_s
        self._running: set[asyncio.Task[bool]] = set()
        self._pool = urllib3.PoolManager(timeout=urllib3.Timeout(total=WEBHOOK_TIMEOUT_S), retries=False)

    def enqueue(self, event: Mapping[str, Any]) -> None:
        """Deliver `event` beside what the running loop does."""
        task = asyncio.get_running_loop().create_task(self.deliver(event))
        self._running.add(task)  # the loop itself keeps no reference
        task.add_done_callback(self._running.discard)

    async def deliver(self, event: Mapping[str, Any]) -> bool:
        """Send one event until it is taken; False when it was given up."""
        for pause in (*self._pauses_s, None):
            if await run_in_threadpool(self.send, event):
                return True
            if pause is not None:
                await asyncio.sleep(pause)
            event = redelivered(event)
        log.warning("event_given_up", type=event["type"])
        return False

    def send(self, event: Mapping[str, Any]) -> bool:
        """One delivery; True when the bot said 2xx within the time."""
        body = self._platform.envelope([event])
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "LineBotWebhook/2.0",
            "x-line-signature": self._platform.sign(body),
        }
        try:
            answer = self._pool.request("POST", self._url, body=body, headers=headers, redirect=False)
        except urllib3.exceptions.HTTPError:
            return False
        return 200 <= answer.status < 300

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()


class Endpoints:
    """LINE's API under /v2 and the chat page's own requests."""

    def __init__(self, platform: Platform, webhook: Webhook) -> None:
        self._platform = platform
        self._webhook = webhook

    async def reply(self, request: Request) -> Response:
        """POST /v2/bot/message/reply."""
        self._authorize(request)
        return JSONResponse(self._platform.reply(await _json(request)))

    async def push(self, request: Request) -> Response:
        """POST /v2/bot/message/push."""
        self._authorize(request)
        return JSONResponse(
            self._platform.push(await _json(request), request.headers.get("x-line-retry-key"))
        )

    async def profile(self, request: Request) -> Response:
        """GET /v2/bot/profile/{userId}."""
        self._authorize(request)
        user_id = request.path_params["user_id"]
        name = self._platform.name_of(user_id)
        return JSONResponse({"userId": user_id, "displayName": name, "language": "ja"})

    async def info(self, request: Request) -> Response:
        """GET /v2/bot/info."""
        self._authorize(request)
        return JSONResponse(
            {
                "userId": BOT_USER_ID,
                "basicId": BOT_BASIC_ID,
                "displayName": "半鐘（訓練）",
                "chatMode": "bot",
                "markAsReadMode": "auto",
            }
        )

    async def content(self, request: Request) -> Response:
        """GET /v2/bot/message/{messageId}/content."""
        self._authorize(request)
        media_type, data = self._platform.content(request.path_params["message_id"])
        return Response(data, media_type=media_type)

    async def join(self, request: Request) -> Response:
        """A new member adds the bot as a friend."""
        _require_own_page(request)
        user_id = new_user_id()
        self._platform.member(user_id, "団員（訓練）")
        self._webhook.enqueue(self._platform.follow(user_id))
        return JSONResponse({"user": user_id})

    async def say(self, request: Request) -> Response:
        """A member types, sends a place, or takes a message back."""
        _require_own_page(request)
        user_id = request.path_params["user_id"]
        self._webhook.enqueue(_event_of(self._platform, user_id, await _json(request)))
        return JSONResponse({}, 202)

    async def chat(self, request: Request) -> Response:
        """What a member sees."""
        user_id = request.path_params["user_id"]
        self._platform.name_of(user_id)
        bubbles = [
            {
                "mine": b.mine,
                "text": b.text,
                "id": b.message_id,
                "at": b.at_ms,
                "unsent": b.unsent,
                "choices": [{"label": label, "data": data} for label, data in b.choices],
            }
            for b in self._platform.chat(user_id)
        ]
        return JSONResponse({"bubbles": bubbles})

    def _authorize(self, request: Request) -> None:
        self._platform.authorize(request.headers.get("authorization"))


def build(platform: Platform, webhook: Webhook) -> Starlette:
    """The stand-in as an application: LINE's API under /v2, the chat page at /."""
    at = Endpoints(platform, webhook)
    return Starlette(
        routes=[
            Route("/v2/bot/message/reply", at.reply, methods=["POST"]),
            Route("/v2/bot/message/push", at.push, methods=["POST"]),
            Route("/v2/bot/message/{message_id}/content", at.content),
            Route("/v2/bot/profile/{user_id}", at.profile),
            Route("/v2/bot/info", at.info),
            Route("/chat", at.join, methods=["POST"]),
            Route("/chat/{user_id}", at.chat),
            Route("/chat/{user_id}", at.say, methods=["POST"]),
            *(Route(path, _file(name)) for path, name in FILES.items()),
        ],
        exception_handlers={ApiError: _refuse},
    )


def serve(settings: Settings) -> None:
    """Run the stand-in on this machine at LINE_API_URL's port, delivering to /hooks/line.

    Raises ValueError when the channel's secret or access token is not set, or LINE_API_URL is LINE's own.
    """
    if settings.line_channel_secret is None or settings.line_channel_access_token is None:
        raise ValueError("LINE_CHANNEL_SECRET と LINE_CHANNEL_ACCESS_TOKEN を設定してください。")
    at = urlsplit(settings.line_api_url)
    if at.hostname not in {"127.0.0.1", "localhost"}:
        raise ValueError("LINE_API_URL に模擬LINEのアドレス（例 http://127.0.0.1:8001）を設定してください。")
    platform = Platform(
        settings.line_channel_secret.get_secret_value(), settings.line_channel_access_token.get_secret_value()
    )
    webhook = Webhook(platform, f"http://127.0.0.1:{settings.port}/hooks/line")
    try:
        uvicorn.run(
            build(platform, webhook),
            host="127.0.0.1",
            port=at.port or DEFAULT_PORT,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=3,
        )
    finally:
        webhook.close()


def _event_of(platform: Platform, user_id: str, body: object) -> Mapping[str, Any]:
    """What a member did on the page, as an event. Raises ApiError 400."""
    platform.name_of(user_id)
    said = body if isinstance(body, dict) else {}
    if isinstance(said.get("unsend"), str):
        return platform.unsend(user_id, said["unsend"])
    if isinstance(said.get("press"), str):
        return platform.press(user_id, said["press"])
    if said.get("block") is True:
        return platform.block(user_id)
    lat, lon = said.get("lat"), said.get("lon")
    if isinstance(lat, int | float) and isinstance(lon, int | float) and math.isfinite(lat + lon):
        return platform.send_location(
            user_id,
            float(lat),
            float(lon),
            str(said.get("title", ""))[:100],
            str(said.get("address", ""))[:100],
        )
    text = said.get("text")
    if not isinstance(text, str) or not text.strip() or len(text) > MAX_SAID_CHARACTERS:
        raise ApiError(400, "text")
    return platform.say(user_id, text)


async def _json(request: Request) -> object:
    try:
        body = await request.body()
        if len(body) > MAX_BODY_BYTES:
            raise ApiError(413, "The request body is too large")
        return json.loads(body)
    except (ValueError, RecursionError) as failure:
        raise ApiError(400, "The request body could not be parsed as JSON") from failure


def _require_own_page(request: Request) -> None:
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise ApiError(403, "another site")


def _file(name: str) -> Callable[[Request], Response]:
    def serve_file(_: Request) -> Response:
        return FileResponse(PAGE / name, headers=dict(HEADERS))

    return serve_file


def _refuse(_: Request, failure: Exception) -> Response:
    if not isinstance(failure, ApiError):
        raise failure
    return JSONResponse(failure.body, failure.status)
