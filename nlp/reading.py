"""What the reader says about one message, each statement with the characters it rests on.

Offsets are Python string indices into the message's original text: `text[start:end]`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class DamageType(StrEnum):
    """被害種別; the codes used by the API, the feeds and the icons."""

    INUNDATION = "inundation"
    ROAD_FLOODING = "road_flooding"
    RIVER_OVERFLOW = "river_overflow"
    LANDSLIDE = "landslide"
    BUILDING_DAMAGE = "building_damage"
    FIRE = "fire"
    ROAD_DAMAGE = "road_damage"
    ROAD_CLOSURE = "road_closure"
    BRIDGE_DAMAGE = "bridge_damage"
    ISOLATION = "isolation"
    CASUALTY = "casualty"
    RESCUE_REQUEST = "rescue_request"
    POWER_OUTAGE = "power_outage"
    WATER_OUTAGE = "water_outage"
    GAS_LEAK = "gas_leak"
    TELECOM_OUTAGE = "telecom_outage"
    TSUNAMI = "tsunami"
    LIQUEFACTION = "liquefaction"
    FALLEN_TREE = "fallen_tree"
    SNOW = "snow"
    WIND = "wind"
    RAILWAY = "railway"
    VOLCANIC = "volcanic"
    HAZMAT = "hazmat"
    PRECURSOR = "precursor"
    EVACUATION = "evacuation"
    NONE = "none"


class Status(StrEnum):
    """Is it so now: 発生中, おそれ, なし, 未確認, 解消."""

    PRESENT = "present"
    FEARED = "feared"
    DENIED = "denied"
    HEARSAY = "hearsay"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of the original text, and which `rule` saw what (`label`) in them."""

    start: int
    end: int
    text: str
    label: str
    rule: str


@dataclass(frozen=True, slots=True)
class PlacePart:
    """One link of a place as said; `kind` is area, block, road, river, bridge, station, facility,
    junction or coordinates (the words of `geo.place.PART_KINDS`)."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Relation:
    """How the thing lies to its anchor; `kind` near, side, upstream, downstream, between, along,
    behind, front, above, below, beyond or distance; `direction` N NE E SE S SW W NW; metres."""

    kind: str
    direction: str | None = None
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A place as said: the whole phrase in `span`, its parts widest first, and for 「AからB」
    「AとBの間」 the parts of the other end in `until`."""

    span: Span
    parts: tuple[PlacePart, ...]
    relation: Relation | None = None
    until: tuple[PlacePart, ...] = ()


@dataclass(frozen=True, slots=True)
class Quantity:
    """A stated amount: 50 cm, 膝 (depth), 3 軒, 15 m; `unit` is cm, m, houses, people, vehicles or body."""

    value: float | None
    unit: str
    span: Span


@dataclass(frozen=True, slots=True)
class Observation:
    """One damage at one place as the message says it. `mention` is an index into `Reading.mentions`,
    None when no place is said. `evidence` holds the trigger and every span that set the status."""

    type: DamageType
    status: Status
    mention: int | None
    evidence: tuple[Span, ...]
    quantities: tuple[Quantity, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything read from one message. `people` has the keys injured, missing, trapped, dead
    (stated counts only). `drill` is true when the words themselves say that this is 訓練."""

    text: str
    relevant: bool
    urgent: bool
    people: Mapping[str, int]
    observations: tuple[Observation, ...]
    mentions: tuple[Mention, ...]
    drill: bool = False
    evidence: tuple[Span, ...] = field(default=())
