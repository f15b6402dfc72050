"""The OpenAPI document's own parts: problems, features, parameters. Routes refer to them by name."""

from typing import Any, Final

from nlp.reading import DamageType, Status
from service.problems import KINDS, MEDIA_TYPE
from service.report import Verification

OPENAPI_MEDIA_TYPE: Final = "application/vnd.oai.openapi+json;version=3.1"
JSON: Final = "application/json"

Schema = dict[str, Any]
Responses = dict[int | str, dict[str, Any]]


def ref(name: str) -> Schema:
    """A reference to a schema of SCHEMAS."""
    return {"$ref": f"#/components/schemas/{name}"}


def problems(*statuses: int) -> Responses:
    """Problem responses of a route, by status."""
    return {status: _problem_response(status) for status in statuses}


def answers(name: str, *statuses: int, media_type: str = JSON) -> Responses:
    """The 200 response of schema `name`, 304, and problem responses."""
    described: Responses = {
        200: {"description": "成功", "content": {media_type: {"schema": ref(name)}}},
        304: {"description": "変わっていません（If-None-Match）"},
    }
    return described | problems(*statuses)


def readiness_answers() -> Responses:
    """The same document for ready (200) and not ready (503)."""
    content = {JSON: {"schema": ref("Readiness")}}
    return {
        200: {"description": "準備ができています", "content": content},
        503: {"description": "直すところがあります", "content": content},
    }


def metrics_answers() -> Responses:
    """Prometheus text."""
    described: Responses = {200: {"description": "指標", "content": {"text/plain": {"schema": TEXT}}}}
    return described | problems(401, 403, 503)


def photo_answers() -> Responses:
    """A JPEG."""
    picture = {"schema": {"type": "string", "contentMediaType": "image/jpeg"}}
    described: Responses = {
        200: {"description": "写真", "content": {"image/jpeg": picture}},
        304: {"description": "変わっていません（If-None-Match）"},
    }
    return described | problems(400, 401, 403, 404, 503)


def html_answers(*statuses: int) -> Responses:
    """A page for people."""
    described: Responses = {200: {"description": "画面", "content": {"text/html": {"schema": TEXT}}}}
    return described | problems(*statuses)


def text_answers(*statuses: int) -> Responses:
    """Plain text."""
    described: Responses = {
        200: {"description": "説明", "content": {"text/plain": {"schema": TEXT}}},
        304: {"description": "変わっていません（If-None-Match）"},
    }
    return described | problems(*statuses)


def root_answers() -> Responses:
    """The map for browsers, the landing page for programs."""
    content = {JSON: {"schema": ref("Landing")}, "text/html": {"schema": TEXT}}
    described: Responses = {
        200: {"description": "地図またはOGC APIの入口", "content": content},
        303: {"description": "サインインへ"},
        304: {"description": "変わっていません（If-None-Match）"},
    }
    return described | problems(400, 401, 403, 503)


def page_answers() -> Responses:
    """A page for people who are signed in."""
    described: Responses = {
        200: {"description": "画面", "content": {"text/html": {"schema": TEXT}}},
        303: {"description": "サインインへ"},
    }
    return described | problems(400, 401, 503)


def static_answers() -> Responses:
    """A file of the allow-list."""
    described: Responses = {
        200: {"description": "ファイル", "content": {"*/*": {"schema": TEXT}}},
        304: {"description": "変わっていません（If-None-Match）"},
    }
    return described | problems(404)


def outline_answers() -> Responses:
    """GeoJSON of municipalities."""
    collection = _object(["type", "features"], type=TEXT, features=_array({"type": "object"}))
    described: Responses = {
        200: {"description": "市区町村の形", "content": {"application/geo+json": {"schema": collection}}},
        304: {"description": "変わっていません（If-None-Match）"},
    }
    return described | problems(400)


def sign_in_answers() -> Responses:
    """To the map, or who signed in, or the page again with what went wrong."""
    again: dict[str, Any] = {"text/html": {"schema": TEXT}, MEDIA_TYPE: {"schema": ref("Problem")}}
    described: Responses = {
        200: {"description": "サインインした人", "content": {JSON: {"schema": ref("Me")}}},
        303: {"description": "地図へ"},
    }
    for status in (400, 401, 403, 429, 503):
        described[status] = {**_problem_response(status), "content": again}
    return described


def redirect_answers(*statuses: int) -> Responses:
    """To another page; the page of signing in with what went wrong."""
    again: dict[str, Any] = {"text/html": {"schema": TEXT}, MEDIA_TYPE: {"schema": ref("Problem")}}
    described: Responses = {303: {"description": "次の画面へ"}}
    for status in statuses:
        described[status] = {**_problem_response(status), "content": again}
    return described


def _problem_response(status: int) -> dict[str, Any]:
    titles = " / ".join(kind.title for kind in KINDS.values() if kind.status == status)
    return {"description": titles, "content": {MEDIA_TYPE: {"schema": ref("Problem")}}}


