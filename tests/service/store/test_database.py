import threading
import traceback
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import make_url, text

from service.store import inbox
from service.store.database import Database, StoreError, StoreUnavailable
from service.store.embedded import EmbeddedCluster
from tests.service.store.samples import message

CANARY = "かなりあ七丁目"


def test_an_exception_rolls_everything_back(database: Database) -> None:
    with pytest.raises(KeyError), database.transaction() as conn:  # noqa: PT012 - the raise is the point
        inbox.put(conn, message("a"))
        raise KeyError
    with database.transaction() as conn:
        assert inbox.counts(conn).waiting == 0


def test_an_error_never_quotes_what_was_written(database: Database) -> None:
    with pytest.raises(StoreError) as refused, database.transaction() as conn:
        conn.execute(
            text("INSERT INTO inbox (channel, key, message, state) VALUES ('c', :k, '{}', :s)"),
            {"k": CANARY, "s": CANARY},
        )
    assert not isinstance(refused.value, StoreUnavailable)
    assert refused.value.sqlstate == "23514"
    assert "ck_inbox_state" in str(refused.value)
    shown = "".join(traceback.format_exception(refused.value))
    assert CANARY not in shown
    assert "test_database.py" in shown


def test_a_connection_in_use_at_disposal_is_closed_when_it_is_given_back(database: Database) -> None:
    with database.transaction() as conn:
        driver = conn.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        database.dispose()
        assert conn.execute(text("SELECT 1")).scalar() == 1
    assert driver.closed


def test_unavailable_while_the_server_is_away_and_well_again_after(durable_cluster: EmbeddedCluster) -> None:
    database = Database(durable_cluster.start())
    heard = database.listen("changes", 0.2)
    assert next(heard) is None
    with database.transaction() as conn:
        conn.execute(text("SELECT 1"))
    durable_cluster.stop(immediate=True)
    with pytest.raises(StoreUnavailable), database.transaction() as conn:
        conn.execute(text("SELECT 1"))
    assert next(heard) is None
    durable_cluster.start()
    with database.transaction() as conn:
        assert conn.execute(text("SELECT 1")).scalar() == 1
    assert _hears(database, heard_by=heard)
    heard.close()
    database.dispose()


def _hears(database: Database, heard_by: Iterator[str | None]) -> bool:
    """Notify again and again until the reconnected listener yields a payload."""
    stop = threading.Event()

    def speak() -> None:
        while not stop.wait(0.05):
            with database.transaction() as conn:
                conn.execute(text("SELECT pg_notify('changes', '7')"))

    speaker = threading.Thread(target=speak)
    speaker.start()
    try:
        return any(payload == "7" for _, payload in zip(range(60), heard_by, strict=False))
    finally:
        stop.set()
        speaker.join()


def test_listen_yields_none_when_nothing_is_said(database: Database) -> None:
    heard = database.listen("changes", 0.05)
    assert [next(heard), next(heard)] == [None, None]
    with database.transaction() as conn:
        conn.execute(text("SELECT pg_notify('changes', '1'), pg_notify('changes', '2')"))
    said = [next(heard) for _ in range(3)]
    assert [payload for payload in said if payload] == ["1", "2"]
    heard.close()


def test_every_transient_state_is_told_apart(database: Database) -> None:
    for sqlstate, error in (("53100", StoreUnavailable), ("57P01", StoreUnavailable), ("22012", StoreError)):
        with pytest.raises(StoreError) as refused, database.transaction() as conn:
            conn.execute(text(f"DO $$ BEGIN RAISE SQLSTATE '{sqlstate}'; END $$"))
        assert type(refused.value) is error


def test_nobody_at_the_address_is_unavailable() -> None:
    away = Database(make_url("postgresql://hansho@/hansho?host=/nonexistent").render_as_string())
    with pytest.raises(StoreUnavailable), away.transaction() as conn:
        conn.execute(text("SELECT 1"))
    away.dispose()
