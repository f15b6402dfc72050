"""A chain of area names (「福山市」「松永町」「本郷」) narrowed step by step to the places it may mean.

Every step looks only inside what the step before named: a chain never leaves a municipality that it
has named. A bare first name is looked up where the message and the sender point before the nation.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Protocol

from geo import codes
from geo.guess import Guess, Setting, best_of, exact, fit_of, moved_to, one_spot, with_voice
from geo.names import normal_form, number_of
from geo.place import Gazetteer, Level, Place
from geo.scores import DECISION_MARGIN, scored
from geo.sphere import metres_between
from geo.townindex import AREA_LEVELS, Hit, TownIndex, name_key

# A town outside the sender's municipality is still spoken of bare when it is next door: from centre to
# centre, two large rural municipalities lie this far apart.
NEIGHBOUR_M = 60_000.0
# A brigade's phone is where its trouble is, but a report may come from the next valley.
PHONE_REACH_M = 15_000.0
# Parts of one place that lie this far beyond the wider part's radius are not parts of it.
INSIDE_SLACK_M = 3_000.0
# No address has more steps from its prefecture to its house number.
MOST_STEPS = 12
# More rows than this for a bare name in the nation say only that it is common.
COMMON_NAME_ROWS = 400
# 町 of so many municipalities is called 栄町, 旭町, 朝日町; 箱根町 is one.
COMMON_QUARTERS = 5
# An area that is called by its station's name reaches about a walk from it.
AROUND_STATION_M = 1_500.0
# The longest address of the nation, 京都市 with its street names, is shorter; the rest is no name.
LONGEST_NAME = 60
NOWHERE = Setting()
MUNICIPAL = frozenset({Level.MUNICIPALITY, Level.PREFECTURE})
HAS_HOUSES = frozenset({Level.TOWN, Level.CHOME})
PREFECTURE = re.compile(r"^(?:北海道|東京都|(?:京都|大阪)府|.{2,3}県)")
MUNICIPALITY_END = re.compile(r"[市区町村]")
CODE_DIGITS = 5
TRAILING_NUMBER = re.compile(r"(?<![0-9])[0-9]+(?:(?:[-‐−–—ーの~〜]|番地?の?)[0-9]+)*(?:番地|番|号)*$")
NUMBERS = re.compile(r"[0-9]+")
KANJI = "([一二三四五六七八九十]{1,4})"
KANJI_BLOCK = re.compile(f"{KANJI}番(?:{KANJI}号|地(?:の?{KANJI})?)")
DISTRICT_END = re.compile(r"(?<=..)(?:地区|集落|部落|地内|町内会?|自治会|地域|一帯|方面)$")
COUNTY = re.compile(r"^[^市区町村]{1,4}郡(?=.)")


class Municipalities(Protocol):
    """What the locator asks of municipalities, by 5-digit 全国地方公共団体コード."""

    def municipality(self, code: str) -> Place | None:
        """The row of a municipality or ward (2 digits: prefecture); None when unknown."""
        ...

    def municipality_of(self, lat: float, lon: float) -> str | None:
        """The code whose area holds a WGS 84 point in degrees, a ward where there are wards; None at sea."""
        ...

    def rows_of(self, code: str) -> Sequence[Place]:
        """All gazetteer rows that carry exactly this municipality code; empty when unknown."""
        ...


class Chains:
    """Resolves chains of area names against a gazetteer; keeps one index per municipality asked about."""

    def __init__(self, gazetteer: Gazetteer, areas: Municipalities) -> None:
        self._gazetteer = gazetteer
        self._areas = areas
        self._indexes: dict[str, TownIndex] = {}
        self._rows: dict[str, Place | None] = {}
        self._wards: dict[str, list[Place]] = {}
        self._cities: dict[str, str] = {}

    def index(self, code: str) -> TownIndex:
        """The names of one municipality; of a designated city, those of all its wards."""
        found = self._indexes.get(code)
        if found is None:
            members = (code, *self.wards(code))
            rows = (row for one in members for row in self._areas.rows_of(one))
            found = self._indexes[code] = TownIndex(rows)
        return found

    def resolve(self, texts: Sequence[str], setting: Setting) -> list[Guess]:
        """All readings of the chain, best first; empty when not even its first known name is a place."""
        guesses: list[Guess] = []
        unknown: tuple[str, ...] = ()
        for text in islice(self._split(texts), MOST_STEPS):
            if not guesses:
                guesses = self._first(text, setting)
                if not guesses:
                    unknown = (*unknown, text)
                continue
            guesses = self._narrowed(guesses, text, setting)
        if unknown:
            guesses = [replace(guess, missed=(*unknown, *guess.missed)) for guess in guesses]
        return sorted(guesses, key=lambda guess: -guess.score)

    def named_municipality(self, texts: Sequence[str], setting: Setting) -> str | None:
        """The municipality that a chain names in full (with 市・区・町・村), None when none or unclear."""
        found = self.resolve(texts, setting)
        near = {guess.confined for guess in found if found[0].score - guess.score < DECISION_MARGIN}
        return near.pop() if len(near) == 1 else None

    def municipal(self, text: str, setting: Setting) -> list[Guess]:
        """The municipalities that a name which was taken for a thing's may mean: 気仙沼 is a station, too."""
        found = self.resolve([text], setting)
        return [guess for guess in found if guess.place.level is Level.MUNICIPALITY and not guess.missed]

    def headed(self, text: str) -> tuple[list[str], str]:
        """A thing's name with its address in front taken apart: 静岡県伊東市 before 奥野ダム. Where it
        begins with neither prefecture nor 市 the rest must be known: 大島町橋 may be of any 大島町."""
        pieces = list(self._split([text]))
        at = next((i for i, piece in enumerate(pieces) if not self._is_address(piece)), len(pieces))
        rest = "".join(pieces[at:])
        sure = at > 0 and (PREFECTURE.fullmatch(pieces[0]) or pieces[0].endswith("市"))
        if not sure and (at == 0 or len(rest) <= 1 or not self._gazetteer.find(rest)):
            return [], text
        return pieces[:at], rest

    def _is_address(self, piece: str) -> bool:
        if PREFECTURE.fullmatch(piece):
            return True
        rows = [*self._gazetteer.find(piece), *self._wards_anywhere(piece)]
        return any(row.level is Level.MUNICIPALITY and _is_full_name(piece, row) for row in rows)

    def _split(self, texts: Sequence[str]) -> Iterator[str]:
        for text in texts:
            rest = _arabic(normal_form(text[:LONGEST_NAME]))
            if (found := PREFECTURE.match(rest)) and found.end() < len(rest):
                yield found[0]
                rest = rest[found.end() :]
            if rest:
                yield from self._municipal_pieces(self._undistricted(rest))

    def _undistricted(self, text: str) -> str:
        """「須佐」 for 須佐地区, unless a place is really called so."""
        bare = DISTRICT_END.sub("", text)
        return text if bare == text or self._gazetteer.find(text) else bare

    def _municipal_pieces(self, text: str) -> list[str]:
        """「東金市大字東金」 → 東金市, 大字東金; a whole name that is known stays whole."""
        if self._gazetteer.find(text) or self._wards_anywhere(text):
            return [text]
        plain = COUNTY.sub("", text)
        start = 0
        for end in MUNICIPALITY_END.finditer(plain):
            # A wrong head (賀茂市 for 賀茂郡) must not hide the 河津町 that follows it.
            for begin in {0: None, start: None}:
                head, tail = plain[begin : end.end()], plain[end.end() :]
                if self._is_municipality(head):
                    before = [plain[:begin]] if begin else []
                    return [*before, head, *(self._municipal_pieces(tail) if tail else ())]
            start = end.end()
        if (number := TRAILING_NUMBER.search(plain)) and number.start() > 0:
            return [plain[: number.start()], number[0]]
        return [plain]

    def _first(self, text: str, setting: Setting) -> list[Guess]:
        rows = [*self._gazetteer.find(text), *self._wards_anywhere(text)]
        guesses = self._municipal(text, [row for row in rows if row.level in MUNICIPAL], setting)
        home = self._home(text, rows, setting)
        if setting.sender and not home and len(guesses) == 1 and guesses[0].place.level is Level.MUNICIPALITY:
            guesses = [with_voice(guesses[0], "only_one")]
        if not home and setting.named is None:
            guesses += self._abroad(text, [row for row in rows if row.level in AREA_LEVELS], setting)
            if setting.sender is None and self._only_there(guesses):
                guesses = [with_voice(guess, "only_one") for guess in guesses]
            if not guesses and setting.sender is None:
                guesses = _around_the_only(rows, text)
        return best_of([*guesses, *home])

    def even_with_quarters(self, text: str, guesses: list[Guess]) -> list[Guess]:
        """The guesses, none before the others where a name ending in 町 is a quarter's in so many
        municipalities that the town which is also called so need not be meant: 栄町."""
        if not text.endswith("町"):
            return guesses
        towns = {row.municipality for row in self._gazetteer.find(text) if row.level is Level.TOWN}
        return (
            guesses if len(towns) < COMMON_QUARTERS else [replace(each, scores=exact()) for each in guesses]
        )

    def _only_there(self, guesses: Sequence[Guess]) -> bool:
        """Whether all that bears the name is one spot, or lies in one municipality: 元箱根, the town and the
        former village."""
        places = [guess.place for guess in guesses]
        if not places:
            return False
        towns = {place.municipality for place in places}
        return one_spot(places) or (len(towns) == 1 and not any(place.level in MUNICIPAL for place in places))

    def _is_municipality(self, text: str) -> bool:
        if self._wards_anywhere(text):
            return True
        return any(row.level is Level.MUNICIPALITY for row in self._gazetteer.find(text))

    def _wards_anywhere(self, text: str) -> Sequence[Place]:
        """The wards of all designated cities by their bare name."""
        if not text.endswith("区"):
            return ()
        if not self._wards:
            rows = (self.municipality(code) for city in codes.WARD_RANGES for code in self.wards(city))
            for row in filter(None, rows):
                self._wards.setdefault(normal_form(row.name).rpartition("市")[2], []).append(row)
        return self._wards.get(text, ())

    def _wards_called(self, city: str, text: str) -> list[Place]:
        """The wards of a designated city by their bare name: 南区 in 横浜市."""
        if not text.endswith("区"):
            return []
        rows = (self.municipality(code) for code in self.wards(city))
        return [row for row in rows if row is not None and _is_full_name(text, row)]

    def _home(self, text: str, rows: Sequence[Place], setting: Setting) -> list[Guess]:
        """The name inside the municipality that the message named, and inside the sender's."""
        guesses = []
        city = self.city_of(setting.sender) if setting.sender else None
        for code in dict.fromkeys(filter(None, (setting.named, setting.sender, city))):
            hits = self.index(code).find(text) or self._spelt(code, rows)
            guesses += [self._guess(hit, text, setting) for hit in hits]
        return guesses

    def _spelt(self, code: str, rows: Sequence[Place]) -> tuple[Hit, ...]:
        """Rows found by another spelling (kana), or an area called by its station: 竜ヶ水 for 竜ヶ水駅."""
        inside = [row for row in rows if self.holds(code, row.municipality)]
        areas = [row for row in inside if row.level in AREA_LEVELS]
        around = [
            replace(row, radius_m=max(row.radius_m, AROUND_STATION_M)) if row.kind == "station" else row
            for row in inside
            if row.level is Level.FACILITY
        ]
        return tuple(Hit(row, "suffix_name") for row in areas or around)

    def _municipal(self, text: str, rows: Iterable[Place], setting: Setting) -> list[Guess]:
        guesses = []
        key = normal_form(text)
        for row in rows:
            if row.level is Level.PREFECTURE:
                guesses.append(Guess(row, {"prefecture_named": scored("prefecture_named"), **exact()}, text))
                continue
            full = _is_full_name(key, row)
            voice = "municipality_named" if full else "suffix_name"
            scores = {voice: scored(voice), **self.surroundings(row, setting)}
            guesses.append(Guess(row, scores, text, confined=row.municipality if full else None))
        return guesses

    def _abroad(self, text: str, rows: Sequence[Place], setting: Setting) -> list[Guess]:
        """The bare name outside the sender's municipality: next door, or anywhere for a sender unknown."""
        if len(rows) > COMMON_NAME_ROWS and setting.sender is None and setting.position is None:
            rows = rows[:COMMON_NAME_ROWS]
        home = self.municipality(setting.sender) if setting.sender else None
        if home is not None:
            rows = [r for r in rows if metres_between(home.lat, home.lon, r.lat, r.lon) <= NEIGHBOUR_M]
        return self._everywhere(text, rows, setting)

    def _everywhere(self, text: str, rows: Iterable[Place], setting: Setting) -> list[Guess]:
        key = name_key(text)
        return [self._guess(Hit(row, fit_of(key, row)), text, setting) for row in rows]

    def _narrowed(self, guesses: Sequence[Guess], text: str, setting: Setting) -> list[Guess]:
        return best_of(
            finer
            for guess in guesses
            for finer in self._finer(guess, text, setting) or [replace(guess, missed=(*guess.missed, text))]
        )

    def _finer(self, guess: Guess, text: str, setting: Setting) -> list[Guess]:
        place = guess.place
        if TRAILING_NUMBER.fullmatch(text):
            return self._numbered(guess, text)
        if place.level is Level.PREFECTURE:
            return self._in_prefecture(guess, text, setting)
        if place.level is Level.MUNICIPALITY:
            if wards := self._wards_called(place.municipality, text):
                return [replace(moved_to(guess, row, {}, text), confined=row.municipality) for row in wards]
            index = self.index(place.municipality)
            hits = index.find(text) or self._spelt(place.municipality, self._gazetteer.find(text))
            return [moved_to(guess, hit.place, {hit.fit: scored(hit.fit)}, text) for hit in hits]
        return self._in_town(guess, text)

    def _numbered(self, guess: Guess, text: str) -> list[Guess]:
        """The house number, or the 丁目 that the first of several numbers is: 岡村 + 4-9-28 → 岡村四丁目."""
        if guess.place.level in MUNICIPAL:
            return []
        numbers = NUMBERS.findall(text)
        if guess.place.level in HAS_HOUSES and (house := self._gazetteer.house(guess.place, numbers)):
            return [moved_to(guess, house, {"number_found": scored("number_found")})]
        index = self.index(guess.place.municipality)
        hits = index.fine(guess.place.name + text)
        missed = guess.missed
        if not hits and guess.place.level is not Level.CHOME and len(numbers) > 1:
            hits = index.inside(guess.place.name, f"{numbers[0]}丁目")
            missed = (*missed, text)
        return [replace(moved_to(guess, hit.place, {}), missed=missed) for hit in hits]

    def _in_prefecture(self, guess: Guess, text: str, setting: Setting) -> list[Guess]:
        rows = [row for row in self._gazetteer.find(text) if row.municipality[:2] == guess.place.municipality]
        named = {"prefecture_named": scored("prefecture_named")}
        municipal = self._municipal(text, [row for row in rows if row.level is Level.MUNICIPALITY], setting)
        towns = self._everywhere(text, [row for row in rows if row.level in AREA_LEVELS], setting)
        return [replace(found, scores={**named, **found.scores}) for found in (municipal or towns)]

    def _in_town(self, guess: Guess, text: str) -> list[Guess]:
        place = guess.place
        index = self.index(place.municipality)
        hits = index.inside(place.name, text)
        if not hits:
            reach = place.radius_m + INSIDE_SLACK_M
            hits = tuple(
                hit
                for hit in index.find(text)
                if metres_between(place.lat, place.lon, hit.place.lat, hit.place.lon) <= reach
                and hit.fit not in ("prefix_only", "family_name")
            )
        return [moved_to(guess, hit.place, {"parts_inside": scored("parts_inside")}, text) for hit in hits]

    def _guess(self, hit: Hit, said: str, setting: Setting) -> Guess:
        scores = {hit.fit: scored(hit.fit), **self.surroundings(hit.place, setting)}
        return Guess(hit.place, scores, said)

    def surroundings(self, place: Place, setting: Setting) -> dict[str, float]:
        """What the sender, the phone and the message's other places say of a place."""
        scores: dict[str, float] = {}
        if setting.named and self.holds(setting.named, place.municipality):
            scores["named_before"] = scored("named_before")
        if setting.sender:
            if self.holds(setting.sender, place.municipality):
                scores["sender_municipality"] = scored("sender_municipality")
            elif self.city_of(setting.sender) == self.city_of(place.municipality):
                scores["sender_city"] = scored("sender_city")
            elif home := self.municipality(setting.sender):
                away = metres_between(home.lat, home.lon, place.lat, place.lon)
                scores["near_sender"] = scored("near_sender", 1 - away / NEIGHBOUR_M)
        if setting.position:
            away = metres_between(setting.position.lat, setting.position.lon, place.lat, place.lon)
            scores["near_phone"] = scored("near_phone", 1 - away / PHONE_REACH_M)
        return scores

    def municipality(self, code: str) -> Place | None:
        """The row of a municipality, ward or prefecture."""
        if code not in self._rows:
            self._rows[code] = self._areas.municipality(code)
        return self._rows[code]

    def city_of(self, code: str) -> str:
        """The designated city of a ward; any other code is its own city."""
        city = self._cities.get(code)
        if city is None:
            city = self._cities[code] = (codes.parent(code) or code) if len(code) == CODE_DIGITS else code
        return city

    def wards(self, code: str) -> tuple[str, ...]:
        """The codes that the wards of a designated city may have; empty for any other code."""
        first, last = codes.WARD_RANGES.get(code, (1, 0))
        return tuple(f"{number:05d}" for number in range(first, last + 1))

    def holds(self, code: str, inner: str) -> bool:
        """Whether `inner` is the municipality `code` or a ward of it."""
        return inner == code or self.city_of(inner) == code


def _arabic(text: str) -> str:
    """「3-5」 for 三番五号."""
    found = KANJI_BLOCK.fullmatch(text)
    return "-".join(str(number_of(each)) for each in found.groups() if each) if found else text


def _is_full_name(key: str, row: Place) -> bool:
    """Said with its 市・区・町・村; a county or the city of a ward may be left out."""
    name = COUNTY.sub("", normal_form(row.name))
    return COUNTY.sub("", key) == name or (key.endswith("区") and name.endswith(f"市{key}"))


def _around_the_only(rows: Sequence[Place], said: str) -> list[Guess]:
    """「恋山形」 is around 恋山形駅, where nothing else of the nation is called so."""
    if not rows or any(row.kind != "station" for row in rows) or not one_spot(rows):
        return []
    around = replace(rows[0], radius_m=AROUND_STATION_M)
    return [Guess(around, {voice: scored(voice) for voice in ("suffix_name", "only_one")}, said)]
