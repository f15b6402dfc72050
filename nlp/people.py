"""People: counts that are stated, amounts (depth, houses, metres), and whether somebody is in danger now."""

import re
from functools import cache

from nlp import lexicon
from nlp.damage import Trigger
from nlp.matching import Forms
from nlp.places import kanji_number
from nlp.reading import DamageType, Status

_N = r"([0-9]+|[一二三四五六七八九十百]+|ひとり|ふたり)"
_CUE_REACH = 16  # characters between a count and the word that says what became of them
_ABOUT_PEOPLE = frozenset((DamageType.CASUALTY, DamageType.RESCUE_REQUEST, DamageType.ISOLATION))
_HAPPENED = frozenset((Status.PRESENT, Status.HEARSAY))
_TAKEN_BACK = re.compile(r"(?:人|名)?と(?:言|い[いっ]|書|報告|送|伝え)")
# 「2名救助、1名行方不明」: who is out is neither trapped nor missing.
_FREED = re.compile(
    r"(?:人|名)?(?:を|は|とも|が)?(?:無事に?|自力で)?(?:救出|救助(?!を|要|待|求|お|願|して[くほ]|が必|必|に来)|助け(?:だ|出)|掘り出|引き[上揚]げ|脱出|出し(?:た|ま)|出まし)"
)
_A_PART = re.compile(r"うち、?$|のうち、?$")
# 「死者はいません」 tells of no dead.
_NOBODY = re.compile(
    r"(?:人|者)?(?:は|も|が)?(?:、)?(?:今のところ)?(?:なし|無し|ゼロ|0|い(?:ない|ませ)|お(?:らん|りませ|らず)|出とらん|出ていませ)"
)
# 「死者1、けが4」: a number that ends an entry of a list needs no 人.
_BARE = re.compile(
    r"(?:人|者)?(?:数|は|:|\(|が)? ?" + _N + r"(?=\)|、|。|,| |$|・|[一-龥]{2}[0-9]|です|あり)"
)
_WAITING = re.compile(
    _N + r"(?:人|名|(?<=り))(?=[^。]{0,6}(?:おる|いる|います|おります|残|や。|とも|が退避|、|と|中))"
)
_COUNT = re.compile(_N + r"(?:人|名|(?<=り))")
_QUANTITY = re.compile(
    r"(?P<body>膝|ひざ|腰|胸|足?首|くるぶし|すね|太もも|もも|股|へそ)(?:の(?:高さ|あたり))?(?:の?[下上])?"
    r"(?=くらい|ぐらい|あたり|まで|ほど|の|丈)"
    r"|(?P<n>[0-9]+(?:\.[0-9]+)?|[一二三四五六七八九十百]+)(?P<unit>cm|センチ(?:メートル)?|㎝|m(?!m)|メートル|メーター|軒|棟|戸|世帯|台|人|名)"
    # 「1m20」, 「2メートル50センチ」, 「1メートル半」.
    r"(?:(?<=[mルー])(?<!cm)(?<!センチメートル)(?:(?P<more>[0-9]{2})(?:cm|センチ|㎝)?(?![0-9時分名人軒棟戸件台日月号歳:/.])|(?P<half>半)))?"
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


def count_people(text: str, judged: list[tuple[Trigger, Status]]) -> dict[str, int]:
    """Stated counts by injured, missing, trapped, dead; a cue counts within its sentence."""
    if not any(trigger.type in _ABOUT_PEOPLE and status in _HAPPENED for trigger, status in judged):
        return {}
    counts: dict[str, int] = {}
    for match in re.finditer(r"[^。!\n]+", text):
        sentence = match.group()
        numbers = [
            n
            for n in _COUNT.finditer(sentence)
            if not (
                _A_PART.search(sentence, 0, n.start())
                or _TAKEN_BACK.match(sentence, n.end())
                or _FREED.match(sentence, n.end())
            )
        ]
        cues = [
            (kind, cue)
            for kind, pattern in _people()
            for cue in pattern.finditer(sentence)
            if not _NOBODY.match(sentence, cue.end())
        ]
        for number in numbers:
            near = [(*_distance(sentence, cue, number), kind) for kind, cue in cues if _near(cue, number)]
            if near:
                counts.setdefault(min(near)[-1], _number(number.group(1)))
        for kind, cue in cues:
            bare = _BARE.match(sentence, cue.end())
            if bare:
                counts.setdefault(kind, _number(bare.group(1)))
    if counts or not any(t.type is DamageType.RESCUE_REQUEST and s is Status.PRESENT for t, s in judged):
        return counts
    waiting = _WAITING.search(text)
    return {"trapped": _number(waiting.group(1))} if waiting else {}


def _distance(sentence: str, cue: re.Match[str], number: re.Match[str]) -> tuple[bool, int]:
    """Whether another part of the list stands between, and how many characters: 「けが人2名、死者1名」."""
    between = sentence[min(cue.end(), number.end()) : max(cue.start(), number.start())]
    return "、" in between, abs(cue.start() - number.end())


def _near(cue: re.Match[str], number: re.Match[str]) -> bool:
    return -_CUE_REACH <= cue.start() - number.end() <= _CUE_REACH


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
        if name == "m":
            value += 0.5 if match.group("half") else int(match.group("more") or 0) / 100
        found.append((match.start(), match.end(), value, name))
    return found


@cache
def _danger() -> Forms[str]:
    kinds = dict.fromkeys(row["kind"] for row in lexicon.rows("urgency"))
    return Forms((kind, re.compile(lexicon.forms("urgency", "kind", kind))) for kind in kinds)


def is_urgent(text: str, judged: list[tuple[Trigger, Status]]) -> bool:
    """Whether somebody's life is in danger now: asked help, people caught, moving slopes over homes,
    gas not under control, a tsunami before people are clear. A merely feared flood or fire is not.
    """
    cues = set(_danger().present(text))
    types = {trigger.type for trigger, status in judged if status is Status.PRESENT}
    told = types | {trigger.type for trigger, status in judged if status is Status.HEARSAY}
    if "safe" in cues:
        return False
    if DamageType.RESCUE_REQUEST in types or (DamageType.CASUALTY in told and "danger" in cues):
        return True
    if DamageType.GAS_LEAK in types and "gas" in cues and "gas_closed" not in cues:
        return True
    if "clear" in cues:
        return False
    slope = DamageType.PRECURSOR in types and {"slope", "homes"} <= cues
    sliding = DamageType.LANDSLIDE in types and {"moving", "homes"} <= cues
    burning = DamageType.FIRE in types and "inside" in cues
    fumes = DamageType.HAZMAT in types and "fumes" in cues
    return slope or sliding or burning or fumes or DamageType.TSUNAMI in types
