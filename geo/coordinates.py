"""Coordinates as people write them: 「34.4859, 133.3623」「北緯34度29分9秒 東経133度21分44秒」."""

import re
import unicodedata

from geo.relative import Spot
from geo.sphere import METRES_A_DEGREE

DECIMAL = re.compile(r"(?<![\d.])(-?\d{1,3}\.\d{2,})\D{1,6}(-?\d{1,3}\.\d{2,})(?![\d.])")
SEXAGESIMAL = re.compile(
    r"(?:北緯|N)?\s*(\d{1,2})[度°]\s*(\d{1,2})[分'′]\s*(?:(\d{1,2}(?:\.\d+)?)[秒\"″])?"
    r"\D{0,4}?(?:東経|E)?\s*(\d{1,3})[度°]\s*(\d{1,2})[分'′]\s*(?:(\d{1,2}(?:\.\d+)?)[秒\"″])?"
)
LEAST_RADIUS_M = 50.0
# The box around Japan (EEZ islands included); coordinates elsewhere are a slip of the pen.
SOUTH, NORTH, WEST, EAST = 20.0, 46.0, 122.0, 154.0


def located_point(text: str) -> Spot | None:
    """The point (WGS 84 degrees, latitude first or longitude first) that `text` writes, with the radius
    in metres of its last digit; None where it writes none in Japan."""
    plain = unicodedata.normalize("NFKC", text)
    if found := DECIMAL.search(plain):
        one, other = float(found[1]), float(found[2])
        places = min(len(number.partition(".")[2]) for number in found.groups())
        lat, lon = (one, other) if one <= other else (other, one)
        return _checked(lat, lon, METRES_A_DEGREE * 10.0**-places)
    if found := SEXAGESIMAL.search(plain):
        numbers = [float(number or 0) for number in found.groups()]
        lat = numbers[0] + numbers[1] / 60 + numbers[2] / 3600
        lon = numbers[3] + numbers[4] / 60 + numbers[5] / 3600
        return _checked(lat, lon, METRES_A_DEGREE / (3600 if found[3] else 60))
    return None


def _checked(lat: float, lon: float, step_m: float) -> Spot | None:
    if SOUTH <= lat <= NORTH and WEST <= lon <= EAST:
        return Spot(lat, lon, max(step_m, LEAST_RADIUS_M))
    return None
