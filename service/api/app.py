"""The composition of the api: routes, middlewares, errors, documents."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Final

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route

from service.api import (
    chronology,
    desk,
    devices,
    errors,
    features,
    intake,
    maplayers,
    oidc,
    ops,
    pages,
    people,
    placesearch,
    reports,
    shares,
    signin,
    situation,
    situationreport,
    still,
    taught,
    tiles,
    tray,
)
from service.api.changefeed import STOP_WITHIN_S, ChangeFeed
from service.api.evacuation import routes as evacuation
from service.api.keeping import Keeper
from service.api.middleware import (
    BodyLimit,
    HeadAsGet,
    LastResort,
    RequestRecord,
    SecurityHeaders,
    security_headers,
)
from service.api.openapi import documented
from service.api.pages import Site
from service.api.services import Services
from service.api.stream import StreamEndpoint
from service.overview.held import Held, Replay

GZIP_FROM_BYTES: Final = 1_000
GZIP_LEVEL: Final = 5  # GeoJSON shrinks to an eighth; higher levels cost more time than they save
FORM_OVERHEAD_BYTES: Final = 65_536  # the text fields and boundaries beside a photo

# In the order in which the documentation lists them.
PARTS: Final = (
    intake,  # the first that is looked through: a flood of messages is what has to be fast
    pages,
    signin,
    oidc,
    devices,
    people,
    shares,
    features,
    situation,
    situationreport,
    tiles,
    maplayers,
    placesearch,
    reports,
    still,
    taught,
    tray,
    chronology,
    desk,
    ops,
)


def create_app(services: Services, site: Site) -> FastAPI:
    """The api, ready to be served; it reads and writes only through `services`."""
    feed = ChangeFeed(services)
    keeper = Keeper(services.database)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        feed.start()
        warming = situation.warm(app.state.held)
        yield
        await feed.stop()
        await run_in_threadpool(warming.join, STOP_WITHIN_S)
        await run_in_threadpool(keeper.close)

    app = FastAPI(
        title="半鐘 Hanshō",
        version=version("hansho"),
        description="消防団などの通報から読み取った災害事案を、地図と標準のAPIで配ります。",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=lifespan,
    )
    registry = CollectorRegistry()
    registry.register(ops.Gauges(services, feed))
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    app.state.services = services
    app.state.site = site
    app.state.registry = registry
    app.state.feed = feed
    app.state.keeper = keeper
    app.state.held = Held(services.database, services.lifetimes)
    app.state.replay = Replay(services.database, services.lifetimes)
    app.state.evacuation = {}
    # include_router() would build every route again at the first request.
    for router in (*(part.router for part in PARTS), *evacuation.ROUTERS):
        app.router.routes.extend(router.routes)
    app.router.routes.append(Route("/stream", StreamEndpoint(feed), methods=["GET", "HEAD"]))
    errors.install(app)
    _surround(app, services, registry)
    app.openapi = documented(app)  # type: ignore[method-assign]
    return app


def _surround(app: FastAPI, services: Services, registry: CollectorRegistry) -> None:
    """Add the middlewares, innermost first."""
    settings = services.settings
    form_limit = settings.max_photo_bytes + FORM_OVERHEAD_BYTES
    limits = {"/form/reports": form_limit, **evacuation.BODY_LIMITS}
    app.add_middleware(BodyLimit, limit=settings.max_body_bytes, limits=limits)
    app.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM_BYTES, compresslevel=GZIP_LEVEL)
    app.add_middleware(HeadAsGet)
    app.add_middleware(LastResort)
    app.add_middleware(SecurityHeaders, headers=security_headers(settings))
    app.add_middleware(RequestRecord, latency=ops.latency_histogram(registry))
