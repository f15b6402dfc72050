"""The OpenAPI document's parts of the map: views, timeline, tiles, layers."""

from typing import Final

from service.api.schemas import (
    COUNT,
    ITEM_PARAMETERS,
    TEXT,
    TIME,
    TRUTH,
    Responses,
    Schema,
    array,
    comma_list,
    object_of,
    parameter,
    problems,
    ref,
)
from service.overview import danger
from service.overview.columns import TYPES
from service.overview.view import MOST_LISTED

NUMBER: Final[Schema] = {"type": "number"}
TYPE: Final[Schema] = {"type": "string", "enum": list(TYPES)}
STATE: Final[Schema] = {"type": "string", "enum": list(danger.STATES)}
BOX: Final[Schema] = {"type": ["array", "null"], "items": NUMBER, "minItems": 4, "maxItems": 4}
BY_CODE: Final[Schema] = {"type": "object", "additionalProperties": COUNT}
IDS: Final[Schema] = array({"type": "string", "format": "uuid"})

SCHEMAS: Final[Schema] = {
    "Cluster": object_of(
        lat=NUMBER,
        lon=NUMBER,
        count={**COUNT, "description": "まとめた事案の数"},
        urgent={**COUNT, "description": "うち緊急の数"},
        stale={**COUNT, "description": "うち古い情報の数"},
        drill=TRUTH,
        type={**TYPE, "description": "もっとも危険な事案の種別"},
        state=STATE,
        bounds={**BOX, "description": "西,南,東,北"},
    ),
    "Situation": object_of(
        seq={**COUNT, "description": "この応答が表す変更の番号"},
        at={"type": ["string", "null"], "format": "date-time", "description": "過去の時点。今のときはnull"},
        total=COUNT,
        shown={**COUNT, "description": "絞り込みに合う事案の数"},
        urgent=COUNT,
        drills=COUNT,
        unread={**COUNT, "description": "readより後に変わった事案の数"},
        counts=object_of(
            types=BY_CODE,
            states=BY_CODE,
            municipalities=BY_CODE,
            time=BY_CODE,
            drill=COUNT,
            hidden=COUNT,
            verification={**BY_CODE, "description": "本部の確認：all すべて、確認の状態ごとの数"},
            stale={**BY_CODE, "description": "古い情報：all すべて、hide 古くないもの、only 古いもの"},
            hidden_stale={**COUNT, "description": "隠している事案のうち古いものの数"},
        ),
        extent={**BOX, "description": "絞り込みに合う事案の範囲（西,南,東,北）"},
        clusters=array(ref("Cluster")),
        pins={**IDS, "description": "1件で描く事案"},
        listed={**COUNT, "description": "一覧の範囲にある事案の数"},
        types={**BY_CODE, "description": "一覧の範囲の種別ごとの数"},
        list={**IDS, "description": "一覧の範囲の、危険の大きい順"},
        unplaced=object_of(count=COUNT, urgent=COUNT, list=IDS),
        features=array(ref("Feature")),
    ),
    "Timeline": object_of(
        ["first", "from", "to", "step_s", "new", "urgent"],
        first={"type": ["string", "null"], "format": "date-time", "description": "いちばん古い変更"},
        to=TIME,
        step_s=NUMBER,
        new={**array(COUNT), "description": "それぞれの間に新しく出た事案の数"},
        urgent={**array(COUNT), "description": "うち、はじめから緊急のもの"},
    ),
    "TileJson": object_of(
        tilejson=TEXT,
        name=TEXT,
        description=TEXT,
        scheme=TEXT,
        tiles=array(TEXT),
        minzoom=COUNT,
        maxzoom=COUNT,
        bounds=BOX,
        vector_layers=array({"type": "object"}),
    ),
    "Places": object_of(
        places=array(
            object_of(
                name=TEXT,
                municipality=TEXT,
                municipality_name={"type": ["string", "null"]},
                level=TEXT,
                lat=NUMBER,
                lon=NUMBER,
                radius_m=NUMBER,
            )
        ),
    ),
    "Brigades": object_of(
        type={"type": "string", "const": "FeatureCollection"},
        features=array({"type": "object"}),
    ),
    "Shelters": object_of(
        type={"type": "string", "const": "FeatureCollection"},
        features=array({"type": "object"}),
        more={**TRUTH, "description": "多すぎて、すべては返していない"},
    ),
}

