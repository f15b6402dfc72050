"""What officers type finds the official spelling; what is no letter is taken literally."""

import re

import pytest

from geo.namesearch import name_pattern, reading_pattern, typed


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("松永", "松永町"),
        ("三ヶ尻", "三ケ尻"),
        ("三が尻", "三ヶ尻"),
        ("宮の浦", "宮之浦"),
        ("渡辺", "渡邊"),
        ("渡邊", "渡辺"),
        ("緑町4丁目", "緑町四丁目"),
        ("緑町４丁目", "緑町四丁目"),
        ("緑町 10丁目", "緑町十丁目"),
        ("Ｂ棟", "B棟"),
    ],
)
def test_one_name_in_another_spelling(words: str, name: str) -> None:
    assert re.search(name_pattern(words), name)


@pytest.mark.parametrize("words", [".*", "(", "a|b", "[町", "町+", "^", "\\", "0丁目"])
def test_what_is_no_letter_stands_for_itself(words: str) -> None:
    assert re.search(name_pattern(words), typed(words))
    assert not re.search(name_pattern(words), "松永町")


@pytest.mark.parametrize(
    ("words", "kana", "fits"),
    [
        ("まつなが", "マツナガチョウ", True),
        ("マツナガ", "マツナガチョウ", True),
        ("ながちょう", "マツナガチョウ", False),
        ("きょう", "キヨウマチ", True),
    ],
)
def test_a_name_by_how_its_reading_begins(words: str, kana: str, fits: bool) -> None:
    assert bool(re.search(reading_pattern(words), kana)) is fits


def test_only_kana_is_a_reading() -> None:
    assert reading_pattern("松永") == ""
    assert name_pattern(" 　") == ""
