"""Which damage is at which place: typed preference, the nearest before, lists, and the parse where made."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlp.clauses import Scopes
from nlp.damage import Trigger
from nlp.places import FoundPlace
from nlp.reading import DamageType as T
from nlp.structure import Tree

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
_GOVERNED = (
    3  # the voice of the parse, as many characters nearer; 8 made 3 of 1,410 readings different, none better
)
_ELSEWHERE = 30  # 「駅へ下りる道」 is on the way to the station, not at it
_GOAL = re.compile(
    r"(?:へ|に|まで|方面[にへ]?)(?:と|の|は)?(?:下り|降り|行く|いく|向か|通じ|抜け|つなが|続く|出る|上が)る?(?:道|途中|ところ|坂)?"
)
_ASHES = re.compile(r"[のんが]?(?:火山)?(?:灰|噴煙|噴火)")  # 「秋山の灰が松永まで」 is at 松永
# Between a heading and the first place below or behind it, between such places, and behind the last.
_HEADED = re.compile(r"[^。、\n]{0,8}?(?:[:(は→]|\n)[\s・\-*●○◯■□◆▪]*(?:\d{1,2}[.)]?)?\s*")
_GAP_BEHIND = re.compile(
    r"(?:方面|地区|付近|周辺)?(?:、|・|,|と|や|も|及び|および|、それと|\s*(?:\n[\s・\-*●○◯■□◆▪]*)?(?:\d[.)]?)?\s*)"
)
_NOTHING_TOLD = re.compile(
    r"(?:方面|地区|付近|周辺|の?(?:全域|一帯))?(?:[。)、!]|も|です|だ|じゃ|に(?:も)?(?:開|設)|\s*(?:以上)?(?:[。\n]|$))"
)
_AVOIDED: dict[T, tuple[str, ...]] = {
    T.INUNDATION: ("river", "bridge"),
    T.RESCUE_REQUEST: ("river",),
    T.BUILDING_DAMAGE: ("river", "road", "bridge"),
    T.POWER_OUTAGE: ("river", "road", "bridge"),
    T.WATER_OUTAGE: ("river", "road", "bridge"),
}


@dataclass(slots=True)
class Choice:
    """The places that one damage may be at, each as score without any parse (0 where it is the only one) and
    index of the place.

    `sentence` is the damage's own, and `within` the places named in it: the parse speaks for no other, nor
    for one of a list against the best of it (「松永と本郷で停電」).
    """

    scores: tuple[tuple[float, int], ...]
    sentence: tuple[int, int]
    within: tuple[int, ...]

    @property
    def is_open(self) -> bool:
        """Whether the voice of the parse could give another place than the best by score."""
        if len(self.scores) < 2 or not self.within:
            return False
        best, index = max(self.scores, key=_order)
        return any(
            _order((score + _GOVERNED, other)) > _order((best, index))
            and other != index
            and other in self.within
            for score, other in self.scores
        )


def weigh(
    text: str, scopes: Scopes, triggers: Sequence[Trigger], places: Sequence[FoundPlace]
) -> list[Choice]:
    """For each trigger the places before and behind it that may be its own."""
    choices: list[Choice] = []
    for trigger in triggers:
        first_after = bisect_right(places, trigger.head, key=lambda place: place.start)
        near = range(max(0, first_after - _LOOK_BACK), min(len(places), first_after + _LOOK_AHEAD))
        start, end = sentence = scopes.sentence(trigger.head)
        if len(near) > 1:
            clause = scopes.clause(trigger.head)
            scores = tuple((_score(text, sentence, clause, trigger, places[index]), index) for index in near)
            best = _best(scores)
            others = {*_listed(text, best, places, trigger)} - {best}
        else:
            scores, others = tuple((0.0, index) for index in near), set[int]()
        within = tuple(i for i in near if start <= places[i].start < end and i not in others)
        choices.append(Choice(scores, sentence, within))
    return choices


def link(
    text: str,
    trees: Mapping[int, Tree],
    choices: Sequence[Choice],
    triggers: Sequence[Trigger],
    places: Sequence[FoundPlace],
) -> list[tuple[int, ...]]:
    """For each trigger the indices of its places: several when a list of places shares it.

    `trees` are the parsed sentences by their first character.
    """
    result: list[tuple[int, ...]] = []
    for trigger, choice in zip(triggers, choices, strict=True):
        scores = choice.scores
        if not scores:
            result.append(())
            continue
        if len(scores) > 1 and (tree := trees.get(choice.sentence[0])) and tree.is_parsed:
            governed = {index for index in choice.within if _governed(tree, trigger, places[index])}
            scores = tuple((score + _GOVERNED * (index in governed), index) for score, index in scores)
        result.append(_listed(text, _best(scores), places, trigger))
    return result


def _best(scores: Sequence[tuple[float, int]]) -> int:
    """The place of the best score."""
    return max(scores, key=_order)[1]


def _order(scored: tuple[float, int]) -> tuple[float, int]:
    """Of equal scores the first place is the better one."""
    return scored[0], -scored[1]


def _score(
    text: str, sentence: tuple[int, int], clause: tuple[int, int], trigger: Trigger, place: FoundPlace
) -> float:
    """Higher is nearer; units are characters of distance, weighed by the trigger's clause and sentence and
    by kind."""
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
    if _GOAL.match(text, place.end) or (trigger.type is T.VOLCANIC and _ASHES.match(text, place.end)):
        score -= _ELSEWHERE
    return score


def _governed(tree: Tree, trigger: Trigger, place: FoundPlace) -> bool:
    """Whether the place hangs below the head of the trigger in the dependency tree."""
    happening = tree.span(trigger.head, trigger.end).root
    named = tree.span(place.start, place.end).root
    return bool(happening == named or happening.is_ancestor(named))


def _listed(text: str, best: int, places: Sequence[FoundPlace], trigger: Trigger) -> tuple[int, ...]:
    """The best place and those listed with it: 「A、B、Cで停電」 is three."""
    if places[best].start > trigger.head:
        return _listed_behind(text, best, places, trigger)
    chosen = [best]
    index = best
    while index > 0 and _is_list(text[places[index - 1].end : places[index].start]):
        if _is_river(places[index - 1]) != _is_river(places[index]):
            break
        index -= 1
        chosen.insert(0, index)
    return tuple(chosen)


def _listed_behind(text: str, best: int, places: Sequence[FoundPlace], trigger: Trigger) -> tuple[int, ...]:
    """A place behind its damage and those listed with it: 「停電：A、B」, 「断水しています(A・B)」, a heading
    with a place a line. The last of them has nothing of its own told."""
    headed = _HEADED.fullmatch(text, trigger.end, places[best].start) is not None
    last = best
    while last + 1 < len(places):
        gap = text[places[last].end : places[last + 1].start]
        if not _GAP_BEHIND.fullmatch(gap) or (gap.strip() == "、" and not headed):
            break
        last += 1
    while last > best and not _NOTHING_TOLD.match(text, places[last].end):
        last -= 1
    return tuple(range(best, last + 1))


def _is_river(place: FoundPlace) -> bool:
    """「鈴張川、八木で」 is one place at the river, no list of two."""
    return place.atoms[-1].kind == "river"


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
