"""Commands that read without the service use what is loaded, and say when they cannot."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from geo.place import Level, Place
from service.commands import known
from service.pipeline import Pipeline
from service.report import Message
from service.settings import Settings
from service.store import places
from service.store.database import Database
from service.store.sources import SourceInfo


@pytest.fixture
def prepared(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipeline]:
    """The shared pipeline instead of a new one, brought back afterwards."""
    monkeypatch.setattr(known, "build_pipeline", lambda: pipeline)
    yield pipeline
    pipeline.renew({}, {})


def read(settings: Settings) -> tuple[float | None, str]:
    """The latitude that a new name is read at, and what was said meanwhile."""
    console = Console(file=io.StringIO(), width=200)
    message = Message("file", "m", "ぬばたま会館で停電", datetime.now(UTC), sender_municipality="30207")
    with known.known_places(settings, console) as pipeline:
        lat = next(pipeline.understand([message])).places[0].lat
    assert isinstance(console.file, io.StringIO)
    return lat, console.file.getvalue()


@pytest.mark.usefixtures("prepared")
def test_loaded_places_are_read(database: Database, database_url: str, tmp_path: Path) -> None:
    settings = Settings(database_url=database_url, state=tmp_path)
    assert read(settings) == (None, "")
    hall = Place("1", "ぬばたま会館", "", "hall", Level.FACILITY, "30207", 33.7, 135.9, 50.0, "city")
    with database.transaction() as conn:
        places.load(conn, SourceInfo("city", "a", "", "", "own"), [hall])
    assert read(settings) == (33.7, "")


@pytest.mark.usefixtures("prepared")
def test_without_a_database_the_packaged_places_are_read(tmp_path: Path) -> None:
    assert read(Settings(database_url=None, state=tmp_path)) == (None, "")
    away = Settings(database_url="postgresql://nobody@127.0.0.1:9/none", state=tmp_path)
    lat, said = read(away)
    assert lat is None
    assert "同梱の地名辞書だけで読みます" in said
