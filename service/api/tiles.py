"""Vector tiles of the incidents with TileJSON, as QGIS, ArcGIS and MapLibre read them."""

import hashlib
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.api import mapschemas, schemas
from service.api import query as queries
from service.api.door import IncidentReader
from service.api.etag import PRIVATE, etagged, is_known
from service.api.features import JAPAN, TITLE, base_url
from service.api.services import ServicesDep
from service.problems import NOT_FOUND, ProblemError
from service.publish import geojson
from service.store import changes, tiles

MVT: Final = "application/vnd.mapbox-vector-tile"
PATH: Final = "/tiles/incidents"
SUFFIXES: Final = (".mvt", ".pbf")
FIELDS: Final = {
    "incidents": {
        **dict.fromkeys(("id", "type", "status", "verification", "place_text"), "String"),
        **dict.fromkeys(("municipality", "level", "last_reported_at", "stale_at"), "String"),
        **dict.fromkeys(("radius_m", "report_count", "seq"), "Number"),
        **dict.fromkeys(("urgent", "drill"), "Boolean"),
    },
    "clusters": {"count": "Number", "urgent": "Number", "drill": "Boolean", "type": "String"},
}
LAYERS: Final = {
    "incidents": "災害事案（1件ずつ）。stale_atを過ぎたら古い情報。古くならないものには付かない",
    "clusters": "1枚に5,000件を超えるときの、まとまりごとの件数。urgentは緊急の件数",
}

router = APIRouter(tags=["tiles"], default_response_class=Response)


@router.get(PATH + ".json", responses=schemas.answers("TileJson", 400, 401, 403, 503))
def tile_json(request: Request, services: ServicesDep, reader: IncidentReader) -> Response:
    """ベクトルタイルの説明（TileJSON 3.0）。"""
    queries.format_only(request.query_params)
    document: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": TITLE,
        "description": "通報から読み取った災害事案。気象庁の警報や市町村の避難指示ではありません。",
        "scheme": "xyz",
        "tiles": [f"{base_url(services, request)}{PATH}/{{z}}/{{x}}/{{y}}"],
        "minzoom": 0,
        "maxzoom": tiles.DEEPEST_ZOOM,
        "bounds": JAPAN,
        "vector_layers": [
            {"id": layer, "description": LAYERS[layer], "fields": fields} for layer, fields in FIELDS.items()
        ],
    }
    return etagged(request, geojson.encode(document), schemas.JSON)


@router.get(
    PATH + "/{z}/{x}/{y}",
    openapi_extra={"parameters": mapschemas.TILE_PARAMETERS},
    responses=mapschemas.tile_answers(MVT),
)
def tile(request: Request, services: ServicesDep, reader: IncidentReader, z: int, x: int, y: str) -> Response:
    """災害事案のベクトルタイル。一覧と同じ絞り込み（type、statusなど）が使えます。"""
    query = queries.parse(request.query_params)
    row = y.removesuffix(SUFFIXES[0]).removesuffix(SUFFIXES[1])
    side = 2 ** min(max(z, 0), tiles.DEEPEST_ZOOM)
    if not (0 <= z <= tiles.DEEPEST_ZOOM and 0 <= x < side and row.isascii() and row.isdecimal()):
        raise ProblemError(NOT_FOUND)
    if int(row[:9]) >= side:
        raise ProblemError(NOT_FOUND)
    seen = sorted(reader.scope.audience or ["*"])
    with services.database.transaction(reader.scope) as conn:
        # Attributes and times to live change only with a start, but readers keep tiles for longer than that.
        made_by = FIELDS, sorted(services.lifetimes.own.items())
        asked = repr((changes.latest(conn), z, x, row, sorted(request.query_params.items()), seen, made_by))
        etag = f'"{hashlib.sha256(asked.encode()).hexdigest()[:32]}"'
        if is_known(request.headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers={"ETag": etag, "Cache-Control": PRIVATE})
        body = tiles.incidents_tile(conn, z, x, int(row[:9]), query, reader.scope, services.lifetimes)
    return etagged(request, body, MVT, etag=etag)
