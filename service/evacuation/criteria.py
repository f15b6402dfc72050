"""Which lines of a municipality's 発令基準 are met by what is known of a unit."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from nlp.people import find_quantities
from nlp.reading import DamageType, Status
from service.evacuation.model import (
    MANUAL,
    OPEN,
    WATERS,
    Condition,
    ConditionKind,
    Criterion,
    Hazard,
    Sighting,
    Tick,
)

# How high the water stands at a grown-up, in cm.
BODY_CM: Final[tuple[tuple[str, int], ...]] = (
    ("くるぶし", 10),
    ("足首", 10),
    ("膝下", 35),
    ("膝の下", 35),
    ("ひざ下", 35),
    ("ひざの下", 35),
    ("すね", 30),
    ("膝", 45),
    ("ひざ", 45),
    ("太もも", 65),
    ("もも", 65),
    ("股", 75),
    ("腰", 90),
    ("へそ", 95),
    ("胸", 120),
    ("首", 140),
)
DEEPEST_M: Final = 5.0  # beyond this a number of metres is a distance, not a depth


class LineState(StrEnum):
    """`unconfirmed`: it would be met if what is not yet verified were true."""

    MET = "met"
    UNCONFIRMED = "unconfirmed"
    UNMET = "unmet"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a line stands in a unit, and by what: incidents, or the tick of an officer."""

    criterion: Criterion
    state: LineState
    evidence: tuple[Sighting, ...] = ()
    tick: Tick | None = None

    @property
    def keys(self) -> frozenset[str]:
        """The evidence by name: what a later look compares."""
        ticked = frozenset() if self.tick is None else frozenset({f"tick:{self.tick.id}"})
        return ticked | {str(one.id) for one in self.evidence}


def evaluate(
    criterion: Criterion, unit: str, sightings: Iterable[Sighting], ticks: Iterable[Tick], at: datetime
) -> Outcome:
    """How `criterion` stands in the unit with code `unit` at the time `at`, by what lies inside it.

    More evidence never makes a line less met; verifying never does, either.
    """
    condition = criterion.condition
    if condition.kind is ConditionKind.MANUAL:
        tick = latest_tick(criterion, unit, ticks)
        met = tick is not None and tick.met
        return Outcome(criterion, LineState.MET if met else LineState.UNMET, (), tick if met else None)
    fitting = tuple(one for one in sightings if _fits(condition, one, at))
    needed = 1 if condition.kind is ConditionKind.WATER else condition.at_least
    counted = tuple(one for one in fitting if one.verified or not condition.verified)
    if len(counted) >= needed:
        return Outcome(criterion, LineState.MET, counted)
    if len(fitting) >= needed:
        return Outcome(criterion, LineState.UNCONFIRMED, fitting)
    return Outcome(criterion, LineState.UNMET)


def latest_tick(criterion: Criterion, unit: str, ticks: Iterable[Tick]) -> Tick | None:
    """What was said last of a manual line for this unit or for the whole municipality."""
    said = [tick for tick in ticks if tick.criterion == criterion.id and tick.unit in {None, unit}]
    return max(said, key=lambda tick: tick.id, default=None)


def _fits(condition: Condition, one: Sighting, at: datetime) -> bool:
    if one.last_reported_at < at - timedelta(hours=condition.hours):
        return False
    if condition.kind is ConditionKind.WATER:
        deep = one.depth_cm is not None and one.depth_cm >= condition.at_least_cm
        return one.type in WATERS and one.status in OPEN and deep
    return one.type in condition.types and one.status in condition.statuses


def depth_cm(quantities: Collection[str]) -> int | None:
    """The highest water among amounts as said (「膝」「50センチ」「1.5m」), in cm; None when none is one."""
    heights = [height for said in quantities if (height := _height(said)) is not None]
    return max(heights, default=None)


def _height(said: str) -> int | None:
    for word, height in BODY_CM:
        if word in said:
            return height
    for _, _, value, unit in find_quantities(said):
        if value is not None and unit == "cm":
            return round(value)
        if value is not None and unit == "m" and value <= DEEPEST_M:
            return round(value * 100)
    return None


