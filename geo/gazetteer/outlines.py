"""Municipality polygons: 気象庁's warning areas (reversejp), joined by code, wards cut by their towns.

The source has wards for 京都市 and 広島市 only. Those of the other designated cities are drawn as the
union of the Voronoi cells of their towns' points, clipped to the city: an approximation, good to a few
hundred metres. Coordinates are lon, lat in EPSG:4326.
"""

import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from shapely.geometry import MultiPoint, shape
from shapely.geometry.base import BaseGeometry

from geo.codes import parent
from geo.gazetteer.towns import Town

SOURCE: Final = "jma-areas"
DISPLAY_DECIMALS: Final = 4
FINE_DECIMALS: Final = 5
NEIGHBOURS: Final = 7  # a town whose nearest six are all of another ward is mislabelled


def read(paths: Iterable[Path]) -> dict[str, BaseGeometry]:
    """Valid polygons by 5-digit code (a designated city as a whole); parts of one city are joined."""
    parts: dict[str, list[BaseGeometry]] = defaultdict(list)
    for path in paths:
        with zipfile.ZipFile(path) as packed:
            collection = json.loads(packed.read(path.name.removesuffix(".zip")))
        for feature in collection["features"]:
            code = str(feature["properties"]["code"])[:5]
            if code.isdigit():
                parts[code].append(areas_of(shapely.make_valid(shape(feature["geometry"]))))
    return {code: areas_of(shapely.union_all(polygons)) for code, polygons in sorted(parts.items())}


def areas_of(geometry: BaseGeometry) -> BaseGeometry:
    """The polygons of `geometry`; lines and points that make_valid leaves over are dropped."""
    if geometry.geom_type in ("Polygon", "MultiPolygon"):
        return geometry
    return shapely.union_all([part for part in shapely.get_parts(geometry) if part.area > 0])


def with_wards(cities: Mapping[str, BaseGeometry], towns: Iterable[Town]) -> dict[str, BaseGeometry]:
    """`cities` with each designated city replaced by its wards."""
    by_city: dict[str, list[Town]] = defaultdict(list)
    for town in towns:
        city = parent(town.municipality)
        if city is not None and city in cities:
            by_city[city].append(town)
    outlines = {code: polygon for code, polygon in cities.items() if code not in by_city}
    for city, members in by_city.items():
        outlines.update(_wards(cities[city], members))
    return dict(sorted(outlines.items()))


def _wards(city: BaseGeometry, towns: Sequence[Town]) -> dict[str, BaseGeometry]:
    labels = {(town.lon, town.lat): town.municipality for town in towns if _inside(city, town)}
    points = np.array(list(labels), dtype=float)
    wards = np.array(list(labels.values()))
    keep = _agreeing(points, wards)
    points, wards = points[keep], wards[keep]
    # Ordered cells come back in the order of the points.
    cells = shapely.get_parts(
        shapely.voronoi_polygons(MultiPoint(points), extend_to=city.envelope.buffer(0.1), ordered=True)
    )
    outlines = {}
    for ward in sorted(set(wards)):
        joined = shapely.union_all(cells[wards == ward])
        outlines[str(ward)] = areas_of(shapely.intersection(joined, city))
    return outlines


def _inside(city: BaseGeometry, town: Town) -> bool:
    return bool(shapely.intersects_xy(city, town.lon, town.lat))


def _agreeing(points: np.ndarray, wards: np.ndarray) -> np.ndarray:
    """Which points have at least one of their nearest six neighbours in the same ward."""
    keep = np.ones(len(points), dtype=bool)
    scaled = points * np.array([np.cos(np.radians(points[:, 1].mean())), 1.0])
    for index, point in enumerate(scaled):
        nearest = np.argsort(((scaled - point) ** 2).sum(axis=1), kind="stable")[1:NEIGHBOURS]
        keep[index] = bool((wards[nearest] == wards[index]).any())
    return keep


def simplified(outlines: Mapping[str, BaseGeometry], tolerance: float) -> dict[str, BaseGeometry]:
    """Simplify shared borders once for both sides, so that neighbours do not gap."""
    shapes = shapely.coverage_simplify(list(outlines.values()), tolerance)
    return {
        code: areas_of(shapely.make_valid(polygon)) if not polygon.is_empty else outlines[code]
        for code, polygon in zip(outlines, shapes, strict=True)
    }


def feature_collection(
    outlines: Mapping[str, BaseGeometry], properties: Mapping[str, Mapping[str, str]], decimals: int
) -> bytes:
    """GeoJSON bytes, one feature a line, coordinates rounded to `decimals`, each polygon valid."""
    lines = []
    for code, polygon in sorted(outlines.items()):
        geometry = areas_of(rounded(polygon, decimals))
        feature = {
            "type": "Feature",
            "id": code,
            "properties": {"code": code, **properties[code]},
            "geometry": json.loads(shapely.to_geojson(geometry)),
        }
        lines.append(json.dumps(_trim(feature, decimals), ensure_ascii=False, separators=(",", ":")))
    return ('{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n").encode()


def rounded(polygon: BaseGeometry, decimals: int) -> BaseGeometry:
    """`polygon` on the grid of `decimals`, repaired; what shrinks to nothing keeps its old shape."""
    # Rounding alone makes shared corners meet; what it crosses is then repaired on the same grid.
    snapped = shapely.transform(polygon, lambda xy: np.round(xy, decimals))
    valid = areas_of(shapely.set_precision(shapely.make_valid(snapped), 10.0**-decimals))
    return polygon if valid.is_empty else valid


def _trim(value: object, decimals: int) -> object:
    """Floats cut to `decimals`, everywhere in a JSON value."""
    if isinstance(value, float):
        return round(value, decimals)
    if isinstance(value, list):
        return [_trim(item, decimals) for item in value]
    if isinstance(value, dict):
        return {key: _trim(item, decimals) for key, item in value.items()}
    return value
