"""Lines of the chronology in words: one row a line, for the page, the CSV and the Excel file alike."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from service import sentences
from service.publish.geojson import JST
from service.report import PREFECTURE_DIGITS, Scope
from service.store.chronology import DECISIONS, Category, LineOf, Source
from service.store.loglines import ActionLine, EntryLine, ReportLine
from service.words import VERIFICATION_JA

CATEGORY_JA: Final[Mapping[Category, str]] = {
    Category.RECEIVED: "受信",
    Category.SENT: "発信",
    Category.DECIDED: "決定",
    Category.DONE: "対応",
}
CHANNEL_JA: Final[Mapping[str, str]] = {
    "line": "LINE",
    "form": "スマートフォン入力",
    "api": "連携システム",
    "file": "ファイル取り込み",
    "replay": "再生",
}
LATE: Final = timedelta(minutes=5)  # from here on it matters that the words are older than their arrival
AUTOMATIC: Final = "自動（通報の読み取り）"
HEADQUARTERS: Final = "災害対策本部"
ERASED: Final = "送信者が取り消した通報"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: whose words and names they may see, whether they read any, and whose entries they strike."""

    own: Scope
    words: bool
    organization: UUID | None
    everything: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it is shown. Times are aware; `words` and the author's name only for those who may."""

    id: str
    source: Source
    kind: str
    category: Category
    at: datetime
    written_at: datetime
    origin: str
    recipient: str
    text: str
    response: str
    author: str
    municipality: str | None
    incidents: tuple[UUID, ...]
    urgent: bool
    drill: bool
    words: str | None = None
    strikes: int | None = None
    struck_by: int | None = None
    may_strike: bool = False


def rows(lines: Iterable[LineOf], names: Mapping[str, str], reader: Reader) -> list[Row]:
    """The lines in words; `names` gives municipalities by code."""
    return [_row(line, names, reader) for line in lines]


def _row(line: LineOf, names: Mapping[str, str], reader: Reader) -> Row:
    if isinstance(line, ReportLine):
        return _of_report(line, names, reader)
    if isinstance(line, ActionLine):
        return _of_action(line, names, reader)
    return _of_entry(line, reader)


def _of_report(line: ReportLine, names: Mapping[str, str], reader: Reader) -> Row:
    said = [sentences.observation_words(one.type, one.status, one.place_text) for one in line.said]
    text = "、".join(dict.fromkeys(said)) or "被害は読み取れず"
    if line.erased:
        text = ERASED
    elif line.at - line.posted_at >= LATE:
        text += f"（{line.posted_at.astimezone(JST):%Y-%m-%d %H:%M} 投稿）"
    code = next((one.municipality for one in line.said if one.municipality), line.sender_municipality)
    home = names.get(line.sender_municipality or "", "")
    verdicts = dict.fromkeys(VERIFICATION_JA[one.verification] for one in line.said)
    return Row(
        id=f"r-{line.report_id}",
        source=Source.REPORT,
        kind="",
        category=Category.RECEIVED,
        at=line.at,
        written_at=line.at,
        origin=f"{home}からの通報（{CHANNEL_JA.get(line.channel, line.channel)}）"
        if home
        else f"通報（{CHANNEL_JA.get(line.channel, line.channel)}）",
        recipient=HEADQUARTERS,
        text=text,
        response="・".join(verdicts),
        author=AUTOMATIC,
        municipality=code,
        incidents=tuple(dict.fromkeys(one.incident_id for one in line.said)),
        urgent=line.urgent,
        drill=line.drill,
        words=line.words if reader.words else None,
    )


def _of_action(line: ActionLine, names: Mapping[str, str], reader: Reader) -> Row:
    action = line.recorded.action
    decided = action.kind.startswith(DECISIONS)
    owner = action.owner
    ours = reader.own.sees((owner, owner[:PREFECTURE_DIGITS]) if owner else action.audience)
    return Row(
        id=f"a-{line.recorded.id}",
        source=Source.ACTION,
        kind=action.kind,
        category=Category.DECIDED if decided else Category.DONE,
        at=line.at,
        written_at=line.at,
        origin=action.organization_name or HEADQUARTERS,
        recipient="",
        text=sentences.sentence(action, line.incident, names, ours=ours, undone=line.undone),
        response="",
        author=_signed(action.organization_name, action.actor_name, mine=ours and reader.words),
        municipality=action.owner,
        incidents=() if action.incident_id is None else (action.incident_id,),
        urgent=False,
        drill=action.drill,
    )


def _of_entry(line: EntryLine, reader: Reader) -> Row:
    mine = reader.words and reader.own.sees(line.audience)
    by_us = reader.everything or (
        reader.organization is not None and reader.organization == line.organization
    )
    return Row(
        id=f"e-{line.id}",
        source=Source.ENTRY,
        kind="",
        category=Category(line.category),
        at=line.at,
        written_at=line.written_at,
        origin=line.origin,
        recipient=line.recipient,
        text=line.text,
        response=line.response,
        author=_signed(line.organization_name, line.author_name, mine=mine),
        municipality=line.municipality,
        incidents=() if line.incident_id is None else (line.incident_id,),
        urgent=False,
        drill=line.drill,
        strikes=line.strikes,
        struck_by=line.struck_by,
        may_strike=mine and by_us and line.struck_by is None,
    )


def _signed(organization: str, name: str, *, mine: bool) -> str:
    """Who: the person for those of the same headquarters, the organization for everybody else."""
    if not mine:
        return organization or HEADQUARTERS
    return f"{name}（{organization}）" if organization else name


COLUMNS: Final = (
    "訓練",
    "時刻（日本時間）",
    "区分",
    "発信元",
    "受信先",
    "内容",
    "対応",
    "記入者",
    "市区町村コード",
    "市区町村",
    "緊急",
    "訂正",
    "記録時刻（日本時間）",
    "番号",
    "通報の文面",
)


def cells(row: Row, names: Mapping[str, str]) -> tuple[str, ...]:
    """The row as text for a table with COLUMNS; times are Japan's."""
    struck = f"e-{row.struck_by}で訂正済み" if row.struck_by is not None else ""
    strikes = f"e-{row.strikes}の訂正" if row.strikes is not None else ""
    return (
        "【訓練】" if row.drill else "",
        _clock(row.at),
        CATEGORY_JA[row.category],
        row.origin,
        row.recipient,
        row.text,
        row.response,
        row.author,
        row.municipality or "",
        names.get(row.municipality or "", ""),
        "緊急" if row.urgent else "",
        "・".join(filter(None, (struck, strikes))),
        _clock(row.written_at),
        row.id,
        row.words or "",
    )


def _clock(at: datetime) -> str:
    return f"{at.astimezone(JST):%Y-%m-%d %H:%M:%S}"
