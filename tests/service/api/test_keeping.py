import asyncio
import threading
from collections.abc import Sequence

import pytest
from sqlalchemy import text

from service.api.keeping import Keeper
from service.collect.parcel import Notice, Parcel, Unsent
from service.store import inbox, ledger
from service.store.database import Database, StoreError, StoreUnavailable
from tests.hosting import wait_until
from tests.service.store.samples import message

NOTICE = Notice("line", "token", "半鐘です。")


@pytest.fixture
def keeper(database: Database) -> Keeper:
    return Keeper(database)


def keep(keeper: Keeper, deliveries: Sequence[Sequence[Parcel]]) -> list[list[Notice] | BaseException]:
    """All at once; what came of each."""

    async def all_at_once() -> list[list[Notice] | BaseException]:
        return await asyncio.gather(*map(keeper.keep, deliveries), return_exceptions=True)

    return asyncio.run(all_at_once())


def kept(database: Database) -> list[str]:
    with database.transaction() as conn:
        return [
            row.key
            for row in conn.execute(text("SELECT key FROM inbox WHERE state = 'waiting' ORDER BY key"))
        ]


def test_deliveries_that_come_together_share_few_commits(database: Database, keeper: Keeper) -> None:
    deliveries: list[list[Parcel]] = [[message(f"{number:03}"), NOTICE] for number in range(200)]
    assert keep(keeper, deliveries) == [[NOTICE]] * 200
    assert kept(database) == [f"{number:03}" for number in range(200)]
    with database.transaction() as conn:
        commits = conn.execute(text("SELECT count(DISTINCT xmin::text) FROM inbox")).scalar_one()
    assert commits < 20


def test_the_same_event_twice_among_them_is_one(database: Database, keeper: Keeper) -> None:
    assert keep(keeper, [[message("a")]] * 20) == [[]] * 20
    assert kept(database) == ["a"]


def test_one_that_cannot_be_stored_refuses_only_itself(database: Database, keeper: Keeper) -> None:
    deliveries = [[message(key, "x\0y" if key == "c" else "冠水")] for key in "abcdef"]
    outcomes = keep(keeper, deliveries)
    assert isinstance(outcomes[2], StoreError)
    assert [outcome for outcome in outcomes if outcome == []] == [[]] * 5
    assert kept(database) == ["a", "b", "d", "e", "f"]


def test_words_come_before_their_unsending(database: Database, keeper: Keeper) -> None:
    keep(keeper, [[Unsent("line", "a")], [message("a", channel="line"), message("b", channel="line")]])
    assert kept(database) == ["b"]


def test_words_whose_commit_is_on_its_way_are_taken_back_too(database: Database, keeper: Keeper) -> None:
    unsending = threading.Thread(target=lambda: keep(keeper, [[Unsent("line", "a")]]))
    with database.transaction() as conn:
        inbox.put(conn, message("a", channel="line"))
        unsending.start()
        wait_until(lambda: waits_for_a_lock(database))
    unsending.join()
    assert kept(database) == []


def test_a_sender_that_hangs_up_takes_nobody_along(database: Database, keeper: Keeper) -> None:
    async def one_leaves() -> list[Notice]:
        leaving = asyncio.create_task(keeper.keep([message("leaves")]))
        staying = asyncio.create_task(keeper.keep([message("stays")]))
        await asyncio.sleep(0)
        leaving.cancel()
        return await staying

    with database.transaction() as conn:
        conn.execute(text("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE"))
        outcome: list[list[Notice]] = []
        asking = threading.Thread(target=lambda: outcome.append(asyncio.run(one_leaves())))
        asking.start()
        wait_until(lambda: waits_for_a_lock(database))
    asking.join()
    assert outcome == [[]]
    assert "stays" in kept(database)


def test_new_reports_do_not_wait_behind_an_unsending(database: Database, keeper: Keeper) -> None:
    keep(keeper, [[message("taken back", channel="line")]])
    outcome: list[object] = []
    with database.transaction() as conn:
        ledger.lock(conn)
        unsending = threading.Thread(
            target=lambda: outcome.extend(keep(keeper, [[Unsent("line", "taken back")]]))
        )
        unsending.start()
        wait_until(lambda: waits_for_a_lock(database))
        assert keep(keeper, [[message("new")]]) == [[]]
        assert outcome == []
    unsending.join()
    assert outcome == [[]]
    assert kept(database) == ["new"]


def waits_for_a_lock(database: Database) -> bool:
    with database.transaction() as conn:
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(conn.execute(waiting).scalar_one())


def test_without_the_database_a_greeting_is_still_said_and_a_report_is_not_acknowledged() -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/none")
    notices, refused = keep(Keeper(away), [[NOTICE], [message("a"), NOTICE]])
    assert notices == [NOTICE]
    assert isinstance(refused, StoreUnavailable)
    away.dispose()
