import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from geo.place import Position
from nlp.reading import DamageType
from service.report import EVERYTHING, NO_RULING, Incident, Observation, ReadReport, Waiting
from service.store import changes, inbox, incidents, ledger, nearby, replies, save
from service.store.database import Database
from service.store.incidents import IncidentQuery
from tests.service.store.samples import (
    MATSUNAGA,
    NOON,
    NearestOfType,
    deliver,
    holders,
    message,
    observation,
    read,
    store,
)

LAT, LON = MATSUNAGA
METRE = 1 / 111_195  # degrees of latitude


def situation(database: Database) -> dict[UUID, Incident]:
    with database.transaction() as conn:
        return {
            one.id: one for one in incidents.page(conn, IncidentQuery(limit=10_000), EVERYTHING).incidents
        }


def test_a_batch_sees_the_incidents_made_earlier_in_the_same_batch(database: Database) -> None:
    first, second, third = deliver(database, message("a"), message("b"), message("c"))
    result = store(
        database,
        read(first, observation(first.report_id)),
        read(second, observation(second.report_id, lat=LAT + 400 * METRE)),
        read(third, observation(third.report_id, lat=LAT + 1200 * METRE)),
    )
    assert result == save.SaveResult(2, 3)
    near, far = sorted(situation(database).values(), key=lambda one: -one.report_count)
    assert (near.report_count, far.report_count) == (2, 1)
    assert near.lat == pytest.approx(LAT + 200 * METRE)


def test_later_batches_find_it_by_place_time_and_drill(database: Database) -> None:
    def report(key: str, **given: Any) -> int:
        waiting = deliver(database, message(key))[0]
        store(database, read(waiting, observation(waiting.report_id, **given)))
        return len(situation(database))

    assert report("first") == 1
    assert report("near", lat=LAT + 400 * METRE) == 1
    assert report("other type", type=DamageType.FIRE) == 2
    assert report("far", lon=LON + 900 * METRE) == 3
    assert report("late", said_at=NOON + timedelta(hours=3)) == 4
    assert report("drill", drill=True) == 5
    assert report("no point", lat=None, lon=None) == 6
    assert report("no point, same town", lat=None, lon=None) == 6
    assert report("no point, other town", lat=None, lon=None, municipality="34202") == 7
    assert report("nowhere", lat=None, lon=None, municipality=None) == 8
    assert report("nowhere, too", lat=None, lon=None, municipality=None) == 9


def test_the_incident_the_change_and_the_page_agree_to_the_last_bit(database: Database) -> None:
    waiting = deliver(database, message("a"))[0]
    shape = "LINESTRING(133.123456789 34.5,133.2 34.6000000001)"
    seen = observation(
        waiting.report_id, lat=34.1 + 0.2, lon=133.1234567890123, shape=shape, people={"dead": 1}
    )
    store(database, read(waiting, seen))
    with database.transaction() as conn:
        (change,) = changes.since(conn, 0, 10, EVERYTHING)
        (listed,) = incidents.page(conn, IncidentQuery(), EVERYTHING).incidents
        assert change.incident == listed == incidents.one(conn, listed.id, EVERYTHING)
        assert change.at == listed.updated_at
    assert (listed.lat, listed.lon) == (34.1 + 0.2, 133.1234567890123)
    assert listed.shape == "LINESTRING (133.1234568 34.5, 133.2 34.6)"


def test_state_plus_changes_equals_a_fresh_state(database: Database) -> None:
    rng = random.Random(20260729)  # noqa: S311
    state: dict[UUID, Incident] = {}
    cursor = 0
    for batch in range(6):
        waiting = deliver(database, *(message(f"{batch}/{n}") for n in range(12)))
        store(database, *(read(one, *_scattered(one, rng)) for one in waiting))
        with database.transaction() as conn:
            for change in changes.since(conn, cursor, 1000, EVERYTHING):
                assert change.seq > cursor
                before = state.get(change.incident.id)
                assert change.incident.version == (1 if before is None else before.version + 1)
                cursor, state[change.incident.id] = change.seq, change.incident
        assert state == situation(database)
    with database.transaction() as conn:
        assert (changes.oldest(conn), changes.latest(conn)) == (1, cursor)


def test_the_size_of_batches_does_not_change_the_situation(
    new_database_url: Callable[[str], str], template: str
) -> None:
    found = []
    for size in (1, 7, 60):
        database = Database(new_database_url(template))
        rng = random.Random(7)  # noqa: S311
        waiting = deliver(database, *(message(f"{n:03}") for n in range(60)))
        reports = [read(one, *_scattered(one, rng)) for one in waiting]
        for start in range(0, len(reports), size):
            store(database, *reports[start : start + size])
        found.append(
            sorted(
                (one.report_count, one.type, round(one.lat or 0, 9)) for one in situation(database).values()
            )
        )
        database.dispose()
    assert found[0] == found[1] == found[2]
    assert 10 < len(found[0]) < 80


