"""Which municipality a point lies in, by the polygons of geo/data. Points are lat, lon in WGS 84."""

import gzip
import json
import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Final, Self

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.gazetteer.tables import OUTLINES_FINE
from geo.sphere import METRES_A_DEGREE

SLACK_M: Final = 3000.0  # piers, bridges and the polygons' own coarseness (90 % of its border within 300 m)


class Coverage:
    """Municipality polygons with an index; wards stand for their designated city."""

    def __init__(self, outlines: Mapping[str, BaseGeometry]) -> None:
        """Index `outlines`: 5-digit code -> polygon, lon lat in EPSG:4326."""
        self._codes = sorted(outlines)
        self._polygons = np.array([outlines[code] for code in self._codes], dtype=object)
        shapely.prepare(self._polygons)
        self._tree = shapely.STRtree(self._polygons)

    @classmethod
    def from_geojson(cls, path: Path, replaced: Mapping[str, BaseGeometry] = MappingProxyType({})) -> Self:
        """Read a FeatureCollection with property `code`, gzipped when its name ends in .gz; polygons of
        `replaced` stand in the place of those with the same code, or beside them."""
        packed = path.read_bytes()
        collection = json.loads(gzip.decompress(packed) if path.suffix == ".gz" else packed)
        codes = [feature["properties"]["code"] for feature in collection["features"]]
        shapes = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in collection["features"]])
        return cls({**dict(zip(codes, shapes, strict=True)), **replaced})

    @classmethod
    def of_package(cls, replaced: Mapping[str, BaseGeometry] = MappingProxyType({})) -> Self:
        """The nation's polygons that the package carries, those in `replaced` instead of its own."""
        return cls.from_geojson(Path(str(files("geo") / "data" / OUTLINES_FINE)), replaced)

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that have a polygon."""
        return tuple(self._codes)

    def areas(self) -> dict[str, float]:
        """The polygons' areas in square degrees, by code."""
        return dict(zip(self._codes, shapely.area(self._polygons).tolist(), strict=True))

    def area_of(self, code: str) -> BaseGeometry | None:
        """The polygon of a code (lon lat, EPSG:4326), None when it has none."""
        at = bisect_left(self._codes, code)
        known = at < len(self._codes) and self._codes[at] == code
        return self._polygons[at] if known else None

    def radius_m(self, code: str) -> float | None:
        """The radius in metres of the circle as large as the polygon of a code, None when it has none."""
        area = self.area_of(code)
        if area is None:
            return None
        square_m = area.area * METRES_A_DEGREE**2 * math.cos(math.radians(area.centroid.y))
        return math.sqrt(square_m / math.pi)

    def invalid(self) -> list[str]:
        """Codes whose polygon is not valid by the OGC's rules."""
        valid = shapely.is_valid(self._polygons).tolist()
        return [code for code, fine in zip(self._codes, valid, strict=True) if not fine]

    def municipality_of(self, lat: float, lon: float, slack_m: float = SLACK_M) -> str | None:
        """The code of the municipality at the point, or of the nearest within `slack_m`; else None."""
        return self.municipalities_of([(lat, lon)], slack_m)[0]

    def municipalities_of(
        self, points: Sequence[tuple[float, float]], slack_m: float = SLACK_M
    ) -> list[str | None]:
        """`municipality_of` for many points at once."""
        if not points:
            return []
        found: list[str | None] = [None] * len(points)
        dots = shapely.points([(lon, lat) for lat, lon in points])
        at, inside = self._tree.query(dots, predicate="intersects")
        # On a shared border both polygons answer: the smaller index, thus the smaller code, is taken.
        for index, polygon in sorted(zip(at.tolist(), inside.tolist(), strict=True), reverse=True):
            found[index] = self._codes[polygon]
        missing = np.array([index for index, code in enumerate(found) if code is None], dtype=int)
        if len(missing) and slack_m > 0:
            at, nearest = self._tree.query_nearest(
                dots[missing], max_distance=2 * slack_m / METRES_A_DEGREE, all_matches=False
            )
            for index, polygon in zip(missing[at].tolist(), nearest.tolist(), strict=True):
                if self._metres_to(points[index], polygon) <= slack_m:
                    found[index] = self._codes[polygon]
        return found

    def distances_m(self, points: Sequence[tuple[float, float]], codes: Sequence[str]) -> np.ndarray:
        """Metres from each point to the polygon of its code, 0 inside. Raises KeyError for unknown codes."""
        indexes = {code: index for index, code in enumerate(self._codes)}
        polygons = self._polygons[[indexes[code] for code in codes]]
        dots = shapely.points([(lon, lat) for lat, lon in points])
        inside = shapely.intersects(polygons, dots)
        return np.array(
            [
                0.0 if within else self._metres_to(point, indexes[code])
                for point, code, within in zip(points, codes, inside, strict=True)
            ]
        )

    def _metres_to(self, point: tuple[float, float], polygon: int) -> float:
        """Metres to a polygon, measured with longitudes shrunk at the point's latitude."""
        lat, lon = point
        shrink = float(np.cos(np.radians(lat)))
        local = shapely.transform(self._polygons[polygon], lambda xy: xy * np.array([shrink, 1.0]))
        return float(shapely.distance(local, shapely.Point(lon * shrink, lat))) * METRES_A_DEGREE
