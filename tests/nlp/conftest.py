"""One reader for all reading tests: the model is loaded once, with a few names of its own."""

import pytest

from nlp.pipeline import Reader

NAMES = (
    "十津川村", "杉清", "川津", "福山市", "松永町", "八木", "三丁目", "松本", "秋山", "公園", "部屋", "津波",
    "車場", "水道", "砂崩", "栄町", "幸町", "大里", "宮前", "輪島", "河井町", "門前町", "日田市", "大鶴",
)  # fmt: skip
FOLD = {ord("髙"): "高", ord("ケ"): "ヶ"}


@pytest.fixture(scope="session")
def reader() -> Reader:
    """A real GiNZA reader."""
    return Reader(NAMES, FOLD)
