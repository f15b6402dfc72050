"""The offline situation report: nothing foreign, nothing that runs, nothing left out."""

import re
import time
from dataclasses import replace
from datetime import datetime
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from nlp.reading import DamageType, Status
from service.report import Verification
from service.words import TYPE_JA
from tests.web.situations import TYPES, incident, of
from web import assets, situation, words
from web.snapshot import COLOURS, render

HOST = re.compile(r"(?:https?:)?//([a-z0-9][a-z0-9.-]*\.[a-z]{2,})", re.IGNORECASE)
SEEDS = (
    "<script>ran=1</script>",
    "</script><script>ran=1</script>",
    "</style><script>ran=1</script>",
    "</title><script>ran=1</script>",
    "<img src=x onerror=ran=1>",
    "<svg onload=ran=1>",
    "\"><b onmouseover='ran=1'>",
    "' onclick='ran=1",
    "{{ 7*7 }}{% for x in y %}",
    "${ran=1}`;ran=1;//",
    "javascript:ran=1",
    "<!--<script>",
    "]]><script>ran=1</script>",
    "\\u003cscript>ran=1\\u003c/script>",
    "&lt;script&gt;ran=1&lt;/script&gt;",
    '");ran=1;//',
    "<iframe srcdoc='<script>parent.ran=1</script>'>",
    "<a href=javascript:ran=1>x</a>",
    "<base href=//evil.example/>",
    "\u2028ran=1\u2029",
)
WRAPPINGS = (
    "{}",
    " {}",
    "松永町{}付近",
    "{0}{0}",
    "<p>{}</p>",
    "<!-- {} -->",
    "'{}'",
    '"{}"',
    "\n{}\n",
    "＜{}＞",
)
HOSTILE = tuple(wrapping.format(seed) for seed in SEEDS for wrapping in WRAPPINGS)


