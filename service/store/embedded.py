"""A private PostgreSQL with PostGIS in the state folder: a unix socket, no TCP, one user.

The server refuses to run as root, so root hands it to `postgres` (or `nobody`). Where that user
cannot reach the state folder the data lie under /var/lib/hansho, and STATE/postgres leads there.
"""

import contextlib
import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from service.store import binaries
from service.store.binaries import Binaries, ClusterError

USER = "hansho"
DATABASE = "hansho"
PORT = 5432  # only names the socket file; the server opens no TCP port
SOCKET_BYTES = 107  # sun_path of unix(7) without its final NUL
UNREACHABLE_HOME = Path("/var/lib/hansho")
START_TIMEOUT_S = 60
# Orphans of a killed postmaster hold its shared memory for a moment.
ORPHAN_TIMEOUT_S = 15

COMMON = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "timezone": "UTC",
    "jit": "off",
    # What people wrote must not reach the server's log: no statements, no DETAIL with row values.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "256MB"}
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "128MB",
}


@dataclass(frozen=True, slots=True)
class _Owner:
    """The account that runs the server; `switch` when it is another than ours."""

    uid: int
    gid: int
    switch: bool


def missing() -> list[str]:
    """Debian packages to install before `EmbeddedCluster` can start; empty when all is there."""
    return binaries.missing()


def _owner() -> _Owner:
    if os.geteuid() != 0:
        return _Owner(os.geteuid(), os.getegid(), switch=False)
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam(name)
            return _Owner(account.pw_uid, account.pw_gid, switch=True)
    raise ClusterError("PostgreSQL does not run as root, and there is no user postgres or nobody.")


def _reachable(folder: Path, owner: _Owner) -> bool:
    """Whether `owner` may pass through every folder above and including `folder`."""
    for part in (folder, *folder.parents):
        status = part.stat()
        if status.st_uid == owner.uid:
            bit = stat.S_IXUSR
        elif status.st_gid == owner.gid:
            bit = stat.S_IXGRP
        else:
            bit = stat.S_IXOTH
        if not status.st_mode & bit:
            return False
    return True


