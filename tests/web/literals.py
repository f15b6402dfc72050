"""The string literals of scripts and the words of templates, found without running them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

JAPANESE = re.compile(r"[\u3001-\u30ff\u3400-\u9fff\uff01-\uff9f]")
_REGEX_AFTER = re.compile(r"(?:^|[(,=:\[!&|?{};+\-*%~^<>]|\breturn|=>)\s*$")
_WRAPPED = re.compile(r"(?<![\w.$])t\(\s*$")
_HOLE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.S)
_CALL = re.compile(r"""(?<![\w.])t\(\s*("[^"]*"|'[^']*')""")
_STRING = re.compile(r""""[^"]*"|'[^']*'""")


@dataclass(frozen=True, slots=True)
class Literal:
    """A string of a script; `wrapped` when it is the first argument of `t(`, and plain."""

    text: str
    line: int
    wrapped: bool

    @property
    def is_japanese(self) -> bool:
        return bool(JAPANESE.search(self.text))


def of_script(source: str) -> Iterator[Literal]:
    """Every string and template literal of a JavaScript module, comments and regular expressions left out."""
    yield from _scan(source, 0, 1, "")[1]


def _scan(source: str, at: int, line: int, until: str) -> tuple[int, list[Literal]]:
    """From `at` to the bracket `until` (or the end): where that is, and the literals before it."""
    found: list[Literal] = []
    depth, begun = 0, at
    while at < len(source):
        char = source[at]
        if source.startswith("//", at):
            at = _end(source, "\n", at)
        elif source.startswith("/*", at):
            at = _end(source, "*/", at) + 2
        elif char in "\"'":
            end = _closing(source, at)
            text = source[at + 1 : end]
            found.append(Literal(text, _line(source, at), bool(_WRAPPED.search(source, begun, at))))
            at = end + 1
        elif char == "`":
            at, inside = _template(source, at)
            found += inside
        elif char == "/" and _REGEX_AFTER.search(source[max(0, at - 40) : at]):
            at = _regex_end(source, at)
        elif char == until and depth == 0:
            return at, found
        else:
            depth += {"{": 1, "}": -1}.get(char, 0)
            at += 1
    return at, found


def _template(source: str, start: int) -> tuple[int, list[Literal]]:
    """A template literal: its own text is never translated, the expressions in it may be."""
    text, found, at = "", [], start + 1
    while source[at] != "`":
        if source[at] == "\\":
            at += 2
        elif source.startswith("${", at):
            at, inside = _scan(source, at + 2, 0, "}")
            found += inside
            at += 1
        else:
            text += source[at]
            at += 1
    return at + 1, [Literal(text, _line(source, start), False), *found]


def _closing(source: str, start: int) -> int:
    at = start + 1
    while source[at] != source[start]:
        at += 2 if source[at] == "\\" else 1
    return at


def _regex_end(source: str, start: int) -> int:
    at, in_class = start + 1, False
    while source[at] != "/" or in_class:
        if source[at] == "\\":
            at += 1
        elif source[at] in "[]":
            in_class = source[at] == "["
        at += 1
    return at + 1


def _end(source: str, mark: str, at: int) -> int:
    found = source.find(mark, at)
    return len(source) if found < 0 else found


def _line(source: str, at: int) -> int:
    return source.count("\n", 0, at) + 1


def of_template(source: str) -> tuple[list[str], list[str]]:
    """The Japanese that a Jinja template gives to `t`, and the Japanese that it writes past it."""
    holes = [hole.group() for hole in _HOLE.finditer(source)]
    given = [call[1:-1] for hole in holes for call in _CALL.findall(hole)]
    past = [text.strip() for text in re.split(r"[<>\n]", _HOLE.sub("", source)) if JAPANESE.search(text)]
    for hole in holes:
        rest = _CALL.sub("", hole)
        past += [text for text in _STRING.findall(rest) if JAPANESE.search(text)]
    return given, past