class Elements(HTMLParser):
    """The tags with their attributes' names, in order, and the texts of all but scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def parsed(page: str) -> Elements:
    elements = Elements()
    elements.feed(page)
    return elements


def hostile(words: str, number: int) -> dict[str, Any]:
    fields = ("place_text", "municipality_name", "type_ja", "status_ja")
    return incident(number, placed=number % 4 != 1, **dict.fromkeys(fields, words))


def test_nothing_comes_from_elsewhere() -> None:
    page = render(of(*(incident(number) for number in range(60))))
    assert set(HOST.findall(page)) <= {"www.w3.org"}
    assert not re.search(
        r"<(?:link|img|iframe|object)\b|\ssrc=|@import|url\((?!#)", page.partition("<script>")[0]
    )
    assert "Copyright (c) 2010-2023, Volodymyr Agafonkin" in page
    assert "default-src 'none'" in unescape(page.partition("<style>")[0])


def test_two_hundred_hostile_strings_stay_text() -> None:
    assert len(set(HOSTILE)) == 200
    tame = render(of(*(hostile("松永町", number) for number in range(200))))
    page = render(of(*(hostile(words, number) for number, words in enumerate(HOSTILE)), area=HOSTILE[11]))
    expected, found = parsed(tame), parsed(page)
    # Sections and counts follow codes, never words: the same elements in the same order.
    assert found.tags == expected.tags
    texts = "".join(found.texts)
    assert all(words in texts for words in HOSTILE if "\n" not in words)


def test_the_order_is_that_of_the_form() -> None:
    listed = situation.lines(incident(number) for number in reversed(range(len(TYPES))))
    assert [line.number for line in listed] == list(range(1, len(TYPES) + 1))
    assert [line.properties["type"] for line in listed] == list(TYPES)
    order = ["人的被害", "住家・建物", "道路", "橋りょう", "河川"]
    assert list(dict.fromkeys(line.section for line in listed))[:5] == order


def test_every_type_status_and_colour_is_known() -> None:
    assert set(TYPES) == {kind.value for kind in DamageType} == {kind.value for kind in TYPE_JA}
    assert set(situation.STATES) == {status.value for status in Status}
    assert set(situation.VERIFICATION) == {each.value for each in Verification}
    css = (assets.STATIC / "css" / "tokens.css").read_text(encoding="utf-8").partition("@media")[0]
    words = (assets.STATIC / "js" / "words.js").read_text(encoding="utf-8")
    for group, colour in COLOURS.items():
        assert f"--group-{group}: {colour}" in css
    for code, group in re.findall(r'^  \["([a-z_]+)", "[^"]+", "([a-z]+)", (?:true|false)\]', words, re.M):
        assert situation.GROUPS.get(code, "other") == group


def test_counts_tell_what_is_unconfirmed_and_leave_out_what_is_over() -> None:
    fire: dict[str, Any] = {"type": "fire", "municipality": "34207", "municipality_name": "福山市"}
    counts = situation.count(
        situation.lines(
            [
                incident(1, status="present", verification="verified", **fire),
                incident(2, status="feared", verification="unverified", **fire),
                incident(3, status="resolved", **fire),
                incident(4, status="present", verification="rejected", **fire),
                incident(
                    5, **fire | {"status": "present", "municipality": None, "verification": "unverified"}
                ),
            ]
        )
    )
    assert counts.cells["34207", "火災・危険物"] == situation.Cell(2, 1)
    assert counts.totals[""] == situation.Cell(3, 2)
    assert counts.over == {"34207": 1, "": 1}
    assert [code for code, _ in counts.municipalities] == ["34207", "-"]


def test_people_are_counted_but_not_those_denied_or_feared() -> None:
    listed = situation.lines(
        [
            incident(1, status="present", verification="verified", dead=1),
            incident(2, status="present", verification="unverified", dead=2, trapped=3),
            incident(3, status="denied", dead=9),
            incident(4, status="feared", dead=9),
        ]
    )
    assert situation.people(listed)["死者"] == situation.Cell(3, 2)
    assert situation.people(listed)["閉じ込め・取り残され"] == situation.Cell(3, 3)
    assert listed[0].people(words.translator("ja", {})) == "死者 1人"


def test_a_drill_is_marked_on_top_and_the_time_is_japans() -> None:
    page = render(of(incident(1, drill=True), drill=True))
    body = page.partition("<body>")[2]
    assert page.partition("<title>")[2].startswith("【訓練】")
    assert body.index("【訓練】これは訓練の記録です") < body.index("<h1>【訓練】")
    assert "2026年07月29日 12:00（日本時間） 現在" in body
    assert "【訓練】" not in render(of(incident(1)))


def test_the_same_situation_is_the_same_text_and_a_naive_time_none() -> None:
    shown = of(incident(1), incident(2, placed=False))
    assert render(shown) == render(shown)
    with pytest.raises(ValueError, match="time zone"):
        replace(shown, made_at=datetime(2026, 7, 29))  # noqa: DTZ001 - what must be refused


def test_nothing_at_all_is_a_page_too() -> None:
    assert "事案はありません。" in render(of())


def test_only_outlines_of_prefectures_that_appear() -> None:
    page = render(of(incident(1)))
    assert page.count('"fillColor": "#f7f6f1"') == 30  # 広島県: 8 wards of 広島市 and 22 others


def test_five_hundred_are_quick_and_light() -> None:
    shown = of(*(incident(number) for number in range(500)))
    began = time.perf_counter()
    page = render(shown)
    assert time.perf_counter() - began < 3
    assert len(page.encode()) < 3_000_000


def test_ten_thousand_finish() -> None:
    page = render(of(*(incident(number) for number in range(10_000))))
    assert page.count('<tr id="n') == 10_000
    assert len(page.encode()) < 10_000_000


@pytest.mark.browser
@pytest.mark.parametrize("shown", ["tame", "hostile", "many"])
def test_in_chromium_without_a_network(chromium: Browser, tmp_path: Path, shown: str) -> None:
    made = {
        "tame": [incident(number, placed=number % 10 != 3) for number in range(40)],
        "hostile": [hostile(words, number) for number, words in enumerate(HOSTILE)],
        "many": [incident(number) for number in range(1500)],
    }[shown]
    file = tmp_path / "situation.html"
    file.write_text(render(of(*made)), encoding="utf-8")
    context = chromium.new_context(offline=True, locale="ja-JP")
    page = context.new_page()
    faults: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text))
    page.on("dialog", lambda dialog: faults.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.wait_for_selector("#situation.leaflet-container")
    placed = sum(one["geometry"] is not None for one in made)
    marks = page.locator("#situation .leaflet-marker-icon")
    assert marks.count() == (0 if shown == "many" else placed)
    if shown != "many":
        marks.last.dispatch_event("mouseover")
        marks.last.dispatch_event("click")
        page.wait_for_function("location.hash.startsWith('#n')")
        assert page.locator("tr:target").count() == 1
    assert page.locator("#situation canvas").count() >= 1
    assert page.evaluate("typeof globalThis.ran") == "undefined"
    assert page.locator("script").count() == 2
    assert asked == [file.as_uri()]
    assert faults == []
    context.close()
