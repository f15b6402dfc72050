"""The command `hansho`: thin; each command calls the module that does the work."""

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from service.settings import Settings

# Heavy modules (models, web server) are imported by the command that needs them, so that --help is instant.

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="半鐘 Hanshō：消防団員の通報を読み取り、地図に示す。",
    context_settings={"help_option_names": ["-h", "--help"]},
)
gazetteer_app = typer.Typer(
    no_args_is_help=True, help="地名辞書：公的なファイルを取り込む、外す、一覧、作り直す。"
)
keys_app = typer.Typer(no_args_is_help=True, help="APIキーを発行・失効する。")
users_app = typer.Typer(no_args_is_help=True, help="サインインする人を登録する。")
inbox_app = typer.Typer(no_args_is_help=True, help="読み取れなかった通報を調べ、もう一度読ませる。")
app.add_typer(gazetteer_app, name="gazetteer")
app.add_typer(keys_app, name="keys")
app.add_typer(users_app, name="users")
app.add_typer(inbox_app, name="inbox")

Text = Annotated[str, typer.Argument(help="通報の本文")]
Municipality = Annotated[str | None, typer.Option("--from", help="送信者の市区町村（5桁）")]


def main() -> None:
    """Entry point; errors an operator can act on are one line on standard error and exit code 1."""
    # One thread a process: batches are small, and workers are scaled by processes. Set before numpy loads.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        app()
    except ValidationError as wrong:
        if wrong.title != Settings.__name__:
            raise
        for error in wrong.errors(include_input=False, include_url=False):
            name = ".".join(map(str, error["loc"])).upper()
            _say(f"設定 {name} が正しくありません（{error['msg']}）。.env.example を見て直してください。")
        sys.exit(1)
    except Exception as failure:
        if not _is_for_the_operator(failure):
            raise
        _say(str(failure))
        sys.exit(1)


def _say(problem: str) -> None:
    Console(stderr=True).print(f"hansho: {problem}", style="bold red", markup=False)


def _is_for_the_operator(failure: Exception) -> bool:
    """Whether its text says what to do; others are bugs and keep their traceback."""
    from geo.gazetteer.inputs import InputError
    from geo.official.found import OfficialError
    from service.access.oidc import ProviderError
    from service.collect.lines import FileError
    from service.collect.remote import RemoteError
    from service.commands.corpus import CorpusError
    from service.commands.export import ExportError
    from service.commands.gazetteer import GazetteerError
    from service.commands.up import UpError
    from service.lifetimes import LifetimesError
    from service.store.binaries import ClusterError
    from service.store.database import StoreError

    known = (ClusterError, ExportError, FileError, FileNotFoundError, InputError, RemoteError, StoreError)
    own = (CorpusError, GazetteerError, LifetimesError, OfficialError, ProviderError, UpError)
    return isinstance(failure, (*known, *own))


@app.command()
def up() -> None:
    """データベース・受付・読み取り・模擬LINE・訓練をまとめて起動する（Ctrl-Cで停止）。"""
    from service.commands.up import up as run_up

    run_up(Settings(), Console())


@app.command()
def serve() -> None:
    """受付と地図（api）だけを起動する。"""
    from service.api.serve import serve as run_api

    run_api(Settings())


@app.command()
def work() -> None:
    """読み取り（worker）だけを起動する。いくつでも並べられる。"""
    from service.commands.work import run_worker

    run_worker(Settings())


@app.command()
def line() -> None:
    """模擬LINE（訓練・試験用）を起動する。"""
    from service.standin.line import serve as run_line

    run_line(Settings())


@app.command()
def migrate() -> None:
    """データベースの形を最新にし、地名辞書を入れる。"""
    from service.commands.install import install_gazetteer
    from service.commands.local import database_url
    from service.store import migrate as migrations
    from service.store.database import Database

    console = Console()
    with database_url(Settings()) as url:
        migrations.upgrade(url, progress=lambda step: console.print(f"更新：{step}"))
        database = Database(url)
        try:
            install_gazetteer(database, console)
        finally:
            database.dispose()