SCHEMAS["Timeline"]["properties"]["from"] = TIME  # a word that Python keeps for itself

_BBOX: Final = next(one for one in ITEM_PARAMETERS if one["name"] == "bbox")
_MOMENT: Final = "RFC 3339の日時（例 2026-07-29T10:30:00+09:00）"

VIEW_PARAMETERS: Final[list[Schema]] = [
    {**_BBOX, "description": "印を描く範囲（西,南,東,北）。書かなければ印を返しません。"},
    parameter("zoom", {"type": "number", "minimum": 0, "maximum": 22}, "地図の縮尺。まとめ方が決まります。"),
    {**_BBOX, "name": "list", "description": "一覧の範囲。書かなければ全体です。"},
    parameter("limit", {"type": "integer", "minimum": 1}, f"一覧の件数。{MOST_LISTED}件まで。"),
    parameter("tray", TRUTH, "trueなら、場所未特定の事案も1件ずつ返します。"),
    parameter("read", {"type": "integer", "minimum": 0}, "既読にした変更の番号。unreadはその後の数です。"),
    comma_list("type", TYPE, "被害種別"),
    comma_list("state", STATE, "状態。はじめは発生中、未確認情報、おそれ。"),
    comma_list(
        "municipality",
        {"type": "string", "pattern": "^([0-9]{2}([0-9]{3})?|-)$"},
        "5桁の全国地方公共団体コード（都道府県は2桁、市町村不明は-）",
    ),
    parameter("hours", NUMBER, "最新の通報が、この時間より新しいもの"),
    parameter("from", TEXT, f"最新の通報がこの時刻以後のもの。{_MOMENT}"),
    parameter("to", TEXT, f"最新の通報がこの時刻以前のもの。{_MOMENT}"),
    parameter("drill", TRUTH, "falseなら訓練を除きます。"),
    parameter(
        "verification",
        {"type": "string", "enum": ["verified", "unverified"]},
        "本部が確認したもの、または本部未確認のものだけ",
    ),
    parameter("old", {"type": "string", "enum": ["hide", "only"]}, "古い情報を除く、または古い情報だけ"),
    parameter("at", TEXT, f"この時点の状況を返します。{_MOMENT}"),
]
TIMELINE_PARAMETERS: Final[list[Schema]] = [
    parameter("from", TEXT, f"始まり。書かなければ終わりの24時間前。{_MOMENT}"),
    parameter("to", TEXT, f"終わり。書かなければ今。{_MOMENT}"),
]
TILE_PARAMETERS: Final[list[Schema]] = [
    one
    for one in ITEM_PARAMETERS
    if one["name"] in {"type", "status", "verification", "municipality", "drill"}
]
PLACE_PARAMETERS: Final[list[Schema]] = [
    {
        **parameter("q", TEXT, "名前か、その一部か、読みの初め。市区町村名を前に付けられます。"),
        "required": True,
    },
    parameter(
        "lat", {**NUMBER, "minimum": -90, "maximum": 90}, "見ている所の緯度。近くの場所が先になります。"
    ),
    parameter("lon", {**NUMBER, "minimum": -180, "maximum": 180}, "見ている所の経度。"),
]
SHELTER_PARAMETERS: Final[list[Schema]] = [{**_BBOX, "required": True}]


def tile_answers(media_type: str) -> Responses:
    """A vector tile."""
    picture = {"schema": {"type": "string", "contentMediaType": media_type}}
    described: Responses = {
        200: {"description": "タイル。何もないところは空です。", "content": {media_type: picture}},
        304: {"description": "変わっていません（If-None-Match）"},
    }
    return described | problems(400, 401, 403, 404, 503)
