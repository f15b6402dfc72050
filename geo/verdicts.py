"""What is decided of one chain: the best guess where it is good enough and stands alone, else its rivals."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from geo.guess import Guess, Setting
from geo.place import Level, Place, PlacePart
from geo.scores import ACCEPT, DECISION_MARGIN, WEAK_MARGIN, scored
from geo.sphere import metres_between
from geo.townindex import SAME_SPOT_M, name_key

POINTLESS = frozenset({Level.MUNICIPALITY, Level.PREFECTURE, Level.UNKNOWN})
# Two places of one message are usually this near to each other; the voice fades to nothing here.
COMPANY_REACH_M = 20_000.0
# What runs through a place and beyond it.
COURSES = frozenset({"road", "river"})
ALONG_WIDENING = 1.5
ALONG_LEAST_M = 1_000.0
# suffix_name (0.26) and a third of near_sender: the short name of a municipality within 25 km or so.
ACCEPT_NEXT_DOOR = 0.29
# More candidates than this are no choice that a person could make.
MOST_RIVALS = 12
# Mentions before and behind one that may help to place it; a text with more is a list.
MOST_NEIGHBOURS = 20


@dataclass(slots=True)
class Verdict:
    """What was decided of one chain: the guess taken, or the rivals that leave it open, or neither."""

    parts: tuple[PlacePart, ...]
    setting: Setting
    guesses: tuple[Guess, ...]
    taken: Guess | None
    rivals: tuple[Guess, ...] = ()

    @property
    def pointed(self) -> bool:
        """Whether a place with a point was taken."""
        return self.taken is not None and self.taken.place.level not in POINTLESS


def decided(parts: tuple[PlacePart, ...], setting: Setting, guesses: Sequence[Guess]) -> Verdict:
    """The best guess where it is good enough and nothing else comes near it."""
    ranked = tuple(sorted(guesses, key=lambda guess: (-guess.score, guess.place.place_id)))
    if not ranked:
        return Verdict(parts, setting, (), None)
    best = _at_heart(ranked[0], ranked)
    least = _least(best)
    # Of a sender unknown a person chooses between weak candidates, too.
    unknown = setting.sender is None and setting.named is None
    margin = WEAK_MARGIN if unknown and best.score < least else DECISION_MARGIN
    rivals = [best]
    for guess in ranked[1:]:
        if best.score - guess.score >= margin or len(rivals) == MOST_RIVALS:
            break
        if not any(same_spot(guess, other) for other in rivals) and not _holds(guess, best):
            rivals.append(guess)
    if len(rivals) > 1:
        return Verdict(parts, setting, ranked, None, tuple(rivals))
    return Verdict(parts, setting, ranked, best if best.score >= least else None)


def _least(guess: Guess) -> float:
    """A municipality next door may be taken sooner than a point: nothing is drawn of it."""
    return ACCEPT_NEXT_DOOR if guess.place.level is Level.MUNICIPALITY else ACCEPT


def in_company(guess: Guess, settled: Sequence[Place]) -> Guess:
    """The guess with a voice for its nearness to the places of the message that are settled."""
    here = guess.place
    away = min(metres_between(here.lat, here.lon, place.lat, place.lon) for place in settled)
    voice = {"near_other_places": scored("near_other_places", 1 - away / COMPANY_REACH_M)}
    return replace(guess, scores={**guess.scores, **voice})


def same_spot(one: Guess, other: Guess) -> bool:
    """Too near to each other to matter, or a town inside the former village of the same name."""
    here, there = one.place, other.place
    reach = SAME_SPOT_M
    if Level.FORMER_MUNICIPALITY in (here.level, there.level) and here.municipality == there.municipality:
        reach = max(reach, here.radius_m + there.radius_m)
    return metres_between(here.lat, here.lon, there.lat, there.lon) <= reach


def _at_heart(best: Guess, ranked: Sequence[Guess]) -> Guess:
    """A former village at its town of the same name, where its people are; its radius stays the village's."""
    place = best.place
    if place.level is not Level.FORMER_MUNICIPALITY:
        return best
    name = name_key(place.name)
    for guess in ranked[1:]:
        town = guess.place
        if town.level is not Level.TOWN or not same_spot(best, guess):
            continue
        if name_key(town.name) in (name, name[:-1]) or name_key(town.name).endswith(name[:-1]):
            return replace(best, place=replace(place, lat=town.lat, lon=town.lon))
    return best


def _holds(guess: Guess, best: Guess) -> bool:
    """Whether the guess is the best one's municipality: 大山 in 大山町 is the part that is called so."""
    outer, inner = guess.place, best.place
    return outer.level is Level.MUNICIPALITY and outer.municipality == inner.municipality


def beside_others(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """The verdicts, where a road or river of unknown course lies at the place said just before it, else at
    the one said just after: 「城崎温泉駅の前が水。大谿川が越えた」."""
    settled: list[Verdict] = list(verdicts)
    for at, verdict in enumerate(verdicts):
        if (
            at % 2
            or verdict.guesses
            or not verdict.parts
            or not all(p.kind in COURSES for p in verdict.parts)
        ):
            continue
        near = 2 * MOST_NEIGHBOURS
        others = [*reversed(verdicts[max(0, at - near) : at : 2]), *verdicts[at + 2 : at + 2 + near : 2]]
        anchor = next((other.taken for other in others if other.pointed), None)
        if anchor is None:
            continue
        said = "".join(part.text for part in verdict.parts)
        place = replace(anchor.place, radius_m=max(anchor.place.radius_m * ALONG_WIDENING, ALONG_LEAST_M))
        scores = {"near_other_places": scored("near_other_places")}
        settled[at] = replace(verdict, taken=Guess(place, scores, said, missed=(said,)))
    return settled
