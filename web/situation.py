"""The order, counts and lines of a situation report, from the Features of the public API.

The order is that of the table in 第4号様式（その2）被害状況即報 of 消防庁's 火災・災害等即報要領
(昭和59年10月15日消防災第267号): 人的被害, 住家・非住家, then 道路, 橋りょう, 河川, 港湾, 砂防, 崖くずれ,
鉄道不通, 水道, 電話, 電気, ガス, 火災発生, and 避難 of its second half. What the form has no line for
comes after it (その他), and reports that nothing is wrong come last. The form's note asks that what is not
confirmed be marked 「未確認」: every line is. A street under water stands with 道路, a slope's harbingers
with その他. Its counts of households, hectares and yen are not in reports and are not invented here.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from web.words import Translator

Feature = Mapping[str, Any]

SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "人的被害": ("casualty", "rescue_request", "isolation"),
    "住家・建物": ("building_damage", "inundation"),
    "道路": ("road_damage", "road_closure", "road_flooding"),
    "橋りょう": ("bridge_damage",),
    "河川": ("river_overflow",),
    "津波": ("tsunami",),
    "土砂・崖くずれ": ("landslide",),
    "鉄道": ("railway",),
    "水道": ("water_outage",),
    "電話": ("telecom_outage",),
    "電気": ("power_outage",),
    "ガス": ("gas_leak",),
    "火災・危険物": ("fire", "hazmat"),
    "避難": ("evacuation",),
    "その他": ("fallen_tree", "liquefaction", "wind", "snow", "volcanic", "precursor"),
    "異常なし": ("none",),
}
SECTION_OF: Final = {code: name for name, codes in SECTIONS.items() for code in codes}
TYPE_ORDER: Final = {code: place for place, code in enumerate(SECTION_OF)}
REST: Final = "その他"  # the section of a type that this table does not know yet

GROUPS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("casualty", "rescue_request", "isolation"), "people"),
    **dict.fromkeys(("tsunami", "river_overflow", "inundation", "road_flooding"), "water"),
    **dict.fromkeys(("landslide", "precursor", "volcanic", "liquefaction"), "ground"),
    **dict.fromkeys(("fire", "gas_leak", "hazmat"), "fire"),
    **dict.fromkeys(("building_damage", "wind", "fallen_tree", "snow"), "building"),
    **dict.fromkeys(("bridge_damage", "road_damage", "road_closure", "railway"), "road"),
    **dict.fromkeys(("power_outage", "water_outage", "telecom_outage"), "lifeline"),
}
GROUP_WORDS: Final[Mapping[str, str]] = {
    "people": "人命",
    "water": "水害",
    "ground": "土砂・地盤",
    "fire": "火災・危険物",
    "building": "建物・風雪",
    "road": "道路・鉄道",
    "lifeline": "ライフライン",
    "other": "避難・その他",
}

OVER: Final = frozenset({"resolved", "denied"})
NOT_DAMAGE: Final = frozenset({"denied", "feared"})
STATES: Final = OVER | {"present", "feared", "hearsay"}
PEOPLE: Final = {"dead": "死者", "missing": "行方不明", "injured": "負傷", "trapped": "閉じ込め・取り残され"}
PEOPLE_WORDS: Final = {
    "dead": "死者 {count}人",
    "missing": "行方不明者 {count}人",
    "injured": "負傷者 {count}人",
    "trapped": "閉じ込め・取り残され {count}人",
}
VERIFICATION: Final = {"verified": "確認済", "unverified": "未確認", "rejected": "棄却"}
ELSEWHERE: Final = "市区町村不明"


@dataclass(frozen=True, slots=True)
class Line:
    """One incident as the table shows it; `number` ties it to its mark on the map. `counted` are the people
    that it adds to a sum: those of one message that became several incidents are counted with one of them."""

    number: int
    section: str
    properties: Mapping[str, Any]
    point: tuple[float, float] | None  # lat, lon in degrees, WGS 84
    counted: Mapping[str, Any]

    @property
    def group(self) -> str:
        """CSS class of the colour, as on the live map."""
        return GROUPS.get(str(self.properties["type"]), "other")

    @property
    def state(self) -> str:
        """What the mark shows: the status."""
        return str(self.properties["status"])

    @property
    def verification(self) -> str:
        """確認済 or 未確認; whatever is not said to be confirmed is not."""
        return VERIFICATION.get(str(self.properties["verification"]), VERIFICATION["unverified"])

    def people(self, t: Translator) -> str:
        """The people it speaks of, empty when none."""
        stated = ((words, self.properties.get(code) or 0) for code, words in PEOPLE_WORDS.items())
        return t("、").join(t(words, count=count) for words, count in stated if count)

    def accuracy(self, t: Translator) -> str:
        """How far off the place may be, in words; metres are rounded to what they can mean."""
        metres = self.properties.get("radius_m")
        if self.point is None:
            return t("候補が複数") if self.properties.get("ambiguous") else t("場所未特定")
        if metres is None:
            return t("不明")
        if metres >= 1000:
            return f"±{metres / 1000:.1f}km"
        return f"±{max(10, round(metres / 10) * 10)}m"


@dataclass(frozen=True, slots=True)
class Cell:
    """How many incidents, and how many of them nobody has confirmed."""

    count: int = 0
    unconfirmed: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """Going-on incidents by municipality and section; `sections` are those that occur, in order.

    `over` counts what is resolved or denied, by municipality; the row "" is the sum of all.
    """

    sections: tuple[str, ...]
    municipalities: tuple[tuple[str, str], ...]  # 5-digit code, name
    cells: Mapping[tuple[str, str], Cell]
    totals: Mapping[str, Cell]
    over: Mapping[str, int]


def lines(features: Iterable[Feature]) -> list[Line]:
    """The incidents in the form's order, then by type, municipality and time; numbered from 1.

    What headquarters rejected is left out.
    """
    kept = [one for one in features if one["properties"]["verification"] != "rejected"]
    kept.sort(key=_order)
    return [
        Line(
            number,
            _section(one["properties"]),
            one["properties"],
            _point(one),
            one.get("counted", one["properties"]),
        )
        for number, one in enumerate(kept, 1)
    ]


def count(listed: Sequence[Line]) -> Counts:
    """The counts of `listed` by municipality and section."""
    many: Counter[tuple[str, str]] = Counter()
    unconfirmed: Counter[tuple[str, str]] = Counter()
    over: Counter[str] = Counter()
    names: dict[str, str] = {}
    for line in listed:
        code = str(line.properties["municipality"] or "")
        names[code or "-"] = line.properties["municipality_name"] or code or ELSEWHERE
        row = code or "-"
        if line.state in OVER:
            over.update((row, ""))
            continue
        for key in ((row, line.section), (row, ""), ("", line.section), ("", "")):
            many[key] += 1
            unconfirmed[key] += line.verification != VERIFICATION["verified"]
    cells = {key: Cell(number, unconfirmed[key]) for key, number in many.items()}
    return Counts(
        sections=tuple(name for name in SECTIONS if ("", name) in cells),
        municipalities=tuple(sorted(names.items(), key=lambda item: (item[0] == "-", item[0]))),
        cells=cells,
        totals={section: cell for (row, section), cell in cells.items() if row == ""},
        over=over,
    )


def people(listed: Iterable[Line]) -> dict[str, Cell]:
    """People stated, by word, and how many only unconfirmed incidents tell of; no damage, no people."""
    stated: Counter[str] = Counter()
    unconfirmed: Counter[str] = Counter()
    for line in listed:
        if line.state in NOT_DAMAGE:
            continue
        for code, word in PEOPLE.items():
            number = int(line.counted.get(code) or 0)
            stated[word] += number
            unconfirmed[word] += number if line.verification != VERIFICATION["verified"] else 0
    return {word: Cell(stated[word], unconfirmed[word]) for word in PEOPLE.values()}


def age(line: Line, at: datetime, t: Translator) -> str:
    """「3時間前の情報」 for what counts as old at `at`, empty for the rest."""
    stale_at = line.properties.get("stale_at")
    if not stale_at or datetime.fromisoformat(str(stale_at)) > at:
        return ""
    moments = (line.properties["last_reported_at"], line.properties.get("confirmed_at"))
    known = max(datetime.fromisoformat(str(moment)) for moment in moments if moment)
    minutes = int((at - known).total_seconds() // 60)
    if minutes < 60:
        return t("{count}分前の情報", count=minutes)
    if minutes < 48 * 60:
        return t("{count}時間前の情報", count=minutes // 60)
    return t("{count}日前の情報", count=minutes // 1440)


def _section(properties: Mapping[str, Any]) -> str:
    return SECTION_OF.get(str(properties["type"]), REST)


def _order(feature: Feature) -> tuple[Any, ...]:
    properties = feature["properties"]
    kind = str(properties["type"])
    return (
        list(SECTIONS).index(_section(properties)),
        TYPE_ORDER.get(kind, len(TYPE_ORDER)),
        properties["status"] in OVER,
        properties["municipality"] or "~",
        properties["first_reported_at"],
        str(feature["id"]),
    )


def _point(feature: Feature) -> tuple[float, float] | None:
    geometry = feature["geometry"]
    if geometry is None:
        return None
    lon, lat = geometry["coordinates"]
    return float(lat), float(lon)
