"""The checks that every published coordinate passes, and the reference systems that are taken as they are."""

import math
import re
from typing import Final

from geo.coordinates import EAST, NORTH, SOUTH, WEST

# Latitude and longitude that differ from WGS 84 by less than a metre, in the north-east up to five metres
# since 2011 (JGD2000): nothing that a report of damage resolves. EPSG:6697 is JGD2011 with heights.
TAKEN_AS_WGS84: Final = frozenset({"EPSG:4326", "EPSG:4612", "EPSG:6668", "EPSG:6697"})
_TAKEN_NAMES: Final = re.compile(r'^(?:GEOGCS|GEOGCRS|GEODCRS)\["[^"]*(?:JGD|WGS|Japanese Geodetic)[^"]*"')


class Misplaced(ValueError):  # noqa: N818 - becomes a refused line, never an error of the program
    """A coordinate cannot be used; the message says why, in Japanese."""


def reference_problem(system: str | None) -> str | None:
    """Why coordinates of this reference system (EPSG:… or WKT) cannot be taken, None when they can.

    The old Japanese datum (EPSG:4301) lies about 400 m off; it is refused rather than guessed.
    """
    if not system or system in TAKEN_AS_WGS84 or _TAKEN_NAMES.match(system):
        return None
    if system == "EPSG:4301" or "Tokyo" in system:
        return "日本測地系（旧測地系）の座標は約400mずれるため取り込まない。世界測地系に変換したものを使う"
    name = system if len(system) < 20 else system[:40] + "…"
    return f"測地系 {name} は扱えない（JGD2000、JGD2011、WGS 84の緯度経度を使う）"


def point(lat: str, lon: str) -> tuple[float, float]:
    """(lat, lon) of two cells. Raises Misplaced for what is no number or not in Japan."""
    if not lat.strip() or not lon.strip():
        raise Misplaced("緯度・経度がない")
    try:
        found = float(lat), float(lon)
    except ValueError:
        raise Misplaced(f"緯度・経度が数ではない（{lat}, {lon}）") from None
    return checked(*found)


def checked(lat: float, lon: float) -> tuple[float, float]:
    """The same point. Raises Misplaced when it does not lie in Japan."""
    if math.isfinite(lat) and math.isfinite(lon):
        if SOUTH <= lat <= NORTH and WEST <= lon <= EAST:
            return lat, lon
        if SOUTH <= lon <= NORTH and WEST <= lat <= EAST:
            raise Misplaced(f"緯度と経度が逆（{lat}, {lon}）")
    raise Misplaced(f"日本の外の座標（{lat}, {lon}）")
