"""The commands as an operator runs them: `hansho serve` and `hansho work` as processes of their own."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.service.api.line_events import CHANNEL_SECRET
from tests.service.api.world import SECRET

ROOT = Path(__file__).parents[2]
START_WITHIN_S = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def command(name: str, url: str, state: Path, **settings: object) -> Iterator[subprocess.Popen[bytes]]:
    """`hansho NAME` on this database; killed after the block when it still runs."""
    given = {
        "DATABASE_URL": url,
        "STATE": state,
        "SECRET_KEY": SECRET.decode(),
        "LINE_CHANNEL_SECRET": CHANNEL_SECRET,
        "LOG_LEVEL": "WARNING",
        **settings,
    }
    environment = os.environ | {key.upper(): str(value) for key, value in given.items()}
    process = subprocess.Popen([sys.executable, "-m", "service.cli", name], cwd=ROOT, env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def served(url: str, state: Path, **settings: object) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`hansho serve` that answers, and its port."""
    port = free_port()
    with command("serve", url, state, port=port, **settings) as process:
        deadline = time.monotonic() + START_WITHIN_S
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                    break
            assert process.poll() is None, "hansho serve ended by itself"
            assert time.monotonic() < deadline, "hansho serve does not answer"
            time.sleep(0.1)
        yield process, port


def terminated(process: subprocess.Popen[bytes], within_s: float = 10.0) -> tuple[int, float]:
    """Exit code after SIGTERM, and the seconds it took."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    return process.wait(within_s), time.monotonic() - began


def memory_mib(process: subprocess.Popen[bytes]) -> float:
    """Peak resident memory."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


class Readers:
    """`count` readers of the stream in a process of their own, all of them connected."""

    def __init__(self, port: int, key: str, count: int) -> None:
        arguments = [sys.executable, "-m", "tests.promises.stream_clients", str(port), key, str(count)]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen(arguments, cwd=ROOT, **pipes)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def until(self, goal: int) -> dict[str, Any]:
        """What each got once all have change `goal`."""
        said, _ = self._process.communicate(f"{goal}\n", timeout=90)
        found: dict[str, Any] = json.loads(said)
        return found

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()
