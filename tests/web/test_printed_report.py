"""The printable report: the form as the Fire Agency heads it, every sheet of paper, nothing that runs."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from nlp.reading import DamageType
from service.access import Permission, Role
from tests.service.api.world import World, report, report_many
from tests.web.conftest import Desk
from tests.web.literals import JAPANESE
from tests.web.paper import words_of
from tests.web.situations import NOON, OUTLINES, incident, of
from tests.web.test_snapshot import HOSTILE, hostile, parsed
from web import form4, printable, situation, sketch, snapshot, words
from web.paper import Situation

HEADINGS = [
    "死者",
    "うち災害関連死者",
    "行方不明者",
    "負傷者 重傷",
    "負傷者 軽傷",
    "全壊",
    "半壊",
    "一部破損",
    "床上浸水",
    "床下浸水",
]
FORM_ORDER = [
    "公共建物", "道路", "橋りょう", "河川", "港湾", "砂防", "清掃施設", "崖くずれ", "鉄道不通", "被害船舶",
    "水道", "電話", "電気", "ガス", "ブロック塀等", "り災世帯数", "り災者数", "危険物",
]  # fmt: skip


filled_in = words.translator("ja", {})


def page_of(shown: Situation) -> str:
    return printable.render(
        shown, static_url="/static/x", download="/d", choices=[("", "全域")], chosen="", others=0
    )


def filled(*features: dict[str, Any]) -> form4.Form:
    return form4.fill(situation.lines(features))


def row(name: str) -> form4.Row:
    [found] = [one for one in form4.ROWS if one.name == name]
    return found


@pytest.mark.parametrize("drill", [False, True])
def test_in_english_only_names_are_japanese(drill: bool) -> None:
    kind: dict[str, Any] = {"type": "landslide", "type_ja": "土砂災害"}
    told = [
        incident(1, **kind, status="present", dead=1, trapped=2, stale_at="2026-07-01T00:00:00+09:00"),
        incident(2, **kind, status="hearsay", verification="verified", urgent=True),
        incident(3, **kind, municipality=None, municipality_name=None, place_text=""),
    ]
    shown = replace(of(*told), drill=drill, area="全域")
    paper = printable.render(
        shown,
        static_url="/static/x",
        download="/d",
        choices=[("", "全域")],
        chosen="",
        others=2,
        language="en",
    )
    for page in (paper, snapshot.render(shown, language="en")):
        assert '<html lang="en"' in page
        written = re.sub(r"<(style|script|svg).*?</\1>", "", page, flags=re.DOTALL).replace(form4.OWN, "")
        for name in {
            str(one["properties"][key]) for one in told for key in ("place_text", "municipality_name")
        }:
            written = written.replace(name, "") if name else written
        assert [text for text in re.split("[<>]", written) if JAPANESE.search(text)] == []


def test_every_type_stands_in_one_row_and_the_order_is_the_forms() -> None:
    counted = [kind for one in form4.ROWS for kind in one.types]
    assert sorted([*counted, *form4.UNCOUNTED_TYPES]) == sorted(kind.value for kind in DamageType)
    names = [one.name for one in form4.ROWS if not one.own]
    assert [name for name in names if name in HEADINGS] == HEADINGS
    assert [name for name in names if name in FORM_ORDER] == FORM_ORDER
    assert len({(one.group, one.name) for one in form4.ROWS}) == len(form4.ROWS)


def test_confirmed_and_unconfirmed_are_counted_apart_by_municipality() -> None:
    here: dict[str, Any] = {"municipality": "34207", "municipality_name": "福山市", "type": "road_closure"}
    there = {**here, "municipality": "34205", "municipality_name": "尾道市"}
    form = filled(
        incident(1, **here, status="present", verification="verified", dead=1),
        incident(2, **here, status="resolved", verification="unverified", injured=2, missing=1),
        incident(3, **there, status="present", verification="unverified"),
        incident(4, **there, status="feared"),
        incident(5, **there, status="denied", dead=9),
        incident(6, **there, status="present", verification="rejected"),
        incident(
            7,
            **{**there, "municipality": None, "municipality_name": None},
            status="hearsay",
            verification="unverified",
        ),
    )
    roads = row("道路")
    assert form.columns == (("34205", "尾道市"), ("34207", "福山市"), ("-", "市区町村不明"))
    assert form.told(roads, form4.ALL) == form4.Told(1, 3)
    assert form.told(roads, "34207") == form4.Told(1, 1)
    assert form.told(roads, "34205") == form4.Told(0, 1)
    assert form.told(row("死者"), form4.ALL) == form4.Told(1, 0)
    assert form.told(row("負傷者 程度不明"), "34207") == form4.Told(0, 2)
    assert form.told(row("行方不明者"), form4.ALL) == form4.Told(0, 1)


def test_what_reports_cannot_tell_is_a_dash_and_nothing_is_zero() -> None:
    page = page_of(of(incident(1, type="building_damage", status="present", verification="unverified")))
    table = page.partition('<table class="form">')[2].partition("</table>")[0]
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.DOTALL)
    cells = {
        re.sub("<[^>]+>", "", name): re.findall(r'<td class="n">(.*?)</td>', one)
        for one in rows
        for name in re.findall(r'<th scope="row">(.*?)</th>', one)
    }
    assert len(cells) == len(form4.ROWS) - 1, "「その他」 stands twice"
    assert cells["全壊"] == cells["死者"] == ["―"] * 4
    assert cells["未分類（建物被害）"] == ["―", "1", "―", "1"]
    assert "0" not in {number for numbers in cells.values() for number in numbers}
    assert "被害がないことを示しません" in page


def test_many_municipalities_go_into_several_tables_with_all_rows() -> None:
    names = [(f"342{number:02d}", f"{number}市") for number in range(20)]
    page = page_of(
        of(*(incident(n, municipality=code, municipality_name=name) for n, (code, name) in enumerate(names)))
    )
    tables = page.split('<table class="form">')[1:]
    assert len(tables) == 3
    assert all(table.count('<th scope="row">') >= len(form4.ROWS) for table in tables)
    heads = "".join(re.findall(r'<th scope="colgroup" colspan="2">(.*?)</th>', page))
    assert heads == "計" + "".join(name for _, name in names)


def test_old_information_is_marked_in_the_list() -> None:
    stale: dict[str, Any] = {
        "stale_at": "2026-07-29T11:30:00+09:00",
        "confirmed_at": None,
        "last_reported_at": "2026-07-29T09:00:00+09:00",
    }
    page = page_of(
        of(incident(1, **stale), incident(2, **{**stale, "stale_at": "2026-07-29T12:30:00+09:00"}))
    )
    assert page.count("3時間前の情報") == 1
    later = {**stale, "confirmed_at": "2026-07-29T10:00:00+09:00"}
    assert situation.age(situation.lines([incident(1, **later)])[0], NOON, filled_in) == "2時間前の情報"
    assert situation.age(situation.lines([incident(1)])[0], NOON, filled_in) == ""


class Attributes(HTMLParser):
    """Attributes that could run or load something."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if (
                name.startswith("on")
                or name == "style"
                or (name in {"src", "href"} and (value or "").lower().startswith("javascript"))
            ):
                self.bad.append(f"{tag} {name}")


