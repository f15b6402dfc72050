"""The municipality's own table: its bridges, gauges, halls and 屋号 as people there call them.

Columns `name,kana,kind,lat,lon,note`; name, lat and lon are needed. UTF-8 (with or without BOM) or CP932.
"""

from collections.abc import Iterator
from typing import Final

from geo.coverage import Coverage
from geo.official.found import Found, Refused, Row
from geo.official.ground import Misplaced, point
from geo.official.kinds import own_kind
from geo.official.layer import Layer, Record, Tick
from geo.place import Level, Place

COLUMNS: Final = frozenset({"name", "lat", "lon"})
LONGEST_NAME: Final = 40
# Whoever writes a table of bridges points at the bridge; a hamlet is pointed at in its middle.
THING_RADIUS_M: Final = 50.0
HAMLET_RADIUS_M: Final = 500.0


def places(layer: Layer, ground: Coverage, tick: Tick) -> Iterator[Row]:
    """One place a line, in the municipality where its point lies."""
    seen: set[tuple[str, float, float]] = set()
    for record in layer.records(tick):
        if isinstance(record, Refused):
            yield record
            continue
        row = _row(record, ground)
        if isinstance(row, Found):
            same = (row.place.name, row.place.lat, row.place.lon)
            if same in seen:
                row = Refused(record.line, "同じ名と位置の行がもうある", row.place.name)
            seen.add(same)
        yield row


def _row(record: Record, ground: Coverage) -> Row:
    cells = record.cells
    name = cells["name"].strip()
    if not 1 < len(name) <= LONGEST_NAME:
        return Refused(record.line, f"名（name）は2文字から{LONGEST_NAME}文字", name[:LONGEST_NAME])
    try:
        lat, lon = point(cells["lat"], cells["lon"])
    except Misplaced as wrong:
        return Refused(record.line, str(wrong), name)
    code = ground.municipality_of(lat, lon)
    if code is None:
        return Refused(record.line, f"どの市区町村にも入らない位置（{lat}, {lon}）", name)
    kind = own_kind(cells.get("kind", ""), name)
    is_hamlet = kind == "koaza"
    place = Place(
        place_id=f"own:{record.line}:{name}",
        name=name,
        kana=cells.get("kana", "").strip(),
        kind=kind,
        level=Level.TOWN if is_hamlet else Level.FACILITY,
        municipality=code,
        lat=lat,
        lon=lon,
        radius_m=HAMLET_RADIUS_M if is_hamlet else THING_RADIUS_M,
        source="",
    )
    note = cells.get("note", "").strip()
    return Found(record.line, place, {"note": note} if note else None)
