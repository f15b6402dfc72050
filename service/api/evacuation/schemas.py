"""The evacuation board's part of the OpenAPI document."""

from typing import Any, Final

from service.api.schemas import COUNT, TEXT, TIME, TRUTH, Schema

_LEVEL: Final[Schema] = {"type": ["integer", "null"], "enum": [3, 4, 5, None]}
_NULLABLE_TIME: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}
_NULLABLE_TEXT: Final[Schema] = {"type": ["string", "null"]}
_NULLABLE_COUNT: Final[Schema] = {"type": ["integer", "null"], "minimum": 0}


def _object(**properties: Any) -> Schema:
    return {"type": "object", "required": list(properties), "properties": properties}


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_CRITERION: Final[Schema] = _object(
    hazard=TEXT,
    hazard_ja=TEXT,
    level={"type": "integer", "enum": [3, 4, 5]},
    level_ja=TEXT,
    text=TEXT,
    condition={"type": "object", "required": ["kind"]},
)
_SUMMARY: Final[dict[str, Schema]] = {
    "units": COUNT,
    "level": _LEVEL,
    "by_proxy": {**COUNT, "description": "知事が代行して発令中の単位の数"},
    "in_force": {"type": "object", "additionalProperties": COUNT},
    "undecided": COUNT,
    "undecided_level": _LEVEL,
    "unconfirmed": COUNT,
    "unheard": COUNT,
    "active": COUNT,
    "last_decided_at": _NULLABLE_TIME,
}
_UNIT: Final[Schema] = _object(
    id={"type": "string", "format": "uuid"},
    code=TEXT,
    name=TEXT,
    households=_NULLABLE_COUNT,
    population=_NULLABLE_COUNT,
    level={**_LEVEL, "description": "発令中の警戒レベル"},
    proxy={**_NULLABLE_TEXT, "description": "市区町村長に代わって発令した都道府県"},
    advised={**_LEVEL, "description": "達している発令基準の最も高い警戒レベル"},
    undecided=_array(TEXT),
    still_met={**_array(TEXT), "description": "解除のあとも達していて、判断のない行"},
    lines=_array({"type": "object"}),
    inside=_array(TEXT),
    near={**_array(TEXT), "description": "位置の誤差がこの単位に及ぶ事案"},
    counts={"type": "object", "additionalProperties": COUNT},
    shelters=_array({"type": "object"}),
    reports={"type": "object"},
    summary=TEXT,
    mark={"type": "object", "description": "判断を送るときに、そのまま返すもの"},
)

EVACUATION: Final[Schema] = {
    "EvacuationBoard": _object(
        municipality=TEXT,
        name=TEXT,
        at=TIME,
        advice=TEXT,
        drill=TRUTH,
        version=COUNT,
        edition=COUNT,
        automatic={**TRUTH, "description": "発令単位が大字・町からの自動作成"},
        interval_min=COUNT,
        other_mode=COUNT,
        unplaced={**COUNT, "description": "場所の分からない事案の数"},
        outside=_array(TEXT),
        criteria=_array(_CRITERION),
        incidents={"type": "object", "additionalProperties": {"type": "object"}},
        units=_array(_UNIT),
        summary=_object(**_SUMMARY),
    ),
    "EvacuationOverview": _object(
        at=TIME,
        drill=TRUTH,
        municipalities=_array(_object(code=TEXT, name=TEXT, other_mode=COUNT, **_SUMMARY)),
    ),
    "EvacuationUnits": _object(
        type={"type": "string", "const": "FeatureCollection"},
        municipality=TEXT,
        edition=COUNT,
        features=_array({"type": "object"}),
    ),
    "EvacuationImport": _object(
        units=COUNT,
        added=_array(TEXT),
        removed=_array(TEXT),
        warnings=_array({"type": "object"}),
        edition=_NULLABLE_COUNT,
        coverage={"type": ["number", "null"]},
        preview=TRUTH,
    ),
    "EvacuationCriteria": _object(
        municipality=TEXT,
        basis=TEXT,
        interval_min=COUNT,
        criteria=_array(_CRITERION),
        suggestions=_array(_CRITERION),
    ),
    "EvacuationWritten": _object(version=COUNT),
    "EvacuationDecision": _object(
        id={"type": "string", "format": "uuid"},
        number=COUNT,
        municipality=TEXT,
        kind={"type": "string", "enum": ["order", "dismiss", "lift"]},
        kind_ja=TEXT,
        level={"type": "integer", "enum": [3, 4, 5]},
        level_ja=TEXT,
        units=_array(_object(code=TEXT, name=TEXT)),
        decided_at=TIME,
        recorded_at=TIME,
        reason=TEXT,
        by=_NULLABLE_TEXT,
        organization=TEXT,
        by_proxy={**TRUTH, "description": "知事の代行（災害対策基本法60条6項）"},
        role={**_NULLABLE_TEXT, "description": "代行を記録した人の役割。代行のほかはnull"},
        drill=TRUTH,
        edition=COUNT,
        hash={**TEXT, "description": "記録した時のボードのSHA-256"},
    ),
    "EvacuationDecisions": _object(decisions=_array({"$ref": "#/components/schemas/EvacuationDecision"})),
}
