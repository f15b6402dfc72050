"""Short ways to ask a locator over the rows of fixtures/places.tsv."""

from collections import defaultdict
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

from geo.coverage import Coverage
from geo.gazetteer.areas import MunicipalityAreas
from geo.gazetteer.memory import MemoryGazetteer
from geo.gazetteer.tables import read_places
from geo.locator import Locator
from geo.place import (
    Context,
    Level,
    Location,
    Place,
    PlaceMention,
    PlacePart,
    Relation,
)
from geo.sphere import metres_between

FUKUYAMA, ONOMICHI, SAKA = "34207", "34205", "34309"
KAWAGOE, ZUSHI, TAKAMATSU, AKITA = "11201", "14208", "37201", "05201"
KUMAMOTO, KUMAMOTO_CENTRAL, TANABE, TANBA, NOBEOKA = "43100", "43101", "30206", "28223", "45203"
# A town divided into 丁目 is answered with the middle of them, off its own row by up to this.
DIVIDED_M = 700.0
PLACES = tuple(read_places(Path(__file__).parent / "fixtures" / "places.tsv"))


def outlines() -> dict[str, BaseGeometry]:
    """Hulls of the rows of each municipality: enough to say in which one a point lies."""
    dots = defaultdict(list)
    for row in PLACES:
        if row.level in (Level.TOWN, Level.CHOME):
            dots[row.municipality].append((row.lon, row.lat))
    return {code: shapely.MultiPoint(points).convex_hull.buffer(0.005) for code, points in dots.items()}


def make_locator(*extra: Place) -> Locator:
    gazetteer = MemoryGazetteer((*PLACES, *extra))
    return Locator(gazetteer, MunicipalityAreas(gazetteer, Coverage(outlines())))


LOCATOR = make_locator()


def part(text: str) -> PlacePart:
    """「station:松永駅」 or a bare area name."""
    kind, _, name = text.rpartition(":")
    return PlacePart(name, kind or "area")


def mention(*texts: str, relation: Relation | None = None, until: tuple[str, ...] = ()) -> PlaceMention:
    parts = tuple(part(text) for text in texts)
    return PlaceMention("".join(p.text for p in parts), parts, relation, tuple(part(text) for text in until))


def locate(*texts: str, sender: str | None = None, relation: Relation | None = None) -> Location:
    return LOCATOR.locate([mention(*texts, relation=relation)], Context(sender))[0]


def row(name: str, code: str, level: Level | None = None) -> Place:
    return next(
        p for p in PLACES if p.name == name and p.municipality == code and (level is None or p.level is level)
    )


def at(location: Location, place: Place, within_m: float = 1.0) -> bool:
    assert location.lat is not None, location.why
    assert location.lon is not None
    return metres_between(location.lat, location.lon, place.lat, place.lon) <= within_m
