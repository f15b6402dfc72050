"""Many patterns over one text: each is tried only where one of its beginnings stands.

One pass of Aho-Corasick over the beginnings of all patterns (`nlp.prefixes`) finds those places; the
matches are exactly those of `re`. A pattern without such beginnings is searched for as it is, where some
literal stands that all its matches hold.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

from daachorse import CharwiseDoubleArrayAhoCorasick

from nlp.prefixes import contained, prefixes

T = TypeVar("T")
Starts = Sequence[int] | None
"""Where a pattern may begin in one text, in order; None for anywhere."""


class Forms(Generic[T]):
    """Patterns, each under a name; texts must be free of lone surrogates (`nlp.normalize`)."""

    def __init__(self, named: Iterable[tuple[T, re.Pattern[str]]]) -> None:
        self._named = tuple(named)
        starters: dict[str, list[int]] = {}
        holders: dict[str, list[int]] = {}
        anywhere = []
        for at, (_, pattern) in enumerate(self._named):
            if (literals := prefixes(pattern)) is not None:
                owners = starters
            elif (literals := contained(pattern)) is not None:
                owners = holders
            else:
                anywhere.append(at)
            for literal in literals or ():
                owners.setdefault(literal, []).append(at)
        every = sorted({*starters, *holders})
        self._starters = [tuple(starters.get(literal, ())) for literal in every]
        self._holders = [tuple(holders.get(literal, ())) for literal in every]
        self._anywhere: Mapping[int, Starts] = dict.fromkeys(anywhere)
        self._automaton = CharwiseDoubleArrayAhoCorasick(every) if every else None

    def __iter__(self) -> Iterator[tuple[T, re.Pattern[str]]]:
        return iter(self._named)

    def starts(self, text: str) -> dict[int, Starts]:
        """Where the patterns may begin, by their number; those that cannot match are missing."""
        found: dict[int, list[int]] = {}
        places: dict[int, Starts] = dict(self._anywhere)
        hits = self._automaton.find_overlapping(text) if self._automaton is not None else ()
        for start, _, literal in sorted(hits):
            for at in self._starters[literal]:
                if at not in found:
                    found[at] = [start]
                elif found[at][-1] != start:
                    found[at].append(start)
            for at in self._holders[literal]:
                places[at] = None
        places.update(found)
        return places

    def finditer(self, text: str) -> Iterator[tuple[T, re.Match[str]]]:
        """Name and match, pattern by pattern in their order, of each what `re` finds in its order."""
        for name, pattern, starts in self.beginning(self.starts(text)):
            for match in finditer(pattern, text, starts):
                yield name, match

    def beginning(self, starts: Mapping[int, Starts]) -> Iterator[tuple[T, re.Pattern[str], Starts]]:
        """Name, pattern and beginnings of the patterns which may match a text, in their order."""
        for at in sorted(starts):
            yield *self._named[at], starts[at]

    def present(self, text: str) -> Iterator[T]:
        """The names of the patterns that match somewhere, in their order."""
        for name, pattern, starts in self.beginning(self.starts(text)):
            if search(pattern, text, starts, 0, len(text)):
                yield name


def finditer(pattern: re.Pattern[str], text: str, starts: Starts) -> Iterator[re.Match[str]]:
    """`pattern.finditer(text)`, tried at `starts` only."""
    if starts is None:
        yield from pattern.finditer(text)
        return
    reach = 0
    for start in starts:
        if start >= reach and (match := pattern.match(text, start)):
            yield match
            reach = match.end()


def starts_at(starts: Starts, offset: int) -> bool:
    """Whether a pattern that may begin at `starts` may begin at `offset`."""
    return starts is None or offset in starts


def search(pattern: re.Pattern[str], text: str, starts: Starts, start: int, end: int) -> re.Match[str] | None:
    """`pattern.search(text, start, end)`, tried at `starts` only."""
    if starts is None:
        return pattern.search(text, start, end)
    for at in range(bisect_left(starts, start), len(starts)):
        if starts[at] >= end:
            return None
        if match := pattern.match(text, starts[at], end):
            return match
    return None
