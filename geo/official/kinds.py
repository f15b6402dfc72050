"""What kind of thing a name is, by its ending; and the kinds that a municipality writes into its table."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_ENDINGS: Final = (
    ("school", r"(?:小|中|高等|小中|義務教育|支援|専門)学校|高校|大学|学園|分校|幼稚園|学部|キャンパス"),
    (
        "hall",
        r"公民館|分館|集会[所場]|会館|会所|会場|会堂|コミュニティ(?:センター|ハウス)|交流館|自治会館|倶楽部",
    ),
    ("hospital", r"病院|医院|診療所|クリニック"),
    ("office", r"(?:市|区)役所|役場|庁舎|支所|出張所|県庁|消防署|警察署"),
    ("station", r"駅|停留場"),
    ("bridge", r"橋"),
)
# In brackets, or after a school's name, stands which part of it is meant.
PART: Final = (
    r"(?:の|・)?(?:体育館|武道場|柔剣道場|講堂|校舎|新校舎|グラウンド|運動場|校庭|屋上|駐車場|格技場)"
)
_KINDS: Final = tuple((kind, re.compile(rf"(?:{ending})(?:{PART})?$")) for kind, ending in _ENDINGS)
_BRACKETS: Final = re.compile(r"[(（「【].*?[)）」】]")

# The word of a municipality's own table -> Place.kind; English kinds are taken as they are.
OWN_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "橋": "bridge",
        "橋梁": "bridge",
        "水位計": "gauge",
        "水位観測所": "gauge",
        "雨量計": "gauge",
        "量水標": "gauge",
        "公民館": "hall",
        "集会所": "hall",
        "会館": "hall",
        "学校": "school",
        "小学校": "school",
        "中学校": "school",
        "高校": "school",
        "保育所": "facility",
        "病院": "hospital",
        "診療所": "hospital",
        "役場": "office",
        "支所": "office",
        "消防署": "office",
        "詰所": "facility",
        "屯所": "facility",
        "避難所": "shelter",
        "避難場所": "shelter",
        "交差点": "junction",
        "踏切": "junction",
        "トンネル": "junction",
        "峠": "junction",
        "バス停": "bus_stop",
        "駅": "station",
        "屋号": "landmark",
        "目印": "landmark",
        "字": "koaza",
        "小字": "koaza",
        "地区": "koaza",
        "集落": "koaza",
    }
)
PLAIN_KINDS: Final = frozenset({*OWN_KINDS.values(), "facility"})


def kind_of(name: str, otherwise: str = "facility") -> str:
    """`Place.kind` of a thing by its name: 八木中学校(体育館) is a school."""
    plain = re.sub(r"\s+", "", _BRACKETS.sub("", name))
    return next((kind for kind, ending in _KINDS if ending.search(plain)), otherwise)


def own_kind(said: str, name: str) -> str:
    """The kind that a municipality's table says, else the one of the name."""
    word = said.strip()
    if word in PLAIN_KINDS:
        return word
    return OWN_KINDS.get(word) or kind_of(name)
