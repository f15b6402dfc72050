"""国土数値情報 (国土交通省): stations, railways, rivers, schools and other facilities, municipal areas.

Attribute names are the official ones (N02_005 駅名, W05_004 河川名, P29_004 名称, N03_007 行政区域コード, …).
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo import codes
from geo.coverage import Coverage
from geo.official.found import Area, Found, Refused, Row
from geo.official.ground import Misplaced, checked
from geo.official.kinds import kind_of
from geo.official.layer import Layer, Record, Tick
from geo.place import Level, Place
from geo.sphere import METRES_A_DEGREE, metres_between

FACILITY_RADIUS_M: Final = 150.0
STATION_LEAST_M: Final = 150.0
SAME_STATION_M: Final = 800.0
LINE_MARGIN_M: Final = 50.0
HELD_SHARE: Final = 0.9
NO_NAME: Final = frozenset({"", "名称不明", "不明", "-"})
# Ten metres: below the width of a river between two municipalities, a tenth of the points.
SIMPLIFIED_DEGREES: Final = 0.0001


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a layer keeps what is needed; of several names the first that is not empty nor a code counts."""

    names: tuple[str, ...]
    kind: str
    group: str = ""
    ending: str = ""
    properties: Mapping[str, str] | None = None


# Editions of P29 differ: until 2013 P29_004 is a class (a number) and P29_005 the name.
SCHOOLS: Final = Columns(("P29_004", "P29_005"), "school")
PUBLIC: Final = Columns(("P02_004",), "")
HOSPITALS: Final = Columns(("P04_002",), "hospital", properties={"P04_003": "address"})
BUS_STOPS: Final = Columns(("P11_001",), "bus_stop", ending="バス停")
STATIONS: Final = Columns(
    ("N02_005",), "station", ending="駅", properties={"N02_003": "line", "N02_004": "operator"}
)
RAILWAYS: Final = Columns(("N02_003",), "railway", "N02_004")
RIVERS: Final = Columns(("W05_004",), "river", "W05_001")


def _name(cells: Mapping[str, str], columns: Columns) -> str:
    for column in columns.names:
        name = cells.get(column, "").strip()
        if name not in NO_NAME and not name.isdigit():
            return name if name.endswith(columns.ending) else name + columns.ending
    return ""


def _shaped(
    layer: Layer, tick: Tick, columns: Columns
) -> Iterator[tuple[Record, str, BaseGeometry] | Refused]:
    """Each shape with its name and geometry, or why not."""
    for record in layer.records(tick):
        if isinstance(record, Refused):
            yield record
            continue
        name = _name(record.cells, columns)
        shape = shapely.from_wkb(record.shape) if record.shape else None
        if not name:
            yield Refused(record.line, "名がない")
        elif shape is None or shape.is_empty:
            yield Refused(record.line, "図形がない", name)
        else:
            yield record, name, shape


def points(layer: Layer, ground: Coverage, tick: Tick, columns: Columns) -> Iterator[Row]:
    """Facilities at their point."""
    for each in _shaped(layer, tick, columns):
        if isinstance(each, Refused):
            yield each
            continue
        record, name, shape = each
        middle = shape.centroid
        try:
            lat, lon = checked(middle.y, middle.x)
        except Misplaced as wrong:
            yield Refused(record.line, str(wrong), name)
            continue
        code = ground.municipality_of(lat, lon)
        if code is None:
            yield Refused(record.line, "どの市区町村にも入らない位置", name)
            continue
        kind = columns.kind or kind_of(name)
        place_id = f"{layer.stem}:{record.line}"
        place = Place(place_id, name, "", kind, Level.FACILITY, code, lat, lon, FACILITY_RADIUS_M, "")
        yield Found(record.line, place, _properties(record.cells, columns))


def _properties(cells: Mapping[str, str], columns: Columns) -> dict[str, object] | None:
    found: dict[str, object] = {
        word: cells[column] for column, word in (columns.properties or {}).items() if cells.get(column)
    }
    return found or None


def stations(layer: Layer, ground: Coverage, tick: Tick) -> Iterator[Row]:
    """Stations: the platforms of one name that lie together are one."""
    by_name: dict[str, list[tuple[Record, float, float]]] = defaultdict(list)
    for each in _shaped(layer, tick, STATIONS):
        if isinstance(each, Refused):
            yield each
            continue
        record, name, shape = each
        middle = (
            shape.interpolate(0.5, normalized=True) if shape.geom_type == "LineString" else shape.centroid
        )
        by_name[name].append((record, middle.y, middle.x))
    for name, platforms in by_name.items():
        left = platforms
        while left:
            _, lat, lon = left[0]
            here = [one for one in left if metres_between(lat, lon, one[1], one[2]) <= SAME_STATION_M]
            left = [one for one in left if one not in here]
            yield _station(name, here, ground)


