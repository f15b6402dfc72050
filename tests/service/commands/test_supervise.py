"""Children are started, restarted when they die, and stopped; real processes."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from service.commands.supervise import Child, Server, Supervisor
from service.store.embedded import EmbeddedCluster


def until(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return False


def mended(supervisor: Supervisor, true: Callable[[], bool]) -> Callable[[], bool]:
    def look() -> bool:
        supervisor.mend()
        return true()

    return look


def sleeper(folder: Path, name: str = "sleeper", *, once: bool = False, code: str = "") -> Child:
    program = code or "import time; print('up', flush=True); time.sleep(60)"
    return Child(name, (sys.executable, "-c", program), folder / f"{name}.log", once=once)


def test_a_killed_child_is_started_again_and_said(tmp_path: Path) -> None:
    said: list[str] = []
    child = sleeper(tmp_path)
    supervisor = Supervisor([child], dict(os.environ), said.append)
    supervisor.start()
    try:
        first = child.process
        assert first is not None
        os.kill(first.pid, signal.SIGKILL)
        assert until(mended(supervisor, lambda: child.process not in (None, first)))
        assert said
        assert "シグナル 9" in said[0]
    finally:
        supervisor.stop()


def test_what_should_run_once_is_not_started_again(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor([], dict(os.environ), said.append)
    supervisor.add(sleeper(tmp_path, "fine", once=True, code="pass"))
    supervisor.add(sleeper(tmp_path, "bad", once=True, code="raise SystemExit(3)"))
    assert until(mended(supervisor, lambda: not supervisor.children))
    assert len(said) == 1
    assert "終了コード 3" in said[0]


def test_a_server_that_ended_is_started_again_and_said(durable_cluster: EmbeddedCluster) -> None:
    said: list[str] = []
    durable_cluster.start()
    supervisor = Supervisor([], tell=said.append, server=Server(durable_cluster))
    supervisor.mend()
    assert said == []
    durable_cluster.stop(immediate=True)
    supervisor.mend()
    assert durable_cluster.is_running()
    assert ["再起動しました" in line for line in said] == [True]


def test_a_server_that_does_not_start_is_tried_again_with_growing_pauses() -> None:
    said: list[str] = []
    server = Server(EmbeddedCluster(Path("/proc/hansho")))  # where nobody can write
    server.mend(said.append)
    server.mend(said.append)
    assert len(said) == 1
    assert "2秒後" in said[0]
    server.due = 0.0
    server.mend(said.append)
    assert "4秒後" in said[1]


def test_stop_ends_even_a_child_that_does_not_listen(tmp_path: Path) -> None:
    ignoring = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    deaf = f"{ignoring}; print('up', flush=True); time.sleep(60)"
    child = sleeper(tmp_path, "deaf", code=deaf)
    supervisor = Supervisor([child], dict(os.environ), lambda _: None, stop_within_s=0.3)
    supervisor.start()
    assert until(lambda: "up" in child.log.read_text())
    supervisor.stop()
    assert child.process is not None
    assert child.process.poll() is not None
