"""位置参照情報 大字・町丁目レベル (国土交通省), CP932 in a zip beside its metadata."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from geo import codes
from geo.coverage import Coverage
from geo.official.found import Found, Refused, Row
from geo.official.ground import Misplaced, point
from geo.official.layer import Layer, Record, Tick
from geo.official.registry import Point, radii_of
from geo.place import Level, Place

CODE: Final = "市区町村コード"
NAME: Final = "大字町丁目名"
COLUMNS: Final = frozenset({CODE, NAME, "大字町丁目コード", "緯度", "経度", "大字・字・丁目区分コード"})
# 大字・字・丁目区分コード -> Place.kind; 1 is 大字・町.
KINDS: Final[Mapping[str, str]] = MappingProxyType({"2": "koaza", "3": "chome"})


def towns(layer: Layer, ground: Coverage, tick: Tick) -> Iterator[Row]:
    """大字, 字 and 丁目, with the radius that their neighbours leave them."""
    inside: dict[str, list[tuple[Record, Point]]] = defaultdict(list)
    for record in layer.records(tick):
        if isinstance(record, Refused):
            yield record
            continue
        cells = record.cells
        try:
            found = point(cells["緯度"], cells["経度"])
            code = codes.five_digits(cells[CODE].zfill(5))
        except Misplaced as wrong:
            yield Refused(record.line, str(wrong), cells[NAME])
        except codes.CodeError:
            yield Refused(record.line, f"市区町村コード {cells[CODE]} が正しくない", cells[NAME])
        else:
            inside[code].append((record, found))
    for code, members in inside.items():
        radii = radii_of([(found, _kind(record)) for record, found in members], code, ground)
        for (record, found), radius in zip(members, radii, strict=True):
            yield Found(record.line, _place(record, code, found, radius))


def _kind(record: Record) -> str:
    return KINDS.get(record.cells["大字・字・丁目区分コード"], "town")


def _place(record: Record, code: str, found: Point, radius_m: float) -> Place:
    kind = _kind(record)
    level = Level.CHOME if kind == "chome" else Level.TOWN
    place_id = f"town:{record.cells['大字町丁目コード']}"
    return Place(place_id, record.cells[NAME], "", kind, level, code, *found, round(radius_m), "")
