"""Which damage is at which place: typed preference, the nearest before, lists, and the parse where made."""

import re
from bisect import bisect_right
from collections.abc import Sequence

from spacy.tokens import Doc, Span

from nlp.clauses import Scopes
from nlp.damage import Trigger
from nlp.places import FoundPlace
from nlp.reading import DamageType as T
from nlp.tokens import TEXT

_PREFERRED: dict[T, tuple[str, ...]] = {
    T.ROAD_CLOSURE: ("road", "bridge", "junction"),
    T.ROAD_DAMAGE: ("road", "junction"),
    T.ROAD_FLOODING: ("road", "junction"),
    T.BRIDGE_DAMAGE: ("bridge",),
    T.RAILWAY: ("station", "junction"),
}
_LOOK_BACK = 8  # places before a damage that may be its place
_LOOK_AHEAD = 3  # places after it
_BARE_RIVER = 14  # a river alone says little about where; a town named beside it says it
_GOVERNED = 8  # the voice of the parse, as many characters nearer
_ELSEWHERE = 30  # 「駅へ下りる道」 is on the way to the station, not at it
_GOAL = re.compile(
    r"(?:へ|に|まで|方面[にへ]?)(?:と|の|は)?(?:下り|降り|行く|いく|向か|通じ|抜け|つなが|続く|出る|上が)る?(?:道|途中|ところ|坂)?"
)
_AVOIDED: dict[T, tuple[str, ...]] = {
    T.INUNDATION: ("river", "bridge"),
    T.RESCUE_REQUEST: ("river",),
    T.BUILDING_DAMAGE: ("river", "road", "bridge"),
    T.POWER_OUTAGE: ("river", "road", "bridge"),
    T.WATER_OUTAGE: ("river", "road", "bridge"),
}


Scores = tuple[tuple[float, int], ...]


def weigh(
    text: str, scopes: Scopes, triggers: Sequence[Trigger], places: Sequence[FoundPlace]
) -> list[Scores]:
    """For each trigger the score, without any parse, and the index of every place that may be its own."""
    weighed: list[Scores] = []
    for trigger in triggers:
        first_after = bisect_right(places, trigger.head, key=lambda place: place.start)
        near = range(max(0, first_after - _LOOK_BACK), min(len(places), first_after + _LOOK_AHEAD))
        weighed.append(tuple((_score(text, scopes, trigger, places[index]), index) for index in near))
    return weighed


def undecided(weighed: Sequence[Scores]) -> bool:
    """Whether the voice of a parse could give any trigger another place than the best by score."""
    return any(_is_close(scores) for scores in weighed)


def _is_close(scores: Scores) -> bool:
    if len(scores) < 2:
        return False
    best, second = sorted((score for score, _ in scores), reverse=True)[:2]
    return best - second <= _GOVERNED


def link(
    doc: Doc, weighed: Sequence[Scores], triggers: Sequence[Trigger], places: Sequence[FoundPlace]
) -> list[tuple[int, ...]]:
    """For each trigger the indices of its places: several when a list of places shares it."""
    text, parsed = doc.user_data[TEXT], doc.has_annotation("DEP")
    result: list[tuple[int, ...]] = []
    for trigger, scores in zip(triggers, weighed, strict=True):
        if not scores:
            result.append(())
            continue
        if parsed and _is_close(scores):
            scores = tuple(
                (score + _GOVERNED * _governed(doc, trigger, places[index]), index) for score, index in scores
            )
        best = max(scores, key=lambda scored: (scored[0], -scored[1]))[1]
        result.append(_listed(text, best, places, trigger))
    return result


def _score(text: str, scopes: Scopes, trigger: Trigger, place: FoundPlace) -> float:
    """Higher is nearer; units are characters of distance, weighed by clause, sentence and kind."""
    sentence, clause = scopes.sentence(trigger.head), scopes.clause(trigger.head)
    before = place.start <= trigger.head
    distance = trigger.start - place.end if before else place.start - trigger.end
    score = -float(max(0, distance)) * (1.0 if before else 1.5)
    if not sentence[0] <= place.start < sentence[1]:
        score -= 40 if before else 60
    elif not before and not clause[0] <= place.start < clause[1]:
        score -= 15
    kind = place.atoms[-1].kind
    if len(place.atoms) == 1 and kind == "river":
        score -= _BARE_RIVER
    if kind in _PREFERRED.get(trigger.type, ()):
        score += 15
    if kind in _AVOIDED.get(trigger.type, ()):
        score -= 25
    if _GOAL.match(text, place.end):
        score -= _ELSEWHERE
    return score


def _governed(doc: Doc, trigger: Trigger, place: FoundPlace) -> bool:
    """Whether the place hangs below the head of the trigger in the dependency tree."""
    starts = [token.idx for token in doc]
    happening = _span(doc, starts, trigger.head, trigger.end).root
    named = _span(doc, starts, place.start, place.end).root
    return bool(happening == named or happening.is_ancestor(named))


def _span(doc: Doc, starts: list[int], start: int, end: int) -> Span:
    """The tokens that touch characters `start` to `end`."""
    return doc[max(0, bisect_right(starts, start) - 1) : max(1, bisect_right(starts, end - 1))]


def _listed(text: str, best: int, places: Sequence[FoundPlace], trigger: Trigger) -> tuple[int, ...]:
    """The best place and those listed with it: 「A、B、Cで停電」 is three."""
    chosen = [best]
    if places[best].start > trigger.head:
        return (best,)
    index = best
    while index > 0 and _is_list(text[places[index - 1].end : places[index].start]):
        index -= 1
        chosen.insert(0, index)
    return tuple(chosen)


def _is_list(gap: str) -> bool:
    return gap.strip() in (
        "、",
        "・",
        "と",
        "や",
        "及び",
        "および",
        "ならびに",
        "、および",
        "とか",
        "も",
        ",",
        "、それと",
        "それから",
    )
