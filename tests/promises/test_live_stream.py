"""The live stream of the real server: a thousand readers, one that never reads, stopping, falling silent."""

import contextlib
import socket
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from statistics import quantiles

import httpx
import pytest
from sqlalchemy import text

from service.access import Permission, create_key
from service.api.services import Services
from service.store import inbox, workers
from service.store.database import Database
from tests.hosting import wait_until
from tests.promises.processes import Readers, command, memory_mib, served, terminated
from tests.service.api.listening import events
from tests.service.api.world import SECRET, report, report_many, services_for
from tests.service.store.samples import message

P99_S = 2.0
MEMORY_MIB = 600.0
STOP_S = 10.0
Record = Callable[[str, object], None]


def reader_key(database: Database) -> str:
    with database.transaction() as conn:
        return create_key(conn, SECRET, "test", [Permission.READ_INCIDENTS])


@pytest.fixture
def services(database: Database, database_url: str, tmp_path: Path) -> Services:
    return services_for(database, database_url, tmp_path)


def never_reading(port: int, key: str) -> socket.socket:
    """A connection that asks for everything since 0 and reads none of it."""
    dead = socket.socket()
    dead.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    dead.connect(("127.0.0.1", port))
    dead.sendall(f"GET /stream?since=0 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
    return dead


def fill_long_history(services: Services) -> None:
    """More bytes than the buffers of a connection hold."""
    for start in range(0, 500, 100):
        long = [
            (f"h{n}", {"place_text": "松" * 20_000, "lat": 25.0 + n * 0.01})
            for n in range(start, start + 100)
        ]
        report_many(services, long)


@pytest.mark.alone
@pytest.mark.promise
@pytest.mark.timeout(240)
def test_a_thousand_readers_see_every_change_within_two_seconds(
    services: Services, database_url: str, tmp_path: Path, record_property: Record
) -> None:
    fill_long_history(services)
    key = reader_key(services.database)
    with served(database_url, tmp_path) as (process, port), contextlib.closing(never_reading(port, key)):
        readers = Readers(port, key, 1000)
        with contextlib.closing(readers):
            for number in range(200):
                report(services, f"n{number}", lat=34.0 + number * 0.02)
                time.sleep(0.04)
            with services.database.transaction() as conn:
                rows = conn.execute(text("SELECT seq, at FROM changes WHERE seq > 500 ORDER BY seq"))
                made = {seq: at.timestamp() for seq, at in rows}
            found = readers.until(max(made))
        peak = memory_mib(process)
    assert found["lost"] == 0
    assert all([seq for seq, _ in got] == list(made) for got in found["got"])
    delays = [arrived - made[seq] for got in found["got"] for seq, arrived in got]
    p99 = quantiles(delays, n=100)[98]
    record_property("p99_s", round(p99, 3))
    record_property("peak_mib", round(peak))
    assert len(delays) == 200_000
    assert p99 <= P99_S, f"p99 {p99:.3f} s"
    assert peak <= MEMORY_MIB, f"peak {peak:.0f} MiB"


@pytest.mark.promise
@pytest.mark.timeout(120)
def test_serve_ends_cleanly_with_open_streams(services: Services, database_url: str, tmp_path: Path) -> None:
    fill_long_history(services)
    key = reader_key(services.database)
    with (
        served(database_url, tmp_path) as (process, port),
        contextlib.closing(never_reading(port, key)),
        contextlib.closing(Readers(port, key, 100)),
    ):
        code, took = terminated(process, STOP_S)
    assert code == 0
    assert took <= STOP_S


@pytest.mark.promise
@pytest.mark.timeout(180)
def test_work_ends_cleanly_with_a_batch_in_hand(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    with database.transaction() as conn:
        inbox.put_many(conn, [message(f"{n}") for n in range(20_000)])

    def done() -> int:
        with database.transaction() as conn:
            return inbox.counts(conn).done

    with command("work", database_url, tmp_path) as process:
        wait_until(lambda: done() > 0, 90)
        code, took = terminated(process, STOP_S)
    assert code == 0
    assert took <= STOP_S
    assert 0 < done() < 20_000, "it was not in the middle of its work: the test proves nothing"
    with database.transaction() as conn:
        held = conn.execute(text("SELECT count(*) FROM inbox WHERE state = 'waiting' AND worker IS NOT NULL"))
        assert held.scalar_one() == 0


@pytest.mark.promise
@pytest.mark.timeout(120)
def test_a_silent_worker_turns_readiness_red_and_the_pulse_says_so(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    key = reader_key(database)
    bearer = {"Authorization": f"Bearer {key}"}
    with served(database_url, tmp_path, worker_silence_s=5) as (_, port):
        url = f"http://127.0.0.1:{port}"
        with workers.register(database, "test"):
            assert _worker_is_ok(url)
        with httpx.stream("GET", f"{url}/stream", headers=bearer, timeout=30) as answer:
            pulses = (one.data for one in events(answer) if one.name == "pulse")
            *_, latest = islice(pulses, 3)
        assert latest["ready"] is False
        assert latest["worker_seen_at"] is not None
        assert not _worker_is_ok(url)


def _worker_is_ok(url: str) -> bool:
    answer = httpx.get(f"{url}/readyz")
    return next(bool(one["ok"]) for one in answer.json()["checks"] if one["name"] == "worker")
