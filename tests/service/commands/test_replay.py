"""A drill goes on where its database was away for a moment."""

import pytest

from service.commands.replay import TRIES, store_sink
from service.store import inbox, migrate
from service.store.database import Database, StoreUnavailable
from service.store.embedded import EmbeddedCluster
from tests.service.store.samples import message


def test_what_could_not_be_stored_is_stored_once_the_database_is_back(
    durable_cluster: EmbeddedCluster,
) -> None:
    url = durable_cluster.start()
    migrate.upgrade(url)
    durable_cluster.stop(immediate=True)
    database = Database(url)
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            durable_cluster.start()

    [stored] = store_sink(database, sleep)([message("one")])
    assert stored.created
    assert pauses == [0.5, 1.0, 2.0]
    with database.transaction() as conn:
        assert inbox.counts(conn).waiting == 1
    durable_cluster.stop(immediate=True)
    pauses.clear()
    pauses += [0.0] * 3
    with pytest.raises(StoreUnavailable):
        store_sink(database, sleep)([message("two")])
    assert len(pauses) == 3 + TRIES - 1
    database.dispose()
