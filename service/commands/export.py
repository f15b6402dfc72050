"""`hansho export`: the situation as one HTML file that needs no network (docs/decisions/0011)."""

import os
from datetime import UTC, datetime
from pathlib import Path

from geo.gazetteer.memory import data_folder
from geo.gazetteer.tables import MUNICIPALITIES, read_municipalities
from service import lifetimes, situationreport
from service.publish.geojson import JST
from service.report import EVERYTHING
from service.settings import Settings
from service.situationreport import UnknownAreaError, Wanted
from service.store.database import Connection
from web.snapshot import render


class ExportError(Exception):
    """The file cannot be made; the text says why and what to do."""


def export(
    conn: Connection,
    *,
    drill: bool,
    municipality: str | None,
    at: datetime,
    language: str = "ja",
) -> tuple[str, int]:
    """The file's text and its number of incidents. Drill and reality are never in one file.

    `municipality` is a 5-digit code, or 2 digits for a prefecture, `language` ja or en. Raises ExportError
    for one that does not exist, LifetimesError, FileNotFoundError without the browser files,
    ValueError when `at` is naive.
    """
    names = {row.code: row.name for row in read_municipalities(data_folder() / MUNICIPALITIES)}
    wanted = Wanted(municipality, drill)
    try:
        found = situationreport.gather(
            conn, wanted, EVERYTHING, at, names, lifetimes.load(Settings().lifetimes)
        )
    except UnknownAreaError as unknown:
        raise ExportError(
            f"{municipality} という市区町村はありません。5桁（県全体は2桁）のコードで指定してください"
        ) from unknown
    return render(found, language=language), len(found.features)


def matching(conn: Connection, *, drill: bool, municipality: str | None) -> int:
    """How many incidents of a kind there are."""
    return situationreport.matching(conn, Wanted(municipality, drill), EVERYTHING)


def write(text: str, output: Path) -> Path:
    """Put the whole file in place at once, readable by its owner alone (0600): it tells of people in danger.
    Where it is.

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
    return output


def default_name(at: datetime, *, drill: bool) -> Path:
    """The file's name when none is given: time in Japan, and whether it is a drill."""
    return Path(f"hansho-{'drill-' if drill else ''}{at.astimezone(JST):%Y%m%d-%H%M}.html")


def hint(others: int, *, drill: bool) -> str:
    """What to say when there is nothing of this kind, but `others` of the other."""
    kind, switch = ("実際", "no-drill") if drill else ("訓練", "drill")
    return f"{kind}の事案は{others}件あります：hansho export --{switch}"


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)
