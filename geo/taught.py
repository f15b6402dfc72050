"""Places that headquarters taught: each counts only for its own municipality, and there it wins.

A taught row is an ordinary gazetteer row whose source begins with `taught:`. Everything else in geo looks
at `Official`, so that a hamlet's byname of one city is never a place of another.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache

from geo.chain import INSIDE_SLACK_M, LONGEST_NAME, MUNICIPAL, PREFECTURE, Chains
from geo.guess import Guess, Setting
from geo.names import is_weak, normal_form
from geo.place import Gazetteer, Level, Place, PlacePart, is_taught
from geo.scores import scored
from geo.sphere import metres_between
from geo.things import ENDS

# The officer's circle up to this radius is a thing with a point (a bridge, a house), beyond it an area.
THING_UP_TO_M = 150.0
KIND = "taught"
NAMES_KEPT = 4096  # one long message may say the same common name a thousand times
SHORTEST = 2
SENTENCE = re.compile(r"[。、，．,!?！？「」『』（）()\[\]<>\n\r\t]")
NUMBERS_ONLY = re.compile(r"[\d\W]+")


class Unfit(StrEnum):
    """Why a name cannot be taught."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    SENTENCE = "sentence"  # marks of a sentence: more than a name
    TOO_SHORT = "too_short"
    NUMBER = "number"
    KIND_ONLY = "kind_only"  # 橋, 公民館: a kind of thing, not the name of one
    COMMON = "common"  # a word that many messages hold without meaning a place
    PREFECTURE = "prefecture"


def unfit(name: str) -> Unfit | None:
    """Why `name` cannot be taught; None when it can. Municipalities' names are the caller's to refuse."""
    key = normal_form(name)
    if not key:
        return Unfit.EMPTY
    if len(key) > LONGEST_NAME:
        return Unfit.TOO_LONG
    if SENTENCE.search(name) or not name.isprintable():
        return Unfit.SENTENCE
    if NUMBERS_ONLY.fullmatch(key):
        return Unfit.NUMBER
    if any(pattern.sub("", key) == "" for pattern in ENDS.values()):
        return Unfit.KIND_ONLY
    if len(key) < SHORTEST:
        return Unfit.TOO_SHORT
    if PREFECTURE.fullmatch(key):
        return Unfit.PREFECTURE
    return Unfit.COMMON if is_weak(name) else None


def level_of(radius_m: float) -> Level:
    """The level of a taught place by the officer's own radius in metres."""
    return Level.FACILITY if radius_m <= THING_UP_TO_M else Level.TOWN


class Official:
    """A gazetteer without its taught rows."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def names(self) -> Sequence[str]:
        """Every form worth searching in a text; those of taught rows are among them."""
        return self._gazetteer.names()

    def find(self, name: str) -> Sequence[Place]:
        """All places which `name` may mean, without the taught ones."""
        rows = self._gazetteer.find(name)
        return [row for row in rows if not is_taught(row)] if any(map(is_taught, rows)) else rows

    def house(self, town: Place, numbers: Sequence[str]) -> Place | None:
        """The house of these numbers in a town; nobody teaches house numbers."""
        return self._gazetteer.house(town, numbers)


class TaughtPlaces:
    """Finds taught rows where the message or its sender allows them."""

    def __init__(self, gazetteer: Gazetteer, chains: Chains) -> None:
        self._gazetteer = gazetteer
        self._chains = chains
        self._called = lru_cache(NAMES_KEPT)(self._find_called)

    def find(
        self, parts: Sequence[PlacePart], setting: Setting, official: Sequence[Guess]
    ) -> tuple[Guess, ...]:
        """The taught place that the finest known part names; empty when none counts here.

        `official` is what the other sources say of the same parts.
        """
        settled = any(not guess.missed for guess in official)
        for at in range(len(parts) - 1, -1, -1):
            rows = self._rows(parts[at])
            if not rows:
                continue
            finer = tuple(part.text for part in parts[at + 1 :])
            if finer and settled:
                return ()
            around = self._around([*parts[:at], *parts[at + 1 :]], setting)
            counting = [row for row in rows if self._counts(row, around, setting, settled)]
            if counting:
                return tuple(self._guess(row, parts[at], finer, around, setting) for row in counting)
        return ()

    def are_foreign(self, parts: Sequence[PlacePart]) -> bool:
        """Whether all that was said are names which somebody taught for their own municipality."""
        return bool(parts) and all(self._rows(part) for part in parts)

    def _rows(self, part: PlacePart) -> Sequence[Place]:
        if part.kind == "coordinates" or len(part.text) > LONGEST_NAME:
            return ()
        return self._called(part.text)

    def _find_called(self, name: str) -> Sequence[Place]:
        return tuple(row for row in self._gazetteer.find(name) if is_taught(row))

    def _around(self, others: Sequence[PlacePart], setting: Setting) -> Guess | None:
        """The area that is said beside the name."""
        texts = [part.text for part in others if part.kind in ("area", "block")]
        return next(iter(self._chains.resolve(texts, setting)), None) if texts else None

    def _counts(self, row: Place, around: Guess | None, setting: Setting, settled: bool) -> bool:
        if around is None or around.place.level is Level.PREFECTURE:
            if around is not None and around.place.municipality != row.municipality[:2]:
                return False
            code = setting.named or setting.sender
            return code is not None and self._same(code, row.municipality)
        place = around.place
        if not self._same(place.municipality, row.municipality):
            return False
        # 松永町本郷 stays the 本郷 of 松永町 although another 本郷 of the city was taught.
        away = metres_between(place.lat, place.lon, row.lat, row.lon)
        return place.level in MUNICIPAL or not settled or away <= place.radius_m + INSIDE_SLACK_M

    def _same(self, code: str, taught: str) -> bool:
        """A city's reports know what was taught for its ward, and a ward's what was taught for its city."""
        return self._chains.holds(code, taught) or self._chains.holds(taught, code)

    def _guess(
        self, row: Place, part: PlacePart, finer: tuple[str, ...], around: Guess | None, setting: Setting
    ) -> Guess:
        scores = {"taught_here": scored("taught_here"), "exact_name": scored("exact_name")}
        if around is not None and around.confined:
            scores["municipality_named"] = scored("municipality_named")
        scores |= self._chains.surroundings(row, setting)
        return Guess(row, scores, part.text, missed=finer)
