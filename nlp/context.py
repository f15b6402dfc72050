"""What the neighbours of a damage make of it: water on a road, 「大丈夫」 beside damage, corrected places."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nlp.damage import Trigger
from nlp.modality import Cue
from nlp.places import FoundPlace
from nlp.reading import DamageType, Status

_ON_ROAD = re.compile(
    r"道路|国道|県道|市道|町道|路面|車道|交差点|踏切|アンダー|マンホール|車(?=が|は|も|う|動|2|3|数)|バス停"
)
_AT_HOME = re.compile(r"家|床|玄関|畳|宅|店|[12一二]階|うち|部屋|畑|田んぼ|水田|ハウス|ゆか|倉庫|校舎|体育館")
_HALF = re.compile(r"半分|片側|片方|一部")
_INSTEAD = re.compile(
    r"(?:の[^。、]{0,6})?(?:やのうて|ではなく(?:て)?|じゃなく(?:て)?|でなく(?:て)?|やなくて|ではのうて|の(?:間違い|まちがい|誤り)で)、?"
)
# A damage on the left is only the look of one on the right: smoke of a volcano is no fire.
_ECHOES: dict[DamageType, tuple[DamageType, ...]] = {
    DamageType.HAZMAT: (DamageType.GAS_LEAK, DamageType.FIRE),
    DamageType.FIRE: (DamageType.VOLCANIC,),
    DamageType.RIVER_OVERFLOW: (DamageType.TSUNAMI,),
    DamageType.INUNDATION: (DamageType.RAILWAY,),
    DamageType.PRECURSOR: (DamageType.WATER_OUTAGE, DamageType.LIQUEFACTION),
}
_AROUND = 14  # characters before a trigger which still say what the water stands on


@dataclass(slots=True)
class Judged:
    """A trigger with its status, the cues that set it, and the indices of its places."""

    trigger: Trigger
    status: Status
    cues: tuple[Cue, ...]
    places: tuple[int, ...]


def settle(judged: Sequence[Judged], places: Sequence[FoundPlace], text: str) -> list[Judged]:
    """The judged triggers as an officer would log them, in the order of the text."""
    settled: list[Judged] = []
    for item in judged:
        if item.trigger.type is DamageType.ROAD_CLOSURE and _half_open(item.trigger, text):
            continue
        if item.trigger.type is DamageType.INUNDATION and _on_road(item, places, text):
            settled.append(_retyped(item, DamageType.ROAD_FLOODING))
        else:
            settled.append(item)
    return _corrected(_without_echo(settled, text), places, text)


def _half_open(trigger: Trigger, text: str) -> bool:
    return _HALF.search(text, max(0, trigger.start - 6), trigger.end + 6) is not None


def _on_road(item: Judged, places: Sequence[FoundPlace], text: str) -> bool:
    """Whether the water stands on a road: its place is one, or a road is named just before, no house."""
    trigger = item.trigger
    start = max(0, trigger.start - _AROUND, text.rfind("。", 0, trigger.start) + 1)
    if _AT_HOME.search(text, start, trigger.end + 4) or trigger.thing in ("house", "field", "yard"):
        return False
    kinds = {places[index].atoms[-1].kind for index in item.places}
    return bool(kinds & {"road", "junction"}) or _ON_ROAD.search(text, start, trigger.end) is not None


def _retyped(item: Judged, kind: DamageType) -> Judged:
    rule = f"{item.trigger.rule}>context:on_road"
    return replace(item, trigger=replace(item.trigger, type=kind, rule=rule))


def _without_echo(judged: list[Judged], text: str) -> list[Judged]:
    """Drop what only repeats: 「異常なし」 where a damage is named, and the echoes below."""
    types = {item.trigger.type for item in judged}
    if "線路" not in text:
        types.discard(DamageType.RAILWAY)
    busy = {
        place
        for item in judged
        if item.trigger.type is not DamageType.NONE
        for place in item.places or (None,)
    }
    return [
        item
        for item in judged
        if not types.intersection(_ECHOES.get(item.trigger.type, ()))
        and not (item.trigger.type is DamageType.NONE and busy.intersection(item.places or (None,)))
    ]


def _corrected(judged: list[Judged], places: Sequence[FoundPlace], text: str) -> list[Judged]:
    """「AやのうてBでした」: not at A, but at B."""
    for index in range(len(places) - 1):
        gap = text[places[index].end : places[index + 1].start]
        if not _INSTEAD.fullmatch(gap):
            continue
        wrong, right = index, index + 1
        result: list[Judged] = []
        for item in judged:
            if {wrong, right} & set(item.places):
                result.append(replace(item, status=Status.DENIED, places=(wrong,)))
                result.append(replace(item, status=Status.PRESENT, places=(right,)))
            else:
                result.append(item)
        judged = result
    return judged
