"""Replay: what a file holds is stored once, in its order and time; what is wrong is named by its line."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.collect.file import Pace, Stored, replay
from service.collect.lines import FileError, Line, read_lines
from service.report import Message
from service.settings import Settings
from service.store import inbox
from service.store.database import Database

NOW = datetime(2026, 7, 29, 3, 0, tzinfo=UTC)
DRILLS = Path(__file__).parents[3] / "service" / "drills"


class Kept:
    """A sink that remembers messages and when they came; each key once, as the store does."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.came: list[float] = []
        self.now = 0.0

    def __call__(self, messages: Sequence[Message]) -> list[Stored]:
        answers = []
        for message in messages:
            created = message.key not in {kept.key for kept in self.messages}
            if created:
                self.messages.append(message)
                self.came.append(round(self.now, 3))
            answers.append(Stored(created))
        return answers

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def _run(lines: Sequence[Line], speed: float | None = None) -> tuple[Kept, list[int]]:
    kept, steps = Kept(), list[int]()
    replay(lines, kept, Pace(speed), steps.append, now=lambda: NOW, sleep=kept.sleep, clock=lambda: kept.now)
    return kept, steps


def _write(folder: Path, name: str, data: bytes) -> list[Line]:
    path = folder / name
    path.write_bytes(data)
    return read_lines(path)


CSV = (
    "番号,本文,市区町村コード,日時,緯度,経度,備考\r\n"
    '7,"日足で\r\n冠水",30207,2026/07/29 11:00:00+09:00,33.8,135.85,x\r\n'
    "8,倒木,,,,,\r\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_csv_of_any_office(tmp_path: Path, encoding: str) -> None:
    kept, _ = _run(_write(tmp_path, "a.csv", CSV.encode(encoding)))
    first, second = kept.messages
    assert (first.key, first.text, first.sender_municipality) == ("7", "日足で\n冠水", "30207")
    assert first.posted_at == datetime(2026, 7, 29, 2, 0, tzinfo=UTC)
    assert first.position is not None
    assert (second.key, second.posted_at, second.position) == ("8", NOW, None)


def test_truths_and_notes_never_reach_the_reader(tmp_path: Path) -> None:
    record = {
        "id": "1",
        "text": "がけ崩れ",
        "truth_lat": 33.7,
        "truth_lon": 135.9,
        "truth": {"lat": 1},
        "note": "x",
    }
    (line,) = _write(tmp_path, "a.jsonl", json.dumps(record).encode())
    assert set(line.fields) == {"id", "text"}


def test_bad_lines_are_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    data = (
        b'{"text": "\xe4\xb8\x80", "id": "1"}\n\n{"text": 5}\nnothing\n[1]\n'
        b'{"text": "x", "lat": 1, "lon": 2}\n'
        b'{"text": "x", "posted_at": "2026-01-01T00:00:00"}\n{"text": "x", "sender_municipality": 1101}\n'
        b'{"text": "\\u0000"}\n{"text": "\xe4\xba\x8c", "id": 2}\n' + b"[" * 3000
    )
    lines = _write(tmp_path, "a.jsonl", data)
    kept, steps = Kept(), list[int]()
    result = replay(lines, kept, Pace(None), steps.append, now=lambda: NOW)
    assert [message.text for message in kept.messages] == ["一", "二"]
    assert [refusal.line for refusal in result.refused] == [3, 4, 5, 6, 7, 8, 9, 11]
    assert all(refusal.reason for refusal in result.refused)
    assert (result.stored, result.ok) == (2, False)
    assert sum(steps) == len(lines) == 10


def test_csv_line_numbers(tmp_path: Path) -> None:
    data = 'text,lat\n"二行の\n本文",\nあ,x,y\nい,x\nう,\n"閉じない'.encode()
    lines = _write(tmp_path, "a.csv", data)
    kept, steps = Kept(), list[int]()
    result = replay(lines, kept, Pace(None), steps.append, now=lambda: NOW)
    assert [message.text for message in kept.messages] == ["二行の\n本文", "う"]
    assert [refusal.line for refusal in result.refused] == [4, 5, 7]


@pytest.mark.parametrize("data", [b"a,b\n1,2\n", b"\xff\xfe\xff\xff\x00\xd8", b"\x81\xff{", b"\xf0\x9f\n"])
def test_no_file_of_reports(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(FileError):
        _write(tmp_path, "a.csv", data)


def test_recorded_pace(tmp_path: Path) -> None:
    start = datetime(2026, 7, 1, tzinfo=UTC)
    records = [
        {"id": str(n), "text": "冠水", "posted_at": (start + timedelta(seconds=at)).isoformat()}
        for n, at in enumerate((0, 10, 10, 60))
    ]
    lines = _write(tmp_path, "a.jsonl", "\n".join(map(json.dumps, records)).encode())
    assert _run(lines, 1.0)[0].came == [0, 10, 10, 60]
    assert _run(lines, 10.0)[0].came == [0, 1, 1, 6]
    kept, _ = _run(lines, None)
    assert kept.came == [0, 0, 0, 0]
    assert kept.messages[3].posted_at == start + timedelta(seconds=60)


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf")])
def test_speed(speed: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        Pace(speed)


def test_lines_without_id_are_told_apart_by_what_they_say(tmp_path: Path) -> None:
    data = '{"text": "冠水"}\n{"text": "冠水"}\n{"text": "冠水", "lat": 33.7, "lon": 135.9}\n'.encode()
    kept, _ = _run(_write(tmp_path, "a.jsonl", data))
    assert len(kept.messages) == 2


def test_into_the_store_twice(tmp_path: Path, database: Database) -> None:
    lines = _write(
        tmp_path, "a.jsonl", "\n".join(json.dumps({"id": n, "text": "冠水"}) for n in range(1201)).encode()
    )

    def sink(messages: Sequence[Message]) -> list[Stored]:
        with database.transaction() as conn:
            return [Stored(receipt.created) for receipt in inbox.put_many(conn, messages)]

    first, again = (replay(lines, sink, Pace(None), lambda _: None) for _ in range(2))
    assert (first.stored, first.known, again.stored, again.known) == (1201, 0, 0, 1201)


def test_the_drill_is_a_drill_and_whole() -> None:
    lines = read_lines(DRILLS / f"{Settings().drill}.jsonl")
    kept, _ = _run(lines, 1.0)
    assert len(kept.messages) == len(lines) >= 40
    assert all(message.drill for message in kept.messages)
    assert {message.sender_municipality for message in kept.messages} == {"30207", "30421", "24562"}
    assert 100 <= kept.came[-1] <= 140
    assert max(later - earlier for earlier, later in zip(kept.came, kept.came[1:], strict=False)) <= 6