def _object(required: list[str] | None = None, **properties: Schema) -> Schema:
    return {"type": "object", "required": required or list(properties), "properties": properties}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(kind: str) -> Schema:
    return {"type": [kind, "null"]}


# For the modules beside this one that describe their own answers.
object_of, array, or_null = _object, _array, _or_null

TEXT: Final[Schema] = {"type": "string"}
COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
TRUTH: Final[Schema] = {"type": "boolean"}
TIME: Final[Schema] = {"type": "string", "format": "date-time"}
MUNICIPALITY: Final[Schema] = {"type": ["string", "null"], "description": "5桁の全国地方公共団体コード"}
GEOMETRY: Final[Schema] = {
    "type": ["object", "null"],
    "required": ["type"],
    "properties": {"type": TEXT, "coordinates": {"type": "array"}},
}
LINKS: Final[Schema] = _array(ref("Link"))

PROPERTIES: Final[Schema] = _object(
    type={"type": "string", "enum": [kind.value for kind in DamageType]},
    type_ja=TEXT,
    status={"type": "string", "enum": [kind.value for kind in Status]},
    status_ja=TEXT,
    verification={"type": "string", "enum": [kind.value for kind in Verification]},
    place_text=TEXT,
    municipality=MUNICIPALITY,
    municipality_name=_or_null("string"),
    level=TEXT,
    radius_m=_or_null("number"),
    ambiguous=TRUTH,
    urgent=TRUTH,
    injured=COUNT,
    missing=COUNT,
    trapped=COUNT,
    dead=COUNT,
    report_count=COUNT,
    first_reported_at=TIME,
    last_reported_at=TIME,
    confirmed_at={**TIME, "type": ["string", "null"], "description": "本部が最後に続いていると確かめた時刻"},
    stale_at={
        **TIME,
        "type": ["string", "null"],
        "description": "この時刻を過ぎたら古い情報です（種別と状態ごとの時間）。nullは古くならない状態",
    },
    updated_at={"type": ["string", "null"], "format": "date-time"},
    drill=TRUTH,
    version=COUNT,
    seq=COUNT,
    contradicted={**TRUTH, "description": "本部の判断と違う通報が、その後に届いています。"},
    ruled={"type": "array", "items": TEXT, "description": "本部が決めたもの: type, status, place"},
    ruling_version={**COUNT, "description": "本部の判断の版。操作のときに送ります。"},
    merged_into={"type": ["string", "null"], "description": "統合された先の事案"},
    shape=GEOMETRY,
)

