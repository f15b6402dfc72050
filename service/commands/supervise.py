"""What `hansho up` keeps running: its child processes, started, restarted and stopped together, and its
database server."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from service.store.binaries import ClusterError
from service.store.embedded import EmbeddedCluster

STOP_WITHIN_S = 10.0  # what a clean stop may take (docs/promises.md), before a child is killed
RESTART_FIRST_S = 1.0
RESTART_MOST_S = 30.0
STEADY_S = 60.0  # a child that ran this long starts again at once when it dies


@dataclass(slots=True)
class Child:
    """One command; its output goes to `log`. With `once` it may end by itself and is not started again."""

    name: str
    command: tuple[str, ...]
    log: Path
    once: bool = False
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause_s: float = RESTART_FIRST_S
    due: float = 0.0

    def start(self, environment: Mapping[str, str]) -> None:
        """Start the command; it dies with its parent even when the parent is killed."""
        setpriv = shutil.which("setpriv")
        tied = (setpriv, "--pdeathsig", "TERM") if setpriv else ()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own command, no outside words
                (*tied, *self.command),
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started = time.monotonic()


@dataclass(slots=True)
class Server:
    """The private database server: PostgreSQL ends itself where its own log cannot grow (disk full), and
    nobody else would start it again."""

    cluster: EmbeddedCluster
    pause_s: float = RESTART_FIRST_S
    due: float = 0.0

    def mend(self, tell: Callable[[str], None]) -> None:
        """Start it when it has ended, with growing pauses while it cannot."""
        if time.monotonic() < self.due or self.cluster.is_running():
            return
        try:
            self.cluster.start()
        except ClusterError:
            self.pause_s = min(RESTART_MOST_S, self.pause_s * 2)
            tell(
                "データベースを再起動できません。ディスクの空きを確かめてください。"
                f"{self.pause_s:.0f}秒後にもう一度試みます。記録：{self.cluster.log}"
            )
        else:
            self.pause_s = RESTART_FIRST_S
            tell(f"データベースが終了していたため、再起動しました。記録：{self.cluster.log}")
        self.due = time.monotonic() + self.pause_s


@dataclass(slots=True)
class Supervisor:
    """Keeps `children` and `server` running (None: it is somebody else's); `tell` is called with a line for
    the operator whenever one dies."""

    children: list[Child]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    tell: Callable[[str], None] = print
    stop_within_s: float = STOP_WITHIN_S
    server: Server | None = None

    def start(self) -> None:
        """Start every child."""
        for child in self.children:
            child.start(self.environment)

    def add(self, child: Child) -> None:
        """Start one more child."""
        self.children.append(child)
        child.start(self.environment)

    def mend(self) -> None:
        """Restart what died: at once after a steady run, with growing pauses when it dies again and again."""
        if self.server is not None:
            self.server.mend(self.tell)
        now = time.monotonic()
        for child in list(self.children):
            if child.process is None:
                if now >= child.due:
                    child.start(self.environment)
                continue
            code = child.process.poll()
            if code is None:
                continue
            if child.once:
                self.children.remove(child)
                if code != 0:
                    self.tell(f"{child.name} が失敗しました（{_how(code)}）。記録：{child.log}")
                continue
            steady = now - child.started >= STEADY_S
            child.pause_s = RESTART_FIRST_S if steady else min(RESTART_MOST_S, child.pause_s * 2)
            child.due = now + (0.0 if steady else child.pause_s)
            child.process = None
            self.tell(f"{child.name} が終了しました（{_how(code)}）。再起動します。記録：{child.log}")

    def stop(self) -> None:
        """Ask every child to end, wait, then kill what is left."""
        alive = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in alive:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + self.stop_within_s
        for process in alive:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _how(code: int) -> str:
    return f"シグナル {-code}" if code < 0 else f"終了コード {code}"
