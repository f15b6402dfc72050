"""Where is a name: for whoever moves the map or a pin there."""

from collections.abc import Callable, Collection, Mapping
from math import nan
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from geo.namesearch import typed
from geo.place import Place
from service.api import mapschemas, schemas
from service.api import query as queries
from service.api.door import IncidentReader
from service.api.etag import etagged
from service.api.services import Services, ServicesDep
from service.collect.clean import clean_text
from service.problems import invalid
from service.publish import geojson
from service.report import Scope
from service.store import placesearch

MOST_FOUND: Final = 12  # more do not fit below a field
LONGEST: Final = 60
PREFECTURE_DIGITS: Final = 2

router = APIRouter(tags=["layers"], default_response_class=Response)


@router.get(
    "/places",
    openapi_extra={"parameters": mapschemas.PLACE_PARAMETERS},
    responses=schemas.answers("Places", 400, 401, 403, 503),
)
def places_called(request: Request, services: ServicesDep, reader: IncidentReader) -> Response:
    """名前で探した場所。担当の都道府県の中から、`lat`と`lon`の近くを先に、確からしい順に12件まで。"""
    reading = queries.Reading(request.query_params)
    words = clean_text(reading.value("q", str) or "")
    lat, lon = reading.value("lat", _degrees(90)), reading.value("lon", _degrees(180))
    reading.finish()
    if not typed(words) or len(words) > LONGEST:
        raise invalid("q", f"場所の名前を1文字以上{LONGEST}文字までで書いてください。")
    head, rest = _municipality_and_rest(typed(words), services.municipalities)
    codes = head or _around(reader.own, services.municipalities)
    with services.database.transaction(reader.own) as conn:
        near = None if lat is None or lon is None else (lat, lon)
        found = placesearch.by_name(conn, rest, codes, reader.own, MOST_FOUND, near)
    body = {"places": [_shown(place, services) for place in found]}
    return etagged(request, geojson.encode(body), schemas.JSON)


def _degrees(most: float) -> Callable[[str], float]:
    def parse(written: str) -> float:
        try:
            found = float(written)
        except ValueError:
            found = nan
        if not -most <= found <= most:
            raise queries.BadValueError(f"-{most:g}から{most:g}までの数で書いてください。")
        return found

    return parse


def _municipality_and_rest(words: str, names: Mapping[str, str]) -> tuple[frozenset[str], str]:
    """福山市松永町: the codes of 福山市, and 松永町; none, and all words, where no municipality is named."""
    heads = [name for name in names.values() if words.startswith(name) and len(words) > len(name)]
    if not heads:
        return frozenset(), words
    longest = max(heads, key=len)
    return frozenset(code for code, name in names.items() if name == longest), words[len(longest) :]


def _around(own: Scope, names: Mapping[str, str]) -> Collection[str] | None:
    """The municipalities of the prefectures of `own`: what is reported often lies beyond the border."""
    if own.audience is None:
        return None
    prefectures = {code[:PREFECTURE_DIGITS] for code in own.audience}
    return [code for code in names if code[:PREFECTURE_DIGITS] in prefectures]


def _shown(place: Place, services: Services) -> dict[str, Any]:
    return {
        "name": place.name,
        "municipality": place.municipality,
        "municipality_name": services.municipalities.get(place.municipality),
        "level": place.level.value,
        "lat": round(place.lat, geojson.DIGITS),
        "lon": round(place.lon, geojson.DIGITS),
        "radius_m": round(place.radius_m),
    }
