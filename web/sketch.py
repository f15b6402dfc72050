"""A map drawn as SVG shapes for the printable page: no script, no tiles, sharp on paper.

Coordinates are WGS 84 (EPSG:4326), lon lat in GeoJSON; the projection is equirectangular at the middle
latitude, true within a prefecture to less than a line's width.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shapely.geometry import box, shape

from web.situation import Line

WIDTH: Final = 1000.0
HEIGHT: Final = 620.0
MARGIN: Final = 50.0
METRES_A_DEGREE: Final = 111_320.0
SMALLEST_M: Final = 2_000.0  # a single incident is shown with its surroundings
APART: Final = 24.0  # marks closer than this become one with a count
BAR: Final = 180.0  # longest scale bar
SMALLEST_CIRCLE: Final = 12.0


@dataclass(slots=True)
class Mark:
    """A number on the map; `more` others stand at the same spot."""

    x: float
    y: float
    line: Line
    more: int = 0


@dataclass(frozen=True, slots=True)
class Circle:
    """Where an incident may lie; pixels."""

    x: float
    y: float
    radius: float
    line: Line


@dataclass(frozen=True, slots=True)
class Name:
    """A municipality's name."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Sketch:
    """What the template draws; `land` and `shapes` are path data, `bar` is the scale's length in pixels."""

    land: tuple[str, ...]
    shapes: tuple[tuple[str, Line], ...]
    circles: tuple[Circle, ...]
    marks: tuple[Mark, ...]
    names: tuple[Name, ...]
    bar: float
    bar_words: str


class _Projection:
    """Degrees to pixels, with all `points` (lat, lon) inside."""

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        lats, lons = [lat for lat, _ in points], [lon for _, lon in points]
        self._lat, self._lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
        self._narrow = max(0.1, math.cos(math.radians(self._lat)))
        high = max((max(lats) - min(lats)) * METRES_A_DEGREE, SMALLEST_M)
        wide = max((max(lons) - min(lons)) * METRES_A_DEGREE * self._narrow, SMALLEST_M)
        self.metres = max(wide / (WIDTH - 2 * MARGIN), high / (HEIGHT - 2 * MARGIN))  # of one pixel

    def __call__(self, lat: float, lon: float) -> tuple[float, float]:
        scale = METRES_A_DEGREE / self.metres
        x = WIDTH / 2 + (lon - self._lon) * self._narrow * scale
        return round(x, 1), round(HEIGHT / 2 - (lat - self._lat) * scale, 1)

    def box(self) -> Any:
        """The drawn rectangle in degrees, as a shapely box (lon lat)."""
        high = HEIGHT / 2 * self.metres / METRES_A_DEGREE
        wide = WIDTH / 2 * self.metres / METRES_A_DEGREE / self._narrow
        return box(self._lon - wide, self._lat - high, self._lon + wide, self._lat + high)


def draw(
    listed: Sequence[Line], outlines: Sequence[Mapping[str, Any]], corners: Sequence[Sequence[float]]
) -> Sketch:
    """The map of `listed` over `outlines` (GeoJSON Features); `corners` are
    south-west and north-east, lat lon."""
    at = _Projection([(lat, lon) for lat, lon in corners])
    placed = [line for line in listed if line.point is not None]
    seen = at.box()
    land, names = [], []
    for one in outlines:
        polygon = shape(one["geometry"])
        if not polygon.intersects(seen):
            continue
        clipped = polygon.intersection(seen)
        land.append(_path(one["geometry"], at))
        if (name := one["properties"].get("outline")) and not clipped.is_empty:
            middle = clipped.representative_point()
            x, y = at(middle.y, middle.x)
            names.append(Name(x, y, str(name)))
    bar, words = _scale(at.metres)
    return Sketch(
        tuple(land),
        tuple((_path(line.properties["shape"], at), line) for line in placed if line.properties["shape"]),
        tuple(_circles(placed, at)),
        tuple(_marks(placed, at)),
        tuple(names),
        bar,
        words,
    )


def _marks(placed: Iterable[Line], at: _Projection) -> list[Mark]:
    """In the order of the list; what lies on another is counted there."""
    cells: dict[tuple[int, int], list[Mark]] = {}
    found: list[Mark] = []
    for line in placed:
        lat, lon = line.point or (0.0, 0.0)
        x, y = at(lat, lon)
        column, row = int(x // APART), int(y // APART)
        near = [
            mark
            for i in (-1, 0, 1)
            for j in (-1, 0, 1)
            for mark in cells.get((column + i, row + j), ())
            if math.hypot(mark.x - x, mark.y - y) < APART
        ]
        if near:
            near[0].more += 1
            continue
        mark = Mark(x, y, line)
        cells.setdefault((column, row), []).append(mark)
        found.append(mark)
    return found


def _circles(placed: Iterable[Line], at: _Projection) -> Iterable[Circle]:
    for line in placed:
        radius = (line.properties["radius_m"] or 0.0) / at.metres
        if radius >= SMALLEST_CIRCLE and line.point is not None and not line.properties["shape"]:
            x, y = at(*line.point)
            yield Circle(x, y, round(radius, 1), line)


def _path(geometry: Mapping[str, Any], at: _Projection) -> str:
    """SVG path data of a GeoJSON geometry."""
    if "geometries" in geometry:
        return " ".join(_path(part, at) for part in geometry["geometries"])
    return " ".join(_lines(geometry["coordinates"], geometry["type"].endswith("Polygon"), at))


def _lines(coordinates: Any, closed: bool, at: _Projection) -> Iterable[str]:
    if not coordinates or not isinstance(coordinates[0], list | tuple):
        return  # a bare point is drawn as a mark
    if isinstance(coordinates[0][0], int | float):
        points = " L".join("{} {}".format(*at(lat, lon)) for lon, lat, *_ in coordinates)
        yield f"M{points}{'Z' if closed else ''}"
        return
    for part in coordinates:
        yield from _lines(part, closed, at)


def _scale(metres: float) -> tuple[float, str]:
    """The longest round length that fits, in pixels and words."""
    longest = BAR * metres
    power = 10 ** math.floor(math.log10(longest))
    length = max(step * power for step in (1, 2, 5) if step * power <= longest)
    words = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    return round(length / metres, 1), words
