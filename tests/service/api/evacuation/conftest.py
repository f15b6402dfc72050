"""A municipality with three units, one line, and people of it, of a neighbour and of the prefecture."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from nlp.reading import DamageType, Status
from service.access import Role
from service.api.pages import Site
from service.api.services import Services
from tests.service.api.world import World, report, running
from tests.service.evacuation.town import (
    CODE,
    collection,
    count_line,
    feature,
    middle,
    person,
    settle,
    verify,
)


class Clock:
    """A clock that stands until a test moves it; sessions end by the database's own clock."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(second=0, microsecond=0)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def town(services: Services, site: Site, clock: Clock) -> Iterator[World]:
    settle(services.database)
    with running(replace(services, clock=clock), site) as made:
        yield made


@pytest.fixture
def officer(town: World) -> httpx.Client:
    return person(town, Role.OFFICER)


@pytest.fixture
def commander(town: World) -> httpx.Client:
    return person(town, Role.COMMANDER)


@pytest.fixture
def ready(town: World, officer: httpx.Client) -> World:
    """Units u0, u1, u2 and one line; a verified overflow in u0."""
    drawn = collection(*(feature(number) for number in range(3)))
    put = officer.put(f"/evacuation/units.geojson?municipality={CODE}&replaces=0", json=drawn)
    assert put.status_code == 200, put.text
    basis = officer.get("/evacuation/criteria").json()["basis"]
    table = {"municipality": CODE, "basis": basis, "criteria": [count_line()]}
    assert officer.put("/evacuation/criteria", json=table).status_code == 200
    flood(town, "flood", 0)
    verify(town.services.database)
    return town


def flood(world: World, key: str, number: int, **given: object) -> None:
    """A report of an overflow in the middle of unit `number`."""
    lat, lon = middle(number)
    said_at = world.services.clock() - timedelta(minutes=10)
    plain = {
        "said_at": said_at,
        "type": DamageType.RIVER_OVERFLOW,
        "status": Status.PRESENT,
        "radius_m": 50.0,
    }
    report(world.services, key, **{**plain, "lat": lat, "lon": lon, **given})
