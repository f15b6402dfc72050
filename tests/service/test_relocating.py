"""An officer teaches a name, and earlier reports with it are on the map at once; and back."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from geo.place import Position
from nlp.reading import DamageType
from service.fuse import Fusing
from service.pipeline import Pipeline
from service.report import EVERYTHING, Incident, Verification
from service.store import erase, ledger, places, save, sources, taught
from service.store.database import Database
from service.store.relocations import LOOK_BACK
from service.store.taught import AlreadyTaughtError
from tests.service.learning import (
    FUKUYAMA,
    ONOMICHI,
    ROCK,
    at_work,
    idle,
    lesson,
    message,
    put,
    readings,
    relocations,
    replayed,
    situation,
    take_back,
    teach,
    until,
)
from tests.service.store.samples import holders

FLOODED = "天狗淵で道路が冠水しています"


def settle(database: Database) -> None:
    until(lambda: idle(database))
    assert replayed(database) == situation(database)


def points(database: Database) -> list[tuple[float | None, float | None]]:
    return sorted(((one.lat, one.lon) for one in situation(database).values()), key=str)


def test_what_was_unplaced_is_on_the_map_and_goes_back_to_the_letter(
    database: Database, pipeline: Pipeline
) -> None:
    put(
        database,
        message("one", FLOODED),
        message("two", "天狗淵付近でがけ崩れ。通れません"),
        message("elsewhere", FLOODED, ONOMICHI),
        message("other name", "たぬき岩で停電"),
    )
    with at_work(database, pipeline):
        settle(database)
        before, words = situation(database), readings(database)
        assert all(one.lat is None for one in before.values())
        made = teach(database)
        settle(database)
        after = situation(database)
        placed = [one for one in after.values() if (one.lat, one.lon) == ROCK]
        assert {one.type for one in placed} >= {DamageType.ROAD_FLOODING, DamageType.LANDSLIDE}
        # Who looks at the incident sees it move to its place: it is the same one.
        assert set(after) == set(before)
        assert [one.radius_m for one in placed if one.type is DamageType.ROAD_FLOODING] == [50.0]
        assert sum(one.lat is None for one in after.values()) == 2
        put(database, message("later", "天狗淵で停電しています"))
        settle(database)
        assert points(database).count(ROCK) == len(placed) + 1
        take_back(database, made.id)
        settle(database)
        back = {one.id: _content(one) for one in situation(database).values()}
        assert {one: back[one] for one in before} == {one.id: _content(one) for one in before.values()}
        assert [row for row in readings(database) if row in words] == words
        assert all(one.lat is None for one in situation(database).values())
    assert relocations(database) == []


def test_the_officers_own_incident_moves_although_it_has_a_point(
    database: Database, pipeline: Pipeline
) -> None:
    here = Position(34.49, 133.36, 10.0)
    put(
        database,
        message("placed", "松永町の道路が冠水しています"),
        message("phone", "道路冠水", position=here),
    )
    with at_work(database, pipeline):
        settle(database)
        before = situation(database)
        town = next(one for one in before.values() if one.place_text.startswith("松永町"))
        assert town.lat is not None
        teach(database, lesson("松永町"))
        settle(database)
        assert situation(database)[town.id] == town
        made = teach(
            database,
            replace(lesson("松永町"), radius_m=100.0),
            replaces=_standing(database),
            incident=town.id,
        )
        settle(database)
        moved = situation(database)[town.id]
        assert (moved.lat, moved.lon) == ROCK
        take_back(database, made.id)
        settle(database)
        back = situation(database)[town.id]
        assert (back.lat, back.lon, back.radius_m) == (town.lat, town.lon, town.radius_m)


def _content(one: Incident) -> Incident:
    return replace(one, version=0, seq=0, updated_at=None)


def _standing(database: Database) -> UUID:
    with database.transaction() as conn:
        return taught.standing(conn, None, 1, EVERYTHING)[0][0].id


def test_what_people_have_verified_or_moved_is_not_touched(database: Database, pipeline: Pipeline) -> None:
    put(database, message("verified", FLOODED), message("moved", "天狗淵で停電"))
    with at_work(database, pipeline):
        settle(database)
        flooding, outage = sorted(situation(database).values(), key=lambda one: one.type != "road_flooding")
        with database.transaction() as conn:
            ledger.lock(conn)
            ledger.write(conn, [replace(flooding, verification=Verification.VERIFIED)])
            found = conn.execute(
                text("SELECT report_id, ordinal FROM readings WHERE incident_id = :id"), {"id": outage.id}
            ).one()
            save.move(conn, found.report_id, found.ordinal, uuid4(), Fusing())
        before, words = situation(database), readings(database)
        teach(database)
        settle(database)
        assert (situation(database), readings(database)) == (before, words)
        assert relocations(database) == ["kept", "kept"]


def test_an_erased_report_stays_erased_and_leaves_no_words(database: Database, pipeline: Pipeline) -> None:
    words = "天狗淵の北側で道路が冠水"
    put(database, message("one", words))
    with at_work(database, pipeline):
        settle(database)
        made = teach(database)
        settle(database)
        assert points(database) != []
        with database.transaction() as conn:
            assert erase.erase(conn, "test", "one", Fusing())
        assert holders(database, "北側") == set()
        take_back(database, made.id)
        teach(database)
        settle(database)
        assert situation(database) == {}
        assert holders(database, "北側") == set()


def test_reports_older_than_the_event_stay(database: Database, pipeline: Pipeline) -> None:
    put(database, message("old", FLOODED))
    with at_work(database, pipeline):
        settle(database)
        with database.transaction() as conn:
            conn.execute(
                text("UPDATE reports SET received_at = received_at - CAST(:back AS interval)"),
                {"back": LOOK_BACK + timedelta(minutes=1)},
            )
        teach(database)
        settle(database)
        assert points(database) == [(None, None)]


def test_two_lessons_for_one_report_can_be_undone_in_any_order(
    database: Database, pipeline: Pipeline
) -> None:
    put(database, message("one", "天狗淵で道路が冠水しています。かっぱ淵で停電です。"))
    with at_work(database, pipeline):
        settle(database)
        words = readings(database)
        rock = teach(database)
        settle(database)
        pool = teach(database, lesson("かっぱ淵", at=(34.51, 133.35)))
        settle(database)
        assert points(database) == [ROCK, (34.51, 133.35)]
        take_back(database, rock.id)
        settle(database)
        assert set(points(database)) == {(34.51, 133.35)}
        take_back(database, pool.id)
        settle(database)
        assert readings(database) == words


def test_a_report_read_while_the_name_is_taught_is_not_missed(
    database: Database, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = pipeline.process
    raced: list[str] = []

    def slow(batch: object) -> object:
        found = process(batch)  # type: ignore[arg-type]
        if not raced:
            raced.append("taught")
            teach(database)
        return found

    monkeypatch.setattr(pipeline, "process", slow)
    put(database, message("one", FLOODED))
    with at_work(database, pipeline):
        settle(database)
    assert points(database) == [ROCK]


def test_the_same_name_at_once_is_a_conflict_and_can_be_replaced(
    database: Database, pipeline: Pipeline
) -> None:
    put(database, message("one", FLOODED))
    with at_work(database, pipeline):
        settle(database)
        words = readings(database)
        first = teach(database, by="first")
        assert teach(database, by="first").id == first.id
        settle(database)
        other = lesson(at=(34.52, 133.30))
        with pytest.raises(AlreadyTaughtError) as refused:
            teach(database, other, by="second")
        assert refused.value.standing.taught_by == "first"
        second = teach(database, other, by="second", replaces=first.id)
        settle(database)
        assert points(database) == [(34.52, 133.30)]
        put(database, message("later", "天狗淵で停電"))
        settle(database)
        third = teach(database, lesson(at=(34.53, 133.31)), by="third", replaces=second.id)
        settle(database)
        assert set(points(database)) == {(34.53, 133.31)}
        take_back(database, third.id)
        settle(database)
        assert [row for row in readings(database) if row in words] == words
        assert set(points(database)) == {(None, None)}


def test_unloading_the_source_takes_the_lessons_back(database: Database, pipeline: Pipeline) -> None:
    put(database, message("one", FLOODED))
    with at_work(database, pipeline):
        settle(database)
        words = readings(database)
        teach(database)
        settle(database)
        with database.transaction() as conn:
            [source] = [each for each in sources.loaded(conn) if each.info.source == f"taught:{FUKUYAMA}"]
            assert (source.rows, source.info.format) == (1, "taught")
            sources.remove(conn, source.info.source)
        with database.transaction() as conn:
            assert taught.take_back_unloaded(conn) == 1
            assert taught.take_back_unloaded(conn) == 0
        settle(database)
        assert readings(database) == words
        with database.transaction() as conn:
            assert list(places.rows(conn)) == []
            assert taught.standing(conn, None, 10, EVERYTHING) == []
            assert conn.execute(text("SELECT removed_by FROM taught_places")).scalar() == taught.BY_UNLOAD


def test_nobody_is_answered_and_no_log_says_who_or_what(database: Database, pipeline: Pipeline) -> None:
    put(database, message("one", FLOODED, reply_to="token"))
    with capture_logs() as logged, at_work(database, pipeline):
        settle(database)
        with database.transaction() as conn:
            conn.execute(text("UPDATE replies SET state = 'sent'"))
        made = teach(database, by="山田の端末")
        settle(database)
        take_back(database, made.id)
        settle(database)
    with database.transaction() as conn:
        assert conn.execute(text("SELECT state FROM replies")).scalars().all() == ["sent"]
    assert "天狗淵" not in repr(logged)
    assert "山田" not in repr(logged)


def test_forty_reports_of_one_name_are_on_the_map_within_five_seconds(
    database: Database, pipeline: Pipeline
) -> None:
    kinds = ("道路が冠水しています", "がけ崩れ。通れません", "停電です", "倒木で通行止め")
    put(database, *(message(f"m{n}", f"天狗淵{'付近' * (n % 2)}で{kinds[n % 4]}") for n in range(40)))
    with at_work(database, pipeline):
        settle(database)
        assert points(database)
        teach(database)
        seconds = until(lambda: ROCK in points(database) and (None, None) not in points(database))
        assert seconds <= 5.0
        settle(database)
