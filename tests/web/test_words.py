"""Every word of every page has its English, and the English has no word that no page uses."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from service import rasters
from service.api.deskview import KINDS_JA
from service.problems import KINDS
from service.situationreport import EVERYWHERE
from service.words import STATUS_JA, TYPE_JA
from tests.web.literals import of_script, of_template
from web import assets, form4, situation, words

SCRIPTS = sorted((assets.STATIC / "js").rglob("*.js"))
# Pages and what they share. The switch names each language in itself.
TEMPLATES = sorted(
    path
    for folder in ("", "part", "snapshot")
    for path in (assets.TEMPLATES / folder).glob("*.html")
    if path.name != "language.html"
)
ENGLISH = words.english()
CALL = re.compile(r'(?<![\w.])t\(\s*"([^"]*)"')
HOLE = re.compile(r"\{(\w+)")

# Japanese that is no word of the page: what it is, by script.
DATA = {"labels.js": "names of prefectures, written on the map as on the signs in the streets"}


def used() -> Iterator[tuple[str, str]]:
    """Where, and which Japanese text is looked up."""
    for script in SCRIPTS:
        for literal in of_script(script.read_text(encoding="utf-8")):
            if literal.is_japanese and literal.wrapped:
                yield f"{script.name}:{literal.line}", literal.text
    for template in TEMPLATES:
        for text in of_template(template.read_text(encoding="utf-8"))[0]:
            yield template.name, text
    for text in {*TYPE_JA.values(), *STATUS_JA.values()}:
        yield "service/words.py", text
    for layer in rasters.KNOWN.values():
        yield "service/rasters.py", layer.name
    for text in KINDS_JA.values():
        yield "service/api/deskview.py", text
    yield from in_the_situation_report()
    for kind in KINDS.values():
        yield f"problem {kind.slug}", kind.title
        yield f"problem {kind.slug}", kind.detail


def in_the_situation_report() -> Iterator[tuple[str, str]]:
    """What web/ writes itself, and the tables of words from which it chooses."""
    for name in ("paper.py", "situation.py"):
        for text in CALL.findall((assets.STATIC.parent / name).read_text(encoding="utf-8")):
            yield f"web/{name}", text
    for table in (situation.PEOPLE, situation.PEOPLE_WORDS, situation.GROUP_WORDS, situation.VERIFICATION):
        for text in table.values():
            yield "web/situation.py", text
    for text in (*situation.SECTIONS, situation.ELSEWHERE, EVERYWHERE):
        yield "web/situation.py", text
    for row in form4.ROWS:
        for text in filter(None, (row.group, row.name, row.unit, row.note)):
            yield "web/form4.py", text


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_writes_japanese_past_t(script: Path) -> None:
    literals = of_script(script.read_text(encoding="utf-8"))
    past = [(each.line, each.text) for each in literals if each.is_japanese and not each.wrapped]
    assert past == [] or script.name in DATA, 'give each as t("…"), with {name} for what varies'


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_writes_japanese_past_t(template: Path) -> None:
    assert of_template(template.read_text(encoding="utf-8"))[1] == [], 'give each as {{ t("…") }}'


def test_every_word_has_its_english() -> None:
    missing = [(where, text) for where, text in used() if text not in ENGLISH]
    assert missing == [], "write the English in web/static/en/<part>.json"


def test_no_english_is_left_over() -> None:
    assert sorted(set(ENGLISH) - {text for _, text in used()}) == []


def test_the_english_fills_the_same_holes() -> None:
    for japanese, english in ENGLISH.items():
        assert set(HOLE.findall(japanese)) == set(HOLE.findall(english)), japanese
        assert english.strip()
        assert not re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", english.replace("日本語", "")), japanese


def test_no_word_is_translated_twice() -> None:
    parts = words.parts()
    paper_words = json.loads(words.PAPER.read_text(encoding="utf-8"))
    assert sum(map(len, (*parts.values(), paper_words))) == len(ENGLISH)
    script = (assets.STATIC / "js" / "i18n.js").read_text(encoding="utf-8")
    loaded = re.findall(r'"(\w+)"', script.split("PARTS = [")[1].split("]")[0])
    assert sorted(loaded) == sorted(parts), "PARTS of i18n.js names the files of static/en"


def test_the_scanner_sees_what_it_has_to() -> None:
    source = """
      // 注釈
      const a = t("包んだ") + "裸"; /* 注釈 */ const b = `数 ${t("中") + `深 ${"奥"}`}件`;
      const c = /[^/]川/u.test(x) ? t(
        "折り返し") : not("t(") + notT("別");
    """
    found = {each.text: each.wrapped for each in of_script(source) if each.is_japanese}
    assert found == {
        "包んだ": True,
        "裸": False,
        "数 件": False,
        "中": True,
        "深 ": False,
        "奥": False,
        "折り返し": True,
        "別": False,
    }
    page = (
        '<p title="題">{{ t("中") }}裸{% if x == \'値\' %}'
        "<b>{{ t('甲', n=t(\"乙\")) }}</b>{% endif %}</p>{# 注 #}"
    )
    given, past = of_template(page)
    assert given == ["中", "甲", "乙"]
    assert past == ['p title="題"', "裸", "'値'"]


def test_holes_are_filled_as_in_the_browser() -> None:
    one = words.translator("en", {"{count}件": "{count} {count|report|reports}"})
    assert [one("{count}件", count=n) for n in (0, 1, 2)] == ["0 reports", "1 report", "2 reports"]
    assert words.translator("ja", ENGLISH)("{count}件", count=3) == "3件"
    assert one("{count}件") == "{count} {count|report|reports}"
    assert [words.language_of(asked) for asked in ("en", "ja", "fr", "", None)] == [
        "en",
        "ja",
        "ja",
        "ja",
        "ja",
    ]
    said = words.sayer("en", {"題": "Title", "訳。": "Detail.", "一つ。": "One."})
    assert [said("題。訳。"), said("一つ。"), said("未知。訳。")] == ["Title. Detail.", "One.", "未知。訳。"]
