"""What surrounds every request, each a plain ASGI callable so that the stream passes without buffering."""

from collections.abc import Mapping
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit

import structlog
from prometheus_client import Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import rasters
from service.api.errors import response
from service.logs import frames
from service.problems import INTERNAL_ERROR, TOO_LARGE, ProblemError
from service.settings import Settings

log: Final = structlog.get_logger("api")


def security_headers(settings: Settings) -> dict[str, str]:
    """Headers of every response; servers of tiles, by setting, are the only other hosts a page may ask."""
    images = "'self' data: blob:"
    if settings.tile_url:
        tiles = urlsplit(settings.tile_url)
        images += f" {tiles.scheme}://{tiles.netloc}"
    origins = {layer.origin for layer in rasters.chosen(settings.raster_layers)}
    images += "".join(f" {origin}" for origin in sorted(origins))
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src {images}; connect-src 'self'; "
        "manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if settings.public_url is not None and settings.public_url.startswith("https:"):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


class SecurityHeaders:
    """Adds `headers` to every response that does not set them itself."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app = app
        self._headers = dict(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class RequestRecord:
    """Measures and logs each request by its route template: never its path, query or body."""

    def __init__(self, app: ASGIApp, latency: Histogram) -> None:
        self._app = app
        self._latency = latency

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()
        status = 499  # the client left before an answer began

        async def with_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, with_status)
        finally:
            took = perf_counter() - began
            route = route_template(scope)
            if route != "/stream":  # a stream's length says nothing about latency
                self._latency.labels(route, scope["method"], str(status)).observe(took)
            write = log.error if status == 500 else log.info if status >= 400 else log.debug
            write("request", method=scope["method"], route=route, status=status, ms=round(took * 1000, 1))


def route_template(scope: Scope) -> str:
    """`/reports/{id}/photo`, or `(none)` when no route matched."""
    if scope["path"] == "/stream":  # a bare endpoint, which the framework does not note in the scope
        return "/stream"
    route = scope.get("route")
    path = getattr(route, "path_format", None) or getattr(route, "path", None)
    return str(path) if path else "(none)"


class LastResort:
    """Turns what nothing else answered into a 500 problem, logged by type and place only."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as failure:  # noqa: BLE001 -- the process must go on; the failure is logged
            log.error(  # noqa: TRY400 -- a traceback's text may quote what people wrote
                "unexpected_failure",
                route=route_template(scope),
                failure=type(failure).__name__,
                frames=frames(failure.__traceback__),
            )
            if not started:
                await response(ProblemError(INTERNAL_ERROR))(scope, receive, send)


class HeadAsGet:
    """Answers HEAD with the headers of GET. The stream answers HEAD itself: its GET never ends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http" or scope["method"] != "HEAD" or scope["path"] == "/stream":
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, without_body)


class BodyLimit:
    """Counts body bytes as they come: 413 above the limit of the path, whatever Content-Length says."""

    def __init__(self, app: ASGIApp, limit: int, limits: Mapping[str, int]) -> None:
        self._app = app
        self._limit = limit
        self._limits = dict(limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limits.get(scope["path"], self._limit)
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            await response(ProblemError(TOO_LARGE))(scope, receive, send)
            return
        total = 0

        async def counted() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            if total > limit:
                raise ProblemError(TOO_LARGE)
            return message

        await self._app(scope, counted, send)
