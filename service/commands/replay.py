"""`hansho replay`: a file of reports, recorded or invented, into the database or another Hanshō."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from service.collect.file import Pace, ReplayResult, Sink, Stored, replay
from service.collect.lines import read_lines
from service.report import Message
from service.store import inbox
from service.store.database import Database, StoreUnavailable

TRIES: Final = 7
# Doubled each time: a database that starts again within half a minute is waited for.
FIRST_PAUSE_S: Final = 0.5


def drill_path(name: str) -> Path:
    """The file of a packaged drill, or `name` itself when it is a path. Raises FileNotFoundError."""
    packaged = Path(str(files("service") / "drills" / f"{name}.jsonl"))
    path = packaged if packaged.is_file() else Path(name)
    if not path.is_file():
        raise FileNotFoundError(f"{name} という訓練もファイルもありません。")
    return path


def store_sink(database: Database, sleep: Callable[[float], None] = time.sleep) -> Sink:
    """A sink that commits each batch to the inbox; raises StoreUnavailable when it stays away."""

    def put(messages: Sequence[Message]) -> list[Stored]:
        with database.transaction() as conn:
            receipts = inbox.put_many(conn, messages)
        return [Stored(created=receipt.created) for receipt in receipts]

    def store(messages: Sequence[Message]) -> list[Stored]:
        for attempt in range(TRIES - 1):
            with suppress(StoreUnavailable):
                return put(messages)
            sleep(FIRST_PAUSE_S * 2**attempt)
        return put(messages)

    return store


def replay_file(path: Path, sink: Sink, pace: Pace, console: Console, *, drill: bool = False) -> ReplayResult:
    """Replay with a progress bar; every refused line is printed with its number and reason.

    Raises FileError when the file cannot be read at all, and what the sink raises.
    """
    lines = read_lines(path)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(path.name, total=len(lines))
        result = replay(lines, sink, pace, lambda count: bar.advance(task, count), drill=drill)
    for refusal in result.refused:
        console.print(f"{refusal.line}行目：{refusal.reason}", style="red", markup=False)
    counts = f"受付 {result.stored:,}件、受付済み {result.known:,}件、拒否 {len(result.refused):,}件"
    console.print(counts, markup=False)
    return result
