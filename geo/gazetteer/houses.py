"""House numbers (住居表示), asked one block at a time: far too many to hold as places or to search in texts.

The seam is `Houses`; the service asks its database, whoever has none holds a `CompactHouses`.
"""

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Protocol

import numpy as np

from geo.place import Level, Place
from geo.sphere import metres_between
from geo.townindex import name_key

NUMBERS: Final = re.compile(r"[0-9]+")
# The point of 住居表示 lies in the building or at its entrance (surveyed at 1:2,500); what a person reports
# of a house is at the house or before it.
HOUSE_RADIUS_M: Final = 30.0
# Beyond the outermost house of a block stand its streets.
BLOCK_MARGIN_M: Final = 20.0
BLOCK_LEAST_M: Final = 40.0
HELD_SHARE: Final = 0.9


@dataclass(frozen=True, slots=True)
class HousePoint:
    """One house of a block: `house` as 住居番号 (「5」, 「5-2」; empty: the block itself), WGS 84 degrees."""

    house: str
    lat: float
    lon: float
    source: str


class Houses(Protocol):
    """Where house numbers are kept."""

    def block(self, municipality: str, town: str, block: str) -> Sequence[HousePoint]:
        """All houses of one 街区; `town` is `town_key` of 町名 with its 丁目. Empty when unknown."""
        ...


class NoHouses:
    """No house numbers are known."""

    def block(self, municipality: str, town: str, block: str) -> Sequence[HousePoint]:
        """Always empty."""
        return ()


class CompactHouses:
    """House numbers in memory, packed town by town: about 10 bytes a house."""

    def __init__(self, rows: Iterable[tuple[str, str, str, str, float, float]], source: str) -> None:
        """`rows` are (municipality, town, block, house, lat, lon)."""
        self._source = source
        ordered = sorted(rows)
        self._towns = {
            town: zlib.compress("\n".join(f"{r[2]}\t{r[3]}\t{r[4]:.6f}\t{r[5]:.6f}" for r in inside).encode())
            for town, inside in groupby(ordered, key=lambda row: (row[0], row[1]))
        }

    def block(self, municipality: str, town: str, block: str) -> Sequence[HousePoint]:
        """All houses of one 街区."""
        packed = self._towns.get((municipality, town))
        if packed is None:
            return ()
        cells = (line.split("\t") for line in zlib.decompress(packed).decode().split("\n"))
        return [HousePoint(c[1], float(c[2]), float(c[3]), self._source) for c in cells if c[0] == block]


def town_key(name: str) -> str:
    """The key of a town in a table of houses: all spellings of 町名 and 丁目 meet."""
    return name_key(name)


def house_at(houses: Houses, town: Place, numbers: Sequence[str]) -> Place | None:
    """The house, or at least the block, that `numbers` name in a town or 丁目; None when there is none.

    「つつじが丘3丁目」 with 4, 5 is 4番5号; 「松江北」 with 2, 3, 4 is 2丁目3番4号; further numbers
    (部屋番号) are passed over. The place's radius holds what is reported of it.
    """
    if not numbers:
        return None
    if len(numbers) > 1 and town.level is not Level.CHOME:
        inside = _in_block(houses, town, f"{town.name}{int(numbers[0])}丁目", numbers[1:])
        if inside is not None:
            return inside
    return _in_block(houses, town, town.name, numbers)


def _in_block(houses: Houses, town: Place, name: str, numbers: Sequence[str]) -> Place | None:
    block = str(int(numbers[0]))
    known = houses.block(town.municipality, town_key(name), block)
    if not known:
        return None
    label = f"{name}{block}番"
    if len(numbers) > 1:
        house = str(int(numbers[1]))
        branch = f"{house}-{int(numbers[2])}" if len(numbers) > 2 else house
        exact = [one for one in known if one.house == branch] or [one for one in known if one.house == house]
        if exact:
            at = exact[0]
            label, level, radius = f"{label}{house}号", Level.HOUSE, HOUSE_RADIUS_M
            return _place(label, level, town, (at.lat, at.lon), radius, at.source)
    lat = float(np.mean([one.lat for one in known]))
    lon = float(np.mean([one.lon for one in known]))
    away = [metres_between(lat, lon, one.lat, one.lon) for one in known]
    radius = max(float(np.quantile(away, HELD_SHARE)) + BLOCK_MARGIN_M, BLOCK_LEAST_M)
    return _place(label, Level.BLOCK, town, (lat, lon), radius, known[0].source)


def _place(
    name: str, level: Level, town: Place, point: tuple[float, float], radius_m: float, source: str
) -> Place:
    return Place(
        place_id=f"{level.value}:{town.municipality}:{name}",
        name=name,
        kana="",
        kind=level.value,
        level=level,
        municipality=town.municipality,
        lat=point[0],
        lon=point[1],
        radius_m=round(radius_m, 1),
        source=source,
    )