def _scattered(waiting: Waiting, rng: random.Random) -> list[Observation]:
    """One or two observations, fed only by the generator, in a square of four kilometres."""
    return [
        observation(
            waiting.report_id,
            ordinal,
            lat=LAT + rng.uniform(0, 4000) * METRE,
            lon=LON + rng.uniform(0, 4000) * METRE,
            type=rng.choice([DamageType.FIRE, DamageType.LANDSLIDE]),
            said_at=NOON + timedelta(seconds=rng.randrange(600)),
        )
        for ordinal in range(rng.choice([1, 2]))
    ]


@pytest.mark.parametrize("statement", [nearby.NEAR_POINTS, nearby.NEAR_MUNICIPALITIES])
def test_neighbours_come_from_an_index(database: Database, statement: str) -> None:
    made = [
        replace(
            NearestOfType().summarize(UUID(int=n), [observation(UUID(int=n))], NO_RULING),
            lat=None if n % 10 == 0 else 26 + n / 200,
            municipality=f"{n:05}",
        )
        for n in range(3000)
    ]
    search = {"since": NOON.isoformat(), "until": NOON.isoformat(), "drill": False, "municipality": "00010"}
    search |= {"west": LON, "east": LON + 0.01, "south": LAT, "north": LAT + 0.01}
    with database.transaction() as conn:
        ledger.write(conn, made)
        conn.execute(text("ANALYZE incidents"))
        plan = conn.execute(
            text(f"EXPLAIN (FORMAT JSON) {statement}"), {"searches": json.dumps([search])}
        ).scalar()
    assert "Index" in str(plan)
    assert "Seq Scan" not in str(plan)


def test_words_are_in_exactly_one_place(database: Database) -> None:
    words = "かなりあ橋が落ちた"
    waiting = deliver(database, message("a", words, reply_to="token"))[0]
    assert holders(database, words) == {"inbox"}
    store(database, read(waiting, observation(waiting.report_id)))
    assert holders(database, words) == {"reports"}


def test_whoever_lost_the_entry_saves_nothing(database: Database) -> None:
    (stale,) = deliver(database, message("a"))
    with database.transaction() as conn:
        (fresh,) = inbox.claim(conn, 0, 1)
    assert fresh.attempts == stale.attempts + 1
    assert store(database, read(stale, observation(stale.report_id))) == save.SaveResult(None, 0)
    assert store(database, read(fresh, observation(fresh.report_id))).saved == 1
    assert store(database, read(fresh, observation(fresh.report_id))).saved == 0
    assert [one.report_count for one in situation(database).values()] == [1]


def test_a_batch_that_fails_leaves_nothing(database: Database) -> None:
    good, bad = deliver(database, message("a"), message("b"))
    broken = observation(bad.report_id, shape="LINESTRING(oops")
    with pytest.raises(Exception, match="ParseException"):
        store(database, read(good, observation(good.report_id)), read(bad, broken))
    assert situation(database) == {}
    with database.transaction() as conn:
        assert inbox.counts(conn).waiting == 2
        assert changes.latest(conn) == 0


def test_a_report_without_observations_is_kept_with_its_position(database: Database) -> None:
    waiting = deliver(database, message("a", position=Position(34.5, 133.3, 12.0)))[0]
    assert store(database, read(waiting)) == save.SaveResult(None, 1)
    with database.transaction() as conn:
        (tray,) = incidents.unplaced_reports(conn, 10, EVERYTHING)
        kept = conn.execute(
            text("SELECT ST_Y(position), ST_X(position), position_accuracy_m FROM reports")
        ).one()
    assert tray.report_id == waiting.report_id
    assert tuple(kept) == (34.5, 133.3, 12.0)


def test_a_reply_waits_only_where_it_can_be_sent(database: Database) -> None:
    able, unable, silent = deliver(
        database, message("a", reply_to="t"), message("b"), message("c", reply_to="u")
    )
    store(database, read(able), read(unable), read(silent, reply=""))
    with database.transaction() as conn:
        assert [one.id for one in replies.waiting(conn, 10)] == [able.report_id]


def test_an_incident_of_many_reports_still_counts_each(database: Database) -> None:
    waiting = deliver(database, *(message(f"{n:03}") for n in range(70)))
    store(database, *(read(one, observation(one.report_id)) for one in waiting))
    assert [one.report_count for one in situation(database).values()] == [70]


def test_notifies_the_last_number(database: Database) -> None:
    heard = database.listen("changes", 5)
    assert next(heard) is None
    waiting = deliver(database, message("a"))[0]
    result = store(database, read(waiting, observation(waiting.report_id)))
    assert next(heard) == str(result.seq)
    heard.close()


class _Stubborn(NearestOfType):
    def match(self, observation: Observation, nearby: object) -> UUID | None:
        return UUID(int=1)


def test_a_match_that_is_not_near_is_refused(database: Database) -> None:
    waiting = deliver(database, message("a"))[0]
    report: ReadReport = read(waiting, observation(waiting.report_id))
    with pytest.raises(LookupError), database.transaction() as conn:
        save.save(conn, [report], _Stubborn())