@app.command()
def check() -> None:
    """設定・データベース・地名辞書・読み取りを確かめ、直し方を示す。"""
    from service.commands.check import check_all

    results = check_all(Settings())
    table = Table("確認", "結果", "対処", expand=True)
    for each in results:
        colour = {"ok": "green", "warn": "yellow", "fail": "bold red"}[each.outcome]
        table.add_row(each.what, f"[{colour}]{each.outcome.upper()}[/]", each.remedy)
    Console().print(table)
    raise typer.Exit(any(each.outcome == "fail" for each in results))


@app.command()
def read() -> None:
    """標準入力のJSON Linesを読み取り、1通1行で出力する（docs/reading.md）。"""
    from service.commands.known import known_places
    from service.commands.readlines import read_lines

    console = Console(stderr=True)
    refused = 0
    with known_places(Settings(), console) as pipeline:
        for answer in read_lines(sys.stdin.buffer, pipeline):
            if answer.error:
                refused += 1
                console.print(f"{answer.line}行目：{answer.error}", style="red", markup=False)
            else:
                sys.stdout.write(json.dumps(answer.reading, ensure_ascii=False) + "\n")
    raise typer.Exit(1 if refused else 0)


@app.command()
def explain(
    text: Text,
    municipality: Municipality = None,
    at: Annotated[str | None, typer.Option(help="端末の位置「緯度,経度」")] = None,
) -> None:
    """1通の読み取りの根拠（語句・規則・候補・点数・判断）を1ページで示す。"""
    from service.commands.explain import explain as show
    from service.commands.known import known_places
    from service.commands.readlines import position_of
    from service.report import Message

    console = Console()
    try:
        position = position_of(at)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong), param_hint="--at") from wrong
    message = Message(
        "cli", "explain", text, datetime.now(UTC), sender_municipality=municipality, position=position
    )
    with known_places(Settings(), console) as pipeline:
        show(next(pipeline.understand([message])), console)


@app.command()
def replay(
    file: Annotated[str, typer.Argument(help="JSON LinesかCSVのファイル、または訓練の名前（kumano）")],
    speed: Annotated[float, typer.Option(min=0.001, help="何倍の速さで流すか")] = 1.0,
    at_once: Annotated[bool, typer.Option("--at-once", help="記録の間隔を待たず一度に流す")] = False,
    drill: Annotated[bool, typer.Option("--drill", help="すべて【訓練】として流す")] = False,
    to: Annotated[str | None, typer.Option(help="送り先の半鐘のURL。省略時は手元のデータベース")] = None,
) -> None:
    """記録された通報を流す。二度流しても二重にならない。送り先のAPIキーは環境変数 HANSHO_KEY に置く。"""
    from service.collect.file import Pace
    from service.collect.remote import RemoteSink
    from service.commands.local import database
    from service.commands.replay import drill_path, replay_file, store_sink

    path, pace, console = drill_path(file), Pace(None if at_once else speed), Console(stderr=True)
    if to:
        key = os.environ.get("HANSHO_KEY")
        if not key:
            raise typer.BadParameter("APIキーを環境変数 HANSHO_KEY に置いてください", param_hint="--to")
        result = replay_file(path, RemoteSink(to, key), pace, console, drill=drill)
    else:
        with database(Settings()) as opened:
            result = replay_file(path, store_sink(opened), pace, console, drill=drill)
    raise typer.Exit(0 if result.ok else 1)


