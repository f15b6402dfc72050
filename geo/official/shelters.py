"""指定緊急避難場所 and 指定避難所 (国土地理院), GeoJSON, with the kinds of disaster that each serves."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

import shapely

from geo import codes
from geo.coverage import Coverage
from geo.official.found import Found, Refused, Row
from geo.official.ground import Misplaced, checked
from geo.official.kinds import kind_of
from geo.official.layer import Layer, Record, Tick
from geo.place import Level, Place

NAME: Final = "施設・場所名"
ID: Final = "共通ID"
# The column of a kind of disaster -> the word in `properties["disasters"]`.
DISASTERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "洪水": "flood",
        "崖崩れ、土石流及び地滑り": "landslide",
        "高潮": "storm_surge",
        "地震": "earthquake",
        "津波": "tsunami",
        "大規模な火事": "fire",
        "内水氾濫": "inland_flood",
        "火山現象": "volcano",
    }
)
# The point of a site that is entered, marked on the map by its municipality.
SITE_RADIUS_M: Final = 100.0


def emergency(layer: Layer, ground: Coverage, tick: Tick) -> Iterator[Row]:
    """指定緊急避難場所: `properties` says which disasters each is a refuge from."""
    yield from _shelters(layer, ground, tick, "emergency")


def evacuation(layer: Layer, ground: Coverage, tick: Tick) -> Iterator[Row]:
    """指定避難所, where people stay."""
    yield from _shelters(layer, ground, tick, "evacuation")


def _shelters(layer: Layer, ground: Coverage, tick: Tick, use: str) -> Iterator[Row]:
    for record in layer.records(tick):
        if isinstance(record, Refused) or record.shape is None:
            yield record if isinstance(record, Refused) else Refused(record.line, "図形がない")
            continue
        cells, at = record.cells, shapely.from_wkb(record.shape).centroid
        name = cells[NAME].strip()
        try:
            lat, lon = checked(at.y, at.x)
        except (Misplaced, shapely.errors.GEOSException) as wrong:
            yield Refused(record.line, str(wrong) or "点ではない", name)
            continue
        code = municipality_of(cells[ID], ground.municipality_of(lat, lon))
        if not name or code is None:
            yield Refused(record.line, "市区町村が分からない" if name else "名がない", name)
            continue
        place = Place(
            place_id=f"{use}:{cells[ID] or record.line}",
            name=name,
            kana="",
            kind=kind_of(name, "shelter"),
            level=Level.FACILITY,
            municipality=code,
            lat=lat,
            lon=lon,
            radius_m=SITE_RADIUS_M,
            source="",
        )
        yield Found(record.line, place, _properties(record, use))


def municipality_of(shelter_id: str, at_point: str | None) -> str | None:
    """The municipality in 共通ID (E + 5 digits); a ward of it by the point, whose code is `at_point`."""
    try:
        own = codes.five_digits(shelter_id[1:6])
    except codes.CodeError:
        return at_point
    return at_point if at_point and codes.same_city(own, at_point) else own


def _properties(record: Record, use: str) -> dict[str, object]:
    cells = record.cells
    found: dict[str, object] = {"shelter": use, "address": cells.get("住所", "")}
    if use == "emergency":
        found["disasters"] = [word for column, word in DISASTERS.items() if cells.get(column) == "1"]
    if cells.get("受入対象者"):
        found["for"] = cells["受入対象者"]
    if cells.get("備考"):
        found["note"] = cells["備考"]
    return found
