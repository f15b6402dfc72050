"""The evacuation page: a municipality decides and the prefecture sees it, without a reload."""

import json
import re
from pathlib import Path

import httpx
import pytest
import shapely
from playwright.sync_api import Page, Route, expect

from service.access import Role
from tests.service.api.world import World
from tests.service.evacuation.town import (
    CODE,
    middle,
    verify,
)
from tests.web import drawing
from tests.web.axe import faults
from tests.web.conftest import Open, flood
from tests.web.paper import words_of

pytestmark = pytest.mark.browser


def row(page: Page, name: str) -> str:
    return page.locator(".unit-row", has_text=name).inner_text()


def order(page: Page, reason: str = "越水を確認した") -> None:
    """From the open unit to the last confirmation."""
    page.get_by_role("button", name="この単位の発令・見送り・解除を記録する").click()
    expect(page.locator("#decide-level")).to_have_value("4")
    page.fill("#decide-reason", reason)
    page.get_by_role("button", name="内容を確かめる").click()


def test_a_municipality_orders_and_the_prefecture_sees_it_without_reload(town: World, board: Open) -> None:
    prefecture = board(Role.VIEWER, "34")
    commander = board()
    mine = prefecture.locator(f"tr[data-code='{CODE}']")
    expect(mine).to_contain_text("1単位（警戒レベル4 避難指示）")
    expect(mine).to_contain_text("発令なし")
    prefecture.evaluate("window.same = true")

    expect(commander.locator(".unit-row").first).to_contain_text("第0地区")
    expect(commander.locator(".unit-row").first).to_contain_text("判断待ち：警戒レベル4 避難指示の基準")
    expect(commander.locator(".unit-row").nth(1)).to_contain_text("要確認")
    expect(commander.locator(".unit-row").nth(2)).to_contain_text("報告なし")
    commander.locator(".unit-row button").first.click()
    expect(commander.locator("#detail-title")).to_have_text("第0地区")
    expect(commander.locator("#detail .met__line")).to_contain_text("越水が確認された")
    expect(commander.locator("#detail .evidence a").first).to_have_attribute("href", re.compile("^/#sel="))
    expect(commander.locator("#detail .shelters")).to_contain_text("洪水")
    order(commander)
    confirm = commander.locator(".confirm")
    expect(confirm).to_contain_text("1単位に警戒レベル4 避難指示を発令したと記録します。")
    expect(confirm).to_contain_text("第0地区")
    commander.get_by_role("button", name="このとおり記録する").click()
    expect(commander.locator(".history__one")).to_contain_text("越水を確認した")

    expect(mine).to_contain_text("レベル4：1単位", timeout=8_000)
    expect(mine.locator(".level--4")).to_have_text("警戒レベル4 避難指示")
    assert prefecture.evaluate("window.same")
    # The prefecture looks into the municipality, and may decide nothing there.
    mine.get_by_role("button").click()
    expect(prefecture.locator(".unit-row").first).to_be_visible()
    assert "警戒レベル4 避難指示" in row(prefecture, "第0地区")
    expect(prefecture.locator("#to-decide")).to_be_hidden()
    expect(prefecture.locator("#to-units")).to_be_hidden()


def test_the_board_of_then_is_opened_with_a_clear_mark(town: World, board: Open) -> None:
    page = board()
    page.locator(".unit-row button").first.click()
    expect(page.locator("#detail-title")).to_be_focused()
    order(page)
    expect(page.locator(".confirm")).to_be_focused()
    page.get_by_role("button", name="このとおり記録する").click()
    expect(page.locator(".history__one")).to_have_count(1)
    flood(town, "later", 2)
    verify(town.services.database)
    expect(page.locator(".unit-row", has_text="第2地区")).to_contain_text("判断待ち", timeout=8_000)
    page.get_by_role("button", name="時点のボードを開く").click()
    expect(page.locator("#frozen")).to_contain_text("時点のボードです。今の状況ではありません。")
    expect(page.locator(".unit-row", has_text="第2地区")).to_contain_text("報告なし")
    expect(page.locator(".unit-row", has_text="第0地区")).to_contain_text("判断待ち")
    expect(page.locator("#to-decide")).to_be_hidden()
    page.locator(".unit-row button").first.click()
    expect(page.get_by_role("button", name="この単位の発令・見送り・解除を記録する")).to_have_count(0)
    page.reload()
    expect(page.locator("#frozen")).to_be_visible()
    page.get_by_role("button", name="今のボードに戻る").click()
    expect(page.locator("#frozen")).to_be_hidden()
    expect(page.locator(".unit-row", has_text="第2地区")).to_contain_text("判断待ち")


