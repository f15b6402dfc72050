"""The names of one municipality, searched the way people shorten them.

「宮園」 for 大字宮園, 「松永」 for 松永町, 「安原上」 for 塩江町安原上, 「土崎」 for all towns
that begin with 土崎港, 「緑町」 for its five 丁目. The first of these readings that exists wins:
an exact name beats names that contain it.
"""

import math
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from statistics import fmean, median

from geo.hamlets import hamlets
from geo.names import normal_form
from geo.place import Level, Place, is_taught
from geo.sphere import metres_between

CHOME = re.compile(r"(?P<town>.+?)(?P<number>[0-9〇一二三四五六七八九十]+)丁目$")
INNER_AZA = re.compile(r"(?<=.)大字(?=.)|(?<=[町村])字(?=..)")
ONE_LINK = {"が": "ケ", "ガ": "ケ", "の": "ノ", "之": "ノ", "つ": "ツ"}
LINKS = frozenset(ONE_LINK)
LINKED = re.compile("(?<=[一-龥々])[がガの之つ](?=[一-龥々])")
KANA = re.compile(r"[ぁ-ゖァ-ヺー]{2,}")
HIRAGANA_TO_KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}
SUFFIX_READINGS = tuple(normal_form(kana) for kana in ("チョウ", "マチ", "ムラ", "ソン"))
TOWN_SUFFIXES = ("町", "村")
FAMILY = frozenset("上中下東西南北新本元奥口内外前後")
AREA_LEVELS = frozenset({Level.TOWN, Level.CHOME, Level.FORMER_MUNICIPALITY})
FINE_LEVELS = frozenset({Level.FACILITY, Level.SECTION, Level.HOUSE, Level.BLOCK})
# A word before a town name is a former village or a district when so many towns carry it.
DISTRICT_TOWNS = 3
# Towns spread wider than a former municipality's usual reach are not one place, but several.
GROUP_REACH_M = 12_000.0
# Two or three towns are a district's parts only when they lie side by side.
FEW_REACH_M = 2_000.0
# Rows of two sources for one place, and a town row beside its own 丁目, lie closer than this.
SAME_SPOT_M = 1_500.0
SHORTEST_PART = 2
MOST_HITS = 12
MEMORY = 20_000


@dataclass(slots=True)
class Hit:
    """A place that a name fits, and how: a name of `geo.scores.WEIGHTS`."""

    place: Place
    fit: str


def name_key(name: str) -> str:
    """The normal form, also without the 大字 or 字 that follows a former town's name (新市町大字相方),
    and with one spelling of what links two kanji (宮之浦, 宮ノ浦)."""
    form = normal_form(name)
    if not LINKS.isdisjoint(form):
        form = LINKED.sub(lambda link: ONE_LINK[link[0]], form)
    return INNER_AZA.sub("", form) if "字" in form else form


def reading_key(kana: str) -> str:
    """Katakana without small letters and long marks, as names are typed and dictated."""
    # First to katakana: only its small letters are folded.
    wide = normal_form(kana.translate(HIRAGANA_TO_KATAKANA)).translate(HIRAGANA_TO_KATAKANA)
    return wide.replace("ー", "").replace("ヅ", "ズ").replace("ヂ", "ジ")


