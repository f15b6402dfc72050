"""Intake of the real server: a flood, redelivery, a database that is away, time to the map."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles

import httpx
import pytest
from sqlalchemy import text

from geo.gazetteer.memory import load
from service.access import Permission, create_key
from service.store import inbox, migrate
from service.store.database import Database
from service.store.embedded import EmbeddedCluster
from tests.hosting import wait_until
from tests.measure.messages import invented
from tests.promises.processes import Readers, command, served
from tests.promises.signed_load import send_at, signed
from tests.service.api.line_events import body_of, signature, text_event
from tests.service.api.world import SECRET

RATE = 200.0
P99_S = 0.3
VISIBLE = """
SELECT inbox.received_at, min(changes.seq) AS seq
FROM inbox JOIN reports ON reports.inbox_id = inbox.id
JOIN readings ON readings.report_id = reports.id
JOIN changes ON changes.incident_id = readings.incident_id AND changes.at >= reports.read_at
GROUP BY inbox.id
"""


Record = Callable[[str, object], None]


def kept(database: Database) -> int:
    with database.transaction() as conn:
        found = inbox.counts(conn)
    return found.waiting + found.done + found.buried


@pytest.mark.alone
@pytest.mark.promise
@pytest.mark.timeout(240)
@pytest.mark.parametrize("seconds", [20, pytest.param(60, marks=pytest.mark.whole)])
def test_200_signed_messages_a_second(
    database: Database, database_url: str, tmp_path: Path, record_property: Record, seconds: int
) -> None:
    requests = signed([f"松永町{n}番で冠水" for n in range(int(RATE) * seconds)])
    with served(database_url, tmp_path) as (_, port):
        asyncio.run(send_at(port, signed(["はじめ"] * 200, 90_000), RATE))
        answers = asyncio.run(send_at(port, requests, RATE))
    record_property("p99_s", round(answers.p99(), 3))
    assert answers.codes == Counter({200: len(requests)})
    assert kept(database) == len(requests) + 200
    assert answers.p99() <= P99_S, f"p99 {answers.p99() * 1000:.0f} ms"


@pytest.mark.promise
@pytest.mark.timeout(240)
def test_redelivery_over_http_stores_each_event_once(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    deliveries = signed([f"{n}番" for n in range(1000)]) * 8
    random.Random(3).shuffle(deliveries)  # noqa: S311
    with served(database_url, tmp_path) as (_, port):
        answers = asyncio.run(send_at(port, deliveries, 10**6))
    assert answers.codes == Counter({200: 8000})
    assert kept(database) == 1000


@pytest.mark.promise
@pytest.mark.timeout(120)
def test_without_the_database_nothing_is_acknowledged(
    durable_cluster: EmbeddedCluster, tmp_path: Path
) -> None:
    url = durable_cluster.start()
    migrate.upgrade(url)
    acknowledged = 0
    with served(url, tmp_path) as (_, port), httpx.Client(timeout=30) as client:

        def deliver(number: int) -> httpx.Response:
            body = body_of(text_event(number, "松永町で冠水"))
            address = f"http://127.0.0.1:{port}/hooks/line"
            return client.post(address, content=body, headers={"x-line-signature": signature(body)})

        for number in range(20):
            acknowledged += deliver(number).status_code == 200
        durable_cluster.stop(immediate=True)
        for number in range(20, 30):
            answer = deliver(number)
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) > 0
        durable_cluster.start()
        wait_until(lambda: deliver(30).status_code == 200)
        acknowledged += 1
    database = Database(url)
    assert kept(database) == acknowledged == 21
    database.dispose()


@pytest.mark.alone
@pytest.mark.promise
@pytest.mark.timeout(240)
def test_accepted_to_visible_within_five_seconds(
    database: Database, database_url: str, tmp_path: Path, record_property: Record
) -> None:
    with database.transaction() as conn:
        key = create_key(conn, SECRET, "test", [Permission.READ_INCIDENTS])
    towns = [place for place in load() if place.municipality.startswith("30")]
    texts = [f"{row['text']}" for row in invented(towns, 400)]
    with served(database_url, tmp_path) as (_, port), command("work", database_url, tmp_path):
        asyncio.run(send_at(port, signed(texts[:1], 90_000), 1))
        wait_until(lambda: _done(database) == 1, 90)
        with contextlib.closing(Readers(port, key, 1)) as readers:
            answers = asyncio.run(send_at(port, signed(texts), 20.0))
            assert answers.codes == Counter({200: len(texts)})
            wait_until(lambda: _done(database) == len(texts) + 1, 60)
            with database.transaction() as conn:
                visible = [(row.received_at.timestamp(), row.seq) for row in conn.execute(text(VISIBLE))]
            found = readers.until(max(seq for _, seq in visible))
    arrivals = dict(found["got"][0])
    delays = [arrivals[seq] - received for received, seq in visible if seq in arrivals]
    assert len(delays) >= len(visible) - 1
    assert len(delays) > len(texts) // 2
    p95 = quantiles(delays, n=20)[18]
    record_property("p95_s", round(p95, 2))
    assert p95 <= 5.0, f"p95 {p95:.2f} s"


def _done(database: Database) -> int:
    with database.transaction() as conn:
        return inbox.counts(conn).done
