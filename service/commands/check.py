"""`hansho check`: everything an operator can get wrong, each with the remedy."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from geo.gazetteer import verify
from geo.gazetteer.memory import data_folder
from service.access import oidc
from service.commands.install import packaged_checksum
from service.commands.local import database_url
from service.problems import ProblemError
from service.settings import Settings
from service.store import fence, inbox, migrate, places, workers
from service.store.binaries import ClusterError
from service.store.database import Database, StoreError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing checked; `remedy` says what to do unless `outcome` is ok."""

    what: str
    outcome: Literal["ok", "warn", "fail"]
    remedy: str = ""


def check_all(settings: Settings) -> list[Finding]:
    """Every check, those that need a database last; one that is away is a finding, not an error."""
    found = [*_tables(), *_settings(settings)]
    try:
        with database_url(settings) as url:
            found += check_database(url, settings)
    except (ClusterError, StoreError) as away:
        found.append(Finding("データベースへの接続", "fail", str(away)))
    return found


def _tables() -> list[Finding]:
    return [
        Finding(f"地名辞書 {each.what}", each.outcome, each.remedy) for each in verify.check(data_folder())
    ]


def _settings(settings: Settings) -> list[Finding]:
    line = settings.line_channel_secret, settings.line_channel_access_token
    if all(line):
        line_found = Finding("LINE", "ok")
    elif any(line):
        line_found = Finding(
            "LINE", "fail", "LINE_CHANNEL_SECRET と LINE_CHANNEL_ACCESS_TOKEN は両方を設定してください。"
        )
    else:
        line_found = Finding("LINE", "warn", "未設定です。受けるには docs/operations.md の手順で設定します。")
    writable = os.access(
        settings.state if settings.state.exists() else settings.state.absolute().parent, os.W_OK
    )
    state_found = Finding(
        f"保存先 {settings.state}",
        "ok" if writable else "fail",
        "" if writable else "書き込めるフォルダを STATE に指定してください。",
    )
    return [state_found, line_found, *_provider(settings)]


def _provider(settings: Settings) -> list[Finding]:
    """The organization's own sign-in, when there is one."""
    what = "外部のサインイン（OIDC）"
    try:
        provider = oidc.provider_of(settings)
        if provider is None:
            return []
        provider.begin("http://127.0.0.1/oidc/callback", "/")
    except oidc.ProviderError as wrong:
        return [Finding(what, "fail", str(wrong))]
    except ProblemError:
        remedy = "OIDC_ISSUER につながりません。アドレスとネットワークを確かめてください。"
        return [Finding(what, "fail", remedy)]
    return [Finding(what, "ok")]


def check_database(url: str, settings: Settings) -> list[Finding]:
    """The checks of the database at `url`; raises StoreError when it is away."""
    revision = migrate.state(url)
    if not revision.is_current:
        remedy = f"hansho migrate を実行してください（{revision.current or '空'} → {revision.head}）。"
        return [Finding("データベースの形", "fail", remedy)]
    database = Database(url)
    try:
        checks: tuple[Callable[[Database, Settings], Finding], ...] = (_fence, _gazetteer, _workers, _buried)
        return [Finding("データベースの形", "ok"), *(each(database, settings) for each in checks)]
    finally:
        database.dispose()


def _fence(database: Database, _: Settings) -> Finding:
    """Row-level security: the second fence behind the filters."""
    with database.transaction() as conn:
        held, indexed = fence.is_held(conn), fence.is_indexed(conn)
        unreadable = fence.unreadable(conn) if held else []
    what = "行単位のアクセス制御"
    if unreadable:
        names = "、".join(unreadable)
        remedy = f"役割 {fence.ROLE} が読めない表があります（{names}）。hansho migrate を実行してください。"
        return Finding(what, "warn", remedy)
    if not held:
        return Finding(
            what,
            "warn",
            f"役割 {fence.ROLE} を使えません。データベースの管理者が CREATE ROLE {fence.ROLE} NOLOGIN と "
            f"GRANT {fence.ROLE} TO 接続に使う利用者 を実行した後、hansho migrate を実行してください。",
        )
    if not indexed:
        return Finding(
            what,
            "warn",
            "地図の範囲で絞ると遅くなります。データベースの管理者が "
            f"ALTER FUNCTION {fence.LEAKPROOF} LEAKPROOF を実行してください。",
        )
    return Finding(what, "ok")


def _gazetteer(database: Database, _: Settings) -> Finding:
    with database.transaction() as conn:
        current = packaged_checksum() in places.loaded(conn).values()
    return Finding(
        "地名辞書（データベース）",
        "ok" if current else "fail",
        "" if current else "hansho migrate を実行すると入ります。",
    )


def _workers(database: Database, settings: Settings) -> Finding:
    with database.transaction() as conn:
        seen = workers.last_seen(conn)
    silent = None if seen is None else (datetime.now(UTC) - seen).total_seconds()
    if silent is not None and silent <= settings.worker_silence_s:
        return Finding("読み取り（worker）", "ok")
    since = "一度も動いていません" if silent is None else f"{silent:,.0f}秒前から応答がありません"
    return Finding(
        "読み取り（worker）", "warn", f"{since}。hansho work または hansho up で起動してください。"
    )


def _buried(database: Database, _: Settings) -> Finding:
    with database.transaction() as conn:
        counts = inbox.counts(conn)
    if not counts.buried:
        return Finding(f"受信箱（読み取り待ち {counts.waiting:,}件）", "ok")
    remedy = f"{counts.buried}件を読み取れません。hansho inbox buried で調べ、revive で読み直します。"
    return Finding("受信箱", "warn", remedy)
