"""The Japanese words of types, statuses, verifications and levels, as screens and feeds write them."""

from geo.place import Level
from nlp.reading import DamageType, Status
from service.report import Verification

TYPE_JA = {
    DamageType.INUNDATION: "浸水",
    DamageType.ROAD_FLOODING: "道路冠水",
    DamageType.RIVER_OVERFLOW: "越水・氾濫",
    DamageType.LANDSLIDE: "土砂災害",
    DamageType.BUILDING_DAMAGE: "建物被害",
    DamageType.FIRE: "火災・煙",
    DamageType.ROAD_DAMAGE: "道路損壊",
    DamageType.ROAD_CLOSURE: "通行止め",
    DamageType.BRIDGE_DAMAGE: "橋梁被害",
    DamageType.ISOLATION: "孤立",
    DamageType.CASUALTY: "人的被害",
    DamageType.RESCUE_REQUEST: "救助要請",
    DamageType.POWER_OUTAGE: "停電",
    DamageType.WATER_OUTAGE: "断水",
    DamageType.GAS_LEAK: "ガス漏れ・停止",
    DamageType.TELECOM_OUTAGE: "通信障害",
    DamageType.TSUNAMI: "津波",
    DamageType.LIQUEFACTION: "液状化",
    DamageType.FALLEN_TREE: "倒木・電柱・飛来物",
    DamageType.SNOW: "雪害",
    DamageType.WIND: "突風・竜巻",
    DamageType.RAILWAY: "鉄道",
    DamageType.VOLCANIC: "噴火・降灰",
    DamageType.HAZMAT: "危険物",
    DamageType.PRECURSOR: "前兆",
    DamageType.EVACUATION: "避難状況",
    DamageType.NONE: "異常なし",
}

STATUS_JA = {
    Status.PRESENT: "発生中",
    Status.FEARED: "おそれ",
    Status.DENIED: "なし",
    Status.HEARSAY: "未確認情報",
    Status.RESOLVED: "解消",
}

VERIFICATION_JA = {
    Verification.UNVERIFIED: "未確認",
    Verification.VERIFIED: "確認済",
    Verification.REJECTED: "棄却",
}

LEVEL_JA = {
    Level.POSITION: "端末の位置",
    Level.HOUSE: "住居番号",
    Level.BLOCK: "番地",
    Level.FACILITY: "施設",
    Level.SECTION: "道路・河川の区間",
    Level.CHOME: "丁目",
    Level.TOWN: "大字・町",
    Level.FORMER_MUNICIPALITY: "旧市町村",
    Level.MUNICIPALITY: "市区町村",
    Level.PREFECTURE: "都道府県",
    Level.UNKNOWN: "不明",
}
ROLE_JA = {
    "viewer": "閲覧者",
    "officer": "本部員",
    "commander": "指揮者",
    "administrator": "管理者",
}