def test_what_changed_meanwhile_is_shown_and_confirmed(town: World, board: Open) -> None:
    page = board()
    page.locator(".unit-row button").first.click()
    order(page)
    flood(town, "new", 0, lat=34.402, lon=133.302)
    page.get_by_role("button", name="このとおり記録する").click()
    expect(page.locator(".changed")).to_contain_text("事案が1件増えました")
    page.get_by_role("button", name="変わったことを確かめたので記録する").click()
    expect(page.locator(".history__one")).to_have_count(1)


def test_a_decision_has_its_own_time_and_says_what_it_lowers(town: World, board: Open) -> None:
    page = board()
    page.locator(".unit-row button").first.click()
    order(page)
    page.get_by_role("button", name="このとおり記録する").click()
    expect(page.locator(".history__one")).to_have_count(1)
    page.locator(".unit-row", has_text="第0地区").locator("button").click()
    page.get_by_role("button", name="この単位の発令・見送り・解除を記録する").click()
    page.select_option("#decide-level", "3")
    page.fill("#decide-reason", "弱まった")
    now = page.input_value("#decide-time")
    for wrong, words in (("", "時刻を入れてください"), ("2100-01-01T00:00", "時刻が未来です")):
        page.fill("#decide-time", wrong)
        page.get_by_role("button", name="内容を確かめる").click()
        expect(page.locator(".decide .field-error")).to_contain_text(words)
    page.fill("#decide-time", now)
    page.get_by_role("button", name="内容を確かめる").click()
    expect(page.locator(".confirm")).to_contain_text("第0地区は今、警戒レベル4 避難指示を発令中です")


def test_what_was_recorded_shows_though_an_older_answer_is_under_way(town: World, board: Open) -> None:
    page = board()
    page.locator(".unit-row button").first.click()
    order(page)
    held: list[Route] = []
    page.route("**/evacuation/board*", lambda route: held.append(route) if not held else route.fallback())
    flood(town, "late", 2)
    while not held:
        page.wait_for_timeout(20)
    older = held[0].fetch()
    page.get_by_role("button", name="このとおり記録する").click()
    expect(page.locator("#announcer")).to_have_text("記録しました。")
    held[0].fulfill(response=older)
    expect(page.locator(".history__one")).to_have_count(1)
    expect(page.locator(".unit-row", has_text="第0地区").locator(".level--4")).to_be_visible(timeout=1)


def test_an_officer_writes_what_comes_by_radio(town: World, board: Open) -> None:
    page = board(Role.OFFICER)
    page.locator(".unit-row button", has_text="第2地区").click()
    expect(page.locator("#to-decide")).to_be_hidden()
    expect(page.locator("#heard-reporter")).to_have_value("第2分団")
    page.fill("#heard-note", "異常なし")
    page.get_by_role("button", name="報告を受けたと記録する").click()
    expect(page.locator(".reporters")).to_contain_text("異常なし")
    expect(page.locator(".unit-row", has_text="第2地区")).not_to_contain_text("報告なし")
    page.locator("#detail summary").click()
    page.get_by_role("button", name="達したとする").click()
    page.fill("#tick-reason", "14時発表")
    page.get_by_role("button", name="記録する", exact=True).click()
    expect(page.locator("#detail .met__line")).to_contain_text("14時発表")
    page.locator(".unit-row button", has_text="第0地区").click()
    page.get_by_role("button", name="松永小学校を「開設」にする").click()
    expect(page.locator("#detail .shelters .shelter--open")).to_have_text("開設")


def test_what_is_typed_of_a_call_outlives_what_changes_meanwhile(town: World, board: Open) -> None:
    page = board(Role.OFFICER)
    reporter, note = page.locator("#heard-reporter"), page.locator("#heard-note")
    save = page.get_by_role("button", name="報告を受けたと記録する")
    page.locator(".unit-row button", has_text="第2地区").click()
    reporter.fill("消防署")
    note.fill("水位が上がっている")
    save.focus()
    flood(town, "meanwhile", 2)
    expect(page.locator("#detail .evidence__one")).not_to_have_count(0)
    expect(reporter).to_have_value("消防署")
    expect(note).to_have_value("水位が上がっている")
    expect(save).to_be_focused()
    with page.expect_request("**/evacuation/calls") as sent:
        page.keyboard.press("Enter")
    assert json.loads(sent.value.post_data or "{}")["reporter"] == "消防署"
    # What was recorded is not offered again, nor is it another unit's.
    expect(reporter).to_have_value("第2分団")
    expect(note).to_have_value("")
    note.fill("異常なし")
    other = page.locator(".unit-row button", has_text="第0地区").get_attribute("data-code")
    page.evaluate("code => { location.hash = location.hash.replace(/unit=[^&]*/, `unit=${code}`); }", other)
    expect(page.locator("#detail-title")).to_have_text("第0地区")
    expect(note).to_have_value("")


