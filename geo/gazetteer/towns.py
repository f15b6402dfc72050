"""jp-prefecture's data/towns.csv: 大字・町 and 丁目 of the nation with a point each.

The table is Geolonia 住所データ of 2022, made of 位置参照情報 (国土交通省) and the postal table. Its
neighbour cities.csv is wrong by kilometres and is not read.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo.codes import successors
from geo.gazetteer.postal import PostalTable

SOURCE: Final = "geolonia-2022"
NO_TOWN: Final = "（大字なし）"
_CHOME: Final = re.compile(r"^(?P<base>.+?)(?P<number>[〇一二三四五六七八九十]{1,3}|\d{1,2})丁目$")


@dataclass(frozen=True, slots=True)
class Town:
    """A 大字・町 (`chome` False) or a 丁目; `base` is the name that its 丁目 share."""

    municipality: str
    name: str
    base: str
    chome: bool
    lat: float
    lon: float


def rows(path: Path, postal: PostalTable) -> Iterator[Town]:
    """Every usable row with the code of today's municipality; doubles keep their first row.

    Towns of abolished wards go to the ward whose postal towns name them, else to the chief successor.
    """
    seen: set[tuple[str, str]] = set()
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            name = row["town"].strip()
            if not name or name == NO_TOWN or not row["latitude"] or not row["longitude"]:
                continue
            code = _todays(row["cityCode"].zfill(5), name, postal)
            if (code, name) in seen or code not in postal.municipalities:
                continue
            seen.add((code, name))
            found = _CHOME.match(name)
            base = found["base"] if found else name
            yield Town(code, name, base, bool(found), float(row["latitude"]), float(row["longitude"]))


def with_bases(towns: Iterable[Town]) -> Iterator[Town]:
    """`towns`, and for 丁目 whose 町 has no row of its own one at the most central 丁目 of the group."""
    own: set[tuple[str, str]] = set()
    groups: dict[tuple[str, str], list[Town]] = defaultdict(list)
    for town in towns:
        yield town
        if town.chome:
            groups[town.municipality, town.base].append(town)
        else:
            own.add((town.municipality, town.name))
    for (code, base), members in groups.items():
        if (code, base) in own:
            continue
        lat = sum(member.lat for member in members) / len(members)
        lon = sum(member.lon for member in members) / len(members)
        middle = min(members, key=lambda member: (member.lat - lat) ** 2 + (0.8 * (member.lon - lon)) ** 2)
        yield Town(code, base, base, False, middle.lat, middle.lon)


def _todays(code: str, name: str, postal: PostalTable) -> str:
    following = successors(code)
    if len(following) == 1:
        return following[0]
    # The later successors hold single towns: only a postal row says which.
    for other in following[1:]:
        if postal.has_town(other, name) and not postal.has_town(following[0], name):
            return other
    return following[0]