def condition_to_json(condition: Condition) -> dict[str, Any]:
    """A condition as stored and shown; only what its kind uses."""
    if condition.kind is ConditionKind.MANUAL:
        return {"kind": "manual"}
    common = {"verified": condition.verified, "hours": condition.hours}
    if condition.kind is ConditionKind.WATER:
        return {"kind": "water", "at_least_cm": condition.at_least_cm, **common}
    return {
        "kind": "count",
        "types": sorted(condition.types),
        "statuses": sorted(condition.statuses),
        "at_least": condition.at_least,
        **common,
    }


def condition_from_json(body: Mapping[str, Any]) -> Condition:
    """The condition of a stored line; raises KeyError, ValueError for what we never wrote."""
    kind = ConditionKind(body["kind"])
    if kind is ConditionKind.MANUAL:
        return MANUAL
    return Condition(
        kind,
        frozenset(map(DamageType, body.get("types", ()))),
        frozenset(map(Status, body.get("statuses", ()))),
        body["verified"],
        body.get("at_least", 1),
        body.get("at_least_cm", 0),
        body["hours"],
    )


_P, _F, _H = Status.PRESENT, Status.FEARED, Status.HEARSAY


def _count(types: Collection[DamageType], statuses: Collection[Status], at_least: int = 1) -> Condition:
    return Condition(ConditionKind.COUNT, frozenset(types), frozenset(statuses), at_least=at_least)


# A beginning for a municipality without a table of its own; it stands nowhere until somebody saves it.
# Names of warnings: 気象庁・国土交通省「新たな防災気象情報」, in use since May 2026.
SUGGESTED: Final[tuple[tuple[Hazard, int, str, Condition], ...]] = (
    (
        Hazard.FLOOD,
        3,
        "レベル3氾濫警報が発表された、または避難判断水位に到達してさらに上昇が見込まれる",
        MANUAL,
    ),
    (Hazard.FLOOD, 3, "道路冠水が3か所以上で確認された", _count({DamageType.ROAD_FLOODING}, {_P}, 3)),
    (Hazard.FLOOD, 4, "レベル4氾濫危険警報が発表された、または氾濫危険水位に到達した", MANUAL),
    (
        Hazard.FLOOD,
        4,
        "堤防の漏水・越水のおそれが確認された",
        _count({DamageType.RIVER_OVERFLOW}, {_F, _H}),
    ),
    (
        Hazard.FLOOD,
        4,
        "膝を超える浸水が確認された",
        Condition(ConditionKind.WATER, at_least_cm=45),
    ),
    (Hazard.FLOOD, 5, "レベル5氾濫特別警報が発表された", MANUAL),
    (Hazard.FLOOD, 5, "越水・決壊が確認された", _count({DamageType.RIVER_OVERFLOW}, {_P})),
    (Hazard.LANDSLIDE, 3, "レベル3土砂災害警報が発表され、土砂キキクルが「警戒」になった", MANUAL),
    (Hazard.LANDSLIDE, 4, "レベル4土砂災害危険警報が発表された", MANUAL),
    (Hazard.LANDSLIDE, 4, "土砂災害の前兆現象が確認された", _count({DamageType.PRECURSOR}, {_P})),
    (Hazard.LANDSLIDE, 5, "レベル5土砂災害特別警報が発表された", MANUAL),
    (Hazard.LANDSLIDE, 5, "土砂災害の発生が確認された", _count({DamageType.LANDSLIDE}, {_P})),
    (Hazard.TSUNAMI, 4, "津波注意報・津波警報・大津波警報が発表された", MANUAL),
    (Hazard.STORM_SURGE, 3, "レベル3高潮警報が発表された", MANUAL),
    (Hazard.STORM_SURGE, 4, "レベル4高潮危険警報が発表された", MANUAL),
    (Hazard.STORM_SURGE, 5, "レベル5高潮特別警報が発表された", MANUAL),
)
