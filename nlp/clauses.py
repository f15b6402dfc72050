"""Sentences and clauses of normalised text, by punctuation and joining words; the scope of wording."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache

_SENTENCE_END = r"[。!?\n]+|…+|(?:^|(?<=\n))・"
_CLAUSE_END = (
    r"、|,|;|/"
    r"|(?<=[たるいんすだ])(?:が|けど|けれど|けんど|けども|ばって[んがか]?|どん)(?=[^っ])"
    r"|(?<=[たるいすだ])(?:ので|のに|んで)"
)


@dataclass(frozen=True, slots=True)
class Scopes:
    """Start offsets of sentences and of clauses, in order; every sentence start is a clause start."""

    length: int
    sentence_starts: tuple[int, ...]
    clause_starts: tuple[int, ...]

    def sentence(self, offset: int) -> tuple[int, int]:
        """Bounds of the sentence that holds `offset`."""
        return _bounds(self.sentence_starts, offset, self.length)

    def clause(self, offset: int) -> tuple[int, int]:
        """Bounds of the clause that holds `offset`."""
        return _bounds(self.clause_starts, offset, self.length)


def _bounds(starts: tuple[int, ...], offset: int, length: int) -> tuple[int, int]:
    index = bisect_right(starts, offset) - 1
    return starts[index], starts[index + 1] if index + 1 < len(starts) else length


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(_SENTENCE_END, re.MULTILINE), re.compile(_CLAUSE_END)


def scopes(text: str) -> Scopes:
    """Where sentences and clauses begin."""
    sentence_end, clause_end = _patterns()
    sentences = [0, *(m.end() for m in sentence_end.finditer(text) if m.end() < len(text))]
    clauses = {*sentences, *(m.end() for m in clause_end.finditer(text) if m.end() < len(text))}
    return Scopes(len(text), tuple(sorted(set(sentences))), tuple(sorted(clauses)))
