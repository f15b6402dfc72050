"""For operators: is it alive, is it ready, what does it count. Never a word of a message."""

from collections.abc import Iterable
from typing import Final

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.responses import JSONResponse, Response

from service import access
from service.access import Permission
from service.api import readiness, schemas
from service.api.changefeed import ChangeFeed
from service.api.door import PrincipalDep, is_local
from service.api.services import Services, ServicesDep
from service.store import changes, inbox, workers
from service.store.database import StoreError

LATENCY_BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0)
NO_STORE: Final = {"Cache-Control": "no-store"}

router = APIRouter(tags=["operations"], default_response_class=Response)


@router.get("/healthz", responses=schemas.answers("Health"))
def healthz() -> Response:
    """プロセスが動いていれば200。データベースや作業プロセスは/readyzが見ます。"""
    return JSONResponse({"status": "ok"}, headers=NO_STORE)


@router.get("/readyz", responses=schemas.readiness_answers())
def readyz(request: Request, services: ServicesDep) -> Response:
    """すべての部分が仕事をできれば200、できなければ503と直し方。"""
    found = readiness.checks(services, request.app.state.held)
    ready = all(check.ok for check in found)
    body = {
        "ready": ready,
        "checks": [
            {"name": one.name, "ok": one.ok, "detail": one.detail, "remedy": one.remedy} for one in found
        ],
    }
    return JSONResponse(body, 200 if ready else 503, NO_STORE)


@router.get("/metrics", responses=schemas.metrics_answers())
def metrics(request: Request, principal: PrincipalDep) -> Response:
    """Prometheusの指標。この機械の中から、またはmetrics:readのキーで。"""
    if not (principal.kind == "anonymous" and is_local(request)):
        access.require(principal, Permission.READ_METRICS)
    registry: CollectorRegistry = request.app.state.registry
    return Response(generate_latest(registry), headers={**NO_STORE, "Content-Type": CONTENT_TYPE_LATEST})


def latency_histogram(registry: CollectorRegistry) -> Histogram:
    """Seconds from request to the end of the answer, by route template."""
    return Histogram(
        "hansho_request_seconds",
        "Seconds until the answer was sent, by route template",
        ["route", "method", "status"],
        buckets=LATENCY_BUCKETS_S,
        registry=registry,
    )


class Gauges(Collector):
    """What the database and the stream say when the metrics are asked for."""

    def __init__(self, services: Services, feed: ChangeFeed) -> None:
        self._services = services
        self._feed = feed

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The gauges; while the database is away only `hansho_database_up` 0 and the stream's."""
        yield GaugeMetricFamily("hansho_stream_clients", "Open streams", self._feed.listeners)
        yield GaugeMetricFamily("hansho_stream_seq", "Change that the streams have reached", self._feed.seq)
        try:
            with self._services.database.transaction() as conn:
                counts = inbox.counts(conn)
                latest = changes.latest(conn)
                seen = workers.last_seen(conn)
        except StoreError:
            yield GaugeMetricFamily("hansho_database_up", "1 when the database answers", 0)
            return
        yield GaugeMetricFamily("hansho_database_up", "1 when the database answers", 1)
        states = GaugeMetricFamily("hansho_inbox", "Messages by state", labels=["state"])
        states.add_metric(["waiting"], counts.waiting)
        states.add_metric(["done"], counts.done)
        states.add_metric(["buried"], counts.buried)
        yield states
        accepted = counts.waiting + counts.done + counts.buried
        yield GaugeMetricFamily("hansho_accepted", "Messages accepted and kept", accepted)
        now = self._services.clock()
        oldest = counts.oldest_waiting_at
        waited = 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
        yield GaugeMetricFamily("hansho_oldest_waiting_seconds", "Age of the oldest message not read", waited)
        yield GaugeMetricFamily("hansho_changes_seq", "Newest change", latest)
        if seen is not None:
            silent = max(0.0, (now - seen).total_seconds())
            yield GaugeMetricFamily("hansho_worker_silent_seconds", "Since a worker's last sign", silent)
