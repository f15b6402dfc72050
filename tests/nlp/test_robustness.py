import gc
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nlp.pipeline import Reader

FRAGMENTS = (
    *("八木", "国道2号", "土砂崩れ", "停電", "なし", "そうです", "、", "。", "\n", "から", "の間", "橋"),
    *("\ud800", "😱", "ｶﾞｹ", "２", "通れ", "ん", "3人", "助けて", " ", "・", "川", "\x00", "訓練", "松本さん"),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(max_size=120), st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join)))
def test_any_text_is_read(reader: Reader, text: str) -> None:
    reading = reader.read(text)
    assert reading.text == text
    for item in reading.observations:
        assert item.mention is None or 0 <= item.mention < len(reading.mentions)
        assert all(text[span.start : span.end] == span.text for span in item.evidence)


@pytest.fixture
def settled_memory() -> None:
    """As in a worker (`build_pipeline`): no text waits for what the tests before it left to be collected."""
    gc.collect()
    gc.freeze()


@pytest.mark.usefixtures("settled_memory")
@pytest.mark.parametrize(
    "unit",
    [
        "停電",
        "八木で土砂崩れ、",
        "川",
        "国道2号から",
        "あ",
        "\n・",
        "3人",
        "橋の上流200m",
        "なし",
        "九",
        "一二三四五六七八九十",
        "\ud800",
        "(",
        "R2 ",
        "線",
    ],
)
def test_ten_kilobytes_within_a_second(reader: Reader, unit: str) -> None:
    text = unit * (10_000 // len(unit.encode("utf-8", "surrogatepass")))
    started = time.process_time()
    reader.read(text)
    assert time.process_time() - started < 1.0
