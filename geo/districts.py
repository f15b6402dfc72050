"""Areas that divide a municipality: made of its towns' points, or drawn by people and looked over.

Geometries are shapely's, lon lat in EPSG:4326; shares are of the area, 0 to 1.
"""

import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry import MultiPoint, MultiPolygon
from shapely.geometry.base import BaseGeometry

from geo.sphere import METRES_A_DEGREE

BORDER_SLACK_M: Final = 500.0  # how far our own outlines may be off (90 % within 300 m)
SMALLEST_M2: Final = 100.0
OUTSIDE_SHARE: Final = 0.5  # more than this beyond the border: not this municipality's
OUTSIDE_NOTED: Final = 0.02
OVERLAP_SHARE: Final = 0.05  # of the smaller one; less is the unsteady hand of two drawings
OVERLAP_NOTED: Final = 0.005
LARGEST_LAT: Final = 90.0
LARGEST_LON: Final = 180.0
SPOT_DECIMALS: Final = 6  # of a degree, about 0.1 m: nearer points share a cell

Spot = tuple[float, float]  # lon, lat


@dataclass(frozen=True, slots=True)
class Town:
    """A named point, and further points that belong to it (lat, lon: its 丁目); `key` is stable from one
    making to the next."""

    key: str
    name: str
    lat: float
    lon: float
    parts: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class District:
    """The ground that is nearer to a point of its town than to any other town's, within the municipality."""

    key: str
    name: str
    area: MultiPolygon


class Flaw(StrEnum):
    """What can be wrong with a drawn area."""

    NO_AREA = "no_area"
    NOT_DEGREES = "not_degrees"
    SWAPPED = "swapped"
    TOO_SMALL = "too_small"
    OUTSIDE = "outside"
    PARTLY_OUTSIDE = "partly_outside"
    OVERLAP = "overlap"
    LITTLE_OVERLAP = "little_overlap"


@dataclass(frozen=True, slots=True)
class Finding:
    """A flaw of the area at `index`, with the other area of an overlap and the share that is concerned."""

    flaw: Flaw
    index: int
    other: int | None = None
    share: float = 0.0


def around_towns(towns: Sequence[Town], ground: BaseGeometry) -> list[District]:
    """Voronoi cells of the towns' points and their parts' clipped to `ground`; towns on one spot share a
    district.

    Towns without ground (their points lie far outside) are left out.
    """
    spots: dict[Spot, list[Town]] = defaultdict(list)
    for town in towns:
        spots[_spot(town.lat, town.lon)].append(town)
    centres = {spot: spot for spot in spots}
    for town in sorted(towns, key=lambda town: town.key):
        for lat, lon in town.parts:
            centres.setdefault(_spot(lat, lon), _spot(town.lat, town.lon))
    if not centres:
        return []
    found = []
    for centre, cells in _cells(centres, ground).items():
        area = _areas_only(shapely.union_all(cells))
        if area.is_empty:
            continue
        here = sorted(spots[centre], key=lambda town: town.key)
        found.append(District(here[0].key, "・".join(dict.fromkeys(town.name for town in here)), area))
    return sorted(found, key=lambda district: district.key)


def _spot(lat: float, lon: float) -> Spot:
    return round(lon, SPOT_DECIMALS), round(lat, SPOT_DECIMALS)


def _cells(centres: Mapping[Spot, Spot], ground: BaseGeometry) -> dict[Spot, list[BaseGeometry]]:
    """The cells of the spots within `ground`, by the centre to which each belongs."""
    ordered = sorted(centres)
    scale = _scale(ground)
    flat = shapely.transform(ground, lambda xy: xy * scale)
    points = MultiPoint(np.array(ordered) * scale)
    if len(ordered) == 1:
        cells = [flat]
    else:
        frame = shapely.union(flat, points).envelope.buffer(1000.0)
        made = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=frame, ordered=True))
        cells = shapely.intersection(made, flat).tolist()
    grouped: dict[Spot, list[BaseGeometry]] = defaultdict(list)
    for spot, cell in zip(ordered, cells, strict=True):
        grouped[centres[spot]].append(shapely.transform(cell, lambda xy: np.round(xy / scale, 7)))
    return grouped


