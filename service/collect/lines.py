"""Files of reports: JSON Lines, or CSV with the headers people give such tables, into raw records."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

# Header or key as found in files -> our name. docs/replay.md lists them.
ALIASES: Final[Mapping[str, str]] = {
    "id": "id",
    "番号": "id",
    "text": "text",
    "message": "text",
    "本文": "text",
    "内容": "text",
    "通報内容": "text",
    "sender_municipality": "sender_municipality",
    "municipality": "sender_municipality",
    "市区町村コード": "sender_municipality",
    "全国地方公共団体コード": "sender_municipality",
    "sender": "sender",
    "送信者": "sender",
    "posted_at": "posted_at",
    "日時": "posted_at",
    "投稿日時": "posted_at",
    "lat": "lat",
    "latitude": "lat",
    "緯度": "lat",
    "lon": "lon",
    "lng": "lon",
    "longitude": "lon",
    "経度": "lon",
    "accuracy_m": "accuracy_m",
    "drill": "drill",
    "訓練": "drill",
    "after_s": "after_s",
}

BYTE_ORDER_MARKS: Final = (("utf-8-sig", b"\xef\xbb\xbf"), ("utf-16", b"\xff\xfe"), ("utf-16", b"\xfe\xff"))


class FileError(ValueError):
    """The file as a whole cannot be read; the message is Japanese."""


@dataclass(frozen=True, slots=True)
class Line:
    """One record of a file: `number` counts the file's lines from 1, `fields` by our names.

    `problem` says in Japanese why the line is no record; `fields` is empty then.
    """

    number: int
    fields: Mapping[str, Any]
    problem: str | None = None


def read_lines(path: Path) -> list[Line]:
    """All records of a file. CSV by its suffix or when its first line is no JSON object.

    Unknown columns (notes, truths of test sets) are left out. Raises FileError, OSError.
    """
    text = decode(path.read_bytes())
    first = next((line for line in text.splitlines() if line.strip()), "")
    if path.suffix.lower() == ".csv" or not first.lstrip().startswith("{"):
        return list(_csv(text))
    return list(_json_lines(text))


def decode(data: bytes) -> str:
    """Text of a file in UTF-8 with or without BOM, UTF-16 with BOM, or CP932 as Excel saves CSV.

    Raises FileError for anything else.
    """
    for encoding, mark in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _strictly(data, encoding)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _strictly(data, "cp932")


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as failure:
        raise FileError(
            "文字コードを読み取れません。UTF-8またはShift_JIS（CP932）で保存してください。"
        ) from failure


def _json_lines(text: str) -> Iterator[Line]:
    # Only newlines end a record: splitlines would cut at U+2028 inside a text.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            yield Line(number, {}, "JSONとして読み取れません。")
            continue
        if isinstance(record, dict):
            yield Line(number, _ours(record))
        else:
            yield Line(number, {}, "オブジェクト（{ }）ではありません。")


def _csv(text: str) -> Iterator[Line]:
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(rows, [])
        names = [ALIASES.get(name.strip().lower()) for name in header]
        if "text" not in names:
            raise FileError("見出しに本文の列（text または 本文）がありません。")
        before = rows.line_num
        for row in rows:
            # A record that spans lines is named by its first.
            number, before = before + 1, rows.line_num
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                yield Line(number, {}, f"列の数が見出し（{len(header)}列）と違います。")
                continue
            cells = zip(names, row, strict=True)
            yield Line(number, {name: cell for name, cell in cells if name and cell.strip()})
    except csv.Error:
        yield Line(
            rows.line_num, {}, "CSVとして読み取れません。引用符を確かめてください。ここで読むのをやめました。"
        )


def _ours(record: Mapping[str, Any]) -> dict[str, Any]:
    """Known fields by our names; a field under its own name wins over an alias."""
    found: dict[str, Any] = {}
    for name, value in record.items():
        ours = ALIASES.get(name.strip().lower())
        if ours is not None and value is not None and (ours == name or ours not in found):
            found[ours] = value
    return found