def test_two_hundred_hostile_strings_stay_text_on_paper() -> None:
    tame = page_of(of(*(hostile("松永町", number) for number in range(200))))
    page = page_of(of(*(hostile(words, number) for number, words in enumerate(HOSTILE)), area=HOSTILE[11]))
    assert parsed(page).tags == parsed(tame).tags
    texts = "".join(parsed(page).texts)
    assert all(words in texts for words in HOSTILE if "\n" not in words)
    found = Attributes()
    found.feed(page)
    assert found.bad == []
    assert page.count("<script") == 1


def test_the_map_draws_each_placed_incident_and_a_true_scale() -> None:
    listed = situation.lines(incident(number, placed=number != 3) for number in range(30))
    corners = [[34.35, 133.05], [34.55, 133.45]]
    drawn = sketch.draw(listed, OUTLINES[:0], corners)
    assert sum(1 + mark.more for mark in drawn.marks) == 29
    assert all(0 <= mark.x <= sketch.WIDTH and 0 <= mark.y <= sketch.HEIGHT for mark in drawn.marks)
    north, south = (
        max(drawn.marks, key=lambda m: m.line.point or (0, 0)),
        min(drawn.marks, key=lambda m: m.line.point or (0, 0)),
    )
    assert north.y < south.y
    assert drawn.bar_words.endswith(" km")
    metres = float(drawn.bar_words.removesuffix(" km")) * 1000
    span = (34.55 - 34.35) * sketch.METRES_A_DEGREE  # north to south fills the sheet
    assert metres / drawn.bar == pytest.approx(span / (sketch.HEIGHT - 2 * sketch.MARGIN), rel=0.01)
    lonely = sketch.draw(situation.lines([incident(1)]), OUTLINES[:0], [[34.4, 133.1], [34.4, 133.1]])
    assert lonely.bar_words.endswith(" m")
    shaped = incident(2, shape={"type": "LineString", "coordinates": [[133.1, 34.4], [133.2, 34.5]]})
    [(path, _)] = sketch.draw(situation.lines([shaped]), OUTLINES[:0], corners).shapes
    assert re.fullmatch(r"M[\d.]+ [\d.]+ L[\d.]+ [\d.]+", path)


