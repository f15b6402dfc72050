from datetime import timedelta

import pytest
from sqlalchemy import text

from service.report import EVERYTHING, Photo, Waiting
from service.store import inbox, incidents, workers
from service.store.database import Database
from tests.service.store.samples import deliver, message, observation, read, store


def claim(database: Database, worker: int = 0, limit: int = 10) -> list[str]:
    with database.transaction() as conn:
        return [one.message.key for one in inbox.claim(conn, worker, limit)]


def put(database: Database, *keys: str) -> None:
    with database.transaction() as conn:
        inbox.put_many(conn, [message(key) for key in keys])


def make_due(database: Database) -> None:
    with database.transaction() as conn:
        conn.execute(text("UPDATE inbox SET retry_at = received_at WHERE retry_at IS NOT NULL"))


def test_the_same_key_is_stored_once_and_answered_with_the_same_id(database: Database) -> None:
    with database.transaction() as conn:
        first = inbox.put(conn, message("a"))
    with database.transaction() as conn:
        again, new, twin = inbox.put_many(conn, [message("a", "他の文"), message("b"), message("b", "写し")])
        other = inbox.put(conn, message("a", channel="line"))
    assert first.created
    assert (again.created, again.report_id, again.received_at) == (False, first.report_id, first.received_at)
    assert (new.created, twin.created) == (True, False)
    assert new.report_id == twin.report_id
    assert other.report_id != first.report_id
    with database.transaction() as conn:
        assert inbox.counts(conn).waiting == 3
        assert inbox.claim(conn, 0, 1)[0].message == message("a")


def test_a_photo_comes_and_stays_with_its_report(database: Database) -> None:
    sent = message("a", photo=Photo(b"\xff\xd8jpeg", 640, 480))
    with database.transaction() as conn:
        receipt = inbox.put(conn, sent)
        inbox.put(conn, sent)
        assert incidents.photo(conn, receipt.report_id, EVERYTHING) == b"\xff\xd8jpeg"
    waiting = deliver(database, message("b"))[0]
    assert waiting.message.photo is None, "the photo is not carried through reading"


def test_fresh_messages_come_in_order_and_to_one_worker_only(database: Database) -> None:
    put(database, "c", "a")
    put(database, "b")
    with workers.register(database, "one") as one, workers.register(database, "two") as two:
        assert claim(database, one.id, 2) == ["a", "c"]
        assert claim(database, two.id, 2) == ["b"]
        assert claim(database, two.id) == []


def test_a_flood_from_one_sender_waits_behind_everybody_else(database: Database) -> None:
    flood = [message(f"flood {number:03}", sender="one") for number in range(200)]
    with database.transaction() as conn:
        inbox.put_many(conn, flood[:150])
    with database.transaction() as conn:
        for one in flood[150:]:
            inbox.put(conn, one)
        inbox.put_many(conn, [message(f"other {number}", sender=f"s{number}") for number in range(5)])
        inbox.put_many(conn, [message(f"unknown {number}") for number in range(30)])
        inbox.put(conn, message("same name", channel="line", sender="one"))
    with workers.register(database, "one") as worker:
        heard = claim(database, worker.id, limit=64)
        assert heard[:1] == ["flood 000"], "the first of them was the first"
        others = [key for key in heard if not key.startswith("flood")]
        assert len(others) == 36
        # A turn or two has come while these were stored.
        assert inbox.FREE_TURNS <= len(heard) - len(others) <= inbox.FREE_TURNS + 3
        early = claim(database, worker.id, limit=64)
        assert len(early) == inbox.EARLY_AT_ONCE
        with database.transaction() as conn:
            inbox.put(conn, message("late", sender="s9"))
        assert claim(database, worker.id, limit=64) == ["late"]
        rest = [key for _ in range(20) for key in claim(database, worker.id, limit=64)]
        assert [*(key for key in heard if key.startswith("flood")), *early, *rest] == [
            one.key for one in flood
        ]


