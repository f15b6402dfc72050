"""What geo hands out: places, candidates with named scores, and located places.

All coordinates are WGS 84 (EPSG:4326) in decimal degrees, named `lat` and `lon`; radii are metres.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Level(StrEnum):
    """How precisely a place is known, finest first; feeds and the map show it beside the radius."""

    POSITION = "position"  # the phone's own position, or coordinates written in the text
    HOUSE = "house"  # 住居表示 house number
    BLOCK = "block"  # 街区・番地
    FACILITY = "facility"  # a school, bridge, shelter, station, hall with a known point
    SECTION = "section"  # a stretch of a road or river, a junction
    CHOME = "chome"  # 丁目
    TOWN = "town"  # 大字・町
    FORMER_MUNICIPALITY = "former_municipality"  # 旧町村
    MUNICIPALITY = "municipality"
    PREFECTURE = "prefecture"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Place:
    """One gazetteer row.

    `municipality` is the 5-digit 全国地方公共団体コード as text (a ward of a designated city counts
    as itself); for a prefecture row it is the 2-digit code. `radius_m` is the distance within which
    the real thing lies in 90 % of measured cases for rows of this level and source.
    """

    place_id: str
    name: str
    kana: str
    kind: str
    level: Level
    municipality: str
    lat: float
    lon: float
    radius_m: float
    source: str


TAUGHT_SOURCE = "taught:"  # followed by the municipality for which headquarters taught the place


def is_taught(place: Place) -> bool:
    """Whether headquarters taught this row by hand, so that it counts only for its municipality."""
    return place.source.startswith(TAUGHT_SOURCE)


class Gazetteer(Protocol):
    """A searchable set of places; one source or many."""

    def names(self) -> Sequence[str]:
        """Every surface form worth searching in a text, folded by `geo.names.fold` (offsets kept)."""
        ...

    def find(self, name: str) -> Sequence[Place]:
        """All places which `name` (any spelling) may mean, in no particular order."""
        ...

    def house(self, town: Place, numbers: Sequence[str]) -> Place | None:
        """The house (level HOUSE), or at least the 街区 (BLOCK), which `numbers` (番, 号; for a town that
        is divided, 丁目 before them) name in a 町 or 丁目; None when no table knows it."""
        ...


@dataclass(frozen=True, slots=True)
class PlacePart:
    """One link of a place as said: `kind` is one of `PART_KINDS`."""

    text: str
    kind: str


PART_KINDS = (
    "area",  # prefecture, municipality, 大字, 丁目, former village, any bare name
    "block",  # 番地・号
    "road",
    "river",
    "bridge",
    "station",
    "facility",  # school, hall, shelter, office, temple, shop
    "junction",  # 交差点, IC, JCT, 踏切
    "coordinates",
)


@dataclass(frozen=True, slots=True)
class Relation:
    """How the thing lies to its anchor: 「〜から上流200m」 is Relation("upstream", None, 200.0)."""

    kind: (
        str  # near, side, upstream, downstream, between, along, behind, front, above, below, beyond, distance
    )
    direction: str | None = None  # N NE E SE S SW W NW
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """A place as said, widest part first; `until` is the other end of 「AからB」「AとBの間」."""

    text: str
    parts: tuple[PlacePart, ...]
    relation: Relation | None = None
    until: tuple[PlacePart, ...] = ()


@dataclass(frozen=True, slots=True)
class Position:
    """A phone's own position; `accuracy_m` as the phone says it, None when it does not."""

    lat: float
    lon: float
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What is known about the sender, to resolve bare names."""

    sender_municipality: str | None = None
    position: Position | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that may be meant; `scores` are named parts whose sum is `score`, `why` is plain Japanese."""

    place: Place
    scores: Mapping[str, float]
    why: str

    @property
    def score(self) -> float:
        """Sum of the named scores; higher is better."""
        return sum(self.scores.values())


@dataclass(frozen=True, slots=True)
class Location:
    """Where a mention is.

    `lat` and `lon` are None when the place is known to no better than its municipality, and always
    when `ambiguous` (several places fit: a person should choose among `candidates`).
    `shape` is WKT in EPSG:4326 (lon lat order) for a stretch or an area, None for a plain point.
    """

    lat: float | None
    lon: float | None
    radius_m: float | None
    level: Level
    municipality: str | None
    ambiguous: bool
    why: str
    candidates: tuple[Candidate, ...] = field(default=())
    shape: str | None = None
