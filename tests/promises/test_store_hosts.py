"""Workers of several hosts share one queue, also when one of them is cut off with messages in its hands."""

import psycopg
import pytest
from sqlalchemy import text

from service.store import migrate
from service.store.database import Database
from service.store.embedded import DATABASE, USER, EmbeddedCluster
from tests.promises.hosts import NETWORK, hosts
from tests.promises.test_store_durability import Nursery, assert_each_done_once, counts, put_towns, until

HOSTS = 4
MESSAGES = 600


def listening(cluster: EmbeddedCluster, addresses: list[str]) -> Database:
    """The database of `cluster`, to be had from `addresses`, too."""
    url = cluster.start()
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as server:
        server.execute(f"ALTER SYSTEM SET listen_addresses = '{','.join(addresses)}'")
    with (cluster.data / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {NETWORK} trust\n")
    cluster.stop()
    cluster.start()
    migrate.upgrade(url)
    return Database(url)


@pytest.mark.promise
@pytest.mark.timeout(240)
def test_four_hosts_share_one_queue_and_one_that_is_cut_off_doubles_nothing(
    durable_cluster: EmbeddedCluster,
) -> None:
    with hosts(HOSTS) as there:
        database = listening(durable_cluster, [host.machine for host in there])
        nurseries = [Nursery(f"postgresql://{USER}@{host.machine}/{DATABASE}", host.within) for host in there]
        put_towns(database, MESSAGES)
        slow, *others = nurseries
        slow.start(read_seconds=1.0)
        until(lambda: held(database) > 0, 10)
        for nursery in others:
            nursery.start(read_seconds=0.05)
        there[0].plugged(in_=False)
        until(lambda: counts(database).done > MESSAGES / 2, 60)
        with database.transaction() as conn:
            share = conn.execute(text("SELECT count(DISTINCT worker) FROM inbox WHERE worker IS NOT NULL"))
            assert share.scalar_one() > 1, "the hosts do not share the work"
        # The server itself notices within half a minute that the host is gone, and others take its batch.
        until(lambda: counts(database).waiting == 0, 90)
        there[0].plugged(in_=True)
        with database.transaction() as conn:
            taken_over = conn.execute(text("SELECT count(*) FROM inbox WHERE attempts > 1")).scalar_one()
        assert taken_over, "the host was cut off with nothing in its hands: the test proves nothing"
        for nursery in others:
            nursery.close()
        # Whoever was cut off comes back with a batch that is no longer its own, and goes on.
        put_towns(database, MESSAGES + 12)
        until(lambda: counts(database).waiting == 0, 90)
        slow.close()
        assert_each_done_once(database, MESSAGES + 12)
        database.dispose()


def held(database: Database) -> int:
    """How many messages some worker has in its hands."""
    with database.transaction() as conn:
        return int(
            conn.execute(
                text("SELECT count(*) FROM inbox WHERE worker IS NOT NULL AND message IS NOT NULL")
            ).scalar_one()
        )
