"""`hansho export`: what the store holds, drill and reality apart, in one file."""

import stat
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from nlp.reading import DamageType
from service import situationreport
from service.cli import app
from service.commands import export
from service.commands.export import ExportError
from service.store.database import Database
from tests.service.store.samples import NOON, deliver, message, observation, read, store


@pytest.fixture
def filled(database: Database) -> Database:
    """A flooded road in 福山市, a fire in 尾道市 without a point, and a drill's landslide."""
    wanted: tuple[dict[str, Any], ...] = (
        {"place_text": "松永町"},
        {
            "place_text": "向東の山",
            "type": DamageType.FIRE,
            "municipality": "34205",
            "lat": None,
            "lon": None,
        },
        {"place_text": "訓練の崖", "type": DamageType.LANDSLIDE, "drill": True},
    )
    waiting = deliver(database, *(message(str(uuid4())) for _ in wanted))
    store(
        database,
        *(read(one, observation(one.report_id, **given)) for one, given in zip(waiting, wanted, strict=True)),
    )
    return database


def test_the_command_writes_what_is_real(
    filled: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    file = tmp_path / "situation.html"
    done = CliRunner().invoke(app, ["export", "--output", str(file)])
    assert done.exit_code == 0, done.output
    page = file.read_text(encoding="utf-8")
    assert "松永町" in page
    assert "尾道市" in page
    assert "訓練の崖" not in page
    assert "【訓練】" not in page
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_drill_has_a_file_of_its_own(
    filled: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(app, ["export", "--drill"]).exit_code == 0
    (file,) = tmp_path.iterdir()
    assert file.name.startswith("hansho-drill-")
    page = file.read_text(encoding="utf-8")
    assert "訓練の崖" in page
    assert "松永町" not in page
    assert page.partition("<h1>")[2].startswith("【訓練】")


def test_in_english(
    filled: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    file = tmp_path / "situation.html"
    done = CliRunner().invoke(app, ["export", "--language", "en", "--output", str(file)])
    assert done.exit_code == 0, done.output
    assert "List of incidents" in file.read_text(encoding="utf-8")
    refused = CliRunner().invoke(app, ["export", "--language", "fr", "--output", str(file)])
    assert refused.exit_code == 2


def test_one_municipality_or_one_prefecture(filled: Database) -> None:
    with filled.transaction() as conn:
        page, number = export.export(conn, drill=False, municipality="34205", at=NOON)
        assert number == 1
        assert "被害状況（広島県尾道市）" in page
        assert "松永町" not in page
        page, number = export.export(conn, drill=False, municipality="34", at=NOON)
        assert number == 2
        assert "被害状況（広島県）" in page
        with pytest.raises(ExportError, match="99999"):
            export.export(conn, drill=False, municipality="99999", at=NOON)


def test_every_page_of_the_store_is_read(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(situationreport, "PAGE", 1)
    with filled.transaction() as conn:
        assert export.export(conn, drill=False, municipality=None, at=NOON)[1] == 2
        assert export.matching(conn, drill=True, municipality=None) == 1


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="書けません"):
        export.write("text", tmp_path / "none" / "situation.html")
    assert not list(tmp_path.iterdir())