SCHEMAS: Final[Schema] = {
    "Problem": {
        "description": "RFC 9457 problem details",
        **_object(
            ["type", "title", "status", "detail"],
            type=TEXT,
            title=TEXT,
            status={"type": "integer"},
            detail=TEXT,
            errors=_array(_object(field=TEXT, message=TEXT)),
            taught=ref("TaughtPlace"),
            changed=_array({"type": "object"}),
            marks={"type": "object"},
            conflicts=_array(ref("DeskConflict")),
            yours={"type": "object", "description": "送られた操作"},
            later=ref("DeskAction"),
        ),
    },
    "Link": _object(href=TEXT, rel=TEXT, type=TEXT, title=TEXT),
    "Landing": _object(title=TEXT, description=TEXT, links=LINKS),
    "Conformance": _object(conformsTo=_array(TEXT)),
    "Collection": _object(
        id=TEXT,
        title=TEXT,
        description=TEXT,
        itemType=TEXT,
        crs=_array(TEXT),
        extent={"type": "object"},
        links=LINKS,
    ),
    "Collections": _object(links=LINKS, collections=_array(ref("Collection"))),
    "Feature": _object(
        ["type", "id", "geometry", "properties"],
        type={"type": "string", "const": "Feature"},
        id={"type": "string", "format": "uuid"},
        geometry=GEOMETRY,
        properties=PROPERTIES,
        links=LINKS,
    ),
    "FeatureCollection": _object(
        ["type", "features", "numberMatched", "numberReturned", "seq", "links"],
        type={"type": "string", "const": "FeatureCollection"},
        features=_array(ref("Feature")),
        numberMatched=COUNT,
        numberReturned=COUNT,
        seq={**COUNT, "description": "このページが表す変更の番号。/stream?since=に渡せます。"},
        timeStamp={**TIME, "description": "その変更の時刻。同じ状態なら同じ応答になります。"},
        links=LINKS,
    ),
    "Me": _object(
        name=TEXT,
        role={"type": "string", "enum": ["viewer", "officer", "commander", "administrator"]},
        municipality={**MUNICIPALITY, "description": "所属する市区町村（5桁）または都道府県（2桁）。"},
        organization=_or_null("string"),
        csrf=TEXT,
    ),
    "Evidence": _object(start=COUNT, end=COUNT, label=TEXT, rule=TEXT),
    "Candidate": _object(
        name=TEXT,
        municipality=TEXT,
        municipality_name=_or_null("string"),
        lat={"type": "number"},
        lon={"type": "number"},
        level=TEXT,
        score={"type": "number"},
        scores={"type": "object", "additionalProperties": {"type": "number"}},
        why=TEXT,
    ),
    "Observation": _object(
        ordinal=COUNT,
        type=TEXT,
        type_ja=TEXT,
        status=TEXT,
        status_ja=TEXT,
        place_text=TEXT,
        municipality=MUNICIPALITY,
        municipality_name=_or_null("string"),
        lat=_or_null("number"),
        lon=_or_null("number"),
        level=TEXT,
        radius_m=_or_null("number"),
        ambiguous=TRUTH,
        urgent=TRUTH,
        people={"type": "object", "additionalProperties": {"type": "integer"}},
        quantities=_array(TEXT),
        why=TEXT,
        candidates=_array(ref("Candidate")),
        evidence=_array(ref("Evidence")),
    ),
    "IncidentReport": _object(
        id={"type": "string", "format": "uuid"},
        channel=TEXT,
        text=TEXT,
        posted_at=TIME,
        received_at=TIME,
        sender_municipality=MUNICIPALITY,
        sender_municipality_name=_or_null("string"),
        photo=_or_null("string"),
        observations=_array(ref("Observation")),
    ),
    "IncidentReports": _object(reports=_array(ref("IncidentReport"))),
    "Questions": _object(
        can_ask={**COUNT, "description": "今、尋ねられる通報者の数"},
        recent={**COUNT, "description": "少し前に尋ねたため、まだ尋ねられない人の数"},
        again_minutes={**COUNT, "description": "同じ人に次に尋ねるまでの分"},
        unreachable=_array(_object(channel=TEXT, count=COUNT)),
        asked=COUNT,
        answered=COUNT,
        asked_now=COUNT,
        questions=_array(
            _object(
                id={"type": "string", "format": "uuid"},
                channel=TEXT,
                state={"type": "string", "enum": ["waiting", "sent", "failed", "withdrawn"]},
                trouble=_or_null("string"),
                asked_at=TIME,
                sent_at={**TIME, "type": ["string", "null"]},
                answer={"type": ["string", "null"], "enum": ["present", "resolved", "unknown", None]},
                answered_at={**TIME, "type": ["string", "null"]},
            )
        ),
    ),
    "Confirmation": _object(confirmed_at=TIME, stale_at={**TIME, "type": ["string", "null"]}),
    "TaughtPlace": _object(
        id={"type": "string", "format": "uuid"},
        name=TEXT,
        municipality=MUNICIPALITY,
        municipality_name=_or_null("string"),
        lat={"type": "number"},
        lon={"type": "number"},
        radius_m={"type": "number"},
        taught_by=TEXT,
        taught_at=TIME,
        reports=_object(waiting=COUNT, located=COUNT, failed=COUNT),
    ),
    "TaughtPlaces": _object(taught=_array(ref("TaughtPlace"))),
    "Health": _object(status=TEXT),
    "Check": _object(name=TEXT, ok=TRUTH, detail=TEXT, remedy=TEXT),
    "Readiness": _object(ready=TRUTH, checks=_array(ref("Check"))),
}


def _parameter(name: str, schema: Schema, description: str) -> Schema:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


def _comma_list(name: str, items: Schema, description: str) -> Schema:
    schema = {"type": "array", "items": items, "minItems": 1}
    return {**_parameter(name, schema, description), "style": "form", "explode": False}


parameter, comma_list = _parameter, _comma_list

FORMAT_PARAMETER: Final[Schema] = _parameter(
    "f", {"type": "string", "enum": ["json", "geojson"]}, "応答の形式"
)
ITEM_PARAMETERS: Final[list[Schema]] = [
    {
        **_parameter(
            "bbox",
            {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6},
            "西,南,東,北（度、CRS84）。高さを含む6つの形も読みます。西が東より大きいときは180度をまたぐ範囲です。",
        ),
        "style": "form",
        "explode": False,
    },
    _parameter(
        "datetime",
        TEXT,
        "RFC 3339の日時、または「開始/終了」（片方は..にできます）。この間に報告のあった事案を返します。",
    ),
    _parameter(
        "limit",
        {"type": "integer", "minimum": 1, "default": 1000},
        "1ページの件数。10000を超える値は10000とみなします。",
    ),
    _parameter("after", TEXT, "前のページのnextリンクにある値"),
    _comma_list("type", {"type": "string", "enum": [kind.value for kind in DamageType]}, "被害種別"),
    _comma_list("status", {"type": "string", "enum": [kind.value for kind in Status]}, "状態"),
    _comma_list(
        "verification", {"type": "string", "enum": [kind.value for kind in Verification]}, "本部の確認"
    ),
    _comma_list(
        "municipality",
        {"type": "string", "pattern": "^[0-9]{2}([0-9]{3})?$"},
        "5桁の全国地方公共団体コード（都道府県は2桁）",
    ),
    _parameter("drill", TRUTH, "trueなら訓練だけ、falseなら訓練を除きます。"),
    FORMAT_PARAMETER,
]
