"""Patterns that find a place's name as officers type it, whatever spelling its official table has."""

import re
import unicodedata
from typing import Final

from geo.names import FOLD, kanji_of
from geo.townindex import HIRAGANA_TO_KATAKANA

# What links two kanji is written in any of these ways (宮ノ浦, 宮之浦; 三ヶ尻, 三が尻).
_LINKS: Final = ("がガケヶヵ", "のノ之", "つツッっ")
_KANA: Final = re.compile(r"[ぁ-ゖァ-ヺー]+")
_CHOME: Final = re.compile(r"(\d{1,2})(?=丁目)")
_ALIKE: Final[dict[str, str]] = {}
for _variant, _folded in FOLD.items():
    _ALIKE[_folded] = _ALIKE.get(_folded, _folded) + chr(_variant)
for _group in _LINKS:
    for _letter in _group:
        _ALIKE[_letter] = _group + _ALIKE.get(_letter, "")


def typed(words: str) -> str:
    """What was typed, without blanks and full-width digits (NFKC)."""
    return "".join(unicodedata.normalize("NFKC", words).split())


def name_pattern(words: str) -> str:
    """A POSIX regular expression (PostgreSQL's `~`) that fits a name in which `words` stands, also in old
    characters (邊 for 辺), with another small link (ヶ, が) and with 丁目 in kanji; empty for no words."""
    pieces = _CHOME.split(typed(words))
    return "".join(
        f"({piece}|{kanji_of(int(piece))})" if at % 2 and int(piece) else "".join(map(_letter_pattern, piece))
        for at, piece in enumerate(pieces)
    )


def reading_pattern(words: str) -> str:
    """A POSIX regular expression for the beginning of a name's reading in katakana; empty when `words` are
    not all kana."""
    plain = typed(words)
    if not _KANA.fullmatch(plain):
        return ""
    return "^" + "".join(map(_letter_pattern, plain.translate(HIRAGANA_TO_KATAKANA)))


def _letter_pattern(letter: str) -> str:
    if not letter.isalnum():
        return f"\\{letter}" if letter.isascii() else letter
    alike = _ALIKE.get(FOLD.get(ord(letter), letter), letter)
    return f"[{''.join(dict.fromkeys(letter + alike))}]" if len(alike) > 1 else letter
