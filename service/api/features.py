"""OGC API – Features, part 1 (core), with one collection: incidents. Coordinates are CRS84 (lon, lat)."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.api import query as queries
from service.api import schemas
from service.api.door import IncidentReader
from service.api.etag import etagged
from service.api.services import Services, ServicesDep
from service.problems import NOT_FOUND, ProblemError
from service.publish import geojson
from service.publish.feed import FEEDS
from service.publish.page import Link, Page
from service.store import changes, incidents

JSON: Final = "application/json"
GEOJSON: Final = geojson.GeoJson.media_type
CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CONFORMANCE: Final = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
)
TITLE: Final = "半鐘 災害事案"
ITEMS: Final = "/collections/incidents/items"
# Rectangle of Japan's territory with its outlying islands, lon lat.
JAPAN: Final = (122.0, 20.0, 154.0, 46.0)

router = APIRouter(tags=["features"], default_response_class=Response)


def base_url(services: Services, request: Request) -> str:
    """The address under which people and programs reach us, without a trailing slash."""
    return (services.settings.public_url or str(request.base_url)).rstrip("/")


def landing_links(base: str) -> list[Link]:
    """What the landing page leads to."""
    return [
        Link(f"{base}/?f=json", "self", JSON, "この文書"),
        Link(f"{base}/", "alternate", "text/html", "地図"),
        Link(f"{base}/openapi.json", "service-desc", schemas.OPENAPI_MEDIA_TYPE, "APIの定義"),
        Link(f"{base}/conformance", "conformance", JSON, "適合する規格"),
        Link(f"{base}/collections", "data", JSON, "コレクション"),
    ]


def landing(services: Services, request: Request) -> Response:
    """The OGC landing page."""
    document = {
        "title": "半鐘",
        "description": "消防団などの通報から読み取った災害事案",
        "links": _links(landing_links(base_url(services, request))),
    }
    return etagged(request, geojson.encode(document), JSON)


@router.get("/conformance", responses=schemas.answers("Conformance", 400, 401, 403, 503))
def conformance(request: Request, reader: IncidentReader) -> Response:
    """適合する規格の一覧。"""
    queries.format_only(request.query_params)
    return etagged(request, geojson.encode({"conformsTo": CONFORMANCE}), JSON)


@router.get("/collections", responses=schemas.answers("Collections", 400, 401, 403, 503))
def collections(request: Request, services: ServicesDep, reader: IncidentReader) -> Response:
    """コレクションの一覧。"""
    queries.format_only(request.query_params)
    base = base_url(services, request)
    document = {
        "links": _links([Link(f"{base}/collections", "self", JSON, "この文書")]),
        "collections": [_collection(base)],
    }
    return etagged(request, geojson.encode(document), JSON)


@router.get("/collections/incidents", responses=schemas.answers("Collection", 400, 401, 403, 503))
def collection(request: Request, services: ServicesDep, reader: IncidentReader) -> Response:
    """災害事案のコレクション。"""
    queries.format_only(request.query_params)
    return etagged(request, geojson.encode(_collection(base_url(services, request))), JSON)


@router.get(
    ITEMS,
    openapi_extra={"parameters": schemas.ITEM_PARAMETERS},
    responses=schemas.answers("FeatureCollection", 400, 401, 403, 503, media_type=GEOJSON),
)
def items(request: Request, services: ServicesDep, reader: IncidentReader) -> Response:
    """災害事案のGeoJSON。`next`リンクをたどると、抜けも重なりもなく全件を読めます。"""
    params = request.query_params
    query = queries.parse(params)
    with services.database.transaction(reader.scope) as conn:
        found = incidents.page(conn, query, reader.scope)
        made_at = changes.made_at(conn, found.seq)
    base = base_url(services, request)
    own = queries.without(params)
    links = [
        Link(_address(base, ITEMS, own), "self", GEOJSON, "このページ"),
        Link(f"{base}/collections/incidents", "collection", JSON, TITLE),
    ]
    if found.next_after is not None:
        following = queries.without(params, "after") | {"after": found.next_after}
        links.append(Link(_address(base, ITEMS, following), "next", GEOJSON, "次のページ"))
    page = Page(
        incidents=found.incidents,
        matched=found.matched,
        seq=found.seq,
        made_at=made_at,
        municipalities=services.municipalities,
        links=tuple(links),
        lifetimes=services.lifetimes,
    )
    feed = FEEDS["geojson"]
    return etagged(request, feed.render(page), feed.media_type)


@router.get(
    ITEMS + "/{incident_id}",
    responses=schemas.answers("Feature", 400, 401, 403, 404, 503, media_type=GEOJSON),
)
def item(request: Request, services: ServicesDep, reader: IncidentReader, incident_id: UUID) -> Response:
    """災害事案1件のGeoJSON。"""
    queries.format_only(request.query_params)
    with services.database.transaction(reader.scope) as conn:
        incident = incidents.one(conn, incident_id, reader.scope)
    if incident is None:
        raise ProblemError(NOT_FOUND)
    base = base_url(services, request)
    document = geojson.feature(incident, services.municipalities, services.lifetimes)
    document["links"] = _links(
        [
            Link(f"{base}{ITEMS}/{incident_id}", "self", GEOJSON, "この事案"),
            Link(f"{base}/collections/incidents", "collection", JSON, TITLE),
        ]
    )
    return etagged(request, geojson.encode(document), GEOJSON)


def _collection(base: str) -> dict[str, Any]:
    address = f"{base}/collections/incidents"
    return {
        "id": "incidents",
        "title": TITLE,
        "description": "通報から読み取った災害事案。気象庁の警報や市町村の避難指示ではありません。",
        "itemType": "feature",
        "crs": [CRS84],
        "extent": {
            "spatial": {"bbox": [JAPAN], "crs": CRS84},
            "temporal": {"interval": [[None, None]]},
        },
        "links": _links(
            [
                Link(address, "self", JSON, TITLE),
                Link(f"{address}/items", "items", GEOJSON, "事案のGeoJSON"),
                Link(f"{base}/stream", "monitor", "text/event-stream", "変更の配信"),
            ]
        ),
    }


def _address(base: str, path: str, params: dict[str, str]) -> str:
    return f"{base}{path}?{urlencode(params, safe=',:/')}" if params else f"{base}{path}"


def _links(links: Sequence[Link]) -> list[dict[str, str]]:
    return [geojson.link_object(link) for link in links]