class EmbeddedCluster:
    """The cluster of one state folder. `start` and `stop` may be called again and from any process."""

    def __init__(self, state: Path, *, durable: bool = True) -> None:
        """`durable=False` trades safety for speed: for tests only."""
        self._state = state.absolute()
        self._durable = durable
        self._digest = hashlib.sha256(str(state.resolve()).encode()).hexdigest()[:12]

    @property
    def data(self) -> Path:
        """The data directory; behind STATE/postgres when that is a link."""
        return (self._state / "postgres").resolve() / "data"

    @property
    def log(self) -> Path:
        """The server's own log."""
        return self.data.parent / "server.log"

    def url(self) -> str:
        """SQLAlchemy URL of the database in this cluster."""
        return f"postgresql+psycopg://{USER}@/{DATABASE}?host={quote(str(self._sockets()))}"

    def start(self) -> str:
        """Make what is missing, start the server unless it runs, and return the database's URL.

        Raises ClusterError when PostGIS is missing or the server does not start; its text says what to do.
        """
        try:
            return self._start()
        except OSError as failure:
            raise ClusterError(f"{self._state} cannot be written: {failure.strerror}") from failure
        except psycopg.Error as failure:  # it ended again, or refuses to write
            raise ClusterError(f"The database does not answer: {self._last_words()}") from failure

    def _start(self) -> str:
        self._state.mkdir(parents=True, exist_ok=True)
        owner = _owner()
        with self._locked():
            self._lay_out(owner)
            found = binaries.find(self._data_major())
            if self._data_major() is None:
                self._initialise(found, owner)
            if not self.is_running():
                self._launch(found, owner)
            self._create_database()
        return self.url()

    def stop(self, *, immediate: bool = False) -> None:
        """Stop the server; clients are cut off. `immediate` skips the checkpoint, as a crash does."""
        if not self.is_running():
            return
        command = ["stop", "-D", str(self.data), "-w", "-m", "immediate" if immediate else "fast"]
        with self._locked():
            # Whoever had the lock before may have stopped it already.
            if self.is_running():
                self._run(binaries.find(self._data_major()), _owner(), "pg_ctl", *command)

    def remove(self) -> None:
        """Delete the stopped cluster and all that it stored, also where STATE/postgres is a link."""
        if self.is_running():
            raise ClusterError("The server still runs: stop it first.")
        home = self._state / "postgres"
        shutil.rmtree(self._sockets(), ignore_errors=True)
        shutil.rmtree(home.resolve(), ignore_errors=True)
        if home.is_symlink():
            home.unlink()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._state / "postgres.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _lay_out(self, owner: _Owner) -> None:
        """Give the server's user a folder that it can reach, and STATE/postgres a way to it."""
        home = self._state / "postgres"
        if not home.exists():
            home.unlink(missing_ok=True)
            if _reachable(self._state.resolve(), owner):
                home.mkdir(mode=0o700)
            else:
                elsewhere = UNREACHABLE_HOME / self._digest
                elsewhere.mkdir(mode=0o700, parents=True, exist_ok=True)
                UNREACHABLE_HOME.chmod(0o755)
                home.symlink_to(elsewhere)
        home = home.resolve()
        os.chown(home, owner.uid, owner.gid)
        sockets = self._sockets()
        with contextlib.suppress(FileExistsError):
            sockets.mkdir(mode=0o700)
            os.chown(sockets, owner.uid, owner.gid)
        status = sockets.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner.uid or status.st_mode & 0o077:
            raise ClusterError(f"{sockets} belongs to someone else or is open to others: remove it.")

    def _sockets(self) -> Path:
        """The folder of the socket: beside the data where the path is short enough, else in TMPDIR."""
        beside = self.data.parent / "run"
        if len(os.fsencode(beside / f".s.PGSQL.{PORT}.lock")) <= SOCKET_BYTES:
            return beside
        return Path(tempfile.gettempdir()).resolve() / f"hansho-{self._digest}"

    def _data_major(self) -> int | None:
        version = self.data / "PG_VERSION"
        return int(version.read_text()) if version.exists() else None

    def _run(self, found: Binaries, owner: _Owner, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's programs as `owner`; raises ClusterError with its last words."""
        command = [found.program(program), *arguments]
        with tempfile.TemporaryFile("w+") as output:
            # A file, not a pipe: the server inherits it and would keep a pipe open.
            done = subprocess.run(  # noqa: S603 - our own arguments
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                start_new_session=True,
                check=False,
                user=owner.uid if owner.switch else None,
                group=owner.gid if owner.switch else None,
                extra_groups=[] if owner.switch else None,
            )
            output.seek(0)
            said = output.read().strip()
        if done.returncode != 0:
            raise ClusterError(f"{program} {' '.join(arguments[:1])} failed: {said[-2000:]}")
        return said

    def _initialise(self, found: Binaries, owner: _Owner) -> None:
        """Make the data directory under another name first: a half-made one never counts."""
        final = self.data
        half_made = final.with_name("data.new")
        shutil.rmtree(half_made, ignore_errors=True)
        sync = [] if self._durable else ["--no-sync"]
        arguments = ["-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions", *sync]
        self._run(found, owner, "initdb", "-D", str(half_made), *arguments)
        half_made.rename(final)

    def _configure(self) -> None:
        """Write the settings; an operator's ALTER SYSTEM still wins over them."""
        chosen = COMMON | (DURABLE if self._durable else FAST)
        chosen["unix_socket_directories"] = str(self._sockets())
        lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'\n" for name, value in chosen.items()]
        (self.data / "postgresql.conf").write_text("".join(lines), encoding="utf-8")

    def _launch(self, found: Binaries, owner: _Owner) -> None:
        self._configure()
        deadline = time.monotonic() + ORPHAN_TIMEOUT_S
        command = ["start", "-D", str(self.data), "-w", "-s", "-t", str(START_TIMEOUT_S), "-l", str(self.log)]
        while True:
            self._forget_dead_server()
            try:
                self._run(found, owner, "pg_ctl", *command)
            except ClusterError as failure:
                said = self._last_words()
                if "still in use" not in said or time.monotonic() > deadline:
                    raise ClusterError(f"{failure}\n{self.log}:\n{said}") from None
                time.sleep(0.2)
            else:
                return

    def _last_words(self) -> str:
        if not self.log.exists():
            return ""
        return self.log.read_text(encoding="utf-8", errors="replace")[-1500:]

    def _server_pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def is_running(self) -> bool:
        """Whether the process named in postmaster.pid lives and is this data directory's server.

        After a kill -9 the number may belong to any process, even to another cluster of the same user;
        a server's working directory is its data directory.
        """
        pid = self._server_pid()
        if pid is None:
            return False
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == self.data
        except PermissionError:
            return False  # another user's process; the server's user could look at its own
        except FileNotFoundError:
            if Path("/proc/self").exists():
                return False
        try:
            os.kill(pid, 0)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def _forget_dead_server(self) -> None:
        """Remove the pid and lock files of a server that no longer runs."""
        if not self.is_running():
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            (self._sockets() / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)

    def _create_database(self) -> None:
        with self._connect_when_ready() as connection:
            exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if exists.fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING 'UTF8'")

    def _connect_when_ready(self) -> psycopg.Connection[tuple[object, ...]]:
        """A server found running may still be recovering from a crash."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                return psycopg.connect(
                    host=str(self._sockets()), port=PORT, user=USER, dbname="postgres", autocommit=True
                )
            except psycopg.OperationalError as failure:
                if time.monotonic() > deadline:
                    raise ClusterError(f"The database does not answer: {self._last_words()}") from failure
                time.sleep(0.1)
