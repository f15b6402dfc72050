"""How a match of a pattern can begin: a few literals, one of which every match starts with.

Read from Python's own parse of the pattern, so that a new row of a word list needs nothing more.
Look-around and anchors take no characters: they are passed over, which only ever adds beginnings.
"""

import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from typing import Any

# Not in re's typed interface: mypy's answer about them depends on what it has cached.
ops: Any = import_module("re._constants")
parser: Any = import_module("re._parser")

_LONGEST = 6  # characters; a longer literal finds no fewer false starts worth the memory
_MANY = 120  # literals; beyond these a pattern's beginnings are told by fewer characters
_MOST = 2_000  # literals; a pattern that may begin in more ways is searched for as it is
_PLAIN_FLAGS = re.UNICODE | re.MULTILINE

# Heads of a match: text, and whether the head may still grow by what follows in the pattern.
_Heads = set[tuple[str, bool]]
_NOTHING: _Heads = {("", True)}
_ANYTHING: _Heads = {("", False)}


def prefixes(pattern: re.Pattern[str]) -> frozenset[str] | None:
    """Literals such that every match starts with one of them; None where there is no such set.

    None too for a pattern that can match nothing at all, or that ignores case.
    """
    if pattern.flags & ~_PLAIN_FLAGS:
        return None
    texts = {text for text, _ in _sequence(parser.parse(pattern.pattern, pattern.flags))}
    if "" in texts or len(texts) > _MOST:
        return None
    shorter = {text for text in texts if any(text[:size] in texts for size in range(1, len(text)))}
    return frozenset(texts - shorter)


def contained(pattern: re.Pattern[str]) -> frozenset[str] | None:
    """Literals such that every match holds one of them somewhere; None where there is no such set."""
    if pattern.flags & ~_PLAIN_FLAGS:
        return None
    return _held(parser.parse(pattern.pattern, pattern.flags))


def _held(items: Sequence[tuple[Any, Any]]) -> frozenset[str] | None:
    """The most telling set of literals one of which stands in every match of the items."""
    found: list[frozenset[str]] = []
    for at, (op, argument) in enumerate(items):
        texts = frozenset(text for text, _ in _sequence(items[at:]))
        if "" not in texts:
            found.append(texts)
        if (inner := _held_by_one(op, argument)) is not None:
            found.append(inner)
    return max(found, key=lambda texts: (min(map(len, texts)), -len(texts)), default=None)


def _held_by_one(op: Any, argument: Any) -> frozenset[str] | None:
    if op is ops.BRANCH:
        branches = [_held(branch) for branch in argument[1]]
        known = [texts for texts in branches if texts is not None]
        return frozenset().union(*known) if len(known) == len(branches) else None
    if op is ops.SUBPATTERN and not argument[1] and not argument[2]:
        return _held(argument[3])
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT) and argument[0] > 0:
        return _held(argument[2])
    return _held(argument) if op is ops.ATOMIC_GROUP else None


def _sequence(items: Iterable[tuple[Any, Any]]) -> _Heads:
    heads = _NOTHING
    for op, argument in items:
        growing = {head for head in heads if head[1]}
        if not growing:
            break
        heads = _grown(heads - growing, growing, _heads(op, argument))
    return heads


def _grown(closed: _Heads, growing: _Heads, tails: _Heads) -> _Heads:
    many = _MOST if ("", True) in growing else _MANY
    if len(closed) + len(growing) * len(tails) > many:
        return closed | {(text, False) for text, _ in growing}
    joined = {(head + tail, grows) for head, _ in growing for tail, grows in tails}
    return closed | {(text[:_LONGEST], grows and len(text) < _LONGEST) for text, grows in joined}


def _heads(op: Any, argument: Any) -> _Heads:
    """The heads of one item of a parsed pattern."""
    if op is ops.LITERAL:
        return {(chr(argument), True)}
    if op is ops.IN:
        return _of_class(argument)
    if op in (ops.AT, ops.ASSERT, ops.ASSERT_NOT):
        return _NOTHING
    if op is ops.BRANCH:
        return set().union(*(_sequence(branch) for branch in argument[1]))
    if op is ops.SUBPATTERN:
        _, added, removed, items = argument
        return _ANYTHING if added or removed else _sequence(items)
    if op is ops.ATOMIC_GROUP:
        return _sequence(argument)
    if op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
        return _repeated(*argument)
    return _ANYTHING


def _repeated(least: int, most: Any, items: Any) -> _Heads:
    once = _sequence(items)
    if most != 1:
        once = {(text, False) for text, _ in once}
    return once | _NOTHING if least == 0 else once


def _of_class(members: Iterable[tuple[Any, Any]]) -> _Heads:
    chars: set[str] = set()
    for op, argument in members:
        if op is ops.LITERAL:
            chars.add(chr(argument))
        elif op is ops.RANGE and argument[1] - argument[0] < _MOST:
            chars.update(map(chr, range(argument[0], argument[1] + 1)))
        elif op is ops.CATEGORY and argument is ops.CATEGORY_DIGIT:
            chars |= _digits()
        else:
            return _ANYTHING
    return {(char, True) for char in chars}


@cache
def _digits() -> frozenset[str]:
    every = map(chr, range(sys.maxunicode + 1))
    return frozenset(char for char in every if unicodedata.category(char) == "Nd")
