"""アドレス・ベース・レジストリ (デジタル庁): cities, towns and 住居表示, each with its table of positions.

A table of names and a table of positions (`…_pos…`) belong together and share their first columns.
`rep_srid` is stated row by row.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from types import MappingProxyType
from typing import Final

from geo import codes
from geo.coverage import Coverage
from geo.gazetteer import spread
from geo.gazetteer.houses import town_key
from geo.official.found import Found, House, Refused, Row
from geo.official.ground import Misplaced, point, reference_problem
from geo.official.layer import Layer, Record, Tick
from geo.place import Level, Place

CITY: Final = ("lg_code",)
TOWN: Final = ("lg_code", "machiaza_id")
HOUSE: Final = ("blk_id", "rsdt_id", "rsdt2_id")
# machiaza_type -> Place.kind; 1 is 大字・町.
KINDS: Final[Mapping[str, str]] = MappingProxyType({"2": "chome", "3": "koaza"})
# 90 % of what was said of towns lay within these (geo/gazetteer/spread.py).
CHOME_RADIUS_M: Final = 325.0
TOWN_RADIUS_M: Final = 2255.0
NO_POSITION: Final = "位置の表に代表点がない"
NO_NAME: Final = "位置の表：名の表にない町字（二つの表の時点が違う）"

Point = tuple[float, float]
Key = tuple[str, ...]


def _key(cells: Mapping[str, str], names: Sequence[str]) -> Key:
    return tuple(cells[name] for name in names)


def _point(record: Record) -> Point | Refused:
    cells = record.cells
    problem = reference_problem(cells["rep_srid"])
    if problem is not None:
        return Refused(record.line, f"位置の表：{problem}", cells["lg_code"])
    try:
        return point(cells["rep_lat"], cells["rep_lon"])
    except Misplaced as wrong:
        return Refused(record.line, f"位置の表：{wrong}", cells["lg_code"])


class _Positions:
    """All points of a small table of positions, by the columns that it shares with the table of names."""

    def __init__(self, layer: Layer, names: Sequence[str]) -> None:
        """`refused` are the lines without a usable point; the first of doubles counts."""
        self.refused: list[Refused] = []
        self._names = names
        self._points: dict[Key, tuple[int, Point]] = {}
        self._asked: set[Key] = set()
        for record in layer.records(lambda *_: None):
            found = record if isinstance(record, Refused) else _point(record)
            if isinstance(found, Refused):
                self.refused.append(found)
            elif isinstance(record, Record):
                self._points.setdefault(_key(record.cells, names), (record.line, found))

    def of(self, cells: Mapping[str, str]) -> Point | None:
        """The point of a row of names, None when there is none."""
        key = _key(cells, self._names)
        self._asked.add(key)
        known = self._points.get(key)
        return known[1] if known else None

    def nameless(self) -> Iterator[Refused]:
        """The lines that no row of names asked for: the two tables are of different editions."""
        for key, (line, _) in self._points.items():
            if key not in self._asked:
                yield Refused(line, NO_NAME, "-".join(key))


def _code(cells: Mapping[str, str]) -> str:
    """The 5-digit code of a row. Raises codes.CodeError."""
    return _five_digits(cells["lg_code"])


# Thousands of rows stand one after another with the same code and the same town.
_five_digits = lru_cache(64)(codes.five_digits)
_key_of = lru_cache(64)(town_key)


def _gone(cells: Mapping[str, str]) -> str | None:
    return f"{cells['ablt_date']}に廃止" if cells.get("ablt_date") else None


def cities(layer: Layer, positions: Layer, ground: Coverage, tick: Tick) -> Iterator[Row]:
    """mt_city with mt_city_pos: municipalities and wards at their offices."""
    points = _Positions(positions, CITY)
    yield from points.refused
    for record in layer.records(tick):
        if isinstance(record, Refused):
            yield record
            continue
        cells = record.cells
        name = cells["city"] + cells["ward"]
        found = points.of(cells)
        reason = _gone(cells) or (None if found else NO_POSITION)
        if reason or found is None:
            yield Refused(record.line, reason or NO_POSITION, name)
            continue
        try:
            code = _code(cells)
        except codes.CodeError:
            yield Refused(record.line, f"団体コード {cells['lg_code']} の検査数字が合わない", name)
            continue
        radius = ground.radius_m(code) or spread.TOWN_BOUNDS_M[1]
        kana = cells["city_kana"] + cells["ward_kana"]
        place = Place(
            f"city:{code}", name, kana, "municipality", Level.MUNICIPALITY, code, *found, round(radius), ""
        )
        yield Found(record.line, place)


def towns(layer: Layer, positions: Layer, ground: Coverage, tick: Tick) -> Iterator[Row]:
    """mt_town with mt_town_pos: 大字・町, 丁目 and 小字, with the radius that their neighbours leave them."""
    points = _Positions(positions, TOWN)
    yield from points.refused
    inside: dict[str, list[tuple[Record, Point]]] = defaultdict(list)
    for record in layer.records(tick):
        if isinstance(record, Refused):
            yield record
            continue
        cells = record.cells
        name = town_name(cells)
        found = points.of(cells)
        try:
            code = _code(cells)
            reason = _gone(cells) or ("" if found else NO_POSITION) or ("" if name else "町字の名がない")
        except codes.CodeError:
            reason = f"団体コード {cells['lg_code']} の検査数字が合わない"
        if reason or found is None:
            yield Refused(record.line, reason, name)
        else:
            inside[code].append((record, found))
    yield from points.nameless()
    for code, members in inside.items():
        radii = radii_of([(found, _kind(record.cells)) for record, found in members], code, ground)
        for (record, found), radius in zip(members, radii, strict=True):
            yield Found(record.line, _town(record.cells, code, found, radius))


def _town(cells: Mapping[str, str], code: str, found: Point, radius_m: float) -> Place:
    kind = _kind(cells)
    kana = cells["oaza_cho_kana"] + cells["chome_kana"] + cells["koaza_kana"]
    level = Level.CHOME if kind == "chome" else Level.TOWN
    place_id = f"town:{code}:{cells['machiaza_id']}"
    return Place(place_id, town_name(cells), kana, kind, level, code, *found, round(radius_m), "")


def _kind(cells: Mapping[str, str]) -> str:
    return KINDS.get(cells["machiaza_type"], "town")


def town_name(cells: Mapping[str, str]) -> str:
    """「つつじが丘３丁目」, 「南檜杖字土ノ河」."""
    return cells["oaza_cho"] + cells["chome"] + cells["koaza"]


def radii_of(members: Sequence[tuple[Point, str]], code: str, ground: Coverage) -> list[float]:
    """The radius in metres of each (point, kind: town, chome or koaza) of a municipality, by the rule of
    `geo.gazetteer.spread`: 小字 lie inside 大字 and take no ground from them.

    Where the municipality has no area of ours, the measured 90 % of all 丁目 and towns.
    """
    area = ground.area_of(code)
    if area is None:
        return [CHOME_RADIUS_M if kind == "chome" else TOWN_RADIUS_M for _, kind in members]
    radii = [TOWN_RADIUS_M] * len(members)
    for kind, neighbours, rule in (
        ("town", ("town",), spread.town_radii),
        ("chome", ("town", "chome"), spread.chome_radii),
        ("koaza", ("town", "chome", "koaza"), spread.town_radii),
    ):
        at = [index for index, member in enumerate(members) if member[1] in neighbours]
        found = rule([members[index][0] for index in at], area) if at else ()
        for index, radius in zip(at, found, strict=True):
            if members[index][1] == kind:
                radii[index] = float(radius)
    return radii


def houses(layer: Layer, positions: Layer, ground: Coverage, tick: Tick) -> Iterator[Row]:
    """mt_rsdtdsp_rsdt with mt_rsdtdsp_rsdt_pos: 街区符号 and 住居番号, town by town in the files' own order.

    Both files are sorted alike, so that only one town's points are held at a time; where they are not,
    the points passed over are kept until their town comes.
    """
    ahead = _by_town(positions)
    kept: dict[Key, dict[Key, Point]] = {}
    for town, records in groupby(layer.records(tick), key=_town_of):
        rows = list(records)
        while town not in kept:
            following = next(ahead, None)
            if following is None:
                break
            name, points, refused = following
            yield from refused
            kept.setdefault(name, {}).update(points)
        points = kept.pop(town, {})
        for record in rows:
            yield record if isinstance(record, Refused) else _house(record, points)


def _town_of(record: Record | Refused) -> Key:
    return () if isinstance(record, Refused) else _key(record.cells, TOWN)


def _by_town(positions: Layer) -> Iterator[tuple[Key, dict[Key, Point], list[Refused]]]:
    for town, records in groupby(positions.records(lambda *_: None), key=_town_of):
        points: dict[Key, Point] = {}
        refused: list[Refused] = []
        for record in records:
            found = record if isinstance(record, Refused) else _point(record)
            if isinstance(found, Refused):
                refused.append(found)
            elif isinstance(record, Record):
                points.setdefault(_key(record.cells, HOUSE), found)
        yield town, points, refused


def _house(record: Record, points: Mapping[Key, Point]) -> Row:
    cells = record.cells
    town = town_name(cells)
    house = "-".join(filter(None, (cells["rsdt_num"], cells["rsdt_num2"])))
    name = f"{town}{cells['blk_num']}番{house}号"
    found = points.get(_key(cells, HOUSE))
    reason = _gone(cells) or (None if cells["blk_num"] and town else "町名か街区符号がない")
    if reason or found is None:
        return Refused(record.line, reason or NO_POSITION, name)
    try:
        return House(record.line, _code(cells), _key_of(town), cells["blk_num"], house, *found)
    except codes.CodeError:
        return Refused(record.line, f"団体コード {cells['lg_code']} の検査数字が合わない", name)
