"""What the evacuation board speaks of: units, lines of the 発令基準, evidence, decisions.

警戒レベル and their words are those of 避難情報に関するガイドライン (内閣府, 令和3年5月); the decision is
the mayor's (災害対策基本法 第60条), or the governor's in his place where the municipality cannot act
(第60条第6項). Times are aware; municipality codes are 5-digit text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from nlp.reading import DamageType, Status

LEVEL_JA: Final[Mapping[int, str]] = {3: "高齢者等避難", 4: "避難指示", 5: "緊急安全確保"}
LEVELS: Final = tuple(LEVEL_JA)
LOOK_BACK_HOURS: Final = 72  # evidence older than this is no longer on the board
SILENCE_LOOK_BACK_HOURS: Final = 24

CUT_ROADS: Final = frozenset(
    {
        DamageType.ROAD_CLOSURE,
        DamageType.BRIDGE_DAMAGE,
        DamageType.ROAD_DAMAGE,
        DamageType.ROAD_FLOODING,
    }
)
WATERS: Final = frozenset({DamageType.INUNDATION, DamageType.ROAD_FLOODING, DamageType.RIVER_OVERFLOW})
OPEN: Final = frozenset({Status.PRESENT, Status.FEARED, Status.HEARSAY})


class Hazard(StrEnum):
    """The disasters for which a municipality writes lines."""

    FLOOD = "flood"
    LANDSLIDE = "landslide"
    STORM_SURGE = "storm_surge"
    TSUNAMI = "tsunami"
    FIRE = "fire"
    OTHER = "other"


HAZARD_JA: Final[Mapping[Hazard, str]] = {
    Hazard.FLOOD: "洪水",
    Hazard.LANDSLIDE: "土砂災害",
    Hazard.STORM_SURGE: "高潮",
    Hazard.TSUNAMI: "津波",
    Hazard.FIRE: "火災",
    Hazard.OTHER: "その他",
}
# The words of 指定緊急避難場所 (geo/official/shelters.py) and their Japanese.
DISASTER_JA: Final[Mapping[str, str]] = {
    "flood": "洪水",
    "landslide": "土砂災害",
    "storm_surge": "高潮",
    "earthquake": "地震",
    "tsunami": "津波",
    "fire": "大規模な火事",
    "inland_flood": "内水氾濫",
    "volcano": "火山現象",
}


class Decided(StrEnum):
    """What a commander records."""

    ORDER = "order"
    DISMISS = "dismiss"
    LIFT = "lift"


DECIDED_JA: Final[Mapping[Decided, str]] = {
    Decided.ORDER: "発令",
    Decided.DISMISS: "見送り",
    Decided.LIFT: "解除",
}


class ShelterState(StrEnum):
    """What an officer says of a shelter; nobody said anything: unknown."""

    OPEN = "open"
    CLOSED = "closed"
    FULL = "full"


SHELTER_JA: Final[Mapping[str, str]] = {
    "open": "開設",
    "closed": "閉鎖",
    "full": "満員",
    "unknown": "未入力",
}


class ConditionKind(StrEnum):
    """How a line is found to be met."""

    COUNT = "count"
    WATER = "water"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Condition:
    """When a line is met: so many incidents of some types and statuses in the unit (count), water of some
    height (water), or somebody says so (manual). `hours` is how long ago the last report may be."""

    kind: ConditionKind
    types: frozenset[DamageType] = frozenset()
    statuses: frozenset[Status] = frozenset()
    verified: bool = True
    at_least: int = 1
    at_least_cm: int = 0
    hours: int = 6


MANUAL: Final = Condition(ConditionKind.MANUAL)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the municipality's own table."""

    id: UUID
    hazard: Hazard
    level: int
    text: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class Unit:
    """発令単位. `code` is the municipality's own, stable over imports; `automatic`: made of 大字 by us."""

    id: UUID
    code: str
    name: str
    households: int | None = None
    population: int | None = None
    reporters: tuple[str, ...] = ()
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Sighting:
    """An incident as the board uses it; `reports` are (report, when said), `depth_cm` the highest water that
    its reports tell."""

    id: UUID
    version: int
    type: DamageType
    status: Status
    verified: bool
    place_text: str
    lat: float | None
    lon: float | None
    radius_m: float | None
    urgent: bool
    people: Mapping[str, int]
    report_count: int
    first_reported_at: datetime
    last_reported_at: datetime
    depth_cm: int | None = None
    reports: tuple[tuple[UUID, datetime], ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it may still hurt somebody; 異常なし and what is over count as reports only."""
        return self.status in OPEN and self.type is not DamageType.NONE


@dataclass(frozen=True, slots=True)
class Tick:
    """An officer's word on a manual line: met or no longer, since when, why; `unit` None: everywhere."""

    id: int
    criterion: UUID
    unit: str | None
    met: bool
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Call:
    """A reporter heard by radio or telephone, noted by hand."""

    unit: str
    reporter: str
    heard_at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Shelter:
    """A place of refuge in a unit. `disasters` None: no table says for what it is fit."""

    id: str
    name: str
    use: str
    disasters: tuple[str, ...] | None
    state: str = "unknown"
    note: str = ""
    said_at: datetime | None = None


# 避難指示 and 緊急安全確保 are the governor's to give in the mayor's place; 高齢者等避難 (第56条) is not.
PROXY_LEVELS: Final = (4, 5)


@dataclass(frozen=True, slots=True)
class Standing:
    """The last decisions for a unit: the level in force (None: none) by `number`, and the evidence that the
    last 見送り or 解除 was made with, by line. `proxy` is the prefecture that ordered it in the mayor's
    place."""

    level: int | None = None
    proxy: str | None = None
    number: int | None = None
    decided_at: datetime | None = None
    dismissed_level: int | None = None
    dismissed_at: datetime | None = None
    weighed: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def lifted(self) -> bool:
        """Whether the last word was 解除: what was known then was weighed, but nobody decided on it."""
        return self.level is None and self.dismissed_level is not None and self.dismissed_at is None


NEVER_DECIDED: Final = Standing()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a board is made of, read in one transaction."""

    municipality: str
    name: str
    at: datetime
    drill: bool
    version: int
    edition: int
    automatic: bool
    interval_min: int
    units: tuple[Unit, ...]
    criteria: tuple[Criterion, ...]
    sightings: Mapping[UUID, Sighting]
    inside: Mapping[str, tuple[UUID, ...]]
    near: Mapping[str, tuple[UUID, ...]]
    ticks: tuple[Tick, ...] = ()
    calls: tuple[Call, ...] = ()
    shelters: Mapping[str, tuple[Shelter, ...]] = field(default_factory=dict)
    standing: Mapping[str, Standing] = field(default_factory=dict)
    unplaced: int = 0
    other_mode: int = 0  # open incidents of the other kind: drill on a real board, real on a drill's


Json = dict[str, Any]
