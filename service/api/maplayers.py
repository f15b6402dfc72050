"""What lies on the map besides incidents: shelters, the areas of brigades."""

from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from geo import codes
from service.access import Principal
from service.api import mapschemas, schemas
from service.api import query as queries
from service.api.door import IncidentReader
from service.api.etag import etagged
from service.api.services import Services, ServicesDep
from service.problems import invalid
from service.publish import geojson
from service.report import PREFECTURE_DIGITS
from service.store import organizations, shelters
from service.store.shelters import Shelter

WIDEST_DEGREES: Final = 3.0  # more than a prefecture at once is no map of shelters

router = APIRouter(tags=["layers"], default_response_class=Response)


@router.get(
    "/shelters.geojson",
    openapi_extra={"parameters": mapschemas.SHELTER_PARAMETERS},
    responses=schemas.answers("Shelters", 400, 401, 403, 503, media_type=geojson.GeoJson.media_type),
)
def shelters_within(request: Request, services: ServicesDep, reader: IncidentReader) -> Response:
    """範囲の中の指定緊急避難場所と指定避難所。読み込んだ公的データと市町村の表から。"""
    reading = queries.Reading(request.query_params)
    bbox = reading.value("bbox", queries.bbox)
    reading.finish()
    if bbox is None or bbox[2] - bbox[0] > WIDEST_DEGREES or bbox[3] - bbox[1] > WIDEST_DEGREES:
        words = f"{WIDEST_DEGREES:g}度四方までの範囲を書いてください。"
        raise invalid("bbox", words)
    with services.database.transaction() as conn:
        found, more = shelters.within(conn, bbox)
    document = {
        "type": "FeatureCollection",
        "features": [_feature(one, services) for one in found],
        "more": more,
    }
    return etagged(request, geojson.encode(document), geojson.GeoJson.media_type)


@router.get(
    "/brigades.geojson",
    responses=schemas.answers("Brigades", 400, 401, 403, 503, media_type=geojson.GeoJson.media_type),
)
def brigade_areas(request: Request, services: ServicesDep, reader: IncidentReader) -> Response:
    """分団の受け持ち区域。見える市区町村の、区域を登録した分団だけ。"""
    queries.Reading(request.query_params).finish()
    with services.database.transaction() as conn:
        found = organizations.listed(conn)
    features = [
        {
            "type": "Feature",
            "id": str(one.organization.id),
            "geometry": one.area,
            "properties": {"name": one.organization.name, "municipality": one.organization.code},
        }
        for one in found
        if one.organization.kind == "brigade"
        and one.area is not None
        and _sees(reader, one.organization.code)
    ]
    document = {"type": "FeatureCollection", "features": features}
    return etagged(request, geojson.encode(document), geojson.GeoJson.media_type)


def _sees(reader: Principal, code: str) -> bool:
    return reader.scope.sees({code, code[:PREFECTURE_DIGITS], *filter(None, [codes.parent(code)])})


def _feature(shelter: Shelter, services: Services) -> dict[str, Any]:
    point = [round(shelter.lon, geojson.DIGITS), round(shelter.lat, geojson.DIGITS)]
    return {
        "type": "Feature",
        "id": shelter.id,
        "geometry": {"type": "Point", "coordinates": point},
        "properties": {
            "name": shelter.name,
            "municipality": shelter.municipality,
            "municipality_name": services.municipalities.get(shelter.municipality),
            "use": shelter.use,
            "address": shelter.address,
            "disasters": None if shelter.disasters is None else list(shelter.disasters),
        },
    }
