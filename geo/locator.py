"""Where the mentions of one message are: candidates with named scores, an honest radius, or a refusal.

The order that worked on field messages: municipality named in the text, then the sender's, then nearest
to the other places of the message, then refuse. A municipality that is named is never left.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from geo import codes
from geo.chain import NOWHERE, Chains, Municipalities
from geo.coordinates import located_point
from geo.guess import Guess, Setting
from geo.place import (
    Candidate,
    Context,
    Gazetteer,
    Level,
    Location,
    PlaceMention,
    PlacePart,
    Position,
    Relation,
)
from geo.relative import Spot, apply_relation, stretch
from geo.scores import explained
from geo.taught import Official, TaughtPlaces
from geo.things import Things, is_unnamed
from geo.verdicts import COURSES, MOST_NEIGHBOURS, POINTLESS, Verdict, beside_others, decided, in_company

__all__ = ["Locator", "Municipalities"]

# Things that are called by their place and kind: 入善の小学校, 岸本の駅.
NAMING_KINDS = frozenset({"area", "bridge", "river"})
COMPOSED_KINDS = frozenset({"station", "facility", "bridge"})
AREA_PARTS = frozenset({"area", "block", "coordinates"})
# Android and iOS give the radius that holds 68 % of fixes; for 90 % of a normal error that is times 1.42.
PHONE_NINETY = 1.42
# What a sender reports lies within sight of the phone, not under it.
SIGHT_M = 150.0
# Indoors, without a stated accuracy, a fix is commonly this far off.
UNSTATED_ACCURACY_M = 100.0
# The bridge or road beside a named town may lie at its edge or just beyond.
BESIDE_WIDENING = 1.3
ONE_END_WIDENING = 2.0
SHOWN_CANDIDATES = 5
# Of so many settled places each has its say on the open ones; more are a list, not a neighbourhood.
MOST_COMPANY = 20


class Locator:
    """Locates the mentions of a message with a gazetteer; keeps no message, only indexes of names."""

    def __init__(self, gazetteer: Gazetteer, areas: Municipalities) -> None:
        self._areas = areas
        official = Official(gazetteer)
        self._chains = Chains(official, areas)
        self._things = Things(official, self._chains)
        self._taught = TaughtPlaces(gazetteer, self._chains)

    def locate(self, mentions: Sequence[PlaceMention], context: Context) -> tuple[Location, ...]:
        """One location per mention, in order; all mentions of a message are weighed together."""
        chains = [parts for mention in mentions for parts in (mention.parts, mention.until)]
        chains = [self._unheaded(parts) for parts in chains]
        verdicts = self._with_company(self._verdicts(chains, self._setting(context)))
        verdicts = beside_others(self._at_the_only(verdicts))
        return tuple(
            self._location(mention, verdicts[2 * at], verdicts[2 * at + 1])
            for at, mention in enumerate(mentions)
        )

    def locate_unsaid(self, context: Context) -> Location:
        """Where an observation is whose place is unsaid: at the phone, else the sender's municipality."""
        return self._unsaid(self._setting(context))

    def _unsaid(self, setting: Setting) -> Location:
        if (position := setting.position) is not None:
            accuracy = UNSTATED_ACCURACY_M if position.accuracy_m is None else position.accuracy_m
            return Location(
                lat=position.lat,
                lon=position.lon,
                radius_m=max(accuracy, 0.0) * PHONE_NINETY + SIGHT_M,
                level=Level.POSITION,
                municipality=self._areas.municipality_of(position.lat, position.lon) or setting.sender,
                ambiguous=False,
                why="場所の言及がないため、送信者の端末の位置とした",
            )
        return self._coarse(setting.sender, "場所の言及がない")

    def _setting(self, context: Context) -> Setting:
        position = context.position if context.position and _is_on_earth(context.position) else None
        sender = self._current(context.sender_municipality)
        if sender is None and position is not None:
            sender = self._areas.municipality_of(position.lat, position.lon)
        return Setting(sender=sender, position=position)

    def _current(self, code: str | None) -> str | None:
        """The code as the gazetteer knows it today; None for a code that never was one."""
        if code is None or self._chains.municipality(code) is not None:
            return code
        try:
            found = codes.successors(code)[0]
        except codes.CodeError:
            return None
        return found if self._chains.municipality(found) is not None else None

    def _verdicts(self, chains: Sequence[tuple[PlacePart, ...]], setting: Setting) -> list[Verdict]:
        several = {parts for parts in chains if parts} if len(chains) > 2 else ()
        towns = {parts: self._chains.named_municipality(_areas_of(parts), setting) for parts in several}
        named = [towns.get(parts) for parts in chains]
        distinct = {code for code in named if code}
        only = next(iter(distinct)) if len(distinct) == 1 and setting.sender is None else None
        verdicts, latest = [], None
        known: dict[tuple[tuple[PlacePart, ...], Setting], Verdict] = {}
        for parts, own in zip(chains, named, strict=True):
            before = latest or only
            local = setting if own or before is None else replace(setting, named=before)
            if (parts, local) not in known:
                known[parts, local] = decided(parts, local, self._guesses(parts, local) if parts else ())
            verdicts.append(known[parts, local])
            latest = own or latest
        return verdicts

    def _unheaded(self, parts: tuple[PlacePart, ...]) -> tuple[PlacePart, ...]:
        """The parts, where a first thing said with its address in front has become areas and the thing;
        an area outright when the address has a town of that name (伊東市川奈 is no river)."""
        if not parts or parts[0].kind in AREA_PARTS:
            return parts
        heads, rest = self._chains.headed(parts[0].text)
        if not heads:
            return parts
        areas = tuple(PlacePart(head, "area") for head in heads)
        found = self._chains.resolve([*heads, rest], Setting())
        kind = "area" if found and not found[0].missed else parts[0].kind
        return (*areas, *((PlacePart(rest, kind),) if rest else ()), *parts[1:])

    def _guesses(self, parts: tuple[PlacePart, ...], setting: Setting) -> list[Guess]:
        official = self._official(parts, setting)
        return [*self._taught.find(parts, setting, official), *official]

    def _official(self, parts: tuple[PlacePart, ...], setting: Setting) -> list[Guess]:
        areas = self._chains.resolve(_areas_of(parts), setting)
        things = [part for part in parts if part.kind not in AREA_PARTS and not is_unnamed(part)]
        if setting == NOWHERE and not things and len(_areas_of(parts)) == 1:
            areas = self._chains.even_with_quarters(parts[0].text, areas)
        for before, part in pairwise(parts):
            by_kind = before.kind in NAMING_KINDS and part.kind in COMPOSED_KINDS and is_unnamed(part)
            if by_kind and (found := self._things.composed(before.text, part, areas, setting)):
                return found
        missed: list[str] = []
        for part in reversed(things):
            if found := self._things.find(part, areas, setting):
                if not missed:
                    return list(found)
                return [replace(guess, missed=(*guess.missed, *missed)) for guess in found]
            missed.insert(0, part.text)
        if not areas:
            own = [guess for part in parts for guess in self._things.own(part, setting)]
            own = own or [guess for part in things for guess in self._things.by_name_part(part, setting)]
            return own or [
                guess
                for part in things
                if part.kind not in COURSES
                for guess in self._chains.municipal(part.text, setting)
            ]
        inner = [finer for part in things for guess in areas for finer in self._things.inside(part, guess)]
        return [*inner, *(_beside(guess, missed) for guess in areas)] if missed else areas

    def _with_company(self, verdicts: list[Verdict]) -> list[Verdict]:
        """The verdicts, where the open ones have been weighed again by their nearness to the settled."""
        settled = [verdict.taken.place for verdict in verdicts if verdict.pointed and verdict.taken]
        if len(settled) > MOST_COMPANY:
            settled = list(dict.fromkeys(settled))[:MOST_COMPANY]
        if not settled:
            return verdicts
        return [
            verdict
            if verdict.taken is not None
            else decided(
                verdict.parts, verdict.setting, [in_company(guess, settled) for guess in verdict.guesses]
            )
            for verdict in verdicts
        ]

    def _at_the_only(self, verdicts: list[Verdict]) -> list[Verdict]:
        """The verdicts of a sender unknown, who names one municipality anywhere (#岸和田): what is not of it
        is looked for in it, and what is open is no farther than it."""
        if len(verdicts) < 3 or verdicts[0].setting.sender is not None:
            return verdicts
        taken = [verdict.taken.place for verdict in verdicts if verdict.taken is not None]
        named = {place.municipality for place in taken if place.level is Level.MUNICIPALITY}
        named = named or self._supported(verdicts)
        found = named or {
            self._chains.city_of(place.municipality) for place in taken if place.level not in POINTLESS
        }
        if len(found) != 1:
            return verdicts
        only = found.pop()
        return [self._inside(verdict, only, sure=bool(named)) for verdict in verdicts]

    def _supported(self, verdicts: Sequence[Verdict]) -> set[str]:
        """The municipalities that one mention may name and where another may lie: 岸和田 with 下松駅."""
        found: set[str] = set()
        if len(verdicts) > 2 * MOST_NEIGHBOURS:
            return found
        for verdict in verdicts:
            towns = [guess.place for guess in verdict.guesses if guess.place.level is Level.MUNICIPALITY]
            others = [other for other in verdicts if other is not verdict]
            found |= {
                town.municipality
                for town in towns
                for other in others
                for guess in other.guesses
                if guess.place.level not in POINTLESS
                and self._chains.holds(town.municipality, guess.place.municipality)
            }
        return found

    def _inside(self, verdict: Verdict, only: str, *, sure: bool) -> Verdict:
        taken = verdict.taken
        if not verdict.parts or (taken is not None and (not sure or taken.place.level in POINTLESS)):
            return verdict
        if taken is not None and self._chains.holds(only, taken.place.municipality):
            return verdict
        local = replace(verdict.setting, named=only)
        inner = decided(verdict.parts, local, self._guesses(verdict.parts, local))
        return inner if inner.taken is not None or taken is None else verdict

    def _location(self, mention: PlaceMention, verdict: Verdict, other: Verdict) -> Location:
        for part in (*mention.parts, *mention.until):
            if part.kind == "coordinates" and (point := located_point(part.text)):
                return Location(
                    lat=point.lat,
                    lon=point.lon,
                    radius_m=point.radius_m,
                    level=Level.POSITION,
                    municipality=self._areas.municipality_of(point.lat, point.lon),
                    ambiguous=False,
                    why=f"本文の座標『{part.text}』による",
                )
        if mention.until and not verdict.pointed and other.pointed:
            verdict, other = other, verdict
        if verdict.rivals:
            return self._open(mention, verdict)
        if verdict.taken is None:
            return self._refused(mention, verdict)
        if verdict.taken.place.level in POINTLESS:
            return self._area_only(mention, verdict.taken, verdict)
        return self._placed(mention, verdict, verdict.taken, other.taken if other.pointed else None)

    def _placed(self, mention: PlaceMention, verdict: Verdict, taken: Guess, end: Guess | None) -> Location:
        place = taken.place
        spot = Spot(place.lat, place.lon, place.radius_m)
        level, notes = place.level, _missing(taken, place.name)
        between = None
        if end is not None:
            between = stretch(spot, Spot(end.place.lat, end.place.lon, end.place.radius_m))
        if between is not None and end is not None:
            spot, level = between, Level.SECTION
            notes.append(f"『{place.name}』と『{end.place.name}』の間とした")
        elif mention.until:
            spot = replace(spot, radius_m=spot.radius_m * ONE_END_WIDENING)
            notes.append("区間の一方の端だけが分かるため、半径を広げた")
        else:
            spot = apply_relation(spot, _of_known(_without_ends(mention.relation), taken.missed))
        words = explained(taken.scores, taken.said, self._full_name(taken))
        return Location(
            lat=spot.lat,
            lon=spot.lon,
            radius_m=round(spot.radius_m, 1),
            level=level,
            municipality=place.municipality,
            ambiguous=False,
            why="。".join([f"本文に『{mention.text}』とある。{words}", *notes]),
            candidates=self._candidates(verdict.guesses),
            shape=spot.shape,
        )

    def _area_only(self, mention: PlaceMention, taken: Guess, verdict: Verdict) -> Location:
        place = taken.place
        words = explained(taken.scores, taken.said, self._full_name(taken))
        notes = [f"『{text}』の位置は地名表にない" for text in taken.missed]
        return Location(
            lat=None,
            lon=None,
            radius_m=place.radius_m,
            level=place.level,
            municipality=None if place.level is Level.PREFECTURE else place.municipality,
            ambiguous=False,
            why="。".join([f"本文に『{mention.text}』とある。{words}", *notes]),
            candidates=self._candidates(verdict.guesses),
        )

    def _open(self, mention: PlaceMention, verdict: Verdict) -> Location:
        found = {guess.place.municipality for guess in verdict.rivals}
        cities = {self._chains.city_of(code) for code in found}
        shared = found if len(found) == 1 else cities
        sender = verdict.setting.sender
        near = sender if sender and any(self._chains.holds(sender, code) for code in found) else None
        code = shared.pop() if len(shared) == 1 else near
        row = self._chains.municipality(code) if code else None
        names = "、".join(self._full_name(guess) for guess in verdict.rivals[:SHOWN_CANDIDATES])
        return Location(
            lat=None,
            lon=None,
            radius_m=row.radius_m if row else None,
            level=Level.MUNICIPALITY if row else Level.UNKNOWN,
            municipality=code,
            ambiguous=True,
            why=f"本文の『{mention.text}』に当たる場所が複数ある（{names}）。人の確認が必要",
            candidates=self._candidates(verdict.rivals),
        )

    def _refused(self, mention: PlaceMention, verdict: Verdict) -> Location:
        if not verdict.guesses and self._taught.are_foreign(verdict.parts):
            return self._unsaid(verdict.setting)  # elsewhere the word is a word
        code = verdict.setting.named or verdict.setting.sender
        found = self._coarse(code, f"本文の『{mention.text}』に当たる場所が地名表にない、または確かでない")
        return replace(found, candidates=self._candidates(verdict.guesses))

    def _coarse(self, code: str | None, reason: str) -> Location:
        """No place: the municipality `code`, or nothing at all."""
        row = self._chains.municipality(code) if code else None
        if row is None:
            return Location(None, None, None, Level.UNKNOWN, None, False, f"{reason}。市区町村も分からない")
        why = f"{reason}ため、{row.name}までとした"
        return Location(None, None, row.radius_m, Level.MUNICIPALITY, row.municipality, False, why)

    def _candidates(self, guesses: Sequence[Guess]) -> tuple[Candidate, ...]:
        return tuple(
            Candidate(guess.place, guess.scores, explained(guess.scores, guess.said, self._full_name(guess)))
            for guess in guesses[:SHOWN_CANDIDATES]
        )

    def _full_name(self, guess: Guess) -> str:
        place = guess.place
        if place.level in POINTLESS:
            return place.name
        row = self._chains.municipality(place.municipality)
        return f"{row.name if row else ''}{place.name}"


def _areas_of(parts: Sequence[PlacePart]) -> list[str]:
    return [part.text for part in parts if part.kind in ("area", "block")]


def _beside(guess: Guess, missed: Sequence[str]) -> Guess:
    """A town that stands for the thing said beside it, which has no point of its own."""
    if not missed:
        return guess
    wide = replace(guess.place, radius_m=guess.place.radius_m * BESIDE_WIDENING)
    return replace(guess, place=wide, missed=(*guess.missed, *missed))


def _missing(guess: Guess, at: str) -> list[str]:
    return [f"『{text}』の位置は地名表にないため、{at}に置いた" for text in guess.missed]


def _without_ends(relation: Relation | None) -> Relation | None:
    """「間」 without another end says no more than near."""
    return Relation("near") if relation and relation.kind == "between" else relation


def _of_known(relation: Relation | None, missed: Sequence[str]) -> Relation | None:
    """The relation without its direction where a town stands for the thing that it starts from: the west
    side of a school may lie in the east of the town."""
    if relation is None or relation.direction is None or relation.distance_m is not None or not missed:
        return relation
    return Relation("side")


def _is_on_earth(position: Position) -> bool:
    return -90 <= position.lat <= 90 and -180 <= position.lon <= 180
