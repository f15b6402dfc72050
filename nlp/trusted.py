"""Names that a person vouches for: found whatever their part of speech and however the tokens are cut."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from nlp.tokens import Tokens

# What follows a place: a particle or a word of place. A name that ends in kana is told apart by it.
_FOLLOWS = re.compile(
    r"[でにのはがもをへとや、。・ 　\n:：!！?？]|から|まで|より|あたり|付近|周辺|近く|方面|地区|集落|側|前|裏"
)
_SCRIPTS = ("CJK", "HIRAGANA", "KATAKANA", "LATIN", "DIGIT")


class TrustedNames:
    """Finds each of a few names in a text; a longer one before a shorter one inside it."""

    def __init__(self, names: Sequence[str] = (), fold: Mapping[int, str] | None = None) -> None:
        """`names` as they are said; `fold` maps one character to one character, for names and texts."""
        self._fold = dict(fold or {})
        folded = {
            "".join(unicodedata.normalize("NFKC", name).translate(self._fold).split()) for name in names
        }
        longest_first = sorted(folded - {""}, key=lambda name: (-len(name), name))
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def find(self, text: str, tokens: Tokens) -> list[tuple[int, int]]:
        """Start and end of each name in the normalised text, in order, none overlapping."""
        if self._pattern is None:
            return []
        starts, ends = set(tokens.starts), set(tokens.ends)
        return [
            match.span()
            for match in self._pattern.finditer(text.translate(self._fold))
            if _begins(text, match.start(), starts) and _stops(text, match.end(), ends)
        ]


def _begins(text: str, at: int, starts: set[int]) -> bool:
    """中組 of 田中組 begins inside a word; after a change of script a name may begin anywhere."""
    if at == 0 or at in starts or _script(text[at - 1]) != _script(text[at]):
        return True
    # 「今釜が谷の前」: no blank stands between 今 and the name, and the dictionary knows a town 今釜.
    return text[at - 1] == "今" and (at == 1 or _script(text[at - 2]) != "CJK")


def _stops(text: str, at: int, ends: set[int]) -> bool:
    if at == len(text) or _FOLLOWS.match(text, at):
        return True
    return at in ends or _script(text[at - 1]) != _script(text[at])


def _script(character: str) -> str:
    name = unicodedata.name(character, "")
    return next((script for script in _SCRIPTS if name.startswith(script)), "")
