"""What a reader of official files hands out, row by row. Coordinates are WGS 84 degrees, radii metres."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from shapely.geometry.base import BaseGeometry

from geo.place import Place


class OfficialError(RuntimeError):
    """A file cannot be read at all; the message says what to do, in Japanese."""


@dataclass(frozen=True, slots=True)
class Found:
    """A place, and what else its publisher says (JSON values): the disasters that a shelter serves."""

    line: int
    place: Place
    properties: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class House:
    """A point of 住居表示: `town` is `geo.gazetteer.houses.town_key` of 町名 with its 丁目, `block` 街区符号,
    `house` 住居番号 (with its 枝番 after a hyphen; empty: the block itself)."""

    line: int
    municipality: str
    town: str
    block: str
    house: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Area:
    """The area of a municipality or ward, lon lat in EPSG:4326."""

    line: int
    code: str
    name: str
    prefecture: str
    shape: BaseGeometry


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was not taken, and why, for an operator. `line` counts as an editor does (the header is 1);
    in a file of shapes it is the number of the shape."""

    line: int
    reason: str
    what: str = ""


Row: TypeAlias = Found | House | Area | Refused