@app.command()
def export(
    output: Annotated[Path | None, typer.Option(help="書き出すファイル。省略時は日時の名前")] = None,
    drill: Annotated[bool, typer.Option("--drill/--no-drill", help="訓練だけか、実際だけか")] = False,
    municipality: Annotated[str | None, typer.Option(help="市区町村（5桁）か都道府県（2桁）")] = None,
    lang: Annotated[Literal["ja", "en"], typer.Option("--language", help="ja 日本語、en 英語")] = "ja",
) -> None:
    """被害状況を1つのHTMLファイルにする（地図・件数・一覧。ネットワークなしで開き、印刷できる）。"""
    from service.commands import export as report
    from service.commands.local import transaction

    at, console = report.now(), Console(stderr=True)
    with transaction(Settings()) as conn, console.status("被害状況をまとめています…"):
        text, number = report.export(conn, drill=drill, municipality=municipality, at=at, language=lang)
        others = report.matching(conn, drill=not drill, municipality=municipality)
    path = report.write(text, output or report.default_name(at, drill=drill))
    console.print(f"{path} に {number}件を書き出しました。", markup=False)
    if not number and others:
        console.print(report.hint(others, drill=drill), markup=False)


@app.command()
def train(
    corpus: Annotated[Path | None, typer.Option(help="学習用の文のフォルダ。省略時は nlp/corpus")] = None,
    output: Annotated[Path | None, typer.Option(help="書き出す重み。省略時は nlp/learned.npz")] = None,
    steps: Annotated[int, typer.Option(min=1, help="学習の回数")] = 12_000,
) -> None:
    """読み取りの学習部分を、例文（nlp/corpus）から学習し直す（1コアで16分ほど）。"""
    from nlp.training import Course
    from service.commands import train as training

    console = Console(stderr=True)
    target = output or training.weights_file()
    with training.shown(console, steps) as progress:
        counts = training.train(
            training.reader_to_train(), corpus or training.CORPUS, target, Course(steps=steps), progress
        )
    console.print(f"句{counts[0]:,}、通報文{counts[1]:,}から学習し、{target} に書き出しました。")


@gazetteer_app.command("build")
def gazetteer_build(
    output: Annotated[Path | None, typer.Option(help="書き出すフォルダ。省略時は geo/data")] = None,
    shelters: Annotated[
        Path | None, typer.Option(help="避難場所・避難所のGeoJSONのフォルダ。省略時は今の施設名のまま")
    ] = None,
) -> None:
    """公開されている地名データから地名辞書（geo/data）を作り直す。"""
    from service.commands import gazetteer

    gazetteer.build(output, shelters, Console(stderr=True))


@gazetteer_app.command("load")
def gazetteer_load(
    files: Annotated[list[Path], typer.Argument(help="公開されたままのファイル（zipのままでよい。複数可）")],
    format_: Annotated[
        str | None, typer.Option("--format", help="形式の名。省略時は中身から見分ける")
    ] = None,
    source: Annotated[str | None, typer.Option(help="出典の名。省略時は形式と地域から付ける")] = None,
    licence: Annotated[str | None, typer.Option(help="利用条件。省略時は公表者のもの")] = None,
    dated: Annotated[str | None, typer.Option(help="時点。省略時はファイルの日付")] = None,
    report: Annotated[Path | None, typer.Option(help="取り込まなかった行を書き出すCSV")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="取り込まず、結果だけを見る")] = False,
) -> None:
    """公的機関の地名・住居表示・避難所・学校・河川・行政区域と、市区町村の地名表を取り込む。"""
    from geo.coverage import Coverage
    from geo.official.formats import plan
    from service.commands import gazetteer

    console = Console(stderr=True)
    with console.status("ファイルを調べています…"):
        jobs, ground = plan(files, format_), Coverage.of_package()
    wish = gazetteer.Wish(source, licence, dated, dry_run)
    if dry_run:
        reports = gazetteer.load(None, jobs, wish, ground, console)
    else:
        with gazetteer.current_database(Settings()) as opened:
            reports = gazetteer.load(opened, jobs, wish, ground, console)
    if report:
        gazetteer.write_report(reports, report)
        console.print(f"{report} に書き出しました。", markup=False)