def test_who_was_heard_starts_anew(database: Database) -> None:
    for round_ in range(3):
        with database.transaction() as conn:
            inbox.put_many(conn, [message(f"{round_} {number:02}", sender="one") for number in range(20)])
        assert len(claim(database, limit=64)) == 20
        with database.transaction() as conn:
            conn.execute(text("UPDATE inbox SET state = 'done'"))


def test_a_dead_worker_s_messages_come_back_at_once_and_alone(database: Database) -> None:
    put(database, "a", "b", "c")
    with workers.register(database, "one") as one:
        assert claim(database, one.id, 2) == ["a", "b"]
    assert claim(database) == ["a"], "tried before: alone, and before the fresh one, for it was due earlier"
    with database.transaction() as conn:
        conn.execute(text("UPDATE inbox SET attempts = 5 WHERE key = 'b'"))
    with workers.register(database, "two") as two:
        make_due(database)
        assert claim(database, two.id) == ["a"]
        assert claim(database, two.id) == ["c"]
    with database.transaction() as conn:
        (entry,) = inbox.buried(conn)
    assert (entry.attempts, entry.error) == (5, inbox.DIED)


def test_a_failing_message_is_tried_five_times_ever_later_and_delays_nobody(database: Database) -> None:
    put(database, "poison")
    pauses = []
    for attempt in range(1, inbox.MAX_ATTEMPTS + 1):
        (waiting,) = _claim(database)
        assert waiting.attempts == attempt - 1
        with database.transaction() as conn:
            buried = inbox.fail(conn, waiting.inbox_id, f"ValueError {attempt}")
            pause = conn.execute(text("SELECT max(retry_at) - clock_timestamp() FROM inbox")).scalar_one()
        assert buried is (attempt == inbox.MAX_ATTEMPTS)
        pauses.append(round(pause.total_seconds()))
        put(database, f"other {attempt}")
        assert claim(database) == [f"other {attempt}"]
        with database.transaction() as conn:
            conn.execute(text("UPDATE inbox SET state = 'done' WHERE key LIKE 'other%'"))
        make_due(database)
    assert pauses == [1, 4, 16, 64, 256]
    with database.transaction() as conn:
        (entry,) = inbox.buried(conn)
        inbox.revive(conn, entry.inbox_id)
        assert entry.error == "ValueError 5"
        assert inbox.buried(conn) == []
        with pytest.raises(LookupError):
            inbox.revive(conn, entry.inbox_id)
    assert claim(database) == ["poison"]


def test_released_messages_count_as_untried(database: Database) -> None:
    put(database, "a", "b")
    taken = _claim(database)
    with database.transaction() as conn:
        inbox.release(conn, taken)
    assert [one.attempts for one in _claim(database)] == [0, 0]


def test_a_receipt_tells_state_and_understanding(database: Database) -> None:
    waiting = deliver(database, message("a"))[0]
    with database.transaction() as conn:
        assert inbox.receipt(conn, waiting.report_id) == inbox.ReceiptState("waiting", None)
        oldest = inbox.counts(conn).oldest_waiting_at
    assert oldest == waiting.received_at
    store(database, read(waiting, observation(waiting.report_id), reply="冠水 松永町"))
    with database.transaction() as conn:
        assert inbox.receipt(conn, waiting.report_id) == inbox.ReceiptState("done", "冠水 松永町")
        assert inbox.receipt(conn, observation(waiting.report_id).report_id) is not None


def test_a_long_error_keeps_its_end_and_no_nul(database: Database) -> None:
    waiting = deliver(database, message("a"))[0]
    with database.transaction() as conn:
        inbox.fail(conn, waiting.inbox_id, "x" * 20_000 + "\0end", timedelta(0))
        kept = conn.execute(text("SELECT last_error FROM inbox")).scalar_one()
    assert kept.endswith("xend")
    assert len(kept) <= inbox.ERROR_CHARACTERS


def _claim(database: Database) -> list[Waiting]:
    with database.transaction() as conn:
        return inbox.claim(conn, 0, 10)
