"""The words of the pages in English: `static/en/*.json`, Japanese → English, for templates and scripts, and
those of the situation report, which no script needs.

In a template every Japanese text is given as `{{ t("通報") }}`; `{name}` in it is replaced by the value of
that name, `{count|report|reports}` by the first word for 1, else by the second. What has no English stays
Japanese. static/js/i18n.js does the same in the browser.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Final

from web.assets import STATIC, TEMPLATES

FOLDER: Final = STATIC / "en"
PAPER: Final = TEMPLATES / "snapshot" / "english.json"
LANGUAGES: Final = ("ja", "en")
COOKIE: Final = "lang"
_HOLE: Final = re.compile(r"\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}")

Translator = Callable[..., str]


def parts() -> dict[str, dict[str, str]]:
    """Name of the file → its entries, Japanese text → English."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}


def english() -> dict[str, str]:
    """All entries of all files."""
    paper: dict[str, str] = json.loads(PAPER.read_text(encoding="utf-8"))
    return {japanese: words for part in (*parts().values(), paper) for japanese, words in part.items()}


def language_of(asked: str | None) -> str:
    """The language of a cookie's value; whatever is not known is Japanese."""
    return asked if asked in LANGUAGES else LANGUAGES[0]


def translator(language: str, entries: Mapping[str, str]) -> Translator:
    """The `t` of a template rendered in `language`."""

    def t(japanese: str, **values: object) -> str:
        pattern = entries.get(japanese, japanese) if language == "en" else japanese
        return filled(pattern, values)

    return t


def sayer(language: str, entries: Mapping[str, str]) -> Callable[[str], str]:
    """The `said` of a template: what the service says in Japanese, in `language` where that is known.

    A problem's title and detail may come as one text, `title。detail`.
    """

    def said(japanese: str) -> str:
        if language != "en" or japanese in entries:
            return entries.get(japanese, japanese) if language == "en" else japanese
        title, _, detail = japanese.partition("。")
        known = title in entries and detail in entries
        return f"{entries[title]}. {entries[detail]}" if known else japanese

    return said


def filled(pattern: str, values: Mapping[str, object]) -> str:
    """`pattern` with its `{name}` and `{name|one|many}` replaced; a name without value stays as it is."""

    def fill(hole: re.Match[str]) -> str:
        name, one, many = hole.groups()
        if name not in values:
            return hole.group()
        if one is None:
            return str(values[name])
        return str(one) if str(values[name]) == "1" else str(many)

    return _HOLE.sub(fill, pattern)
