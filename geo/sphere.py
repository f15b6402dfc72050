"""Distances on the mean sphere; points are lat, lon in WGS 84 degrees."""

import math
from typing import Final

EARTH_RADIUS_M: Final = 6_371_008.8  # mean radius R1 of the ellipsoid, IUGG
METRES_A_DEGREE: Final = math.radians(1.0) * EARTH_RADIUS_M  # of latitude, or of longitude on the equator


def metres_between(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance in metres (haversine); the sphere errs by at most 0.6 %."""
    south, north = math.radians(lat), math.radians(other_lat)
    half = math.sin((north - south) / 2) ** 2
    half += math.cos(south) * math.cos(north) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half)))