@pytest.mark.browser
@pytest.mark.parametrize("kind", ["file", "page"])
@pytest.mark.parametrize("drill", [True, False])
def test_printed_each_sheet_bears_its_number_and_whether_it_is_a_drill(
    world: World, chromium: Browser, tmp_path: Path, kind: str, drill: bool
) -> None:
    report_many(
        world.services,
        [
            (f"r{n}", {"lat": 34.3 + n * 0.006, "place_text": f"松永町{n}番", "drill": drill})
            for n in range(60)
        ],
    )
    context = chromium.new_context(
        extra_http_headers={"Authorization": f"Bearer {world.key(Permission.READ_INCIDENTS)}"}
    )
    page = context.new_page()
    address = f"{world.url}/situation-report?drill={'true' if drill else 'false'}"
    if kind == "page":
        page.goto(address)
    else:
        file = tmp_path / "report.html"
        file.write_bytes(page.request.get(f"{address}&f=html").body())
        page.goto(file.as_uri())
    sheets = words_of(page.pdf(prefer_css_page_size=True, print_background=True))
    assert len(sheets) >= 3
    for number, text in enumerate(sheets, 1):
        assert f"{number}/{len(sheets)}ページ" in text
        assert ("【訓練】これは訓練の記録です" in text) is drill
    whole = "".join(sheets)
    assert all(name.replace(" ", "") in whole for name in HEADINGS)
    assert all(f"松永町{n}番" in whole for n in range(60))
    assert re.search(r"\d\d:\d\d時点", whole)
    box = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages[0].mediabox
    assert (round(box.width / 72 * 25.4), round(box.height / 72 * 25.4)) == (420, 297)
    page.check("#a4")
    box = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages[0].mediabox
    assert (round(box.width / 72 * 25.4), round(box.height / 72 * 25.4)) == (297, 210)
    context.close()


@pytest.mark.browser
def test_from_the_button_to_the_paper_and_the_file(world: World, officer: Callable[..., Desk]) -> None:
    report(world.services, "one", urgent=True)
    report(world.services, "two", lat=34.2, lon=132.5, municipality="34202", place_text="呉の道")
    report(world.services, "drill", drill=True, place_text="訓練の崖")
    page = officer().page
    faults: list[tuple[Page | None, str]] = []
    page.context.on("console", lambda said: faults.append((said.page, said.text)))
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="状況報告").click()
    sheet = opened.value
    expect(sheet.locator("h1")).to_contain_text("被害状況")
    expect(sheet.locator(".made")).to_contain_text("時点")
    expect(sheet.locator("svg.sketch .sketch__mark")).to_have_count(2)
    expect(sheet.locator("table.form").first).to_contain_text("うち災害関連死者")
    expect(sheet.locator(".screen")).to_contain_text("訓練の事案が1件あります")
    expect(sheet.locator("body")).not_to_contain_text("訓練の崖")
    sheet.select_option("select[name=municipality]", "34202")
    sheet.get_by_role("button", name="作り直す").click()
    expect(sheet.locator("h1")).to_contain_text("広島県呉市")
    expect(sheet.locator("body")).to_contain_text("呉の道")
    sheet.check("input[name=drill]")
    sheet.select_option("select[name=municipality]", "")
    sheet.get_by_role("button", name="作り直す").click()
    expect(sheet.locator(".drill")).to_be_visible()
    expect(sheet.locator("body")).to_contain_text("訓練の崖")
    with sheet.expect_download() as saved:
        sheet.get_by_role("link", name="HTMLファイルで保存").click()
    assert re.fullmatch(r"hansho-drill-\d{8}-\d{4}\.html", saved.value.suggested_filename)
    assert [words for where, words in faults if where == sheet] == []


@pytest.mark.browser
def test_hostile_words_run_nowhere_on_the_served_page(world: World, officer: Callable[..., Desk]) -> None:
    words = [one for one in HOSTILE if "\n" not in one]
    report_many(
        world.services,
        [
            (f"r{n}", {"lat": 33.0 + n * 0.02, "place_text": one.replace("\x00", "")})
            for n, one in enumerate(words)
        ],
    )
    page = officer(Role.VIEWER).page
    page.goto(f"{world.url}/situation-report")
    expect(page.locator("table.list tbody tr")).to_have_count(len(words))
    assert page.evaluate("typeof globalThis.ran") == "undefined"


@pytest.mark.browser
def test_the_file_opens_with_the_network_cut_and_says_nothing(chromium: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(
        snapshot.render(of(*(incident(n, drill=True) for n in range(20)), drill=True)), encoding="utf-8"
    )
    context = chromium.new_context(offline=True, locale="ja-JP")
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(file.as_uri())
    page.wait_for_selector("#situation.leaflet-container")
    assert page.locator("table.form").count() == 1
    assert said == []
    context.close()
