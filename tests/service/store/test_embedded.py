import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from service.store import binaries
from service.store.binaries import ClusterError
from service.store.embedded import SOCKET_BYTES, EmbeddedCluster
from tests.conftest import reachable_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable_folder() as made:
        yield made


@pytest.fixture
def cluster(folder: Path) -> Iterator[EmbeddedCluster]:
    made = EmbeddedCluster(folder / "state", durable=False)
    yield made
    made.stop(immediate=True)


def plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string()


def do(url: str, statement: str) -> None:
    with psycopg.connect(plain(url)) as connection:
        connection.execute(statement.encode())


def ask(url: str, question: str) -> object:
    with psycopg.connect(plain(url)) as connection:
        row = connection.execute(question.encode()).fetchone()
        return None if row is None else row[0]


def server_pid(cluster: EmbeddedCluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().split()[0])


def test_survives_kill_9_and_a_pid_that_now_belongs_to_another_process(
    durable_cluster: EmbeddedCluster,
) -> None:
    cluster = durable_cluster
    url = cluster.start()
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        assert ask(url, f"SHOW {name}") == "on"
    do(url, "CREATE TABLE kept AS SELECT 1 AS n")
    first = server_pid(cluster)
    assert cluster.start() == url
    assert server_pid(cluster) == first
    os.kill(first, signal.SIGKILL)
    assert cluster.start() == url
    assert ask(url, "SELECT count(*) FROM kept") == 1
    cluster.stop()
    stale = cluster.data / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{cluster.data}\n0\n5432\n\n\n0 0\nready\n")
    assert cluster.start() == url
    assert server_pid(cluster) != os.getpid()


def test_two_side_by_side_with_no_open_port_and_no_way_in_for_others(
    cluster: EmbeddedCluster, folder: Path
) -> None:
    deep = folder / "とても長いフォルダ名" / "long-enough-to-pass-the-limit-of-a-socket-path" / "状態"
    other = EmbeddedCluster(deep, durable=False)
    starts = [threading.Thread(target=cluster.start), threading.Thread(target=other.start)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    try:
        assert cluster.url() != other.url()
        for one in (cluster, other):
            sockets = Path(str(make_url(one.url()).query["host"]))
            assert len(os.fsencode(sockets / ".s.PGSQL.5432.lock")) <= SOCKET_BYTES
            assert sockets.stat().st_mode & 0o077 == 0
            assert ask(one.url(), "SHOW data_directory") == str(one.data)
            assert ask(one.url(), "SHOW listen_addresses") == ""
        other.stop()
        assert ask(cluster.url(), "SELECT 1") == 1
    finally:
        other.stop(immediate=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another user")
def test_root_in_a_closed_folder_puts_the_data_where_the_server_can_reach_them(tmp_path: Path) -> None:
    assert tmp_path.parent.parent.stat().st_mode & 0o001 == 0, "pytest's folders are closed to others"
    cluster = EmbeddedCluster(tmp_path / "state", durable=False)
    try:
        url = cluster.start()
        assert ask(url, "SELECT 1") == 1
        link = tmp_path / "state" / "postgres"
        assert link.is_symlink()
        assert link.resolve().parent == Path("/var/lib/hansho")
        assert cluster.data.stat().st_uid != 0
    finally:
        cluster.stop(immediate=True)
        cluster.remove()
    assert not link.exists()


def test_a_refused_row_never_reaches_the_server_log(
    durable_cluster: EmbeddedCluster,
) -> None:
    cluster = durable_cluster
    url = cluster.start()
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        assert ask(url, f"SHOW {name}") == "on"
    do(url, "CREATE TABLE told (words text CHECK (words = ''))")
    with psycopg.connect(plain(url)) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("INSERT INTO told VALUES (%s)", ["かなりあ"])
    with pytest.raises(psycopg.errors.CheckViolation):
        do(url, "INSERT INTO told VALUES ('かなりあ')")
    log = cluster.log.read_text(encoding="utf-8")
    assert "violates check constraint" in log
    assert "かなりあ" not in log


def test_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="apt-get install -y postgresql-99-postgis-3"):
        binaries.find(99)
    assert binaries.missing() == []
    monkeypatch.setattr(binaries, "DEBIAN_FOLDER", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert binaries.missing() == ["postgresql-postgis"]
    with pytest.raises(ClusterError, match=r"apt-get install -y postgresql-postgis;.*DATABASE_URL"):
        binaries.find()


def test_a_server_that_takes_no_writing_is_an_error_that_says_so(durable_cluster: EmbeddedCluster) -> None:
    durable_cluster.start()
    with psycopg.connect(
        durable_cluster.url().replace("+psycopg", "").replace("/hansho?", "/postgres?"), autocommit=True
    ) as server:
        server.execute("DROP DATABASE hansho")
        server.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        server.execute("SELECT pg_reload_conf()")
    with pytest.raises(ClusterError, match="does not answer"):
        durable_cluster.start()
