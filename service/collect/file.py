"""Replay of recorded reports: a file's lines into a sink, at recorded pace, faster, or at once."""

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from service.collect import clean
from service.collect.lines import Line
from service.problems import INVALID_INPUT, FieldError, ProblemError
from service.report import Message

CHANNEL: Final = "file"
BATCH: Final = 500  # messages in one transaction when replayed at once
JST: Final = ZoneInfo("Asia/Tokyo")
LONGEST_NAP_S: Final = 0.2  # so that Ctrl-C and progress are never far


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not taken, and why, in Japanese without its words."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What a sink did with one message: stored now, there already, or refused with a reason."""

    created: bool
    refusal: str | None = None


class Sink(Protocol):
    """Where replayed messages go; the answers are in the order of `messages`, after the commit."""

    def __call__(self, messages: Sequence[Message]) -> Sequence[Stored]:
        """Store all messages and say what became of each."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast: `speed` 1 as recorded, 10 ten times faster; None at once."""

    speed: float | None = 1.0

    def __post_init__(self) -> None:
        if self.speed is not None and not (math.isfinite(self.speed) and self.speed > 0):
            raise ValueError("speed is a positive number")


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """The count at the end; `refused` names each bad line."""

    stored: int
    known: int
    refused: tuple[Refusal, ...]

    @property
    def ok(self) -> bool:
        """True when no line was refused; else the exit code is 1."""
        return not self.refused


@dataclass(slots=True)
class _Tally:
    stored: int = 0
    known: int = 0
    refused: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Planned:
    line: Line
    due_s: float  # seconds after the start of the replay, at recorded pace


def replay(
    lines: Sequence[Line],
    sink: Sink,
    pace: Pace,
    progress: Callable[[int], None],
    *,
    drill: bool = False,
    scope: str = "",
    now: Callable[[], datetime] = lambda: datetime.now(JST),
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> ReplayResult:
    """Hand every line to `sink`; `progress` hears how many lines are dealt with, as it goes.

    A bad line is counted and the rest goes on. The same file replayed again into the same `scope`
    stores nothing twice: the key is the line's id, else the hash of what it says. `drill` marks every
    message. Times as recorded are kept; a line without one gets the time of its replay.
    Raises what the sink raises (the database or the server is away for good).
    """
    tally = _Tally()
    started = clock()
    waiting: list[tuple[Line, Message]] = []

    def flush() -> None:
        if not waiting:
            return
        answers = sink([message for _, message in waiting])
        for (line, _), answer in zip(waiting, answers, strict=True):
            _count(tally, line, answer)
        progress(len(waiting))
        waiting.clear()

    for planned in _plan(lines, pace):
        ahead = 0.0 if pace.speed is None else started + planned.due_s / pace.speed - clock()
        if ahead > 0:
            flush()
        while ahead > 0 and pace.speed is not None:
            sleep(min(ahead, LONGEST_NAP_S))
            ahead = started + planned.due_s / pace.speed - clock()
        try:
            message = message_of(planned.line, now=now(), drill=drill, scope=scope)
        except ProblemError as problem:
            tally.refused.append(_refusal(planned.line, problem))
            progress(1)
            continue
        waiting.append((planned.line, message))
        if len(waiting) >= BATCH:
            flush()
    flush()
    return ReplayResult(tally.stored, tally.known, tuple(sorted(tally.refused, key=lambda one: one.line)))


def message_of(line: Line, *, now: datetime, drill: bool = False, scope: str = "") -> Message:
    """One line as a message. Raises ProblemError `invalid-input` naming the fields."""
    if line.problem is not None:
        raise ProblemError(INVALID_INPUT, errors=(FieldError("行", line.problem),))
    fields = line.fields
    errors: list[FieldError] = []
    raw = fields.get("text")
    if raw is not None and not isinstance(raw, str):
        errors.append(FieldError("text", "文字列で書いてください。"))
    text = clean.text_of(raw if isinstance(raw, str) else "", "text", errors)
    posted_at = clean.time_of(_time(fields.get("posted_at"), errors), now, "posted_at", errors)
    municipality = _municipality(fields.get("sender_municipality"), errors)
    lat = _number(fields.get("lat"), "lat", errors)
    lon = _number(fields.get("lon"), "lon", errors)
    accuracy = _number(fields.get("accuracy_m"), "accuracy_m", errors)
    position = None if errors else clean.position_of(lat, lon, accuracy, errors)
    key = _key(fields, scope, errors)
    clean.raise_if_any(errors)
    return Message(
        channel=CHANNEL,
        key=key,
        text=text,
        posted_at=posted_at,
        sender_municipality=municipality,
        position=position,
        drill=drill or _is_true(fields.get("drill")),
    )


def _refusal(line: Line, problem: ProblemError) -> Refusal:
    return Refusal(line.number, " ".join(f"{error.field}: {error.message}" for error in problem.errors))


def _count(tally: _Tally, line: Line, answer: Stored) -> None:
    if answer.refusal is not None:
        tally.refused.append(Refusal(line.number, answer.refusal))
    elif answer.created:
        tally.stored += 1
    else:
        tally.known += 1


def _plan(lines: Sequence[Line], pace: Pace) -> Iterator[_Planned]:
    """Lines with their due times: `after_s` as written, else from `posted_at`, else with the one before."""
    if pace.speed is None:
        yield from (_Planned(line, 0.0) for line in lines)
        return
    first: datetime | None = None
    due = 0.0
    for line in lines:
        after = _number(line.fields.get("after_s"), "after_s", [])
        at = _time(line.fields.get("posted_at"), [])
        if after is not None:
            due = max(due, after)
        elif at is not None and at.tzinfo is not None:
            first = first or at
            due = max(due, (at - first) / timedelta(seconds=1))
        yield _Planned(line, due)


def _key(fields: Mapping[str, Any], scope: str, errors: list[FieldError]) -> str:
    raw = fields.get("id")
    if raw is None:
        said = json.dumps({name: str(value) for name, value in fields.items()}, sort_keys=True)
        digest = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
        return f"{scope}:sha256:{digest}" if scope else f"sha256:{digest}"
    key = clean.key_of(str(raw).strip(), "id", errors)
    return f"{scope}:{key}" if scope else key


def _time(raw: object, errors: list[FieldError]) -> datetime | None:
    if raw is None:
        return None
    try:
        return datetime.fromisoformat(str(raw).strip().replace("/", "-"))
    except ValueError:
        errors.append(
            FieldError("posted_at", "日時はISO 8601（例 2026-07-29T10:30:00+09:00）で書いてください。")
        )
        return None


def _number(raw: object, field_name: str, errors: list[FieldError]) -> float | None:
    if raw is None:
        return None
    try:
        value = float(raw) if isinstance(raw, str | int | float) and not isinstance(raw, bool) else math.nan
    except (ValueError, OverflowError):
        value = math.nan
    if not math.isfinite(value):
        errors.append(FieldError(field_name, "数値で書いてください。"))
        return None
    return value


def _municipality(raw: object, errors: list[FieldError]) -> str | None:
    # A number has lost its leading zero for good: five digits may then be either form.
    if raw is not None and not isinstance(raw, str):
        errors.append(FieldError("sender_municipality", '文字列（例 "01101"）で書いてください。'))
        return None
    return clean.municipality_of(raw, "sender_municipality", errors)


def _is_true(raw: object) -> bool:
    return raw is True or (isinstance(raw, str) and raw.strip().lower() in {"true", "1", "yes", "訓練", "○"})
