"""The command as an operator meets it: help at once, errors in one line that says what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def hansho(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | settings
    return subprocess.run(
        [sys.executable, "-m", "service.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        timeout=60,
    )


def test_help_names_every_command() -> None:
    shown = hansho("--help").stdout
    for command in (
        "up",
        "serve",
        "work",
        "migrate",
        "check",
        "read",
        "explain",
        "replay",
        "gazetteer",
        "keys",
    ):
        assert command in shown


@pytest.mark.parametrize(
    ("arguments", "settings", "said"),
    [
        (("replay", "no-such-file"), {}, "no-such-file という訓練もファイルもありません"),
        (("check",), {"WORKER_BATCH": "many"}, "設定 WORKER_BATCH が正しくありません"),
        (("explain", "停電", "--at", "north"), {}, "緯度,経度"),
        (("gazetteer", "load", "no-such.csv", "--dry-run"), {}, "no-such.csv というファイルがありません"),
        (("replay", "kumano", "--to", "http://127.0.0.1:9"), {"HANSHO_KEY": ""}, "HANSHO_KEY"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(
    arguments: tuple[str, ...], settings: dict[str, str], said: str
) -> None:
    done = hansho(*arguments, **settings)
    assert done.returncode != 0
    assert said in done.stderr.replace("\n", "")
    assert "Traceback" not in done.stderr


def test_a_database_that_is_away_is_said_without_a_traceback() -> None:
    done = hansho("inbox", "buried", DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("hansho: ")


def test_a_taken_port_names_another(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = hansho("up", PORT=str(port), STATE=str(tmp_path / "state"))
    assert done.returncode == 1
    assert f"127.0.0.1:{port} は使われています" in done.stderr.replace("\n", "")
