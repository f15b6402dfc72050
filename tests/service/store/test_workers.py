from datetime import UTC, datetime

from sqlalchemy import text

from service.store import workers
from service.store.database import Database


def test_one_scheduler_at_a_time_and_another_as_soon_as_it_goes(database: Database) -> None:
    with workers.register(database, "two") as two:
        with workers.register(database, "one") as one:
            assert one.try_scheduler_lock()
            assert one.try_scheduler_lock()
            assert not two.try_scheduler_lock()
        assert two.try_scheduler_lock()


def test_a_worker_whose_connection_is_cut_knows_it(database: Database) -> None:
    with workers.register(database, "one") as one:
        assert one.held()
        with database.transaction() as conn:
            conn.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                    "AND objid = :id AND objsubid = 2"
                ),
                {"id": one.id},
            )
        assert not one.held()
        assert not one.try_scheduler_lock()


def test_the_last_sign_of_any_worker_counts(database: Database) -> None:
    with database.transaction() as conn:
        assert workers.last_seen(conn) is None
    before = datetime.now(UTC)
    with workers.register(database, "one") as one, database.transaction() as conn:
        workers.beat(conn, one.id, 12)
        seen = workers.last_seen(conn)
        assert conn.execute(text("SELECT done FROM workers")).scalar() == 12
    assert seen is not None
    assert abs((seen - before).total_seconds()) < 5
