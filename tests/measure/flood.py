"""Everything at once: how fast messages are accepted, read and visible, and what a killed worker costs.

    python -m tests.measure.flood [--messages 5000] [--kills 0] [--prefecture 30]

Starts `hansho up` in a temporary folder, sends invented messages over HTTP as fast as eight connections can,
follows the stream like a browser, and prints the figures. With --kills N the worker is killed (SIGKILL) N
times meanwhile; run it with and without and compare the counts: they must be equal.
"""

import argparse
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles

import httpx
import psycopg

from geo.gazetteer.memory import load
from service.store.embedded import EmbeddedCluster
from tests.measure.messages import invented

SENDERS = 8
START_WITHIN_S = 180.0
DRAIN_WITHIN_S = 1800.0


class Running:
    """A `hansho up` of its own: address, key, database and the memory of its processes."""

    def __init__(self, state: Path, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        environment = os.environ | {"STATE": str(state), "PORT": str(port), "DRILL": ""}
        environment.pop("DATABASE_URL", None)
        self._up = subprocess.Popen([sys.executable, "-m", "service.cli", "up"], env=environment)
        self.key = self._wait_for_key(state)
        self.database = EmbeddedCluster(state).start().replace("+psycopg", "")

    def _wait_for_key(self, state: Path) -> str:
        deadline = time.monotonic() + START_WITHIN_S
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.address}/readyz", timeout=2).status_code == 200:
                    return str(json.loads((state / "credentials.json").read_text())["key"])
            except httpx.TransportError:
                pass
            time.sleep(0.3)
        raise TimeoutError("hansho up did not become ready")

    def process(self, command: str) -> int | None:
        """The newest process of `hansho COMMAND` under this address, or None while there is none."""
        found = subprocess.run(
            ["pgrep", "-n", "-f", f"service.cli {command}$"], capture_output=True, text=True, check=False
        )
        return int(found.stdout) if found.stdout.strip() else None

    def peak_mib(self, command: str) -> float:
        """Peak resident memory (VmHWM) of that process in MiB."""
        status = Path(f"/proc/{self.process(command)}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Rows of a query on its database."""
        with psycopg.connect(self.database) as connection:
            return connection.execute(query).fetchall()

    def stop(self) -> float:
        """Seconds that a clean stop took."""
        started = time.monotonic()
        self._up.send_signal(signal.SIGINT)
        self._up.wait(60)
        return time.monotonic() - started


@contextmanager
def following(running: Running, arrivals: dict[int, float]) -> Iterator[None]:
    """Note when each change arrives on the stream, for as long as the block lasts."""
    stop = threading.Event()

    def follow() -> None:
        last = 0
        while not stop.is_set():
            headers = {"Authorization": f"Bearer {running.key}", "Last-Event-ID": str(last)}
            try:
                with httpx.stream("GET", f"{running.address}/stream", headers=headers, timeout=15) as answer:
                    for line in answer.iter_lines():
                        if line.startswith("id:"):
                            last = int(line[3:])
                            arrivals[last] = time.time()
                        if stop.is_set():
                            return
            except httpx.TransportError:
                time.sleep(0.2)

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()


def free_port() -> int:
    """A port with a free one above it, for the stand-in of LINE."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def send(running: Running, rows: Sequence[dict[str, object]]) -> float:
    """Post every row; seconds until the last was accepted. Raises on any answer but 202."""
    waiting: queue.SimpleQueue[dict[str, object]] = queue.SimpleQueue()
    for row in rows:
        waiting.put(row)

    def post() -> None:
        with httpx.Client(headers={"Authorization": f"Bearer {running.key}"}, timeout=30) as client:
            while True:
                try:
                    row = waiting.get_nowait()
                except queue.Empty:
                    return
                body = {("key" if name == "id" else name): value for name, value in row.items()}
                answer = client.post(f"{running.address}/reports", json=body)
                if answer.status_code != 202:
                    raise RuntimeError(f"{answer.status_code}: {answer.text}")

    started = time.monotonic()
    with ThreadPoolExecutor(SENDERS) as pool:
        for sender in [pool.submit(post) for _ in range(SENDERS)]:
            sender.result()
    return time.monotonic() - started


def drain(running: Running, count: int, kills: int) -> int:
    """Wait until all are done, killing the worker `kills` times on the way; how often it was killed."""
    killed = 0
    deadline = time.monotonic() + DRAIN_WITHIN_S
    while time.monotonic() < deadline:
        [(done,)] = running.rows("SELECT count(*) FROM inbox WHERE state <> 'waiting'")
        if done == count:
            return killed
        worker = running.process("work")
        if killed < kills and worker and int(str(done)) >= (killed + 1) * count // (kills + 2):
            os.kill(worker, signal.SIGKILL)
            killed += 1
        time.sleep(0.2)
    raise TimeoutError("the inbox did not drain")


VISIBLE = """
SELECT inbox.received_at, min(changes.seq)
FROM inbox JOIN reports ON reports.inbox_id = inbox.id
JOIN readings ON readings.report_id = reports.id
JOIN changes ON changes.incident_id = readings.incident_id AND changes.at >= reports.read_at
GROUP BY inbox.id
"""


def report(running: Running, count: int, sent_s: float, killed: int, arrivals: dict[int, float]) -> None:
    """Print the figures."""
    [(first, last)] = running.rows("SELECT min(received_at), max(done_at) FROM inbox")
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    [(n_inbox, n_reports, n_readings, n_incidents, doubled, buried)] = running.rows(
        "SELECT (SELECT count(*) FROM inbox WHERE state = 'done'), (SELECT count(*) FROM reports),"
        " (SELECT count(*) FROM readings), (SELECT count(*) FROM incidents),"
        " (SELECT count(*) FROM (SELECT inbox_id FROM reports GROUP BY 1 HAVING count(*) > 1) AS twice),"
        " (SELECT count(*) FROM inbox WHERE state = 'buried')"
    )
    delays = [
        arrivals[seq] - received.timestamp()
        for received, seq in running.rows(VISIBLE)
        if isinstance(received, datetime) and isinstance(seq, int) and seq in arrivals
    ]
    print(f"accepted            {count} in {sent_s:.1f} s: {count / sent_s:.0f}/s")
    print(f"read and shown      {count / (last - first).total_seconds():.0f}/s")
    if len(delays) > 1:
        marks = quantiles(delays, n=20)
        print(f"accepted to visible p50 {marks[9]:.2f} s, p95 {marks[18]:.2f} s ({len(delays)} reports)")
    worker, api = running.peak_mib("work"), running.peak_mib("serve")
    print(f"memory (peak)       worker {worker:.0f} MiB, api {api:.0f} MiB")
    print(f"worker killed       {killed} times")
    print(
        f"counts              done {n_inbox}, reports {n_reports}, readings {n_readings},"
        f" incidents {n_incidents}, doubled {doubled}, buried {buried}"
    )


def main() -> None:
    """Run it once and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--prefecture", default="30", help="two digits: whose towns the messages name")
    options = parser.parse_args()
    towns = [place for place in load() if place.municipality.startswith(options.prefecture)]
    rows = list(invented(towns, options.messages))
    arrivals: dict[int, float] = {}
    with tempfile.TemporaryDirectory(prefix="hansho-flood-") as folder:
        Path(folder).chmod(0o755)
        running = Running(Path(folder), free_port())
        try:
            with following(running, arrivals):
                started = datetime.now(UTC)
                sent_s = send(running, rows)
                killed = drain(running, options.messages, options.kills)
                time.sleep(2)
            print(f"started             {started:%Y-%m-%d %H:%M:%S} UTC, {os.cpu_count()} cores")
            report(running, options.messages, sent_s, killed, arrivals)
        finally:
            print(f"stopped in          {running.stop():.1f} s")


if __name__ == "__main__":
    main()
