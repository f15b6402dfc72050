"""Sightings, lines and facts for the board's tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from nlp.reading import DamageType, Status
from service.evacuation.model import (
    MANUAL,
    Condition,
    ConditionKind,
    Criterion,
    Facts,
    Hazard,
    Sighting,
    Unit,
)

NOON = datetime(2026, 7, 29, 3, 0, tzinfo=UTC)
SPACE = UUID(int=1)


def uuid(name: str) -> UUID:
    return uuid5(SPACE, name)


def sighting(name: str = "one", minutes: int = 10, **given: Any) -> Sighting:
    """An incident last reported some minutes before NOON."""
    at = NOON - timedelta(minutes=minutes)
    plain = Sighting(
        id=uuid(name),
        version=1,
        type=DamageType.RIVER_OVERFLOW,
        status=Status.PRESENT,
        verified=True,
        place_text="松永町",
        lat=34.45,
        lon=133.26,
        radius_m=100.0,
        urgent=False,
        people={},
        report_count=1,
        first_reported_at=at,
        last_reported_at=at,
        reports=((uuid(f"report of {name}"), at),),
    )
    return replace(plain, **given)


def count(at_least: int = 1, **given: Any) -> Condition:
    plain = Condition(
        ConditionKind.COUNT,
        frozenset({DamageType.RIVER_OVERFLOW}),
        frozenset({Status.PRESENT}),
        at_least=at_least,
    )
    return replace(plain, **given)


def line(name: str = "line", level: int = 4, condition: Condition = MANUAL) -> Criterion:
    return Criterion(uuid(name), Hazard.FLOOD, level, f"{name}の基準", condition)


def facts(*sightings: Sighting, **given: Any) -> Facts:
    """A board of two units; all sightings lie in the first."""
    plain = Facts(
        municipality="34207",
        name="福山市",
        at=NOON,
        drill=False,
        version=1,
        edition=1,
        automatic=False,
        interval_min=60,
        units=(Unit(uuid("a"), "a", "松永"), Unit(uuid("b"), "b", "今津")),
        criteria=(),
        sightings={one.id: one for one in sightings},
        inside={"a": tuple(one.id for one in sightings)},
        near={},
    )
    return replace(plain, **given)