def _station(name: str, here: Sequence[tuple[Record, float, float]], ground: Coverage) -> Row:
    first = here[0][0]
    lat, lon = float(np.mean([one[1] for one in here])), float(np.mean([one[2] for one in here]))
    code = ground.municipality_of(lat, lon)
    if code is None:
        return Refused(first.line, "どの市区町村にも入らない位置", name)
    reach = max(metres_between(lat, lon, one[1], one[2]) for one in here)
    radius = max(STATION_LEAST_M, reach + 100.0)
    place_id = f"station:{code}:{name}:{first.line}"
    lines = sorted({f"{one.cells['N02_004']} {one.cells['N02_003']}" for one, _, _ in here})
    place = Place(place_id, name, "", "station", Level.FACILITY, code, lat, lon, round(radius), "")
    return Found(first.line, place, {"lines": lines})


def lines(layer: Layer, ground: Coverage, tick: Tick, columns: Columns) -> Iterator[Row]:
    """Rivers and railways: one row for each name in each municipality, at the vertex nearest to its middle,
    with the radius that holds nine tenths of its course there."""
    courses: dict[tuple[str, str, str], list[np.ndarray]] = defaultdict(list)
    first: dict[tuple[str, str, str], int] = {}
    for each in _shaped(layer, tick, columns):
        if isinstance(each, Refused):
            yield each
            continue
        record, name, shape = each
        for part in shapely.get_parts(shape):
            middle = part.interpolate(0.5, normalized=True)
            code = ground.municipality_of(middle.y, middle.x)
            if code is None:
                yield Refused(record.line, "どの市区町村にも入らない位置", name)
                continue
            key = (code, name, record.cells.get(columns.group, ""))
            courses[key].append(shapely.get_coordinates(part))
            first.setdefault(key, record.line)
    for key, parts in courses.items():
        yield Found(first[key], _course(key, np.vstack(parts), columns.kind))


def _course(key: tuple[str, str, str], course: np.ndarray, kind: str) -> Place:
    code, name, group = key
    scale = np.array([math.cos(math.radians(float(course[:, 1].mean()))), 1.0]) * METRES_A_DEGREE
    flat = course * scale
    nearest = int(np.argmin(((flat - flat.mean(axis=0)) ** 2).sum(axis=1)))
    away = np.sqrt(((flat - flat[nearest]) ** 2).sum(axis=1))
    radius = float(np.quantile(away, HELD_SHARE)) + LINE_MARGIN_M
    lon, lat = (float(value) for value in course[nearest])
    place_id = f"{kind}:{code}:{name}:{group}"
    return Place(place_id, name, "", kind, Level.SECTION, code, lat, lon, round(radius), "")


def areas(layer: Layer, ground: Coverage, tick: Tick) -> Iterator[Row]:
    """N03: the areas of municipalities and wards; the many rings of one code become one area."""
    rings: dict[str, list[BaseGeometry]] = defaultdict(list)
    names: dict[str, tuple[int, str, str]] = {}
    for record in layer.records(tick):
        if isinstance(record, Refused) or record.shape is None:
            yield record if isinstance(record, Refused) else Refused(record.line, "図形がない")
            continue
        cells = record.cells
        try:
            code = codes.five_digits(cells["N03_007"])
        except codes.CodeError:
            yield Refused(record.line, "行政区域コードがない（所属未定地など）", cells.get("N03_004", ""))
            continue
        if (today := codes.successors(code)) != (code,):
            yield Refused(
                record.line, f"廃止されたコード {code}（今は {'、'.join(today)}）", area_name(code, cells)
            )
            continue
        rings[code].append(shapely.from_wkb(record.shape))
        names.setdefault(code, (record.line, area_name(code, cells), cells.get("N03_001", "")))
    for code, parts in rings.items():
        line, name, prefecture = names[code]
        whole = shapely.union_all(shapely.make_valid(np.array(parts, dtype=object)))
        slim = shapely.make_valid(shapely.simplify(whole, SIMPLIFIED_DEGREES))
        if slim.is_empty:
            yield Refused(line, "面積がない", name)
        else:
            yield Area(line, code, name, prefecture, slim)


def area_name(code: str, cells: Mapping[str, str]) -> str:
    """「神戸市長田区」, 「上富田町」; until 2022 a ward's city stands in N03_003, since then in N03_004."""
    city, ward = cells.get("N03_004", ""), cells.get("N03_005", "")
    if ward and ward != city:
        return city + ward
    if codes.parent(code) and not city.startswith(cells.get("N03_003", "")):
        return cells.get("N03_003", "") + city
    return city
