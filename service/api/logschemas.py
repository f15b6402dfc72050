"""The OpenAPI document's parts of the tray and of the chronology."""

from typing import Final

from service.api.schemas import COUNT, JSON, MUNICIPALITY, TEXT, TIME, TRUTH, Responses, Schema, problems, ref

UUIDS: Final[Schema] = {"type": "array", "items": {"type": "string", "format": "uuid"}}
NUMBER: Final[Schema] = {"type": "number"}
TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
COUNT_OR_NULL: Final[Schema] = {"type": ["integer", "null"], "minimum": 0}
CSV: Final = "text/csv; charset=utf-8"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _object(required: list[str] | None = None, **properties: Schema) -> Schema:
    return {"type": "object", "required": required or list(properties), "properties": properties}


def page_answers(name: str) -> Responses:
    """A page for browsers (to the sign-in when nobody is), a document of schema `name` for programs."""
    content = {JSON: {"schema": ref(name)}, "text/html": {"schema": TEXT}}
    described: Responses = {
        200: {"description": "画面または本文", "content": content},
        303: {"description": "サインインへ"},
    }
    return described | problems(400, 401, 403, 503)


def deed_answers(name: str, status: int = 200) -> Responses:
    """What an action answers."""
    done: Responses = {
        status: {"description": "行いました", "content": {JSON: {"schema": ref(name)}}},
    }
    return done | problems(400, 401, 403, 404, 409, 413, 415, 429, 503)


def file_answers(media_type: str) -> Responses:
    """A file to keep."""
    plain = media_type.partition(";")[0]
    schema = {"type": "string", "contentMediaType": plain}
    described: Responses = {200: {"description": "ファイル", "content": {plain: {"schema": schema}}}}
    return described | problems(400, 401, 403, 503)


LINE: Final[Schema] = _object(
    id={**TEXT, "description": "r-（通報）、a-（操作）、e-（手書き）で始まる番号"},
    source={"type": "string", "enum": ["report", "action", "entry"]},
    kind={**TEXT, "description": "操作の種類（desk.verifyなど）。操作でなければ空。"},
    category={"type": "string", "enum": ["received", "sent", "decided", "done"]},
    category_ja=TEXT,
    at={**TIME, "description": "その事が起きた（届いた）時刻"},
    written_at={**TIME, "description": "記録された時刻"},
    origin={**TEXT, "description": "発信元"},
    recipient={**TEXT, "description": "受信先"},
    text={**TEXT, "description": "内容"},
    response={**TEXT, "description": "対応"},
    author={**TEXT, "description": "記入者。担当でない方には組織の名だけを返します。"},
    municipality=MUNICIPALITY,
    municipality_name=TEXT_OR_NULL,
    incidents=UUIDS,
    urgent=TRUTH,
    drill=TRUTH,
    words={**TEXT_OR_NULL, "description": "通報の文面。担当の職員にだけ返します。"},
    strikes={**COUNT_OR_NULL, "description": "この記録が訂正する手書きの記録の番号"},
    struck_by={**COUNT_OR_NULL, "description": "この記録を訂正した手書きの記録の番号"},
    may_strike={**TRUTH, "description": "読む人が訂正できる"},
)

SCHEMAS: Final[Schema] = {
    "TrayItem": {
        "allOf": [
            ref("IncidentReport"),
            _object(
                urgent=TRUTH,
                drill=TRUTH,
                people={"type": "object", "additionalProperties": {"type": "integer"}},
                settled_at={"type": ["string", "null"], "format": "date-time"},
                position={
                    "description": "端末の位置",
                    "oneOf": [
                        _object(lat=NUMBER, lon=NUMBER, accuracy_m={"type": ["number", "null"]}),
                        {"type": "null"},
                    ],
                },
            ),
        ]
    },
    "Tray": _object(
        items={"type": "array", "items": ref("TrayItem")}, next=TEXT_OR_NULL, waiting=COUNT, urgent=COUNT
    ),
    "TrayCount": _object(waiting=COUNT, urgent=COUNT),
    "TrayDeed": _object(actions={"type": "array", "items": COUNT}, at=TIME, incident=TEXT_OR_NULL),
    "LogLine": LINE,
    "Chronology": _object(lines={"type": "array", "items": ref("LogLine")}, next=TEXT_OR_NULL),
}


def _parameter(name: str, schema: Schema, description: str) -> Schema:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}


def _comma_list(name: str, items: Schema, description: str) -> Schema:
    schema = {"type": "array", "items": items, "minItems": 1}
    return {**_parameter(name, schema, description), "style": "form", "explode": False}


LOG_FILTERS: Final[list[Schema]] = [
    _parameter("datetime", TEXT, "RFC 3339の日時、または「開始/終了」（片方は..にできます）。"),
    _comma_list(
        "municipality",
        {"type": "string", "pattern": "^[0-9]{2}([0-9]{3})?$"},
        "5桁の全国地方公共団体コード（都道府県は2桁）",
    ),
    _comma_list(
        "source",
        {"type": "string", "enum": ["report", "action", "entry"]},
        "通報、画面での操作、手書きの記録",
    ),
    _comma_list(
        "category",
        {"type": "string", "enum": ["received", "sent", "decided", "done"]},
        "受信、発信、決定、対応",
    ),
    _parameter("incident", {"type": "string", "format": "uuid"}, "この事案に関わるもの"),
    _parameter(
        "q",
        {"type": "string", "minLength": 1, "maxLength": 100},
        "この言葉を含むもの。通報の文面は、担当の職員だけが探せます。",
    ),
    _parameter("drill", TRUTH, "trueなら訓練だけ、falseなら訓練を除きます。"),
]
LOG_PARAMETERS: Final[list[Schema]] = [
    *LOG_FILTERS,
    _parameter("limit", {"type": "integer", "minimum": 1, "default": 200}, "1ページの件数。1000まで。"),
    _parameter("after", TEXT, "前のページのnextにある値"),
]
