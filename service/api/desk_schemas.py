"""The desk's part of the OpenAPI document."""

from typing import Any, Final

from service.api.schemas import COUNT, TEXT, TIME, TRUTH, Schema, ref
from service.triage import REASONS_JA

NUMBER: Final[Schema] = {"type": "number"}
TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


def _or_null(schema: Schema) -> Schema:
    return {"oneOf": [schema, {"type": "null"}]}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


ENTRY: Final[dict[str, Any]] = {
    "feature": ref("Feature"),
    "ruling": ref("DeskRuling"),
    "danger": {**COUNT, "description": "0が最も危険。9は終わったもの。"},
    "support": _object(senders=COUNT, photos=COUNT, official=TRUTH, since=COUNT),
    "reasons": _array(_object(code={**TEXT, "enum": list(REASONS_JA)}, count=COUNT, ja=TEXT)),
}

SCHEMAS: Final[Schema] = {
    "DeskAssignee": _object(kind={**TEXT, "enum": ["person", "unit"]}, id=TEXT, name=TEXT),
    "DeskAssignees": _object(assignees=_array(ref("DeskAssignee"))),
    "DeskRuling": {
        "description": "本部の判断。決めていないものはnull。",
        **_object(
            version=COUNT,
            verification=TEXT,
            reason=TEXT,
            type=TEXT_OR_NULL,
            type_ja=TEXT_OR_NULL,
            status=TEXT_OR_NULL,
            status_ja=TEXT_OR_NULL,
            status_at=TEXT_OR_NULL,
            place=_or_null(
                _object(
                    lat=NUMBER,
                    lon=NUMBER,
                    radius_m=NUMBER,
                    municipality_name=TEXT_OR_NULL,
                    place_text=TEXT_OR_NULL,
                    drawn=TRUTH,
                )
            ),
            assigned=_or_null(ref("DeskAssignee")),
            merged_into=TEXT_OR_NULL,
        ),
    },
    "DeskEntry": _object(**ENTRY),
    "DeskQueue": _object(
        queue=_array(ref("DeskEntry")),
        matched=COUNT,
        hidden={**COUNT, "description": "種別・市区町村・訓練の絞り込みで出していない件数"},
        choices=_object(
            type=_array(_object(code=TEXT, count=COUNT)),
            municipality=_array(_object(code=TEXT, name=TEXT_OR_NULL, count=COUNT)),
            drill=_array(_object(code=TEXT, count=COUNT)),
        ),
        seq=COUNT,
    ),
    "DeskAction": {
        "description": "操作の記録。変えることも消すこともできません。",
        **_object(
            id=COUNT,
            at=TIME,
            kind=TEXT,
            kind_ja=TEXT,
            by=TEXT,
            organization=TEXT,
            reason=TEXT,
            before=_or_null(ref("DeskRuling")),
            after=_or_null(ref("DeskRuling")),
            changed=_array(TEXT),
            incidents=COUNT,
            moved=COUNT,
            incident=TEXT_OR_NULL,
            taught={**TEXT_OR_NULL, "description": "事案を動かした、教えた場所の名前"},
            undoes={"type": ["integer", "null"]},
            standing={**TRUTH, "description": "いまも有効（取り消されていない）"},
        ),
    },
    "DeskIncident": _object(
        **ENTRY,
        reports=_array(ref("IncidentReport")),
        nearby=_array(ref("Feature")),
        trail=_array(ref("DeskAction")),
    ),
    "DeskDone": _object(action=ref("DeskAction"), incidents=_array(ref("Feature"))),
    "DeskConflict": _object(
        id=TEXT,
        seen=COUNT,
        living=TRUTH,
        theirs=_object(feature=ref("Feature"), ruling=ref("DeskRuling")),
        by=_or_null(ref("DeskAction")),
    ),
}