def test_criteria_are_edited(town: World, board: Open) -> None:
    page = board(Role.OFFICER)
    page.get_by_role("button", name="発令基準").click()
    expect(page.locator(".criteria__line")).to_have_count(2)
    page.get_by_role("button", name="行を足す").click()
    page.get_by_role("button", name="発令基準を保存する").click()
    wrong = page.locator("#detail [role=alert]")
    expect(wrong).to_contain_text("3行目：文がありません")
    last = page.locator(".criteria__line").last
    expect(last.locator("textarea")).to_be_focused()
    last.locator("textarea").fill("膝を超える浸水")
    least = page.locator(".criteria__line").first.get_by_label("何件で達するか")
    least.fill("0")
    page.get_by_role("button", name="発令基準を保存する").click()
    expect(wrong).to_contain_text("1行目：1以上にしてください。")
    expect(least).to_be_focused()
    least.fill("1")
    last.get_by_label("達したことの決め方").select_option("water")
    last.get_by_label("警戒レベル").select_option("3")
    page.get_by_role("button", name="発令基準を保存する").click()
    expect(page.locator("#detail")).to_be_hidden()
    page.get_by_role("button", name="発令基準").click()
    expect(page.locator(".criteria__line").last.locator("textarea")).to_have_value("膝を超える浸水")


def test_units_are_imported_and_drawn(town: World, board: Open, tmp_path: Path) -> None:
    page = board(Role.OFFICER)
    expect(page.locator(".unit-row")).to_have_count(3)
    page.get_by_role("button", name="発令単位", exact=True).click()
    page.locator(".drawn li", has_text="第2地区").get_by_role("button", name="外す").click()
    page.fill("#draw-name", "港地区")
    page.get_by_role("button", name="地図に描き始める").click()
    box = drawing.box_of(page.locator("#map"))
    # East of the two squares that stay: a corner a press.
    shares = ((0.7, 0.5), (0.9, 0.5), (0.8, 0.4))
    drawing.press(page, *((box["width"] * x, box["height"] * y) for x, y in shares))
    page.get_by_role("button", name="この面を加える").click()
    page.get_by_role("button", name="確かめる").click()
    expect(page.locator("#detail .notice")).to_contain_text("3単位を取り込めます")
    page.get_by_role("button", name="発令単位を入れ替える").click()
    expect(page.locator(".unit-row", has_text="港地区")).to_be_visible()
    broken = tmp_path / "broken.geojson"
    broken.write_text("{}", encoding="utf-8")
    page.get_by_role("button", name="発令単位", exact=True).click()
    page.set_input_files("#units-file", broken)
    expect(page.locator("#detail [role=alert]")).to_contain_text("読めません")


