"""`hansho up`: everything on one machine, from an empty folder to a live map."""

import contextlib
import fcntl
import json
import os
import secrets
import signal
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from service import access
from service.access import Permission, Role
from service.commands.install import install_gazetteer
from service.commands.local import database_url
from service.commands.supervise import Child, Server, Supervisor
from service.settings import Settings
from service.store import access as accounts
from service.store import migrate
from service.store.database import Database, StoreError
from service.store.embedded import EmbeddedCluster

READY_WITHIN_S = 120.0  # models and gazetteer take about 5 s on the machines measured; slow disks need more
LOOK_EVERY_S = 0.5
OFFICER = "officer"


class UpError(RuntimeError):
    """Something keeps `hansho up` from running; the message says what to do, in Japanese."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a person needs to sign in and a machine needs to send; STATE/credentials.json, owner only."""

    user: str
    password: str
    key: str
    line_channel_secret: str
    line_channel_access_token: str


def up(settings: Settings, console: Console) -> None:
    """Run everything until SIGINT or SIGTERM. Raises UpError, ClusterError."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    _claim_port(settings.host, settings.port)
    with _only_one(settings.state), database_url(settings, stop=True) as url:
        secret = access.load_secret(settings)
        _prepare(url, console)
        credentials = _credentials(url, secret, settings.state)
        address = settings.public_url or f"http://{settings.host}:{settings.port}"
        supervisor = Supervisor(
            _children(settings),
            _environment(settings, url, secret, credentials),
            console.print,
            server=None if settings.database_url else Server(EmbeddedCluster(settings.state)),
        )
        supervisor.start()
        try:
            if _wait_until_ready(supervisor, settings, console, stopping):
                if settings.drill:
                    supervisor.add(_drill(settings))
                _welcome(settings, address, credentials, console)
            while not stopping.wait(LOOK_EVERY_S):
                supervisor.mend()
        finally:
            with console.status("停止しています…"):
                supervisor.stop()
    console.print("停止しました。受け付けた通報はすべて保存されています。")


@contextlib.contextmanager
def _only_one(state: Path) -> Iterator[None]:
    """Hold STATE for this process. Raises UpError when another `hansho up` holds it."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            raise UpError(
                f"{state} ではもう起動しています。別に起動するには：make run PORT=8010 STATE=別のフォルダ"
            ) from held
        yield


def _prepare(url: str, console: Console) -> None:
    with console.status("データベースの形を整えています…") as status:
        migrate.upgrade(url, progress=lambda step: status.update(f"データベースを更新しています：{step}"))
    database = Database(url)
    try:
        install_gazetteer(database, console)
    finally:
        database.dispose()


def _credentials(url: str, secret: bytes, state: Path) -> Credentials:
    """The kept credentials, or new ones with their account and key made in the database."""
    path = state / "credentials.json"
    if path.exists():
        return Credentials(**json.loads(path.read_text(encoding="utf-8")))
    password = secrets.token_urlsafe(9)
    database = Database(url)
    try:
        with database.transaction() as conn:
            if accounts.user(conn, OFFICER) is None:
                access.create_user(conn, OFFICER, password, Role.ADMINISTRATOR)
            else:
                password = ""  # another STATE made the account in this database
            scopes = [Permission.READ_INCIDENTS, Permission.WRITE_REPORTS, Permission.READ_METRICS]
            key = access.create_key(conn, secret, "hansho up", scopes)
            made = Credentials(OFFICER, password, key, secrets.token_hex(16), secrets.token_urlsafe(24))
            # Before the commit: an account whose password nobody can read would lock everyone out.
            path.touch(mode=0o600)
            path.write_text(json.dumps(asdict(made), indent=1), encoding="utf-8")
    except StoreError:
        path.unlink(missing_ok=True)
        raise
    finally:
        database.dispose()
    return made


def _children(settings: Settings) -> list[Child]:
    logs = settings.state / "logs"
    children = [
        Child("api", _command("serve"), logs / "api.log"),
        Child("worker", _command("work"), logs / "worker.log"),
    ]
    if settings.line_channel_secret is None:
        children.append(Child("模擬LINE", _command("line"), logs / "line.log"))
    return children


def _command(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "service.cli", *arguments)


def _drill(settings: Settings) -> Child:
    return Child("訓練", _command("replay", settings.drill), settings.state / "logs" / "drill.log", once=True)


def _environment(settings: Settings, url: str, secret: bytes, credentials: Credentials) -> dict[str, str]:
    environment = dict(os.environ) | {
        "DATABASE_URL": url,
        "SECRET_KEY": secret.decode("ascii"),
        "STATE": str(settings.state.resolve()),
        "PYTHONUNBUFFERED": "1",
    }
    if settings.line_channel_secret is None:
        standin = f"http://127.0.0.1:{settings.port + 1}"
        environment |= {
            "LINE_CHANNEL_SECRET": credentials.line_channel_secret,
            "LINE_CHANNEL_ACCESS_TOKEN": credentials.line_channel_access_token,
            "LINE_API_URL": standin,
        }
    return environment


def _claim_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as taken:
            raise UpError(
                f"{host}:{port} は使われています。ほかの番号で起動してください：make run PORT={port + 10}"
            ) from taken


def _wait_until_ready(
    supervisor: Supervisor, settings: Settings, console: Console, stopping: threading.Event
) -> bool:
    """False when asked to stop meanwhile. Raises UpError when readiness does not come in time."""
    url = f"http://{settings.host}:{settings.port}/readyz"
    deadline = time.monotonic() + READY_WITHIN_S
    with console.status("受付と読み取りを起動しています…"):
        while time.monotonic() < deadline:
            if stopping.wait(LOOK_EVERY_S):
                return False
            supervisor.mend()
            if _answers(url):
                return True
    logs = settings.state / "logs"
    raise UpError(f"{READY_WITHIN_S:.0f}秒以内に準備が整いませんでした。{logs} の記録を見てください。")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own http address
            return bool(answer.status == 200)
    except OSError:
        return False


def _welcome(settings: Settings, address: str, credentials: Credentials, console: Console) -> None:
    console.print()
    console.print(f"[bold]半鐘 Hanshō[/]　地図：[bold]{address}/[/]")
    password = credentials.password or "（登録済みのもの）"
    console.print(f"  サインイン　利用者名 {credentials.user}　パスワード {password}", markup=False)
    console.print(f"  団員の通報フォーム　{address}/report")
    if settings.line_channel_secret is None:
        console.print(f"  模擬LINE（訓練用）　http://127.0.0.1:{settings.port + 1}/")
    console.print(f"  APIキー　{settings.state / 'credentials.json'} の key")
    if settings.drill:
        console.print("  [bold]【訓練】[/]の通報を流しています。本物の災害ではありません。")
    console.print("  終了は Ctrl-C")
