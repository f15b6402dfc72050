"""What the locator asks of municipalities: their rows, and which of them holds a point."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, Self

from geo.coverage import Coverage
from geo.gazetteer.memory import MemoryGazetteer, data_folder
from geo.gazetteer.tables import OUTLINES_FINE
from geo.place import Place


class Rows(Protocol):
    """Gazetteer rows by municipality code."""

    def municipality(self, code: str) -> Place | None:
        """The row of a municipality or ward (2 digits: prefecture); None when unknown."""
        ...

    def rows_of(self, code: str) -> Sequence[Place]:
        """All rows that carry exactly this code; empty when unknown."""
        ...

    def find_in(self, name: str, code: str) -> Sequence[Place]:
        """The rows of one code that `name` may mean."""
        ...


class MunicipalityAreas:
    """Municipalities by code and by point; coordinates are lat, lon in WGS 84."""

    def __init__(self, gazetteer: Rows, coverage: Coverage) -> None:
        self.gazetteer = gazetteer
        self._coverage = coverage

    @classmethod
    def load(cls, data: Path | None = None, gazetteer: Rows | None = None) -> Self:
        """Polygons of a folder of tables, None for our own; shares the rows of `gazetteer` when given."""
        coverage = Coverage.from_geojson(data_folder(data) / OUTLINES_FINE)
        return cls(gazetteer if gazetteer is not None else MemoryGazetteer.load(data), coverage)

    def municipality(self, code: str) -> Place | None:
        """The row of a municipality or ward (2 digits: prefecture); None when unknown."""
        return self.gazetteer.municipality(code)

    def municipality_of(self, lat: float, lon: float) -> str | None:
        """The 5-digit code whose area holds the point, a ward where there are wards; None at sea."""
        return self._coverage.municipality_of(lat, lon)

    def rows_of(self, code: str) -> Sequence[Place]:
        """All gazetteer rows that carry exactly this code; empty when unknown."""
        return self.gazetteer.rows_of(code)
