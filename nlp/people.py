"""People: counts that are stated, amounts (depth, houses, metres), and whether somebody is in danger now."""

import re
from functools import cache

from nlp import lexicon
from nlp.damage import Trigger
from nlp.places import kanji_number
from nlp.reading import DamageType, Status

_N = r"([0-9]+|[一二三四五六七八九十百]+|ひとり|ふたり)"
_COUNT = re.compile(_N + r"(?:人|名|(?<=り))")
_QUANTITY = re.compile(
    r"(?P<body>膝|ひざ|腰|胸|首|くるぶし|すね|太もも|もも|股|へそ)(?:の(?:高さ|あたり|下|上))?(?=くらい|ぐらい|あたり|まで|ほど|の|丈)"
    r"|(?P<n>[0-9]+(?:\.[0-9]+)?|[一二三四五六七八九十百]+)(?P<unit>cm|センチ(?:メートル)?|㎝|m(?!m)|メートル|メーター|軒|棟|戸|世帯|台|人|名)"
)
_UNITS = {
    "cm": "cm",
    "㎝": "cm",
    "m": "m",
    "メ": "m",
    "軒": "houses",
    "棟": "houses",
    "戸": "houses",
    "世": "houses",
    "台": "vehicles",
    "人": "people",
    "名": "people",
}


@cache
def _people() -> tuple[tuple[str, re.Pattern[str]], ...]:
    kinds = dict.fromkeys(row["kind"] for row in lexicon.rows("people"))
    return tuple((kind, re.compile(lexicon.forms("people", "kind", kind))) for kind in kinds)


def count_people(text: str) -> dict[str, int]:
    """Stated counts by injured, missing, trapped, dead; the cue stands within the same clause."""
    counts: dict[str, int] = {}
    for match in re.finditer(r"[^。、!\n]+", text):
        clause = match.group()
        numbers = list(_COUNT.finditer(clause))
        if not numbers:
            continue
        for kind, pattern in _people():
            cue = pattern.search(clause)
            if cue:
                nearest = min(
                    numbers, key=lambda n: min(abs(n.start() - cue.end()), abs(cue.start() - n.end()))
                )
                counts[kind] = _number(nearest.group(1))
                break
    return counts


def _number(text: str) -> int:
    return {"ひとり": 1, "ふたり": 2}.get(text) or kanji_number(text)


def find_quantities(text: str) -> list[tuple[int, int, float | None, str]]:
    """(start, end, value, unit) of every amount; value None and unit body for 膝, 腰 and the like."""
    found: list[tuple[int, int, float | None, str]] = []
    for match in _QUANTITY.finditer(text):
        if match.group("body"):
            found.append((match.start(), match.end(), None, "body"))
            continue
        unit = match.group("unit")
        name = "cm" if unit.startswith("セ") else _UNITS.get(unit, _UNITS.get(unit[0], "m"))
        number = match.group("n")
        value = float(number) if number[0].isdigit() else float(kanji_number(number))
        found.append((match.start(), match.end(), value, name))
    return found


@cache
def _danger() -> tuple[tuple[str, re.Pattern[str]], ...]:
    kinds = dict.fromkeys(row["kind"] for row in lexicon.rows("urgency"))
    return tuple((kind, re.compile(lexicon.forms("urgency", "kind", kind))) for kind in kinds)


def is_urgent(text: str, judged: list[tuple[Trigger, Status]]) -> bool:
    """Whether somebody's life is in danger now (rules of `docs/reading.md`)."""
    cues = {kind: bool(pattern.search(text)) for kind, pattern in _danger()}
    types = {trigger.type for trigger, status in judged if status is Status.PRESENT}
    if cues["safe"]:
        return False
    if DamageType.RESCUE_REQUEST in types:
        return True
    if DamageType.CASUALTY in types and cues["danger"]:
        return True
    if DamageType.PRECURSOR in types and cues["slope"]:
        return True
    if DamageType.GAS_LEAK in types and cues["gas"] and not cues["gas_closed"]:
        return True
    if DamageType.TSUNAMI in types:
        return not cues["clear"]
    return bool(types & {DamageType.FIRE, DamageType.INUNDATION, DamageType.LANDSLIDE}) and cues["danger"]
