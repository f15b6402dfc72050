"""Roads, rivers, bridges, stations, schools: found by their own row, else by what their name is made of."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from geo.chain import COUNTY, LONGEST_NAME, MUNICIPAL, NOWHERE, Chains
from geo.guess import Guess, Setting
from geo.names import normal_form, readings_of
from geo.place import Gazetteer, Level, Place, PlacePart
from geo.scores import ACCEPT, scored
from geo.sphere import metres_between
from geo.townindex import AREA_LEVELS, FINE_LEVELS, SAME_SPOT_M, SHORTEST_PART, Hit

# What a thing's name ends in; what is left before it is often the name of the town where it stands.
ENDS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "bridge": re.compile(r"(?:大橋|新橋|歩道橋|陸橋|沈下橋|潜水橋|(?:の)?[つ吊]り?橋|橋)$"),
        "station": re.compile(r"(?:駅前?| ?えき| ?エキ|電停|停留[所場])$"),
        "facility": re.compile(
            r"(?:の)?(?:小学校|中学校|高等学校|高校|[小中高]|保育[園所]|幼稚園|こども園|大学|公民館|集会[所場]|会館"
            r"|[ァ-ヺー]*センタ[ーア]|体育館|神社|八幡宮|天満宮|寺|公園|城跡|団地|病院|医院|[市町村区]?役[所場]"
            r"|支所|出張所|庁舎|郵便局|交番|消防署|ダム|キャンプ場|温泉|港|漁港|グラウンド|広場|駐車場|工場|倉庫)$"
        ),
        "road": re.compile(r"バイパス$"),
        "junction": re.compile(
            r"の?(?:交差点|十字路|三[叉差]路|踏切|IC|JCT|インター(?:チェンジ)?|トンネル)$"
        ),
    }
)
# Rows' kinds that fit a part's kind; a kind not listed fits nothing and costs nothing.
KINDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "station": frozenset({"station"}),
        "bridge": frozenset({"bridge"}),
        "junction": frozenset({"junction", "crossing", "interchange", "bus_stop"}),
        "facility": frozenset(
            {
                "facility",
                "school",
                "office",
                "hall",
                "hospital",
                "shelter",
                "plant",
                "post_office",
                "landmark",
            }
        ),
        "road": frozenset({"road"}),
        "river": frozenset({"river", "gauge"}),
    }
)
# A thing named beside a town stands in it or at its edge.
BESIDE_SLACK_M = 5_000.0
# How far a thing lies from the town of its name, as a multiple of the town's radius: 90 % of 4,205 stations
# lie within 1.46, of 93 high schools within 3.5, of 2,188 public halls within 0.96.
NAME_PART_WIDENING = 1.5
WIDE_NAME_PART_WIDENING = 3.5
SERVES_MANY_TOWNS = re.compile(r"(?:高等学校|高校|高|大学|病院)$")
# No table of bridges was at hand to measure; they stand at the edges of towns.
BRIDGE_LEAST_M = 3_000.0
# 駅 of 岸本地区 is 岸本駅.
OF_PLACE = re.compile(r"(?:地区|集落|[町村])$")
# Of temples and shrines the lists hold a few: who finds one 善光寺 in them has not found all.
MANY_OF_A_NAME = re.compile(r"(?:寺|院|神社|大社|宮)$")
# What every municipality has one of, and calls by no other name.
OWN = re.compile(r"(?P<head>[市町村区]?)(?:立|民)?(?P<thing>役所|役場|病院)")
OWN_HOSPITALS = ("市立", "市民", "町立", "村立", "市", "町", "町民")
# 堅田えき, あなみずえき: typed in haste or by a child.
STATION_BY_EAR = re.compile(r" ?(?:えき|エキ)$")
# 水橋, 赤坂, 江原温泉, 寒川 end like things and are towns.
MAY_BE_AREA = frozenset({"bridge", "junction", "facility", "river"})
PASSING = frozenset({"bridge", "road"})
HOME_VOICES = frozenset({"sender_municipality", "sender_city"})
# Beyond this the middle of a river's course is no place for what happens at the river.
LONGEST_SECTION_M = 3_000.0
# 江の島弁天橋 is by 江の島; of a longer rest nobody knows what it says.
LONGEST_REST = 2
# Half the voice of a part that is itself a place: only its first characters are.
NAME_SHARE = 0.5
NAME_PART_FITS = frozenset({"exact_name", "suffix_name", "former_name", "reading_fits"})


def is_unnamed(part: PlacePart) -> bool:
    """「橋」「踏切」「公民館」 alone: a kind of thing, not the name of one."""
    pattern = ENDS.get(part.kind)
    return pattern is not None and pattern.sub("", normal_form(part.text[:LONGEST_NAME])) == ""


class Things:
    """Finds things by name where the areas said beside them, the sender and the message allow."""

    def __init__(self, gazetteer: Gazetteer, chains: Chains) -> None:
        self._gazetteer = gazetteer
        self._chains = chains

    def find(self, part: PlacePart, areas: Sequence[Guess], setting: Setting) -> list[Guess]:
        """Rows that bear the thing's own name, in reach of what was said; empty when none is known."""
        if len(part.text) > LONGEST_NAME:
            return []
        if setting == NOWHERE and not areas and MANY_OF_A_NAME.search(part.text):
            return []
        rows = [
            row
            for name in self._spelt(part, setting)
            for row in self._gazetteer.find(name)
            if row.level in FINE_LEVELS and not _is_of_another_kind(row, part) and not _is_long(row)
        ]
        if not rows:
            return []
        beside = [found for guess in areas for row in rows if (found := self._beside(guess, row, part))]
        if beside or any(guess.confined or guess.score >= ACCEPT for guess in areas):
            return beside
        if setting.named:
            rows = [row for row in rows if self._chains.holds(setting.named, row.municipality)]
        return self._bare(rows, part, setting)

    def _spelt(self, part: PlacePart, setting: Setting) -> Sequence[str]:
        """The thing's name as said; of a station by ear, the names that its town may have, with 駅."""
        if part.kind != "station" or not (ear := STATION_BY_EAR.search(part.text)):
            return (part.text,)
        name, code = part.text[: ear.start()], setting.named or setting.sender
        hits = self._chains.index(code).find(name) if code else ()
        read = {OF_PLACE.sub("", normal_form(hit.place.name)) for hit in hits if hit.fit == "reading_fits"}
        row = self._chains.municipality(code) if code else None
        if row is not None and set(readings_of(name)) & set(readings_of(row.kana)):
            read.add(normal_form(row.name)[:-1])
        return tuple(f"{each}駅" for each in sorted({name, *read}))

    def composed(self, area: str, part: PlacePart, areas: Sequence[Guess], setting: Setting) -> list[Guess]:
        """「岸本の駅」, 「入善の小学校」: a thing called by its kind alone, behind the place of its name."""
        bare = OF_PLACE.sub("", normal_form(area[:LONGEST_NAME]))
        kind = normal_form(part.text[:LONGEST_NAME]).removeprefix("の")
        return self.find(PlacePart(bare + kind, part.kind), areas, setting) if bare else []

    def own(self, part: PlacePart, setting: Setting) -> list[Guess]:
        """市役所, 役場, 市立病院 without a name: that of the municipality named, else of the sender's."""
        found = OWN.fullmatch(normal_form(part.text[:LONGEST_NAME]))
        code = setting.named or setting.sender
        if found is None or code is None:
            return []
        # 市役所 said in a ward is the city's.
        codes = (code, self._chains.city_of(code)) if found["head"] != "区" else (code,)
        for each in dict.fromkeys(codes):
            row = self._chains.municipality(each)
            name = normal_form(row.name) if row else ""
            if name and (found["head"] or name[-1]) == name[-1]:
                guesses = self._called(each, name, found["thing"], setting)
                if guesses:
                    return guesses
        return []

    def _called(self, code: str, municipality: str, thing: str, setting: Setting) -> list[Guess]:
        whole = COUNTY.sub("", municipality)
        names = [whole + thing] if thing != "病院" else [whole[:-1] + head + thing for head in OWN_HOSPITALS]
        rows = {row.place_id: row for name in names for row in self._gazetteer.find(name)}
        return [
            Guess(
                row, {"exact_name": scored("exact_name"), **self._chains.surroundings(row, setting)}, row.name
            )
            for row in rows.values()
            if row.level is Level.FACILITY and self._chains.holds(code, row.municipality)
        ]

    def by_name_part(self, part: PlacePart, setting: Setting) -> list[Guess]:
        """松永橋 near 松永町, when the municipality named or the sender's has a town of that name."""
        code = setting.named or setting.sender
        name = _name_part(part)
        if not name and (code is None or part.kind not in MAY_BE_AREA or is_unnamed(part)):
            return []
        if code is None:
            return self._only_namesake(name, part)
        guesses = []
        if part.kind in MAY_BE_AREA and (hits := self._chains.index(code).find(part.text)):
            return [
                Guess(
                    hit.place,
                    {hit.fit: scored(hit.fit), **self._chains.surroundings(hit.place, setting)},
                    name,
                )
                for hit in hits
                if hit.fit in NAME_PART_FITS
            ]
        for hit in self._leading(name, code, LONGEST_REST):
            scores = {"name_part": scored("name_part"), **self._chains.surroundings(hit.place, setting)}
            guesses.append(Guess(_widened(hit.place, part), scores, name, missed=(part.text,)))
        return guesses

    def _leading(self, name: str, code: str, most_left: int) -> list[Hit]:
        """The towns of a municipality with which a name begins, the longest beginning that is one; at most
        `most_left` characters of the name may be left."""
        index = self._chains.index(code)
        for length in range(len(name), max(SHORTEST_PART, len(name) - most_left) - 1, -1):
            hits = [hit for hit in index.find(name[:length]) if hit.fit in NAME_PART_FITS]
            if hits:
                return hits
        return []

    def inside(self, part: PlacePart, guess: Guess) -> list[Guess]:
        """新宮の丹鶴城公園: the town with which its name begins, in the municipality said before."""
        name = _name_part(part)
        if not name or guess.place.level is not Level.MUNICIPALITY:
            return []
        hits = self._leading(name, guess.place.municipality, len(name))
        voices = {"name_part": scored("name_part"), "parts_inside": scored("parts_inside", NAME_SHARE)}
        scores, missed = {**guess.scores, **voices}, (*guess.missed, part.text)
        return [replace(guess, place=_widened(hit.place, part), scores=scores, missed=missed) for hit in hits]

    def _only_namesake(self, name: str, part: PlacePart) -> list[Guess]:
        """A sender unknown: only where the whole nation has one town of the name."""
        rows = [
            row for row in self._gazetteer.find(name) if row.level in AREA_LEVELS or row.level in MUNICIPAL
        ]
        if len(rows) != 1 or rows[0].level is not Level.TOWN or MANY_OF_A_NAME.search(part.text):
            return []
        voices = ("name_part", "only_one", "suffix_name")
        scores = {voice: scored(voice) for voice in voices}
        return [Guess(_widened(rows[0], part), scores, name, missed=(part.text,))]

    def _beside(self, guess: Guess, row: Place, part: PlacePart) -> Guess | None:
        place = guess.place
        if place.level is Level.PREFECTURE:
            inside = row.municipality[:2] == place.municipality
        else:
            inside = self._chains.holds(place.municipality, row.municipality)
        if place.level not in (Level.PREFECTURE, Level.MUNICIPALITY):
            away = metres_between(place.lat, place.lon, row.lat, row.lon)
            near = away <= place.radius_m + row.radius_m + BESIDE_SLACK_M
            inside = near and (inside or guess.confined is None)
        if not inside:
            return None
        scores = {**guess.scores, **_fitting(row, part), "parts_inside": scored("parts_inside")}
        return replace(guess, place=row, scores=scores, said=part.text)

    def _bare(self, rows: Sequence[Place], part: PlacePart, setting: Setting) -> list[Guess]:
        guesses = []
        for row in rows:
            scores = {**_fitting(row, part), **self._chains.surroundings(row, setting)}
            if _are_one(rows):
                scores["only_one"] = scored("only_one")
            if self._in_namesake(row, part):
                scores["namesake_city"] = scored("namesake_city")
            guesses.append(Guess(row, scores, part.text))
        home = [guess for guess in guesses if HOME_VOICES & guess.scores.keys()]
        # 県立中央病院 may be the only one in a table and is not the sender's; a station is known far away.
        famous = part.kind == "station" and _are_one(rows)
        if home or setting.sender is None or famous:
            return home or guesses
        near = [guess for guess in guesses if guess.scores.get("near_sender", 0.0) > 0]
        # Every second town has a 東小学校: next door's is shown to choose from, and not taken.
        doubtful = part.kind == "facility" and not _are_one(rows)
        return [_without(guess, "kind_fits") for guess in near] if doubtful else near

    def _in_namesake(self, row: Place, part: PlacePart) -> bool:
        """高松駅 in 高松市: without more said, the city's own station is meant."""
        name = _name_part(part)
        city = self._chains.city_of(row.municipality)
        found = self._chains.municipality(city)
        return bool(name) and found is not None and normal_form(found.name) == f"{name}市"