class TownIndex:
    """What may be meant by a name within one municipality."""

    def __init__(self, rows: Iterable[Place]) -> None:
        self._areas: dict[str, list[Place]] = {}
        self._former: dict[str, list[Place]] = {}
        self._fine_rows: list[Place] = []
        self._area_rows: list[Place] = []
        self._known: dict[str, tuple[Hit, ...]] = {}
        self._blocks: dict[str, list[Place]] = {}
        for row in rows:
            level = row.level
            if level in FINE_LEVELS:
                self._fine_rows.append(row)
            elif level in AREA_LEVELS and not is_taught(row) and (key := name_key(row.name)):
                self._area_rows.append(row)
                if level is Level.FORMER_MUNICIPALITY:
                    self._former.setdefault(key, []).append(row)
                    continue
                self._areas.setdefault(key, []).append(row)
                if key.endswith("丁目") and (found := CHOME.match(key)):
                    self._blocks.setdefault(found["town"], []).append(row)
        self._names = self._areas.keys() | self._blocks.keys()

    @cached_property
    def _fine(self) -> Mapping[str, Sequence[Place]]:
        """Things by their names: many a message names only towns."""
        rows = [row for row in self._fine_rows if not is_taught(row)]
        return _by_key(rows, lambda row: name_key(row.name))

    @cached_property
    def _hamlets(self) -> Mapping[str, Sequence[Place]]:
        """What only halls and schools are called after; a town taught or listed goes before."""
        return hamlets(self._fine_rows)

    @cached_property
    def _read(self) -> Mapping[str, Sequence[Place]]:
        """Areas by how their names are read."""
        return _by_key([row for row in self._area_rows if row.kana], lambda row: reading_key(row.kana))

    @cached_property
    def _forward(self) -> Sequence[str]:
        """The areas' names, sorted: those that begin alike stand together."""
        return sorted(self._names)

    @cached_property
    def _backward(self) -> Sequence[str]:
        """The areas' names from their last letter on, sorted."""
        return sorted(name[::-1] for name in self._names)

    def _at(self, key: str) -> Sequence[Place]:
        """The areas called `key`; a town with its 丁目 is one place, made when it is first asked for."""
        if blocks := self._blocks.pop(key, None):
            self._areas[key] = [grouped(key, [*self._areas.get(key, ()), *blocks], Level.TOWN)]
        return self._areas.get(key, ())

    def find(self, name: str) -> tuple[Hit, ...]:
        """Every area that `name` may mean here, all by the best way in which it fits; empty if none."""
        hits = self._known.get(name)
        if hits is None:
            if len(self._known) >= MEMORY:
                self._known.clear()
            key = name_key(name)
            hits = self._known[name] = self._search(key) if key else ()
        return hits

    def fine(self, name: str) -> tuple[Hit, ...]:
        """Facilities, sections and house numbers of exactly this name."""
        return tuple(Hit(row, "exact_name") for row in self._fine.get(name_key(name), ()))

    def inside(self, parent: str, name: str) -> tuple[Hit, ...]:
        """Areas named by `parent` and `name` together: 塩江 + 安原上 → 塩江町安原上, 緑町 + 4丁目."""
        outer, inner = name_key(parent), name_key(name)
        for middle in ("", *TOWN_SUFFIXES):
            rows = self._at(outer + middle + inner)
            if rows:
                return _hits(rows, "exact_name")
        keys = [key for key in self._starting(outer) if key[len(outer) :].endswith(inner)] if inner else []
        if hits := _hits([row for key in keys for row in self._at(key)], "tail_name"):
            return hits
        return self._around_halls(outer + inner) if inner else ()

    def _search(self, key: str) -> tuple[Hit, ...]:
        if rows := self._at(key):
            return _hits(rows, "exact_name")
        if rows := self._suffixed(key):
            return _hits(rows, "suffix_name")
        former = tuple(Hit(row, "former_name") for row in self._former_rows(key))
        tails = _hits(self._tails(key), "tail_name") if len(key) >= SHORTEST_PART else ()
        if former or tails:
            return (*former, *tails)
        if KANA.fullmatch(key) and (read := self._by_reading(reading_key(key))):
            return read
        if found := CHOME.match(key):
            return tuple(replace(hit, fit="suffix_name") for hit in self._search(found["town"]))
        if len(key) < SHORTEST_PART:
            return ()
        return (
            self._elided(key)
            or self._family(key)
            or self._prefixed(key)
            or self._inner(key)
            or self._around_halls(key)
        )

    def _elided(self, key: str) -> tuple[Hit, ...]:
        """出石町本町 said without its former town's 町: 出石本町."""
        rows: list[Place] = []
        for cut in range(SHORTEST_PART, len(key) - 1):
            for middle in TOWN_SUFFIXES:
                if key[:cut] + middle in self._former:
                    inner = (key[cut:], *(key[cut:] + suffix for suffix in TOWN_SUFFIXES))
                    rows += [row for name in inner for row in self._at(key[:cut] + middle + name)]
        return _hits(rows, "suffix_name")

    def _by_reading(self, reading: str) -> tuple[Hit, ...]:
        """Names written as they are read: つのかわ, ナンゴウチョウカタガミ; 町 and 村 may be left out."""
        rows = [row for end in ("", *SUFFIX_READINGS) for row in self._read.get(reading + end, ())]
        return _hits(rows, "reading_fits")

    def _suffixed(self, key: str) -> list[Place]:
        rows = [row for suffix in TOWN_SUFFIXES for row in self._at(key + suffix)]
        if not rows and len(key) > SHORTEST_PART and key.endswith(TOWN_SUFFIXES):
            rows = list(self._at(key[:-1]))
        return rows

    def _former_rows(self, key: str) -> list[Place]:
        names = [key, *(key + suffix for suffix in TOWN_SUFFIXES)]
        rows: list[Place] = []
        for name in names:
            for row in self._former.get(name, ()):
                members = [town for start in self._starting(name) for town in self._at(start)]
                whole = grouped(row.name, members, row.level) if members else row
                rows.append(replace(whole, level=row.level, place_id=row.place_id))
        return rows

    def _tails(self, key: str) -> list[Place]:
        found = [
            name
            for name, before in self._ending(key)
            if self._is_district(before) and not self._is_family(before)
        ]
        return [row for name in found for row in self._at(name)]

    def _ending(self, key: str) -> Iterator[tuple[str, str]]:
        """Names that end with `key` or with `key` and 町 or 村, each with what stands before it."""
        for end in (key, *(key + suffix for suffix in TOWN_SUFFIXES)):
            for longer in _beginning(self._backward, end[::-1]):
                if len(longer) > len(end):
                    yield longer[::-1], longer[: len(end) - 1 : -1]

    def _is_district(self, word: str) -> bool:
        if (
            word.endswith(TOWN_SUFFIXES)
            or word in self._former
            or any(word + suffix in self._former for suffix in TOWN_SUFFIXES)
        ):
            return True
        return (
            len(word) > 1 and sum(1 for _ in islice(self._starting(word), DISTRICT_TOWNS)) == DISTRICT_TOWNS
        )

    def _family(self, key: str) -> tuple[Hit, ...]:
        """上秋津 and 下秋津 for 秋津: one place when they lie side by side, else each a candidate."""
        names = [name for name, before in self._ending(key) if self._is_family(before)]
        rows = [row for name in names for row in self._at(name)]
        if not rows or reach(rows) > FEW_REACH_M:
            return _hits(rows, "family_name")
        return (Hit(grouped(key, rows, Level.TOWN), "family_name"),)

    def _is_family(self, before: str) -> bool:
        return before[-1] in FAMILY and (len(before) == 1 or self._is_district(before[:-1]))

    def _prefixed(self, key: str) -> tuple[Hit, ...]:
        rows = [row for name in self._starting(key) for row in self._at(name)]
        if not rows:
            return ()
        limit = GROUP_REACH_M if len(rows) > DISTRICT_TOWNS else FEW_REACH_M
        if reach(rows) > limit:
            return _hits(rows, "prefix_only")
        level = Level.FORMER_MUNICIPALITY if len(rows) > DISTRICT_TOWNS else Level.TOWN
        return (Hit(grouped(key, rows, level), "prefix_only"),)

    def _inner(self, key: str) -> tuple[Hit, ...]:
        """「水尾」 for 嵯峨水尾宮ノ脇町 and its neighbours: a district's part that is itself divided."""
        names = [
            name for name in self._forward if (at := name.find(key)) > 0 and self._is_district(name[:at])
        ]
        rows = [row for name in names for row in self._at(name)]
        if not rows or reach(rows) > GROUP_REACH_M:
            return ()
        return (Hit(grouped(key, rows, Level.TOWN), "prefix_only"),)

    def _around_halls(self, key: str) -> tuple[Hit, ...]:
        rows = self._hamlets.get(key)
        if not rows:
            return ()
        if reach(rows) > FEW_REACH_M:
            return _hits(rows, "hall_named")
        return (Hit(grouped(key, rows, Level.TOWN), "hall_named"),)

    def _starting(self, word: str) -> Iterator[str]:
        return _beginning(self._forward, word)