def drawn_area(geometry: Mapping[str, Any] | None) -> MultiPolygon | Flaw:
    """A GeoJSON Polygon or MultiPolygon (lon lat), its rings repaired as GEOS does; else what is wrong."""
    if not isinstance(geometry, Mapping) or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        return Flaw.NO_AREA
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
    except (shapely.errors.GEOSException, TypeError, ValueError):
        return Flaw.NO_AREA
    if shape is None or shape.is_empty:
        return Flaw.NO_AREA
    west, south, east, north = shape.bounds
    if not all(math.isfinite(side) for side in (west, south, east, north)):
        return Flaw.NOT_DEGREES
    if max(abs(south), abs(north)) > LARGEST_LAT:
        swapped = max(abs(south), abs(north)) <= LARGEST_LON and max(abs(west), abs(east)) <= LARGEST_LAT
        return Flaw.SWAPPED if swapped else Flaw.NOT_DEGREES
    if max(abs(west), abs(east)) > LARGEST_LON:
        return Flaw.NOT_DEGREES
    area = _areas_only(shapely.force_2d(shape))
    if area.is_empty or square_metres(area) < SMALLEST_M2:
        return Flaw.TOO_SMALL
    return area


def findings(areas: Sequence[MultiPolygon], ground: BaseGeometry | None) -> list[Finding]:
    """What is wrong with areas among each other and towards the municipality's `ground`."""
    found = list(_overlaps(areas))
    if ground is not None and not ground.is_empty:
        near = ground.buffer(BORDER_SLACK_M / METRES_A_DEGREE)
        shapely.prepare(near)
        for index, area in enumerate(areas):
            if near.covers(area):
                continue
            share = 1.0 - area.intersection(near).area / area.area
            if share > OUTSIDE_SHARE:
                found.append(Finding(Flaw.OUTSIDE, index, None, share))
            elif share > OUTSIDE_NOTED:
                found.append(Finding(Flaw.PARTLY_OUTSIDE, index, None, share))
    return sorted(found, key=lambda each: (each.index, each.flaw))


def covered_share(areas: Sequence[MultiPolygon], ground: BaseGeometry | None) -> float | None:
    """How much of `ground` the areas cover; None where the ground is not known."""
    if ground is None or ground.is_empty:
        return None
    together = shapely.union_all(list(areas)).intersection(ground)
    return float(together.area / ground.area)


def square_metres(area: BaseGeometry) -> float:
    """The area on the ground, to about 1 %."""
    middle = (area.bounds[1] + area.bounds[3]) / 2
    return float(area.area * METRES_A_DEGREE**2 * math.cos(math.radians(middle)))


def _overlaps(areas: Sequence[MultiPolygon]) -> Iterator[Finding]:
    tree = shapely.STRtree(list(areas))
    for first, second in sorted(zip(*tree.query(list(areas), predicate="intersects").tolist(), strict=True)):
        if first >= second:
            continue
        common = areas[first].intersection(areas[second]).area
        share = common / min(areas[first].area, areas[second].area)
        if share > OVERLAP_SHARE:
            yield Finding(Flaw.OVERLAP, second, first, share)
        elif share > OVERLAP_NOTED:
            yield Finding(Flaw.LITTLE_OVERLAP, second, first, share)


def _areas_only(shape: BaseGeometry) -> MultiPolygon:
    whole = shapely.make_valid(shape)
    parts = [part for part in shapely.get_parts(whole) if part.geom_type in {"Polygon", "MultiPolygon"}]
    polygons = [polygon for part in parts for polygon in shapely.get_parts(part) if polygon.area > 0]
    return MultiPolygon(polygons)


def _scale(ground: BaseGeometry) -> np.ndarray:
    middle = (ground.bounds[1] + ground.bounds[3]) / 2
    return np.array([math.cos(math.radians(middle)), 1.0]) * METRES_A_DEGREE