@gazetteer_app.command("unload")
def gazetteer_unload(source: Annotated[str, typer.Argument(help="hansho gazetteer sources の出典")]) -> None:
    """取り込んだ出典を外す（ほかの出典の行はそのまま）。"""
    from service.commands import gazetteer

    console = Console()
    with (
        gazetteer.current_database(Settings()) as opened,
        console.status("外しています…"),
        opened.transaction() as conn,
    ):
        rows = gazetteer.unload(conn, source)
    console.print(f"{source} の {rows:,}件を外しました。", markup=False)


@gazetteer_app.command("sources")
def gazetteer_sources() -> None:
    """入っている出典の一覧（件数・時点・利用条件・ファイル・チェックサム）。"""
    from service.commands import gazetteer

    with gazetteer.current_database(Settings()) as opened, opened.transaction() as conn:
        table = gazetteer.listed(conn)
    Console().print(table)


@keys_app.command("create")
def keys_create(
    name: Annotated[str, typer.Argument(help="用途（例：福山市GIS）")],
    scope: Annotated[list[str], typer.Option(help="incidents:read、reports:write、metrics:read")],
    municipality: Annotated[str | None, typer.Option(help="市区町村（5桁）")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="有効日数。省略時は無期限")] = None,
) -> None:
    """APIキーを発行する。表示は一度だけ。"""
    from service import access
    from service.access import Permission
    from service.commands.local import transaction

    settings = Settings()
    unknown = sorted(set(scope) - {str(known) for known in access.KEY_SCOPES})
    if unknown:
        raise typer.BadParameter(f"使えない権限です：{'、'.join(unknown)}", param_hint="--scope")
    expires = datetime.now(UTC) + timedelta(days=days) if days else None
    with transaction(settings) as conn:
        scopes = [Permission(each) for each in scope]
        key = access.create_key(conn, access.load_secret(settings), name, scopes, municipality, expires)
    Console().print(key, markup=False, highlight=False)


@users_app.command("create")
def users_create(
    name: Annotated[str, typer.Argument(help="利用者名")],
    role: Annotated[str, typer.Option(help="viewer、officer、commander、administrator")] = "viewer",
    municipality: Annotated[str | None, typer.Option(help="市区町村（5桁）か都道府県（2桁）")] = None,
) -> None:
    """サインインする人を登録する。パスワードは続けて入力する。"""
    from service import access
    from service.commands.local import transaction

    if role not in {str(known) for known in access.Role}:
        raise typer.BadParameter(f"{'、'.join(access.Role)} のどれかです", param_hint="--role")
    password = typer.prompt("パスワード", hide_input=True, confirmation_prompt=True)
    if len(password) < access.MIN_PASSWORD_LENGTH:
        raise typer.BadParameter(f"パスワードは{access.MIN_PASSWORD_LENGTH}文字以上です")
    with transaction(Settings()) as conn:
        access.create_user(conn, name, password, access.Role(role), municipality)
    Console().print(f"{name} を登録しました。", markup=False)


@inbox_app.command("buried")
def inbox_buried() -> None:
    """読み取りに5回失敗した通報の一覧（本文は表示しない）。"""
    from service.commands.local import transaction
    from service.store import inbox

    with transaction(Settings()) as conn:
        entries = inbox.buried(conn)
    table = Table("番号", "経路", "受付", "回数", "最後の失敗")
    for each in entries:
        last = each.error.strip().splitlines()[-1:] or [""]
        table.add_row(
            str(each.inbox_id), each.channel, f"{each.received_at:%m-%d %H:%M}", str(each.attempts), last[0]
        )
    Console().print(table)


@inbox_app.command("revive")
def inbox_revive(number: Annotated[int, typer.Argument(help="hansho inbox buried の番号")]) -> None:
    """読み取れなかった通報をもう一度読ませる。"""
    from service.commands.local import transaction
    from service.store import inbox

    try:
        with transaction(Settings()) as conn:
            inbox.revive(conn, number)
    except LookupError as unknown:
        raise typer.BadParameter(f"{number} は埋められた通報ではありません") from unknown


if __name__ == "__main__":
    main()
