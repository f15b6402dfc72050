"""Names that headquarters vouch for are found as they are said, and not inside other words."""

import pytest

from geo.names import FOLD
from nlp.pipeline import Reader

# Things, kana names that no dictionary cuts at their ends, words that are first of all words.
NAMES = (
    "てんぐ岩",
    "なかんじょ",
    "くぼんだ",
    "どんどん橋",
    "大曲り",
    "上の段",
    "中組",
    "釜ヶ谷",
    "大杉",
    "松の木坂",
)


@pytest.fixture(scope="module")
def reader() -> Reader:
    made = Reader(["福山市", "松永町"], FOLD)
    made.trust_names(NAMES)
    return made


def said(reader: Reader, text: str) -> list[str]:
    return [part.text for mention in reader.read(text).mentions for part in mention.parts]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "text",
    ["{}で道路が冠水しています", "今{}の前の道が水に浸かっとる", "松永町の{}付近でがけ崩れ", "{}　倒木"],
)
def test_a_name_is_found_as_it_is_said(reader: Reader, name: str, text: str) -> None:
    assert name in said(reader, text.format(name))


def test_another_spelling_of_it_is_found_too(reader: Reader) -> None:
    assert "釜ケ谷" in said(reader, "釜ケ谷で道路が冠水しています")


@pytest.mark.parametrize(
    "text", ["田中組の倉庫が浸水しています", "大杉さん宅の裏でがけ崩れ", "小松の木坂道が通れません"]
)
def test_it_is_not_found_inside_other_words(reader: Reader, text: str) -> None:
    assert not set(NAMES) & set(said(reader, text))


def test_names_trusted_before_are_forgotten() -> None:
    reader = Reader([], FOLD)
    reader.trust_names(["なかんじょ"])
    assert said(reader, "なかんじょで冠水") == ["なかんじょ"]
    reader.trust_names([])
    assert "なかんじょ" not in said(reader, "なかんじょで冠水")


def test_a_longer_thing_that_begins_with_it_stays_itself(reader: Reader) -> None:
    assert said(reader, "てんぐ岩公民館の前が冠水しています") == ["てんぐ岩公民館"]
