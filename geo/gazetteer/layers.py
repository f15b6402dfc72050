"""Several gazetteers as one: the nation's packaged places below, each loaded source a layer above them.

A layer is built, replaced and taken away alone, in a fraction of the seconds that the nation takes.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from types import MappingProxyType

from geo.gazetteer.houses import Houses, house_at
from geo.gazetteer.memory import MemoryGazetteer
from geo.names import normal_form
from geo.place import Level, Place, is_taught
from geo.sphere import metres_between
from geo.townindex import FINE_LEVELS, name_key

MUNICIPAL = frozenset({Level.MUNICIPALITY, Level.PREFECTURE})
THINGS = FINE_LEVELS
# A school's gate in one table and its gymnasium in another.
SAME_THING_M = 500.0


class Layer(MemoryGazetteer):
    """One source above the base. It keeps its names: they are asked for whenever another source changes."""

    def names(self) -> Sequence[str]:
        """As `MemoryGazetteer.names`, worked out once."""
        return self._names

    @cached_property
    def _names(self) -> Sequence[str]:
        return super().names()


class LayeredGazetteer:
    """`base` and further layers by the name of their source; what all say counts, the base first."""

    def __init__(
        self,
        base: MemoryGazetteer,
        layers: Mapping[str, Layer] = MappingProxyType({}),
        houses: Houses | None = None,
    ) -> None:
        """`houses` are asked for house numbers; None when there are none."""
        self._houses = houses
        self.base = base
        self.layers = dict(layers)
        self._all = (base, *self.layers.values())
        self._home: dict[str, frozenset[str]] = {}
        self._home_readings: dict[str, frozenset[str]] = {}

    def names(self) -> Sequence[str]:
        """Every form worth searching in a text, of all layers, folded and sorted."""
        return sorted({*self.base.names(), *self.further_names()})

    def further_names(self) -> Sequence[str]:
        """The forms that the layers above the base bring."""
        return sorted(set(chain.from_iterable(layer.names() for layer in self.layers.values())))

    def find(self, name: str) -> Sequence[Place]:
        """All places that `name` may mean; a place that several sources know is one place."""
        key = normal_form(name)
        found = list(self.base.find_key(key))
        further = [row for layer in self.layers.values() for row in layer.find_key(key)]
        return distinct([*found, *further]) if further else found

    def find_in(self, name: str, code: str) -> Sequence[Place]:
        """`find`, kept to one municipality code."""
        return [row for row in self.find(name) if row.municipality == code]

    def rows_of(self, code: str) -> Sequence[Place]:
        """All rows that carry exactly this municipality code, of all layers."""
        rows = [row for layer in self._all for row in layer.rows_of(code)]
        return distinct(rows) if self.layers else rows

    def names_in(self, code: str) -> frozenset[str]:
        """The names of one municipality (5-digit code), of all layers: `MemoryGazetteer.names_in`."""
        return self._of_all(code, self._home, MemoryGazetteer.names_in)

    def readings_in(self, code: str) -> frozenset[str]:
        """How the names of one municipality are read by ear, of all layers."""
        return self._of_all(code, self._home_readings, MemoryGazetteer.readings_in)

    def codes_called(self, name: str) -> Sequence[str]:
        """The municipalities of a folded name, in full or short."""
        return self.base.codes_called(name)

    def _of_all(
        self,
        code: str,
        known: dict[str, frozenset[str]],
        ask: Callable[[MemoryGazetteer, str], frozenset[str]],
    ) -> frozenset[str]:
        if not self.layers:
            return ask(self.base, code)
        if code not in known:
            known[code] = frozenset(chain.from_iterable(ask(layer, code) for layer in self._all))
        return known[code]

    def house(self, town: Place, numbers: Sequence[str]) -> Place | None:
        """The house, or at least the 街区, that `numbers` name in a town."""
        return None if self._houses is None else house_at(self._houses, town, numbers)

    def municipality(self, code: str) -> Place | None:
        """The row of a municipality or ward (2 digits: prefecture), the base's before any other."""
        return next(filter(None, (layer.municipality(code) for layer in self._all)), None)


def distinct(rows: Sequence[Place]) -> list[Place]:
    """The rows without those that another source knows better: of one name and level in one municipality the
    source with the smallest radius speaks, for things only where the sources' points lie together.

    A municipality is always the first row's: the order of the layers decides. What headquarters taught
    neither silences an official row nor is silenced by one: geo/taught.py weighs them.
    """
    kept: list[Place] = []
    groups: dict[tuple[str, Level, str], list[Place]] = {}
    for row in rows:
        if is_taught(row):
            kept.append(row)
            continue
        key = "" if row.level in MUNICIPAL else name_key(row.name)
        groups.setdefault((row.municipality, row.level, key), []).append(row)
    for (_, level, _), group in groups.items():
        if level in MUNICIPAL:
            kept.append(group[0])
        elif len({row.source for row in group}) == 1:
            kept.extend(group)
        elif level in THINGS:
            kept.extend(_apart(group))
        else:
            finest = min(group, key=lambda row: row.radius_m).source
            kept.extend(row for row in group if row.source == finest)
    return kept


def _apart(group: Sequence[Place]) -> list[Place]:
    kept: list[Place] = []
    for row in sorted(group, key=lambda row: row.radius_m):
        near = (
            metres_between(row.lat, row.lon, one.lat, one.lon) for one in kept if one.source != row.source
        )
        if all(away > SAME_THING_M for away in near):
            kept.append(row)
    return kept
