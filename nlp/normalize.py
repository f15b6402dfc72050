"""Message text to the one spelling that the rules read, with the way back to the original characters."""

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass

from nlp.reading import Span

_DAKUTEN = "\uff9e\uff9f\u3099\u309a"
_KEEP = {"…": "…", "‥": "…", "～": "〜", "〜": "〜", "∼": "〜", "~": "〜"}
_QUOTES = {"『": "「", "』": "」", "“": "「", "”": "」", "〝": "「", "〟": "」", "«": "「", "»": "」"}
_DASHES = frozenset("‐‑‒–—―−－ー-")
_BULLETS = frozenset("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳●○◯■□◆◇★☆▼▽▲△▶►•‣◦※·")
_DROPPED_CATEGORIES = frozenset(("Cf", "Mn", "Me"))
_BLANK_CATEGORIES = frozenset(("Cc", "Cs", "Co", "Cn", "So", "Sk", "Zs", "Zl", "Zp"))
_LONGEST_NUMBER = 20  # digits; a longer run is no number, and would cost each pattern its square in time
_ENDLESS = re.compile(rf"\d{{{_LONGEST_NUMBER + 1},}}|[一二三四五六七八九十百]{{{_LONGEST_NUMBER + 1},}}")
_PLAIN = re.compile(r"[ぁ-ゖァ-ヺー一-鿿々、。!！?「」()・0-9A-Za-z\n,.:/〜]*")
_TAGS_BEHIND = re.compile(r"\s{0,3}(?:[#＃][^\s#＃]++\s*+)++$")
_TAG = re.compile(r"[#＃][^\s#＃]+")
_LONGEST_TAGS = 200  # characters
_STOPS = {ord("!"): "。", ord("！"): "。"}  # who shouts ends a sentence all the same


@dataclass(frozen=True, slots=True)
class NormalText:
    """Normalised `text`; `starts[i]` and `ends[i]` bound the original characters behind `text[i]`."""

    original: str
    text: str
    starts: tuple[int, ...] | range
    ends: tuple[int, ...] | range

    def span(self, start: int, end: int, label: str, rule: str) -> Span:
        """The original characters behind normalised characters `start` to `end` (end excluded)."""
        first, last = self.starts[start], self.ends[max(start, end - 1)]
        return Span(first, last, self.original[first:last], label, rule)

    def hashtags(self) -> list[tuple[int, int]]:
        """The normalised characters that were written as hashtags, as (start, end)."""
        if "#" not in self.original and "＃" not in self.original:
            return []
        found = (match.span() for match in _TAG.finditer(self.original))
        return [(bisect_left(self.starts, start), bisect_left(self.starts, end)) for start, end in found]


def normalize(original: str) -> NormalText:
    """NFKC with half-width kana joined, emoji and control characters as one blank, bullets as 「・」.

    Hashtag signs become blanks, the first of those behind a text 「。」; 「!」 becomes 「。」, wave
    dashes become 「〜」, all quotes 「」; runs of blanks are one blank, none behind 「、」 and 「。」
    and none at the end; invisible characters and lone surrogates vanish or blank; newlines stay;
    of more than 20 digits in a row the rest is a blank.
    Never raises.
    """
    if _PLAIN.fullmatch(original):
        size = len(original)
        return _shortened(NormalText(original, original.translate(_STOPS), range(size), range(1, size + 1)))
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    tags = _TAGS_BEHIND.search(original, max(0, len(original) - _LONGEST_TAGS))
    for start, end in _clusters(original):
        before = out[-1] if out else "\n"
        piece = _respell(original[start:end], before)
        if tags and start == tags.start() and before not in "。?\n":
            piece = "。"
        for char in piece:
            if char == " " and (not out or out[-1] in " \n、。"):
                continue
            if char in "\n。" and out and out[-1] == " ":
                out[-1], starts[-1], ends[-1] = char, start, end
                continue
            out.append(char)
            starts.append(start)
            ends.append(end)
    while out and out[-1] == " ":
        del out[-1], starts[-1], ends[-1]
    return _shortened(NormalText(original, "".join(out), tuple(starts), tuple(ends)))


def _shortened(normal: NormalText) -> NormalText:
    if not _ENDLESS.search(normal.text):
        return normal
    text, starts, ends = normal.text, tuple(normal.starts), tuple(normal.ends)
    for run in reversed(list(_ENDLESS.finditer(text))):
        cut, end = run.start() + _LONGEST_NUMBER, run.end()
        blank = " " if text[end : end + 1] not in (" ", "\n") else ""
        text = text[:cut] + blank + text[end:]
        starts = (*starts[:cut], *(starts[cut : cut + len(blank)]), *starts[end:])
        ends = (*ends[:cut], *(ends[end - len(blank) : end]), *ends[end:])
    return NormalText(normal.original, text, starts, ends)


def _clusters(text: str) -> list[tuple[int, int]]:
    """A character and the sound marks and invisible characters that follow it belong together (ｶﾞ is ガ)."""
    clusters: list[tuple[int, int]] = []
    for index, char in enumerate(text):
        if clusters and (char in _DAKUTEN or unicodedata.category(char) == "Cf"):
            clusters[-1] = (clusters[-1][0], index + 1)
        else:
            clusters.append((index, index + 1))
    return clusters


def _respell(piece: str, before: str) -> str:
    if len(piece) > 1:
        piece = "".join(char for char in piece if unicodedata.category(char) != "Cf") or piece[0]
    if piece in _KEEP:
        return _KEEP[piece]
    if piece in _QUOTES:
        return _QUOTES[piece]
    if piece in "#＃\t\r":
        return " "
    if piece == "\n":
        return "\n"
    if piece in _BULLETS:
        return "・"
    if piece in _DASHES and before.isdigit():
        return "-"
    category = unicodedata.category(piece[0])
    if category in _DROPPED_CATEGORIES:
        return ""
    if category in _BLANK_CATEGORIES and piece not in "㎝㎜㎞㎡㍍〒":
        return " "
    folded = unicodedata.normalize("NFKC", piece).translate(_STOPS)
    return "".join(
        " " if unicodedata.category(char) in _BLANK_CATEGORIES else char
        for char in folded
        if unicodedata.category(char) not in _DROPPED_CATEGORIES
    )