def _is_long(row: Place) -> bool:
    """A river or railway that runs through half a municipality says no more than the municipality."""
    return row.level is Level.SECTION and row.radius_m > LONGEST_SECTION_M


def _are_one(rows: Sequence[Place]) -> bool:
    if not rows:
        return False
    first = rows[0]
    return all(metres_between(first.lat, first.lon, row.lat, row.lon) <= SAME_SPOT_M for row in rows)


def _name_part(part: PlacePart) -> str:
    """What a thing's name holds besides its kind; empty when that is nothing or one character."""
    pattern = ENDS.get(part.kind)
    name = pattern.sub("", normal_form(part.text[:LONGEST_NAME])) if pattern else ""
    return name if len(name) >= SHORTEST_PART else ""


def _widened(place: Place, part: PlacePart) -> Place:
    wide = SERVES_MANY_TOWNS.search(normal_form(part.text[:LONGEST_NAME])) is not None
    radius = place.radius_m * (WIDE_NAME_PART_WIDENING if wide else NAME_PART_WIDENING)
    return replace(place, radius_m=max(radius, BRIDGE_LEAST_M) if part.kind in PASSING else radius)


def _is_of_another_kind(row: Place, part: PlacePart) -> bool:
    """A river 大川 is not 大川駅; a kind that no part knows may be anything."""
    fits = KINDS.get(part.kind, frozenset())
    return row.kind not in fits and any(row.kind in kinds for kinds in KINDS.values())


def _without(guess: Guess, voice: str) -> Guess:
    return replace(guess, scores={name: score for name, score in guess.scores.items() if name != voice})


def _fitting(row: Place, part: PlacePart) -> dict[str, float]:
    scores = {"exact_name": scored("exact_name")}
    if row.kind in KINDS.get(part.kind, ()):
        scores["kind_fits"] = scored("kind_fits")
    return scores
