"""`hansho gazetteer build · load · unload · sources`: the packaged places made anew; official files into the
database with a report, and out."""

import csv
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import shapely
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from shapely.geometry.base import BaseGeometry

from geo.coverage import Coverage
from geo.gazetteer.build import build as build_tables
from geo.gazetteer.memory import data_folder
from geo.gazetteer.tables import digest
from geo.official.formats import FORMATS, Job
from geo.official.found import Area, Found, House, Refused
from service.commands.local import migrated_database
from service.settings import Settings
from service.store import houses, places, sources
from service.store.database import Connection, Database
from service.store.sources import PACKAGED, SourceInfo

SHOWN_REFUSALS = 10
SIX_DIGITS = 6  # 1e-6 degrees is 0.1 m


class GazetteerError(RuntimeError):
    """A source cannot be loaded or taken out; the message says what to do, in Japanese."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator says instead of what the file says; None leaves it to the file."""

    source: str | None = None
    licence: str | None = None
    dated: str | None = None
    dry_run: bool = False


@dataclass(slots=True)
class Report:
    """What became of one file."""

    job: Job
    source: str = ""
    taken: int = 0
    refused: list[Refused] = field(default_factory=list)

    def keep(self, row: Refused) -> None:
        """Note a line that was not taken."""
        self.refused.append(row)


def build(output: Path | None, shelters: Path | None, console: Console) -> None:
    """The packaged tables made anew in `output`, None for where they are; `shelters` as in `build_tables`.

    Raises `geo.gazetteer.inputs.InputError`.
    """
    folder = output or data_folder()
    with console.status("地名データを取り寄せています…") as status:
        build_tables(folder, lambda step: status.update(f"{step}…"), shelters=shelters)
    console.print(f"{folder} に書き出しました。")


@contextmanager
def current_database(settings: Settings) -> Iterator[Database]:
    """The database, when its tables are those of this program. Raises GazetteerError, StoreUnavailable."""
    with migrated_database(settings) as opened:
        if opened is None:
            raise GazetteerError("データベースの形が古いか、空です。先に hansho migrate を実行してください。")
        yield opened


def load(
    database: Database | None, jobs: Sequence[Job], wish: Wish, ground: Coverage, console: Console
) -> list[Report]:
    """Load each file in a transaction of its own: whole, or not at all. `database` is None for a dry run.

    Raises OfficialError, GazetteerError, StoreError.
    """
    if wish.source and len(jobs) > 1:
        raise GazetteerError("--source はファイルを1つ指定するときだけ使えます。")
    reports = []
    for job in jobs:
        report = Report(job)
        with _progress(console) as progress:
            task = progress.add_task(f"{job.title}（{job.file}）", total=None, note="読み取り中")
            _load(database, report, wish, ground, _Ticks(progress, task))
        show(report, console, dry_run=wish.dry_run)
        reports.append(report)
    return reports


@contextmanager
def _progress(console: Console) -> Iterator[Progress]:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.fields[note]}"), console=console, transient=True) as progress:
        yield progress