def _by_key(rows: Iterable[Place], key_of: Callable[[Place], str]) -> dict[str, list[Place]]:
    keyed: dict[str, list[Place]] = {}
    for row in rows:
        keyed.setdefault(key_of(row), []).append(row)
    return keyed


def _beginning(names: Sequence[str], word: str) -> Iterator[str]:
    if not word:
        return
    for at in range(bisect_left(names, word), len(names)):
        if not names[at].startswith(word):
            return
        yield names[at]


def _hits(rows: Iterable[Place], fit: str) -> tuple[Hit, ...]:
    """One hit a spot: of rows that lie together the finest-known speaks for all."""
    kept: list[Place] = []
    for row in sorted(rows, key=lambda row: (row.radius_m, row.place_id)):
        if all(metres_between(row.lat, row.lon, other.lat, other.lon) > SAME_SPOT_M for other in kept):
            kept.append(row)
    return tuple(Hit(row, fit) for row in kept[:MOST_HITS])


def reach(rows: Sequence[Place]) -> float:
    """How far the farthest of `rows` lies from their middle, in metres."""
    lat, lon = fmean(row.lat for row in rows), fmean(row.lon for row in rows)
    return max(metres_between(lat, lon, row.lat, row.lon) for row in rows)


def grouped(name: str, rows: Sequence[Place], level: Level) -> Place:
    """Several rows as one place: their middle, and the radius that holds nine tenths of them with the
    usual radius of one; a single row is returned as it is."""
    if len(rows) == 1:
        return rows[0]
    lat, lon = fmean(row.lat for row in rows), fmean(row.lon for row in rows)
    away = sorted(metres_between(lat, lon, row.lat, row.lon) for row in rows)
    spread = away[max(0, math.ceil(0.9 * len(away)) - 1)]
    first = rows[0]
    return Place(
        place_id=f"group:{first.municipality}:{name}",
        name=name,
        kana="",
        kind="group",
        level=level,
        municipality=first.municipality,
        lat=lat,
        lon=lon,
        radius_m=math.hypot(spread, median(row.radius_m for row in rows)),
        source=first.source,
    )
