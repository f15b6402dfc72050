"""Schools, halls and other things with a name: what municipalities designated as places of refuge.

国土地理院 publishes the points of all 指定緊急避難場所 and 指定避難所. Here they are names of places, nothing
more: what is a refuge from which disaster a municipality loads itself (`geo.official.shelters`).
"""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from geo.coverage import Coverage
from geo.gazetteer.inputs import InputError
from geo.names import normal_form, without_part
from geo.official.kinds import kind_of
from geo.official.shelters import ID, NAME, municipality_of
from geo.place import Level, Place
from geo.sphere import metres_between

SOURCE: Final = "gsi-shelters-2025"
RADIUS_M: Final = 150.0  # a school's point and its grounds
# Points of one name in one municipality that are this near are gates and gymnasiums of one thing.
ONE_THING_M: Final = 500.0
_LENGTHS: Final = range(3, 17)  # nobody says a longer name; 2 characters are none
_NAMED_KINDS: Final = frozenset({"school", "hall", "office", "hospital"})
_OTHERS: Final = re.compile(r"(?:センター|体育館|保育園|保育所|こども園|プラザ|公園|神社)$")
_NOTES: Final = re.compile(r"^旧|^元|跡地?$|跡$|予定")
_UNNAMED: Final = re.compile(
    r"(?:第?[一二三0-9]+)?(?:地区|集落|自治|町内)?"
    r"(?:小学校|中学校|高等学校|公民館|集会所|会館|体育館|センター|公園|神社|保育園|保育所|病院|役場|庁舎)"
)


@dataclass(frozen=True, slots=True)
class _Site:
    """A published point with its name and 共通ID, which is empty where none was given."""

    name: str
    shelter_id: str
    lat: float
    lon: float


def published(folder: Path, ground: Coverage) -> list[Place]:
    """The facilities of all GeoJSON files (*.json, *.geojson) below `folder`, sorted by place_id.

    Points are lon lat (EPSG:4326 or 6668). A thing that several rows name is one; namesakes farther apart
    stay apart. Rows without a point, a municipality or a name that people would say are left out.
    Raises InputError when there is no row at all, or a file that is no GeoJSON.
    """
    paths = sorted(path for path in folder.rglob("*") if path.suffix in (".json", ".geojson"))
    sites: list[_Site] = []
    for path in paths:
        try:
            sites += _sites(path)
        except (ValueError, KeyError, TypeError, AttributeError) as broken:
            raise InputError(
                f"{path} をGeoJSONとして読めません。取り直すか除いてください（{broken}）"
            ) from broken
    if not sites:
        raise InputError(f"{folder} に避難場所・避難所のGeoJSONがありません。フォルダを確かめてください")
    located = ground.municipalities_of([(site.lat, site.lon) for site in sites])
    groups: dict[str, list[Place]] = defaultdict(list)
    for site, at_point in zip(sites, located, strict=True):
        if (place := _place(site, at_point)) is not None:
            groups[place.place_id].append(place)
    return sorted((place for group in groups.values() for place in _apart(group)), key=lambda p: p.place_id)


def _sites(path: Path) -> Iterator[_Site]:
    collection = json.loads(path.read_text(encoding="utf-8"))
    for feature in collection.get("features", ()):
        cells, geometry = feature["properties"], feature.get("geometry")
        if not geometry or geometry["type"] != "Point" or not cells.get(NAME):
            continue
        lon, lat = geometry["coordinates"][:2]
        yield _Site(cells[NAME], cells.get(ID) or "", float(lat), float(lon))


def _place(site: _Site, at_point: str | None) -> Place | None:
    name = without_part("".join(unicodedata.normalize("NFKC", site.name).split()))
    kind = kind_of(name)
    if kind not in _NAMED_KINDS:
        kind = "facility" if _OTHERS.search(name) else ""
    if not kind or len(name) not in _LENGTHS or _NOTES.search(name) or _UNNAMED.fullmatch(name):
        return None
    code = municipality_of(site.shelter_id, at_point)
    if code is None:
        return None
    lat, lon = round(site.lat, 6), round(site.lon, 6)
    place_id = f"{kind}:{code}:{normal_form(name)}"
    return Place(place_id, name, "", kind, Level.FACILITY, code, lat, lon, RADIUS_M, SOURCE)


def _apart(group: Sequence[Place]) -> Iterable[Place]:
    kept: list[Place] = []
    for place in sorted(group, key=lambda place: (place.lat, place.lon)):
        if all(metres_between(place.lat, place.lon, one.lat, one.lon) > ONE_THING_M for one in kept):
            number = f":{len(kept) + 1}" if kept else ""
            kept.append(replace(place, place_id=f"{place.place_id}{number}"))
    return kept
