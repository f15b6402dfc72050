"""`hansho export`: the situation as one HTML file that needs no network (docs/decisions/0011)."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from geo.gazetteer.memory import data_folder
from geo.gazetteer.tables import MUNICIPALITIES, OUTLINES, read_municipalities
from service.publish.geojson import JST, feature
from service.report import Incident
from service.store import incidents
from service.store.database import Connection
from service.store.incidents import IncidentQuery
from web.snapshot import Situation, render

PAGE: Final = 5000
EVERYWHERE: Final = "全域"


class ExportError(Exception):
    """The file cannot be made; the text says why and what to do."""


def export(conn: Connection, *, drill: bool, municipality: str | None, at: datetime) -> tuple[str, int]:
    """The file's text and its number of incidents. Drill and reality are never in one file.

    `municipality` is a 5-digit code, or 2 digits for a prefecture. Raises ExportError for one that does not
    exist, FileNotFoundError without the browser files, ValueError when `at` is naive.
    """
    names = {row.code: row.name for row in read_municipalities(data_folder() / MUNICIPALITIES)}
    outlines = json.loads((data_folder() / OUTLINES).read_text(encoding="utf-8"))["features"]
    area = _area(municipality, outlines)
    codes = None if municipality is None else frozenset({municipality})
    query = IncidentQuery(limit=PAGE, municipalities=codes, drill=drill)
    features = [feature(one, names) for one in _all(conn, query)]
    return render(Situation(features, outlines, at, area, drill)), len(features)


def matching(conn: Connection, *, drill: bool, municipality: str | None) -> int:
    """How many incidents of a kind there are."""
    codes = None if municipality is None else frozenset({municipality})
    return incidents.page(conn, IncidentQuery(limit=1, municipalities=codes, drill=drill)).matched


def write(text: str, output: Path) -> None:
    """Put the whole file in place at once, readable by its owner alone (0600): it tells of people in danger.

    Raises ExportError when the folder does not take it.
    """
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        with os.fdopen(
            os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)
        part.replace(output)
    except OSError as refused:
        part.unlink(missing_ok=True)
        raise ExportError(f"{output} に書けません：{refused.strerror}") from refused


def default_name(at: datetime, *, drill: bool) -> Path:
    """The file's name when none is given: time in Japan, and whether it is a drill."""
    return Path(f"hansho-{'drill-' if drill else ''}{at.astimezone(JST):%Y%m%d-%H%M}.html")


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def _all(conn: Connection, query: IncidentQuery) -> list[Incident]:
    found: list[Incident] = []
    while True:
        page = incidents.page(conn, query)
        found += page.incidents
        if page.next_after is None:
            return found
        query = replace(query, after=page.next_after)


def _area(code: str | None, outlines: list[dict[str, Any]]) -> str:
    """The name of what is exported."""
    if code is None:
        return EVERYWHERE
    for outline in outlines:
        known = outline["properties"]
        if known["code"] == code:
            return f"{known['prefecture']}{known['name']}"
        if len(code) == incidents.PREFECTURE_DIGITS and known["code"].startswith(code):
            return str(known["prefecture"])
    raise ExportError(f"{code} という市区町村はありません。5桁（県全体は2桁）のコードで指定してください")
