"""Several gazetteers as one: the nation's packaged places below, each loaded source a layer above them.

A layer is built, replaced and taken away alone, in a fraction of the seconds that the nation takes.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from types import MappingProxyType

from geo.gazetteer.memory import MemoryGazetteer
from geo.names import normal_form
from geo.place import Level, Place

MUNICIPAL = frozenset({Level.MUNICIPALITY, Level.PREFECTURE})


class LayeredGazetteer:
    """`base` and further layers by the name of their source; what all say counts, the base first."""

    def __init__(
        self, base: MemoryGazetteer, layers: Mapping[str, MemoryGazetteer] = MappingProxyType({})
    ) -> None:
        self.base = base
        self.layers = dict(layers)
        self._all = (base, *self.layers.values())

    def names(self) -> Sequence[str]:
        """Every form worth searching in a text, of all layers, folded and sorted."""
        return sorted({*self.base.names(), *self.further_names()})

    def further_names(self) -> Sequence[str]:
        """The forms that the layers above the base bring."""
        return sorted(set(chain.from_iterable(layer.names() for layer in self.layers.values())))

    def find(self, name: str) -> Sequence[Place]:
        """All places that `name` may mean; a municipality is one place, however many sources know it."""
        key = normal_form(name)
        found = list(self.base.find_key(key))
        for layer in self.layers.values():
            for row in layer.find_key(key):
                if row.level not in MUNICIPAL or self.municipality(row.municipality) is row:
                    found.append(row)
        return found

    def find_in(self, name: str, code: str) -> Sequence[Place]:
        """`find`, kept to one municipality code."""
        return [row for row in self.find(name) if row.municipality == code]

    def rows_of(self, code: str) -> Sequence[Place]:
        """All rows that carry exactly this municipality code, of all layers."""
        return [row for layer in self._all for row in layer.rows_of(code)]

    def municipality(self, code: str) -> Place | None:
        """The row of a municipality or ward (2 digits: prefecture), the base's before any other."""
        return next(filter(None, (layer.municipality(code) for layer in self._all)), None)
