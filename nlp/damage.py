"""Damage as worded: which characters say that something happened, and of which 被害種別.

Three lists decide: `plain` and `triggers` (wording that is a damage by itself) and `frames` (a happening
to a thing: 道 + くえる → road_damage). The status is not judged here, except where the happening itself
says it (電気 + 戻る → power_outage, resolved).
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from nlp import lexicon
from nlp.clauses import Scopes
from nlp.matching import Forms
from nlp.reading import DamageType, Status

PLAIN = "plain"  # the list of wording that stands by itself
_LONGEST_THING = 10  # characters of the longest thing
_REACH = 14  # characters that may stand between a thing and what happens to it
_ADNOMINAL = re.compile(
    r"(?:[っいりれ]?(?:た|て(?:い)?る|とる|ている|てた|ちょる|とった|てきた|て来た|だ))(?:の)?"
)
_OVERLAPPING = 8  # triggers before one which may still overlap it
_NO_DAMAGE = "-"
_BLOT = "＿"
_HIRAGANA = re.compile("[ぁ-ゖ]")
_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ"))}
_NO_SUBJECT = ("から", "より")  # 屋根から落ちた: the roof is where it came from
# 流木でやられる: what a thing did it with is not what it happened to.
_CAUSES = frozenset(("debris", "tree", "snow", "wind", "water"))
_SUFFERED = frozenset(("collapse", "broken", "fall"))
_SUPPLIES = frozenset(("power", "watersupply", "gas", "telecom"))
_SOURCES = frozenset(("house", "housepart", "tree", "person", "road", "bridge"))


@dataclass(slots=True)
class Trigger:
    """Characters `start` to `end` of the normalised text that say a damage of `type`.

    `head` is where the happening starts and `end` where its stem ends; `thing` names the class of
    the thing it happens to; `status` is set only where the happening itself decides it.
    """

    type: DamageType
    start: int
    head: int
    end: int
    rule: str
    thing: str = ""
    status: Status | None = None


@dataclass(slots=True)
class _Word:
    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class _Rules:
    things: Forms[str]
    happenings: Forms[str]
    frames: dict[tuple[str, str], tuple[DamageType | None, Status | None]]
    triggers: Forms[DamageType]
    plain: Forms[DamageType]


@cache
def _rules() -> _Rules:
    frames: dict[tuple[str, str], tuple[DamageType | None, Status | None]] = {}
    for row in lexicon.rows("frames"):
        kind = None if row["type"] == _NO_DAMAGE else DamageType(row["type"])
        status = Status(row["status"]) if row["status"] else None
        frames[row["happening"], row["thing"]] = (kind, status)
    return _Rules(
        Forms(_grouped("things", "class")),
        Forms(_grouped("happenings", "class")),
        frames,
        Forms((DamageType(name), pattern) for name, pattern in _grouped("triggers", "type")),
        Forms((DamageType(name), pattern) for name, pattern in _grouped("plain", "type")),
    )


def _grouped(name: str, column: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    values = dict.fromkeys(row[column] for row in lexicon.rows(name))
    return tuple((value, re.compile(lexicon.forms(name, column, value))) for value in values)


def find_triggers(text: str, scopes: Scopes, named: Sequence[tuple[int, int]] = ()) -> list[Trigger]:
    """Every damage the text words, in text order.

    `named` are the stretches that are names of places: 道 in 水海道 is no road.
    """
    rules = _rules()
    # 車ごと川 may be taken for the name of a river: what is plain is looked for in names, too.
    whole, text = _view(text, ()), _view(text, named)
    found: list[Trigger] = []
    for source, forms, words in ((PLAIN, rules.plain, whole), ("triggers", rules.triggers, text)):
        for kind, match in forms.finditer(words):
            found.append(Trigger(kind, match.start(), match.start(), match.end(), f"{source}:{kind}"))
    happenings = list(_words(rules.happenings, text))
    alone: dict[int, int] = {}
    for word in happenings:
        if (word.name, "*") in rules.frames:
            alone[word.end] = min(word.start, alone.get(word.end, word.start))
    # 水 cut out of 冠水 is no water of its own: 「冠水は引いた」 says one thing, not two.
    things = [
        word
        for word in _outermost(_words(rules.things, text))
        if alone.get(word.end, word.start) >= word.start
    ]
    for happening in happenings:
        found.extend(_framed(happening, things, text, scopes, rules))
    return _settled(found)


def is_thing(word: str) -> bool:
    """Whether a whole word is one that damage happens to (道路, 斜面), so hardly the name of a place."""
    return any(pattern.fullmatch(word) for _, pattern in _rules().things)


def _view(text: str, named: Sequence[tuple[int, int]]) -> str:
    """Same length, names blotted out; a text without hiragana (a telegram in katakana) as hiragana."""
    if not _HIRAGANA.search(text):
        text = text.translate(_TO_HIRAGANA)
    for start, end in named:
        text = text[:start] + _BLOT * (end - start) + text[end:]
    return text


def _outermost(words: Iterable[_Word]) -> list[_Word]:
    """Words that lie in no longer word: 柱 in 電柱 is no pillar of a house."""
    kept: list[_Word] = []
    for word in sorted(words, key=lambda word: (word.start, -word.end)):
        if not kept or word.end > kept[-1].end or (word.start, word.end) == (kept[-1].start, kept[-1].end):
            kept.append(word)
    return kept


def _words(forms: Forms[str], text: str) -> Iterator[_Word]:
    for name, match in forms.finditer(text):
        if match.end() > match.start():
            yield _Word(match.start(), match.end(), name)


def _framed(
    happening: _Word, things: list[_Word], text: str, scopes: Scopes, rules: _Rules
) -> Iterator[Trigger]:
    """The damage a happening makes of the nearest thing before it, else of the thing it describes."""
    sentence_start, sentence_end = scopes.sentence(happening.start)
    before = [
        word
        for word in _window(things, happening.start - _REACH - _LONGEST_THING, happening.start)
        if sentence_start <= word.start
        and word.end <= happening.start
        and happening.start - word.end <= _REACH
        and (happening.name, word.name) in rules.frames
        and not (word.name in _SOURCES and text.startswith(_NO_SUBJECT, word.end))
        and not _is_setting(word, happening, things, text)
        and not (word.name in _CAUSES and text.startswith("で", word.end) and happening.name in _SUFFERED)
    ]
    link = _ADNOMINAL.match(text, happening.end)
    after = [
        word
        for word in (_window(things, link.end(), link.end() + 4) if link else ())
        if link
        and link.end() <= word.start <= link.end() + 3
        and word.end <= sentence_end
        and (happening.name, word.name) in rules.frames
    ]
    thing = max(before, key=lambda word: (word.end, word.start)) if before else None
    if after and (thing is None or "、" in text[thing.end : happening.start]):
        thing = after[0]
    name = thing.name if thing else "*"
    if (happening.name, name) not in rules.frames:
        return
    kind, status = rules.frames[happening.name, name]
    if kind is None:
        return
    start = min(thing.start, happening.start) if thing else happening.start
    end = happening.end
    yield Trigger(kind, start, happening.start, end, f"frames:{happening.name}+{name}", name, status)


def _is_setting(word: _Word, happening: _Word, things: list[_Word], text: str) -> bool:
    """Whether a thing only says where another one is that it happens to: 「駅で道路が冠水」."""
    if not text.startswith("で", word.end):
        return False
    return any(word.end < other.start and other.end < happening.start for other in things)


def _window(things: list[_Word], start: int, end: int) -> list[_Word]:
    """The things that begin at `start` or later and before `end`."""
    first = bisect_left(things, start, key=lambda word: word.start)
    return things[first : bisect_left(things, end, key=lambda word: word.start)]


def _settled(found: list[Trigger]) -> list[Trigger]:
    """One trigger where several rules saw the same words: the longest, framed before bare."""
    found.sort(key=lambda trigger: (trigger.head, trigger.thing == "", -trigger.end))
    kept: list[Trigger] = []
    for trigger in found:
        near = kept[-_OVERLAPPING:]
        if any(_is_same_falling(other, trigger) for other in near):
            continue
        apart = (other.end <= trigger.head or trigger.end <= other.head for other in near)
        if all(each or _shared(other, trigger) for each, other in zip(apart, near, strict=True)):
            kept.append(trigger)
    return kept


def _shared(one: Trigger, other: Trigger) -> bool:
    """「電気も水道もだめ」: one happening to two supplies is two outages."""
    things = {one.thing, other.thing}
    return one.type is not other.type and one.head == other.head and things <= _SUPPLIES


def _is_same_falling(sign: Trigger, slide: Trigger) -> bool:
    """Pebbles that trickle down are a sign, said once: 「石がぱらぱら落ちてくる」 is no landslide yet."""
    kinds = sign.type is DamageType.PRECURSOR and slide.type is DamageType.LANDSLIDE
    return kinds and bool(slide.thing) and sign.start <= slide.start < sign.end
