"""What a worker remembers between batches is what it would have read, whatever others did meanwhile."""

import random
from typing import Any

from service.report import EVERYTHING, Incident, Observation
from service.store import erase, ledger, save
from service.store.database import Database
from service.store.incidents import IncidentQuery, page
from service.store.recollection import Recollection
from tests.service.store.samples import (
    MATSUNAGA,
    NearestOfType,
    deliver,
    message,
    observation,
    read,
    store,
)

LAT, LON = MATSUNAGA
APART = 0.05  # degrees, about five kilometres: no two of these are one incident


def report(database: Database, key: str, town: int, recollection: Recollection | None) -> None:
    [waiting] = deliver(database, message(key))
    seen = observation(waiting.report_id, lat=LAT + town * APART, lon=LON)
    store(database, read(waiting, seen), recollection=recollection)


def incidents(database: Database) -> list[Incident]:
    with database.transaction() as conn:
        return list(page(conn, IncidentQuery(limit=100), EVERYTHING).incidents)


def summed_up_anew(database: Database) -> list[Incident]:
    """Every incident as its members in the database make it."""
    with database.transaction() as conn:
        held = {one.id: one for one in incidents(database)}
        members = ledger.members(conn, list(held))
        return [NearestOfType().summarize(each, members[each], held[each].ruling) for each in held]


def bare(one: Incident) -> tuple[Any, ...]:
    return one.id, one.type, one.status, one.report_count, one.lat, one.lon, one.last_reported_at


def test_two_workers_and_an_erasure_never_mislead_each_other(database: Database) -> None:
    rng = random.Random(5)  # noqa: S311
    workers = [Recollection(), Recollection(most=3), None]
    for number in range(60):
        report(database, str(number), rng.randrange(3), rng.choice(workers))
        if rng.random() < 0.2:
            with database.transaction() as conn:
                erase.erase(conn, "test", str(rng.randrange(number + 1)), NearestOfType())
    assert sorted(map(bare, incidents(database))) == sorted(map(bare, summed_up_anew(database)))


def test_what_was_written_last_is_not_read_again(database: Database, monkeypatch: Any) -> None:
    recollection = Recollection()
    report(database, "first", 0, recollection)
    asked: list[int] = []
    real = ledger.members

    def counted(conn: Any, ids: Any) -> dict[Any, list[Observation]]:
        asked.append(len(ids))
        return real(conn, ids)

    monkeypatch.setattr(ledger, "members", counted)
    report(database, "second", 0, recollection)
    report(database, "third", 0, None)
    report(database, "fourth", 0, recollection)
    assert asked == [0, 1, 1]


def test_a_batch_that_was_not_committed_is_not_remembered(database: Database) -> None:
    recollection = Recollection()
    report(database, "first", 0, recollection)
    [waiting] = deliver(database, message("second"))
    seen = observation(waiting.report_id, lat=LAT, lon=LON)
    with database.transaction() as conn:
        save.save(conn, [read(waiting, seen)], NearestOfType(), recollection)
        conn.rollback()
    store(database, read(waiting, seen), recollection=recollection)
    assert [one.report_count for one in incidents(database)] == [2]
