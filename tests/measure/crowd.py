"""A great disaster that never was: many invented incidents at real places of a few prefectures."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from geo.gazetteer.memory import data_folder
from geo.gazetteer.tables import PLACES, read_places
from geo.place import Level, Place
from nlp.reading import DamageType, Status
from service.report import Incident, Verification
from service.store import ledger
from service.store.database import Database

PREFECTURES = ("31", "32", "33", "34", "35", "36", "37", "38", "39")  # 中国・四国: one great earthquake
AT_ONCE = 2_000
URGENT_SHARE = 0.02
UNPLACED_SHARE = 0.03
# Most of what is reported is about roads and lifelines; what kills is rarer.
WEIGHTS = {DamageType.ROAD_FLOODING: 8, DamageType.BUILDING_DAMAGE: 12, DamageType.POWER_OUTAGE: 8}
STATUSES = (Status.PRESENT, Status.FEARED, Status.HEARSAY, Status.RESOLVED, Status.DENIED)


@cache
def towns(prefectures: tuple[str, ...] = PREFECTURES) -> list[Place]:
    """The packaged 大字, 町 and 丁目 of these prefectures."""
    return [
        place
        for place in read_places(data_folder() / PLACES)
        if place.municipality[:2] in prefectures and place.level in {Level.TOWN, Level.CHOME}
    ]


def invented(count: int, now: datetime, seed: int = 4, places: Sequence[Place] = ()) -> Iterator[Incident]:
    """`count` incidents of the day before `now`; the same seed gives the same ones."""
    rng = random.Random(seed)
    where = places or towns()
    kinds = [kind for kind in DamageType if kind is not DamageType.NONE]
    weights = [WEIGHTS.get(kind, 2) for kind in kinds]
    for number in range(count):
        place = rng.choice(where)
        placed = rng.random() >= UNPLACED_SHARE
        first = now - timedelta(minutes=rng.uniform(2, 1440))
        urgent = rng.random() < URGENT_SHARE
        yield Incident(
            id=UUID(int=rng.getrandbits(128), version=4),
            type=rng.choices(kinds, weights)[0],
            status=rng.choices(STATUSES, (60, 12, 12, 12, 4))[0],
            verification=rng.choices(list(Verification), (80, 18, 2))[0],
            place_text=f"{place.name}付近" if placed else "",
            municipality=place.municipality,
            lat=place.lat + rng.gauss(0, 0.004) if placed else None,
            lon=place.lon + rng.gauss(0, 0.005) if placed else None,
            radius_m=rng.choice((50.0, 150.0, 300.0, 700.0)) if placed else None,
            level=Level.TOWN if placed else Level.MUNICIPALITY,
            shape=None,
            ambiguous=False,
            urgent=urgent,
            people={"trapped": rng.randrange(3)} if urgent else {},
            report_count=1 + number % 4,
            first_reported_at=first,
            last_reported_at=first + timedelta(minutes=rng.uniform(0, 1)),
            drill=number % 50 == 0,
        )


def fill(database: Database, made: Sequence[Incident] | Iterator[Incident]) -> list[UUID]:
    """Write the incidents as the worker does; their ids."""
    ids: list[UUID] = []
    batch: list[Incident] = []

    def flush() -> None:
        with database.transaction() as conn:
            ledger.lock(conn)
            ledger.write(conn, batch)
        ids.extend(one.id for one in batch)
        batch.clear()

    for incident in made:
        batch.append(replace(incident))
        if len(batch) == AT_ONCE:
            flush()
    flush()
    return ids
