"""Cleaning: whatever comes in, what is kept can be stored, shown and read."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.collect import clean
from service.problems import FieldError

NOW = datetime(2026, 7, 29, 3, 0, tzinfo=UTC)


@given(st.text(st.characters()))
def test_cleaned_text_is_harmless_and_stays(raw: str) -> None:
    kept = clean.clean_text(raw)
    kept.encode("utf-8")
    assert "\0" not in kept
    assert not [c for c in kept if ord(c) < 32 and c != "\n"]
    assert clean.clean_text(kept) == kept


@given(st.text("あa\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\n"))
def test_directions_end_with_their_line(raw: str) -> None:
    for line in clean.clean_text(raw).split("\n"):
        open_ones: list[str] = []
        for c in line:
            if c in "\u202a\u202b\u202d\u202e":
                open_ones.append("\u202c")
            elif c in "\u2066\u2067\u2068":
                open_ones.append("\u2069")
            elif c in "\u202c\u2069":
                assert open_ones.pop() == c
        assert open_ones == []


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("㈱ｶﾅ　国道２号", "㈱ｶﾅ　国道２号"),  # widths are the reader's concern
        ("👨‍👩‍👧がいる", "👨‍👩‍👧がいる"),
        ("一\r\n二\r三\u2028四", "一\n二\n三\n四"),
        ("a\tb", "a b"),
        ("\ud83c\udf0a", "\ufffd\ufffd"),
    ],
)
def test_what_people_write_stays(raw: str, kept: str) -> None:
    assert clean.clean_text(raw) == kept


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (NOW - timedelta(days=3000), True),
        (NOW + timedelta(minutes=10), True),
        (NOW + timedelta(minutes=11), False),
        (datetime(2026, 7, 29, 3, 0), False),  # noqa: DTZ001
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=9))), False),
        (datetime.max.replace(tzinfo=timezone(timedelta(hours=-9))), False),
    ],
)
def test_times(said: datetime, kept: bool) -> None:
    errors: list[FieldError] = []
    got = clean.time_of(said, NOW, "posted_at", errors)
    assert (got == said, not errors) == (kept, kept) if said.tzinfo else errors


@pytest.mark.parametrize(
    ("lat", "lon", "near"),
    [
        (45.55, 148.75, True),
        (20.42, 136.08, True),
        (24.45, 122.93, True),
        (24.28, 153.98, True),
        (0.0, 0.0, False),
        (float("nan"), 135.0, False),
        (37.5, 127.0, True),  # a rectangle: 黄海 to 日本海 lies in it, no land border is drawn
        (51.5, -0.1, False),
    ],
)
def test_in_or_near_japan(lat: float, lon: float, near: bool) -> None:
    assert clean.in_japan(lat, lon) is near


def test_senders_are_opaque_and_apart() -> None:
    one = clean.opaque_sender(b"k", "line", "U1")
    assert one == clean.opaque_sender(b"k", "line", "U1")
    others = {clean.opaque_sender(b"j", "line", "U1"), clean.opaque_sender(b"k", "api", "U1")}
    assert one not in others
    assert "U1" not in one


@pytest.mark.parametrize(("raw", "code"), [("01101", "01101"), ("011011", "01101"), ("", None), (None, None)])
def test_municipality(raw: str | None, code: str | None) -> None:
    errors: list[FieldError] = []
    assert clean.municipality_of(raw, "m", errors) == code
    assert errors == []
