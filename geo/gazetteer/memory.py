"""All places in memory: built in seconds, asked in microseconds; a `Gazetteer` without a database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from importlib.resources import files
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Final, Self

from geo import codes
from geo.gazetteer.tables import FACILITIES, PLACES, read_places
from geo.hamlets import hamlet_called
from geo.names import fold, is_weak, normal_form, readings_of, search_keys, strong_forms
from geo.place import Level, Place

MIN_TAIL: Final = 2  # 門前町小 says nothing by its last character

HALVES: Final = frozenset("上中下東西南北奥口")


def data_folder(data: Path | None = None) -> Path:
    """`data`, or the folder of tables that the package carries."""
    return data if data is not None else Path(str(files("geo") / "data"))


def load(data: Path | None = None) -> Iterator[Place]:
    """The places of a folder of gazetteer tables, None for our own; a facility has its own point rather than
    that of its town. Raises FileNotFoundError."""
    folder = data_folder(data)
    facilities = {row.place_id: row for row in read_places(folder / FACILITIES)}
    others = (row for row in read_places(folder / PLACES) if row.place_id not in facilities)
    yield from merge(others, facilities.values(), key=attrgetter("place_id"))


class MemoryGazetteer:
    """Places by every form of their names.

    Keys are normal forms, so that one key serves all spellings; a place with a former municipality's
    name before its own (門前町小山) is also found by its own (小山).
    """

    def __init__(self, rows: Iterable[Place], formers: Mapping[str, frozenset[str]] | None = None) -> None:
        """Index `rows`; a later row of the same `place_id` does not replace an earlier one.

        `formers` are another gazetteer's former municipalities, for rows that come without their own.
        """
        self._rows = tuple(rows)
        self.formers = {**(formers or {}), **_formers(self._rows)}
        self._by_code: dict[str, tuple[int, ...]] = _grouped(
            (row.municipality, at) for at, row in enumerate(self._rows)
        )
        self._forms: list[tuple[str, ...]] = []
        self._tails: dict[int, str] = {}
        self._by_name: dict[str, tuple[int, ...]] = _grouped(self._keys())
        self._called = _municipal_names(self._rows)
        self._home: dict[str, frozenset[str]] = {}
        self._home_readings: dict[str, frozenset[str]] = {}

    @classmethod
    def load(cls, data: Path | None = None) -> Self:
        """The gazetteer of a folder of tables, None for our own. Raises FileNotFoundError."""
        return cls(load(data))

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Place]:
        return iter(self._rows)

    def names(self) -> Sequence[str]:
        """Every form worth searching in a text, folded (`geo.names.fold`), sorted; weak forms left out.

        「鴨阪」 is among them where a municipality has 上鴨阪 and 下鴨阪; who resolves it groups the two.
        """
        parts = {tail for row in self._rows if (tail := self._tail(row))} | self._families()
        forms = {form for form in parts if not is_weak(form)}
        forms.update(form for name, kind in self._kinds() for form in strong_forms(name, kind))
        return sorted(forms)

    def find(self, name: str) -> Sequence[Place]:
        """All places that `name`, in any spelling, may mean; also weak names. In order of place_id."""
        return self.find_key(normal_form(name))

    def find_key(self, key: str) -> Sequence[Place]:
        """`find` for a name that is a normal form (`geo.names.normal_form`) already."""
        return [self._rows[at] for at in self._by_name.get(key, ())]

    def house(self, town: Place, numbers: Sequence[str]) -> Place | None:
        """Always None: house numbers are too many to be rows; `geo.gazetteer.layers` brings them."""
        return None

    def rows_of(self, code: str) -> Sequence[Place]:
        """All rows that carry exactly this municipality code (a ward's for a ward); empty when unknown."""
        return [self._rows[at] for at in self._by_code.get(code, ())]

    def find_in(self, name: str, code: str) -> Sequence[Place]:
        """`find`, kept to one municipality code."""
        return [row for row in self.find(name) if row.municipality == code]

    def municipality(self, code: str) -> Place | None:
        """The row of a municipality, ward or designated city (2 digits: prefecture); None when unknown."""
        level = Level.PREFECTURE if len(code) == 2 else Level.MUNICIPALITY
        return next((row for row in self.rows_of(code) if row.level is level), None)

    def names_in(self, code: str) -> frozenset[str]:
        """The names of one municipality (5-digit code; of a ward: of its city), folded, with short forms.

        Also those that are weak in the nation: 「下部」 is a place to a sender from there.
        """
        found = self._home.get(code)
        if found is None:
            around = list(self._around(code))
            forms = chain.from_iterable(self._forms[at] for at in around)
            halls = {row.name for at in around if (row := self._rows[at]).level is Level.FACILITY}
            further = chain(map(self._tails.get, around), map(hamlet_called, halls))
            found = self._home[code] = frozenset(chain(forms, filter(None, further)))
        return found

    def codes_called(self, name: str) -> Sequence[str]:
        """The municipalities of a folded name, in full or short (福山市, 福山); empty for any other word."""
        return self._called.get(name, ())

    def readings_in(self, code: str) -> frozenset[str]:
        """How the names of one municipality (5-digit code) are read by ear (`geo.names.readings_of`)."""
        found = self._home_readings.get(code)
        if found is None:
            readings = (read for at in self._around(code) for read in readings_of(self._rows[at].kana))
            found = self._home_readings[code] = frozenset(readings)
        return found

    def _around(self, code: str) -> Iterator[int]:
        """The numbers of a municipality's rows; a ward's come with those of its whole city."""
        try:
            city = codes.parent(code) or code
        except codes.CodeError:
            return
        first, last = codes.WARD_RANGES.get(city, (1, 0))
        for each in dict.fromkeys((code, city, *(f"{number:05d}" for number in range(first, last + 1)))):
            yield from self._by_code.get(each, ())

    def _families(self) -> set[str]:
        """What the halves of a divided village share: 鴨阪 of 上鴨阪 and 下鴨阪 in one municipality."""
        halves: dict[tuple[str, str], set[str]] = {}
        for row in self._rows:
            name = self._tail(row) or fold(row.name)
            if row.level is Level.TOWN and name[0] in HALVES and len(name) > MIN_TAIL:
                halves.setdefault((row.municipality, name[1:]), set()).add(name[0])
        return {shared for (_, shared), firsts in halves.items() if len(firsts) > 1}

    def _kinds(self) -> Iterator[tuple[str, str]]:
        yield from {(row.name, row.kind) for row in self._rows}

    def _keys(self) -> Iterator[tuple[str, int]]:
        known: dict[tuple[str, str], tuple[str, ...]] = {}
        for at, row in enumerate(self._rows):
            keys = known.get((row.name, row.kind))
            if keys is None:
                keys = search_keys(row.name, row.kind)
                known[row.name, row.kind] = keys
            self._forms.append(keys)
            for key in keys:
                yield key, at
            if tail := self._tail(row):
                self._tails[at] = tail
                yield normal_form(tail), at

    def _tail(self, row: Place) -> str:
        """「小山」 of 門前町小山, when 門前町 or 門前 was a municipality there; else nothing."""
        if row.level is not Level.TOWN and row.level is not Level.CHOME:
            return ""
        names = self.formers.get(row.municipality)
        if not names:
            return ""
        for end in range(len(row.name) - MIN_TAIL, 1, -1):
            if row.name[:end] in names:
                return fold(row.name[end:])
        return ""


def _formers(rows: Iterable[Place]) -> dict[str, frozenset[str]]:
    """The names of former municipalities, with and without 町 or 村, by today's code."""
    names: dict[str, set[str]] = {}
    for row in rows:
        if row.level is Level.FORMER_MUNICIPALITY:
            names.setdefault(row.municipality, set()).update((row.name, row.name[:-1]))
    return {code: frozenset(name for name in found if len(name) > 1) for code, found in names.items()}


def _municipal_names(rows: Iterable[Place]) -> dict[str, tuple[str, ...]]:
    """Codes by every strong form of a municipality's name."""
    codes_of: dict[str, tuple[str, ...]] = {}
    for row in rows:
        if row.level is Level.MUNICIPALITY:
            for form in strong_forms(row.name, row.kind):
                codes_of[form] = (*codes_of.get(form, ()), row.municipality)
    return codes_of


def _grouped(pairs: Iterable[tuple[str, int]]) -> dict[str, tuple[int, ...]]:
    grouped: dict[str, tuple[int, ...]] = {}
    for key, at in pairs:
        known = grouped.get(key)
        grouped[key] = (at,) if known is None else (*known, at)
    return grouped
