"""Lessons, corrections and undoing in any order: state plus events is fresh state, and all comes back."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from service.fuse import Fusing
from service.pipeline import Pipeline
from service.relocating import Relocating
from service.report import EVERYTHING, ReadReport, Waiting
from service.store import erase, inbox, relocations, save, taught
from service.store.database import Database
from service.store.relocate import locate_again
from tests.service.learning import lesson, readings, replayed, situation, take_back, teach
from tests.service.learning import relocations as states
from tests.service.store.samples import holders, message
from tests.service.store.words import WordReader

WORDS = ("岩", "淵", "橋", "坂")


def reading(database: Database) -> WordReader:
    return WordReader(database)


def report(database: Database, key: str, words: str) -> None:
    with database.transaction() as conn:
        inbox.put(conn, message(key, words, posted_at=datetime.now(UTC)))
    with database.transaction() as conn:
        claimed = inbox.claim(conn, 0, 100)
    with database.transaction() as conn:
        save.save(conn, reading(database).process(claimed), Fusing())


def relocate(database: Database, pipeline: object | None = None, rounds: int = 50) -> None:
    """Work until nothing waits."""
    pipeline = pipeline or reading(database)
    relocating = Relocating(database, cast("Pipeline", pipeline), lambda conn: True)
    for _ in range(rounds):
        if not relocating.step(0, lambda: None):
            return
    raise AssertionError("it never ends")


def said(database: Database) -> list[tuple[str, Any, Any]]:
    """What each reading says and where, whatever incident it is in."""
    with database.transaction() as conn:
        rows = conn.execute(
            text("SELECT report_id, ordinal, place_text, ST_Y(geom), ST_X(geom) FROM readings ORDER BY 1, 2")
        )
        return [tuple(row[2:]) for row in rows]


@pytest.mark.parametrize(
    "seed", [*range(4), *(pytest.param(n, marks=pytest.mark.slow) for n in range(4, 100))]
)
def test_any_sequence_of_lessons_keeps_state_and_events_equal(database: Database, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311
    for number in range(8):
        report(database, f"early-{number}", " ".join(rng.sample(WORDS, rng.randint(1, 3))))
    first = readings(database)
    erased: set[str] = set()
    for step in range(25):
        _act(database, rng, step, erased)
        if rng.random() < 0.7:
            relocate(database)
            assert replayed(database) == situation(database)
    relocate(database)
    assert said(database) == _fresh(database)
    with database.transaction() as conn:
        for each, _ in taught.standing(conn, None, 100, EVERYTHING):
            assert taught.take_back(conn, each.id, "officer")
    relocate(database)
    assert replayed(database) == situation(database)
    assert states(database) == []
    kept = {row["report_id"] for row in readings(database)}
    early = {row["report_id"] for row in first} & kept
    now = [row for row in readings(database) if row["report_id"] in early]
    assert now == [row for row in first if row["report_id"] in early]
    assert all(one.lat is None for one in situation(database).values())


def _act(database: Database, rng: random.Random, step: int, erased: set[str]) -> None:
    word = rng.choice(WORDS)
    with database.transaction() as conn:
        standing = {each.lesson.name: each for each, _ in taught.standing(conn, None, 100, EVERYTHING)}
    deed = rng.choice(("teach", "teach", "take back", "report", "erase"))
    if deed == "report":
        report(database, f"late-{step}", " ".join(rng.sample(WORDS, rng.randint(1, 2))))
    elif deed == "erase":
        key = f"early-{rng.randrange(8)}"
        erased.add(key)
        with database.transaction() as conn:
            erase.erase(conn, "test", key, Fusing())
    elif deed == "teach":
        at = (34.5 + rng.randrange(5) / 100, 133.3)
        old = standing.get(word)
        teach(database, lesson(word, at=at), replaces=None if old is None else old.id)
    elif word in standing:
        take_back(database, standing[word].id)


def _fresh(database: Database) -> list[tuple[str, Any, Any]]:
    """What a reader would say today of every report that has words."""
    with database.transaction() as conn:
        rows = conn.execute(text("SELECT id, text FROM reports WHERE erased_at IS NULL ORDER BY id")).all()
    batch = [Waiting(0, row.id, datetime.now(UTC), 0, message("x", row.text)) for row in rows]
    found = reading(database).process(batch)
    return [(one.place_text, one.lat, one.lon) for each in found for one in each.observations]


def test_the_present_incident_goes_on_at_the_new_place(database: Database) -> None:
    report(database, "one", "岩")
    report(database, "two", "岩")
    [before] = situation(database)
    teach(database, lesson("岩"))
    relocate(database)
    [after] = situation(database).values()
    assert (after.id, after.report_count, after.lat is not None) == (before, 2, True)


POISON = "毒"


class Poisoned(WordReader):
    """Fails on one word."""

    def process(self, batch: Sequence[Waiting]) -> list[ReadReport]:
        if any(POISON in waiting.message.text for waiting in batch):
            raise RuntimeError(f"{POISON} cannot be read")
        return super().process(batch)


def test_one_unreadable_report_holds_up_nobody_and_is_given_up_without_its_words(database: Database) -> None:
    report(database, "poison", "岩 毒")
    for number in range(5):
        report(database, f"good-{number}", "岩")
    made = teach(database, lesson("岩"))
    with capture_logs() as logged:
        relocate(database, Poisoned(database))
    assert sorted(states(database)) == ["failed", *["located"] * 5]
    assert "毒" not in repr(logged)
    assert any(line["event"] == "relocation_given_up" for line in logged)
    with database.transaction() as conn:
        assert taught.progress(conn, made.id) == taught.Progress(0, 5, 1)
        assert (
            "RuntimeError"
            in conn.execute(text("SELECT last_error FROM relocations WHERE state = 'failed'")).scalar_one()
        )
    assert "relocations" not in holders(database, "毒")


def test_a_report_whose_workers_die_is_given_up(database: Database) -> None:
    report(database, "one", "岩")
    teach(database, lesson("岩"))
    for _ in range(relocations.MAX_ATTEMPTS):
        with database.transaction() as conn:
            assert len(relocations.claim(conn, 0, 10)) == 1
    with database.transaction() as conn:
        assert relocations.claim(conn, 0, 10) == []
    assert states(database) == ["failed"]


def test_a_result_that_comes_too_late_is_left_out(database: Database) -> None:
    report(database, "one", "岩")
    made = teach(database, lesson("岩"))
    with database.transaction() as conn:
        batch = relocations.claim(conn, 0, 10)
    late = reading(database).process([each.waiting for each in batch])
    take_back(database, made.id)
    with database.transaction() as conn:
        assert locate_again(conn, list(zip(batch, late, strict=True)), Fusing()) == save.SaveResult(None, 0)
    assert said(database) == [("岩", None, None)]


def test_what_waits_for_newer_places_is_given_back_untried(database: Database) -> None:
    report(database, "one", "岩")
    teach(database, lesson("岩"))
    current: list[bool] = [False]
    relocating = Relocating(database, cast("Pipeline", reading(database)), lambda conn: current[0])
    assert not relocating.step(0, lambda: None)
    with database.transaction() as conn:
        assert conn.execute(text("SELECT attempts FROM relocations")).scalar() == 0
    current[0] = True
    assert relocating.step(0, lambda: None)
    assert states(database) == ["located"]
