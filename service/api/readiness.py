"""Is the service able to do its work now: each part checked, with what to do when it is not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from service.api.services import Services
from service.overview.held import Held
from service.store import changes, inbox, migrate, places, workers
from service.store.database import StoreError
from service.store.evacuation import units

MAX_ERROR: Final = 200


@dataclass(frozen=True, slots=True)
class Check:
    """One part: `detail` says what was found, `remedy` what an operator does when `ok` is False."""

    name: str
    ok: bool
    detail: str
    remedy: str


@dataclass(frozen=True, slots=True)
class VitalSigns:
    """What the pulse of the stream tells; None and 0 when the database cannot be asked. `boards` grows
    with every write of an evacuation board."""

    seq: int | None
    worker_seen_at: datetime | None
    waiting: int
    ready: bool
    boards: int = 0


def checks(services: Services, held: Held) -> list[Check]:
    """Every check, in the order in which an operator mends them. The first one after a start waits until
    `held` has been read, as the first page would have to."""
    return [_checked(name, remedy, partial(look, services, held)) for name, remedy, look in CHECKS]


def vital_signs(services: Services) -> VitalSigns:
    """The signs of life now; never raises for a database that is away."""
    try:
        with services.database.transaction() as conn:
            seen = workers.last_seen(conn)
            counts = inbox.counts(conn)
            latest = changes.latest(conn)
            boards = units.writes(conn)
    except StoreError:
        return VitalSigns(None, None, 0, ready=False)
    return VitalSigns(latest, seen, counts.waiting, _is_recent(services, seen), boards)


def _checked(name: str, remedy: str, look: Callable[[], tuple[bool, str]]) -> Check:
    try:
        ok, detail = look()
    except StoreError as failure:
        # Our own error: it holds codes and names of tables, never values.
        ok, detail = False, f"データベースが答えません（{failure.sqlstate or type(failure).__name__}）"
    return Check(name, ok, detail[:MAX_ERROR], "" if ok else remedy)


def _database(services: Services, _: Held) -> tuple[bool, str]:
    with services.database.transaction() as conn:
        changes.latest(conn)
    return True, "接続できます"


def _migrations(services: Services, _: Held) -> tuple[bool, str]:
    with services.database.transaction():
        pass  # raises our own error when the database is away
    state = migrate.state(services.settings.database_url or "")
    return state.is_current, f"版 {state.current or 'なし'}（最新 {state.head}）"


def _gazetteer(services: Services, _: Held) -> tuple[bool, str]:
    with services.database.transaction() as conn:
        sources = places.loaded(conn)
    return bool(sources), f"{len(sources)}種類の地名データ"


def _columns(_: Services, held: Held) -> tuple[bool, str]:
    return True, f"変更{held.seq()}まで読みました"


def _worker(services: Services, _: Held) -> tuple[bool, str]:
    with services.database.transaction() as conn:
        seen = workers.last_seen(conn)
    if seen is None:
        return False, "一度も動いていません"
    silent = (services.clock() - seen).total_seconds()
    return _is_recent(services, seen), f"最後の動作から{max(0, round(silent))}秒"


def _is_recent(services: Services, seen: datetime | None) -> bool:
    silence = timedelta(seconds=services.settings.worker_silence_s)
    return seen is not None and services.clock() - seen <= silence


CHECKS: Final[tuple[tuple[str, str, Callable[[Services, Held], tuple[bool, str]]], ...]] = (
    ("database", "PostgreSQLが動いていること、DATABASE_URL、ディスクの空きを確かめてください。", _database),
    ("migrations", "`hansho migrate`を実行してください。", _migrations),
    ("gazetteer", "`hansho migrate`で地名データを入れてください。", _gazetteer),
    ("columns", "数秒待ってください。続くときはデータベースのログを確かめてください。", _columns),
    ("worker", "`hansho work`が動いていることと、そのログを確かめてください。", _worker),
)
