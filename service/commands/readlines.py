"""`hansho read`: JSON Lines in, one reading a line out; a bad line is said and the rest goes on."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from geo.place import Position
from service.collect import clean
from service.pipeline import Pipeline, reading_contract
from service.problems import FieldError
from service.report import Message

BATCH = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """What one input line came to: a reading by the contract, or why the line was refused."""

    line: int
    reading: dict[str, object] | None = None
    error: str | None = None


def read_lines(lines: Iterable[bytes], pipeline: Pipeline) -> Iterator[Answer]:
    """Readings in the order of the lines; blank lines are passed over."""
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    while batch := list(islice(numbered, BATCH)):
        parsed = [(number, *parse_line(line)) for number, line in batch]
        messages = [message for _, message, _ in parsed if message is not None]
        understood = pipeline.understand(messages)
        for number, message, error in parsed:
            if message is None:
                yield Answer(number, error=error)
            else:
                yield Answer(number, reading_contract(message.key, next(understood)))


def parse_line(line: bytes) -> tuple[Message | None, str]:
    """One line as a message, or None and what is wrong with it, in Japanese."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None, "JSONとして読めません。"
    if not isinstance(row, dict) or "id" not in row or not isinstance(row.get("text"), str):
        return None, "idとtext（文字列）が必要です。"
    errors: list[FieldError] = []
    town = row.get("sender_municipality")
    code = clean.municipality_of(None if town is None else str(town), "sender_municipality", errors)
    lat, lon = _number(row, "lat", errors), _number(row, "lon", errors)
    position = clean.position_of(lat, lon, None, errors)
    posted_at = _time(row.get("posted_at"), errors)
    if errors:
        return None, "、".join(f"{error.field}：{error.message}" for error in errors)
    # Not cleaned: the answer's spans point into the text as it was given.
    message = Message("read", str(row["id"]), row["text"], posted_at, None, code, position)
    return message, ""


def position_of(text: str | None) -> Position | None:
    """A position written as 「緯度,経度」 (WGS 84, degrees). Raises ValueError in Japanese."""
    if text is None:
        return None
    errors: list[FieldError] = []
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        raise ValueError("緯度,経度 の形で書いてください（例：33.7244,135.9924）。") from None
    position = clean.position_of(lat, lon, None, errors)
    if errors:
        raise ValueError("、".join(error.message for error in errors))
    return position


def _number(row: dict[str, Any], field: str, errors: list[FieldError]) -> float | None:
    value = row.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        errors.append(FieldError(field, "数で書いてください。"))
        return None
    return float(value)


def _time(value: object, errors: list[FieldError]) -> datetime:
    now = datetime.now(UTC)
    if value is None:
        return now
    try:
        posted_at = datetime.fromisoformat(str(value))
    except ValueError:
        errors.append(FieldError("posted_at", "ISO 8601で書いてください（例：2026-07-29T10:30:00+09:00）。"))
        return now
    return clean.time_of(posted_at, now, "posted_at", errors)