def test_a_unit_is_drawn_by_keyboard_and_put_right_by_mouse(
    town: World, clerk: httpx.Client, board: Open
) -> None:
    page = board(Role.OFFICER)
    keys = page.keyboard
    expect(page.locator(".unit-row")).to_have_count(3)
    page.get_by_role("button", name="発令単位", exact=True).click()
    page.get_by_role("button", name="第2地区を外す").click()
    page.fill("#draw-name", "港地区")
    page.get_by_role("button", name="地図に描き始める").focus()
    keys.press("Enter")
    # Three corners from the middle of the map, east of the two squares that stay.
    for moves in ({"ArrowRight": 14}, {"ArrowRight": 26}, {"ArrowRight": 20, "ArrowUp": 12}):
        page.get_by_role("button", name="地図の中央に印を置く").focus()
        keys.press("Enter")
        drawing.corners(page).last.focus()
        for key, times in moves.items():
            for _ in range(times):
                keys.press(key)
    expect(drawing.corners(page)).to_have_count(3)
    assert drawing.smallest_target(page) >= 24
    assert faults(page) == []
    page.get_by_role("button", name="この面を加える").focus()
    keys.press("Enter")
    page.get_by_role("button", name="確かめる").click()
    page.get_by_role("button", name="発令単位を入れ替える").click()
    expect(page.locator(".unit-row", has_text="港地区")).to_be_visible()

    page.get_by_role("button", name="発令単位", exact=True).click()
    page.get_by_role("button", name="港地区の形を直す").click()
    expect(drawing.corners(page)).to_have_count(3)
    drawing.drag(page, drawing.handles(page).nth(1), 30, -30)
    expect(drawing.corners(page)).to_have_count(4)
    page.get_by_role("button", name="この形に直す").click()
    expect(drawing.corners(page)).to_have_count(0)
    page.get_by_role("button", name="確かめる").click()
    expect(page.locator("#detail .notice")).to_contain_text("3単位を取り込めます")
    page.get_by_role("button", name="発令単位を入れ替える").click()
    expect(page.locator("#detail")).to_be_hidden()
    units = clerk.get(f"/evacuation/units.geojson?municipality={CODE}").json()["features"]
    [shape] = [one["geometry"] for one in units if one["properties"]["name"] == "港地区"]
    assert len(shapely.get_coordinates(shapely.from_geojson(json.dumps(shape)))) == 5


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_axe_finds_nothing(town: World, board: Open, size: tuple[int, int]) -> None:
    page = board(width=size[0], height=size[1])
    expect(page.locator(".unit-row")).to_have_count(3)
    if size[0] < 960:
        page.click("[data-pane=list]")
    assert faults(page) == []
    page.locator(".unit-row button").first.click()
    expect(page.locator("#detail-title")).to_be_visible()
    assert faults(page) == []
    order(page)
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_summaries_lines_and_errors_of_the_server_are_english_on_an_english_page(
    town: World, board: Open
) -> None:
    page = board()
    expect(page.locator(".unit-row")).to_have_count(3)
    page.context.add_cookies([{"name": "lang", "value": "en", "url": town.url}])
    page.evaluate("localStorage.setItem('hansho.lang', 'en')")
    page.reload()
    page.locator(".unit-row button").first.click()
    summary = page.locator(".unit-summary")
    expect(summary).to_contain_text(
        "A criterion of level 4 (Evacuation order) is met. Nobody has decided yet."
    )
    expect(summary.locator("[lang=en]")).to_have_count(1)
    page.goto(f"{town.url}/chronology")
    expect(page.locator(".log__line--report").first).to_contain_text("River overflow (Happening)")
    expect(page.locator(".log__line--report").first).to_contain_text("disaster headquarters")
    expect(page.locator(".log__line--action").last).to_contain_text("Replaced the evacuation units")


def test_the_board_is_printed_with_its_map_and_legend_by_day(town: World, board: Open) -> None:
    page = board()
    expect(page.locator(".unit-row")).to_have_count(3)
    page.evaluate("document.documentElement.dataset.theme = 'night'")
    page.get_by_role("button", name="拡大").click()
    before = page.locator("#map").bounding_box()
    unit = page.locator("#map path.leaflet-interactive").first
    there = unit.bounding_box()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    paper = page.locator("#map").bounding_box()
    assert paper is not None
    assert paper["width"] == pytest.approx(180 / 25.4 * 96, abs=1)
    shape = page.locator("#map path.leaflet-interactive").first.bounding_box()
    assert shape is not None
    assert shape["x"] >= paper["x"]
    assert shape["x"] + shape["width"] <= paper["x"] + paper["width"]
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "night"
    assert page.locator("#map").bounding_box() == before
    # Whoever had looked closer looks closer again.
    assert unit.bounding_box() == pytest.approx(there, abs=2)
    expect(page.locator("#legend")).not_to_have_attribute("open", "")
    [sheet] = words_of(page.pdf(print_background=True))
    assert re.search(r"福山市\d{4}年\d+月\d+日\d+:\d\d現在", sheet)
    for said in ("判断待ち(色は基準の警戒レベル)", "未確認の事案", "第2地区"):
        assert said in sheet


def test_the_a3_sheet_names_the_colours_of_the_levels_while_units_are_drawn(town: World, board: Open) -> None:
    page = board()
    expect(page.locator(".unit-row")).to_have_count(3)
    lat, lon = middle(1)
    page.goto(f"{town.url}/#map=11/{lat}/{lon}")
    page.wait_for_selector("#map.leaflet-container")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#sheet .legend").first).to_be_visible()
    expect(page.locator(".sheet__level")).to_have_count(0)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.click("#tools-summary")
    with page.expect_response("**/evacuation/units.geojson*") as answered:
        page.get_by_label("避難情報の発令単位").check()
    assert answered.value.json()["features"]
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for words in ("警戒レベル3 高齢者等避難", "警戒レベル4 避難指示", "警戒レベル5 緊急安全確保", "発令なし"):
        expect(page.locator(".sheet__levels")).to_contain_text(words)