class _Ticks:
    """Moves the bar: while a file is read by its size, while rows are written by their number."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def read(self, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=max(total, 1))

    def written(self, count: int) -> None:
        self._progress.update(self._task, note=f"{count:,} 件")


def _load(database: Database | None, report: Report, wish: Wish, ground: Coverage, ticks: _Ticks) -> None:
    rows = report.job.rows(ground, ticks.read)
    if report.job.format == "abr-rsdt":
        _load_houses(database, report, wish, (row for row in rows if _is_house(row, report)), ticks)
        return
    found: list[Found] = []
    areas: list[Area] = []
    seen: set[str] = set()
    for row in rows:
        if isinstance(row, Refused):
            report.keep(row)
        elif isinstance(row, Area):
            areas.append(row)
        elif isinstance(row, Found) and row.place.place_id in seen:
            report.keep(Refused(row.line, "同じ番号の行がもうある", row.place.name))
        elif isinstance(row, Found):
            seen.add(row.place.place_id)
            found.append(row)
    codes = [row.place.municipality for row in found] + [row.code for row in areas]
    report.source = wish.source or report.job.source(codes)
    report.taken = len(found) + len(areas)
    if not report.taken:
        raise GazetteerError(_nothing(report))
    if database is None or wish.dry_run:
        return
    info = _info(report, wish)
    with database.transaction() as conn:
        _refuse_packaged(conn, report.source)
        if areas:
            sources.begin(conn, info)
            places.load_municipalities(conn, map(_feature, areas), report.source)
            sources.finish(conn, report.source, len(areas))
        else:
            described = ((row.place, row.properties) for row in found)
            places.load_described(conn, info, described, ticks.written)


def _is_house(row: object, report: Report) -> bool:
    if isinstance(row, Refused):
        report.keep(row)
    return isinstance(row, House)


def _load_houses(
    database: Database | None, report: Report, wish: Wish, rows: Iterator[object], ticks: _Ticks
) -> None:
    report.source = wish.source or report.job.source(())
    of_houses = (row for row in rows if isinstance(row, House))
    if database is None or wish.dry_run:
        report.taken = sum(1 for _ in of_houses)
    else:
        with database.transaction() as conn:
            _refuse_packaged(conn, report.source)
            report.taken = houses.load(conn, _info(report, wish), of_houses, ticks.written)
            if not report.taken:
                raise GazetteerError(_nothing(report))


def _nothing(report: Report) -> str:
    reasons = "、".join(f"{reason}（{count:,}行）" for reason, count in _reasons(report)[:3])
    return f"{report.job.file} から取り込める行がありません。{reasons}"


def _refuse_packaged(conn: Connection, source: str) -> None:
    known = {each.info.source: each.info.format for each in sources.loaded(conn)}
    if known.get(source) == PACKAGED:
        raise GazetteerError(f"{source} は同梱の地名辞書の名です。--source で別の名を指定してください。")


def _info(report: Report, wish: Wish) -> SourceInfo:
    job = report.job
    kind = FORMATS[job.format]
    return SourceInfo(
        report.source, _checksum(job), wish.licence or kind.licence, wish.dated or job.layer.dated,
        job.format, job.file,
    )  # fmt: skip


def _checksum(job: Job) -> str:
    """SHA-256 of the file; of a pair, that of both files' own."""
    own = digest(job.layer.path)
    if job.positions is None:
        return own
    return hashlib.sha256((own + digest(job.positions.path)).encode()).hexdigest()


def _feature(area: Area) -> dict[str, object]:
    return {
        "properties": {"code": area.code, "name": area.name, "prefecture": area.prefecture},
        "geometry": _rounded(area.shape),
    }


def _rounded(shape: BaseGeometry) -> dict[str, object]:
    return dict(shapely.geometry.mapping(shapely.set_precision(shape, 10.0**-SIX_DIGITS)))


def _reasons(report: Report) -> list[tuple[str, int]]:
    return Counter(row.reason for row in report.refused).most_common()


def show(report: Report, console: Console, *, dry_run: bool) -> None:
    """The report of one file: how many rows, then what was refused, with line and reason."""
    verb = "取り込めます" if dry_run else "取り込みました"
    console.print(
        f"{report.source}：{report.job.title} {report.taken:,}件を{verb}（{report.job.file}）。", markup=False
    )
    if not report.refused:
        return
    console.print(f"  取り込まなかった行 {len(report.refused):,}件：", markup=False)
    for reason, count in _reasons(report):
        console.print(f"    {count:,}件　{reason}", markup=False)
    for row in report.refused[:SHOWN_REFUSALS]:
        console.print(f"    {row.line}行目　{row.what}　{row.reason}", markup=False)
    if len(report.refused) > SHOWN_REFUSALS:
        console.print("    …（すべては --report ファイル名 で書き出せます）", markup=False)


def write_report(reports: Sequence[Report], path: Path) -> None:
    """Every refused line as CSV for a spreadsheet (UTF-8 with BOM)."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow(("ファイル", "行", "名", "理由"))
        for report in reports:
            lines.writerows((report.job.file, row.line, row.what, row.reason) for row in report.refused)


def unload(conn: Connection, source: str) -> int:
    """Take a loaded source out again; how many rows it had. Raises GazetteerError."""
    known = {each.info.source: each for each in sources.loaded(conn)}
    if source not in known:
        names = "、".join(name for name, each in known.items() if each.info.format != PACKAGED) or "なし"
        raise GazetteerError(f"{source} という出典は入っていません（外せるもの：{names}）。")
    if known[source].info.format == PACKAGED:
        raise GazetteerError(f"{source} は同梱の地名辞書なので外せません。")
    return sources.remove(conn, source) or 0


def listed(conn: Connection) -> Table:
    """What is loaded: source, rows, date, licence, file, checksum."""
    table = Table("出典", "件数", "時点", "取り込み", "利用条件", "ファイル", "SHA-256")
    for each in sources.loaded(conn):
        info = each.info
        file = info.file or ("（同梱）" if info.format == PACKAGED else "")
        table.add_row(
            info.source, f"{each.rows:,}", info.dated, f"{each.loaded_at.astimezone():%Y-%m-%d %H:%M}",
            info.licence, file, info.checksum[:12],
        )  # fmt: skip
    return table
