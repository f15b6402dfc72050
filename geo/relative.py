"""Where a thing lies that is said by its relation to a place: 「橋の50m下流」「小学校の北側」「AとBの間」.

Distances are metres. They are computed on a plane that touches the sphere at the anchor (equirectangular
with the anchor's latitude; mean earth radius 6,371,008.8 m), which is off by less than 0.1 % over the
30 km that a relation can span. Shapes are WKT in EPSG:4326, lon lat order.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import shapely
from shapely import affinity
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry

from geo.place import Relation
from geo.sphere import EARTH_RADIUS_M, metres_between

DIAGONAL = math.sqrt(0.5)
DIRECTIONS: Mapping[str, tuple[float, float]] = {
    "N": (0.0, 1.0),
    "NE": (DIAGONAL, DIAGONAL),
    "E": (1.0, 0.0),
    "SE": (DIAGONAL, -DIAGONAL),
    "S": (0.0, -1.0),
    "SW": (-DIAGONAL, -DIAGONAL),
    "W": (-1.0, 0.0),
    "NW": (-DIAGONAL, DIAGONAL),
}
# What a relation without a stated distance adds to the anchor's radius: by how far officers use the word.
GROWTH_M: Mapping[str, float] = {
    "near": 150.0,
    "side": 100.0,
    "front": 80.0,
    "behind": 120.0,
    "above": 150.0,
    "below": 150.0,
    "upstream": 500.0,
    "downstream": 500.0,
    "along": 300.0,
    "beyond": 500.0,
    "distance": 200.0,
}
# 奥 and 先 of a village lead past its houses: half its extent more.
BEYOND_SHARE = 0.5
# 北側 of a town: its outer half, whose middle lies at 0.4 of the radius and which 0.8 of it covers.
SIDE_SHIFT = 0.4
SIDE_RADIUS = 0.8
# 北側 of a building is across the yard or the street, however small the building's own radius is.
SIDE_LEAST_M = 80.0
# Stated distances are paced or guessed; a quarter either way.
DISTANCE_SLACK = 0.25
# A ring thinner than the last digit of its coordinates is no shape.
LEAST_RING_M = 10.0
# Beyond this two ends are not one stretch that a single report can mean.
STRETCH_MAX_M = 30_000.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A point (WGS 84 degrees) with the radius in metres that should hold the thing, and its WKT shape."""

    lat: float
    lon: float
    radius_m: float
    shape: str | None = None


def moved(lat: float, lon: float, east_m: float, north_m: float) -> tuple[float, float]:
    """The (lat, lon) that lies `east_m` and `north_m` metres from a WGS 84 point."""
    return (
        lat + math.degrees(north_m / EARTH_RADIUS_M),
        lon + math.degrees(east_m / (EARTH_RADIUS_M * math.cos(math.radians(lat)))),
    )


def apply_relation(anchor: Spot, relation: Relation | None) -> Spot:
    """The spot that `relation` says of `anchor`; the anchor itself where there is none.

    A stated distance without a direction becomes a ring, because no river or road geometry says which
    way it runs; the centre stays and the radius reaches the ring. An unknown kind counts as "near".
    """
    if relation is None:
        return anchor
    distance = _stated(relation.distance_m)
    if relation.direction is not None and relation.direction in DIRECTIONS:
        return _towards(anchor, relation.direction, distance)
    if distance is not None and distance < LEAST_RING_M:
        return replace(anchor, radius_m=anchor.radius_m + distance)
    if distance is not None:
        return _ring(anchor, distance)
    growth = GROWTH_M.get(relation.kind, GROWTH_M["near"])
    if relation.kind == "beyond":
        growth = max(growth, anchor.radius_m * BEYOND_SHARE)
    return replace(anchor, radius_m=anchor.radius_m + growth)


def stretch(one: Spot, other: Spot) -> Spot | None:
    """「AからBまで」「AとBの間」: the line between two spots, its middle as point, half its length plus the
    larger end's radius as radius; None where the ends are too far apart to be one stretch."""
    length = metres_between(one.lat, one.lon, other.lat, other.lon)
    if length > STRETCH_MAX_M:
        return None
    line = LineString([(one.lon, one.lat), (other.lon, other.lat)])
    middle = line.interpolate(0.5, normalized=True)
    radius = length / 2 + max(one.radius_m, other.radius_m)
    return Spot(middle.y, middle.x, radius, _wkt(line) if length > 0 else None)


def _stated(distance_m: float | None) -> float | None:
    if distance_m is None or not math.isfinite(distance_m) or distance_m <= 0:
        return None
    return min(distance_m, STRETCH_MAX_M)


def _towards(anchor: Spot, direction: str, distance: float | None) -> Spot:
    east, north = DIRECTIONS[direction]
    if distance is None:
        reach = max(anchor.radius_m * SIDE_SHIFT, SIDE_LEAST_M)
        radius = max(anchor.radius_m * SIDE_RADIUS, SIDE_LEAST_M)
    else:
        reach = distance
        radius = anchor.radius_m + distance * DISTANCE_SLACK
    lat, lon = moved(anchor.lat, anchor.lon, east * reach, north * reach)
    return Spot(lat, lon, radius)


def _ring(anchor: Spot, distance: float) -> Spot:
    outer = distance * (1 + DISTANCE_SLACK)
    inner = distance * (1 - DISTANCE_SLACK)
    centre = Point(0.0, 0.0)
    ring = centre.buffer(outer, quad_segs=8).difference(centre.buffer(inner, quad_segs=8))
    return replace(anchor, radius_m=anchor.radius_m + outer, shape=_wkt(_on_earth(ring, anchor)))


def _on_earth(plane: BaseGeometry, anchor: Spot) -> BaseGeometry:
    north = math.degrees(1 / EARTH_RADIUS_M)
    east = north / math.cos(math.radians(anchor.lat))
    return affinity.affine_transform(plane, [east, 0.0, 0.0, north, anchor.lon, anchor.lat])


def _wkt(shape: BaseGeometry) -> str:
    return str(shapely.to_wkt(shape, rounding_precision=6))
