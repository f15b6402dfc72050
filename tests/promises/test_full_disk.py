"""A full disk under the database: refused with 503, nothing acknowledged is lost, and then it goes on."""

import contextlib
import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from service.commands.supervise import Server, Supervisor
from service.store import migrate
from service.store.database import Database, StoreError
from service.store.embedded import EmbeddedCluster
from tests.conftest import reachable_folder
from tests.hosting import wait_until
from tests.promises.hosts import as_root
from tests.promises.processes import served
from tests.service.api.line_events import body_of, signature, text_event

DISK_MB = 256
LEFT_BYTES = 2**20
CHARACTERS = [chr(code) for code in range(ord("一"), ord("龠"))]
LENGTH = 4_000  # characters that cannot be compressed: the disk fills within seconds
MOST_DELIVERIES = 3_000
REFUSALS = 20

Deliver = Callable[[int], int]


@contextlib.contextmanager
def small_disk() -> Iterator[Path]:
    """A folder that is a disk of DISK_MB of its own."""
    with reachable_folder() as folder:
        options = f"size={DISK_MB}m,mode=755,uid={os.geteuid()}"
        subprocess.run([*as_root(), "mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
        try:
            yield folder
        finally:
            subprocess.run([*as_root(), "umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def deliveries(url: str, state: Path) -> Iterator[tuple[Deliver, set[str]]]:
    """Delivers LINE's event of a number, and the keys of those that were acknowledged."""
    acknowledged: set[str] = set()
    with served(url, state) as (_, port), httpx.Client(timeout=30) as client:

        def deliver(number: int) -> int:
            event = text_event(number, "".join(random.Random(number).choices(CHARACTERS, k=LENGTH)))  # noqa: S311
            body = body_of(event)
            address = f"http://127.0.0.1:{port}/hooks/line"
            answer = client.post(address, content=body, headers={"x-line-signature": signature(body)})
            assert answer.status_code in {200, 503}
            if answer.status_code == 200:
                acknowledged.add(event["message"]["id"])
            else:
                assert int(answer.headers["retry-after"]) > 0
            return answer.status_code

        yield deliver, acknowledged


@pytest.mark.promise
@pytest.mark.timeout(240)
def test_a_full_disk_is_answered_with_503_and_loses_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    with small_disk() as disk, deliveries_on(disk, tmp_path) as (cluster, database, deliver, acknowledged):
        assert deliver(0) == 200
        ballast = disk / "ballast"
        ballast.write_bytes(b"\0" * (shutil.disk_usage(disk).free - LEFT_BYTES))
        refused = next(number for number in range(1, MOST_DELIVERIES) if deliver(number) == 503)
        for number in range(refused + 1, refused + REFUSALS):
            deliver(number)
        wait_until(lambda: _ended_by_its_own_log(cluster, database), 30)
        supervisor = Supervisor([], tell=said.append, server=Server(cluster))
        supervisor.mend()
        assert deliver(MOST_DELIVERIES) == 503
        ballast.unlink()

        def comes_back() -> bool:
            supervisor.mend()
            return deliver(MOST_DELIVERIES + 1) == 200

        wait_until(comes_back, 30)
        with database.transaction() as conn:
            kept = set(conn.execute(text("SELECT key FROM inbox")).scalars())
    assert acknowledged <= kept
    assert len(acknowledged) > 1
    assert ["再起動できません" in line for line in said[:-1]] == [True] * (len(said) - 1)
    assert "再起動しました" in said[-1]


@contextlib.contextmanager
def deliveries_on(disk: Path, state: Path) -> Iterator[tuple[EmbeddedCluster, Database, Deliver, set[str]]]:
    """A database on `disk` with an api before it."""
    cluster = EmbeddedCluster(disk)
    url = cluster.start()
    database = Database(url)
    try:
        migrate.upgrade(url)
        with deliveries(url, state) as (deliver, acknowledged):
            yield cluster, database, deliver, acknowledged
    finally:
        database.dispose()
        cluster.stop(immediate=True)


def _ended_by_its_own_log(cluster: EmbeddedCluster, database: Database) -> bool:
    """Begin another of the server's own log files; where there is no room for it, PostgreSQL ends itself."""
    with contextlib.suppress(StoreError), database.transaction() as conn:
        conn.execute(text("SELECT pg_logical_emit_message(false, 'test', ''), pg_switch_wal()"))
    return not cluster.is_running()
