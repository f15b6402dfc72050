"""The evacuation page as a prefecture uses it: through a drill and back, and in a mayor's place."""

import httpx
import pytest
from playwright.sync_api import expect

from service.access import Role
from tests.service.api.world import World
from tests.service.evacuation.town import CODE, OTHER
from tests.web.axe import faults
from tests.web.conftest import Open, flood

pytestmark = pytest.mark.browser


def test_the_governor_acts_in_the_mayors_place_and_the_municipality_sees_it_live(
    town: World, board: Open
) -> None:
    municipality = board()
    expect(municipality.locator(".unit-row").first).to_contain_text("発令なし")
    municipality.evaluate("window.same = true")
    prefecture = board(Role.COMMANDER, "34")
    prefecture.locator(f"tr[data-code='{CODE}']").get_by_role("button").click()
    prefecture.locator(".unit-row button").first.click()
    prefecture.get_by_role("button", name="知事の代行を記録する").click()
    expect(prefecture.locator("#decide-kind option")).to_have_text(["発令", "解除"])
    expect(prefecture.locator("#decide-level option")).to_have_count(2)
    expect(prefecture.locator("#detail")).to_contain_text("公示が必要です")
    prefecture.fill("#decide-reason", "市役所が被災した")
    prefecture.get_by_role("button", name="内容を確かめる").click()
    expect(prefecture.locator(".confirm")).to_contain_text("知事の代行として記録します")
    assert faults(prefecture) == []
    prefecture.get_by_role("button", name="このとおり記録する").click()
    expect(prefecture.locator(".history__one")).to_contain_text("知事が代行")
    expect(municipality.locator(".unit-row", has_text="第0地区")).to_contain_text("知事が代行")
    assert municipality.evaluate("window.same") is True
    prefecture.get_by_role("button", name="市区町村の一覧へ").click()
    expect(prefecture.locator(f"tr[data-code='{CODE}']")).to_contain_text("うち知事が代行 1単位")


def test_a_prefecture_goes_through_a_drill_and_back(town: World, board: Open) -> None:
    flood(town, "drill", 2, drill=True)
    page = board(Role.VIEWER, "34")
    mine = page.locator(f"tr[data-code='{CODE}']")
    expect(mine).to_contain_text("1単位（警戒レベル4 避難指示）")
    expect(page.locator("#other")).to_have_text("訓練の事案が 1件あります")
    page.get_by_role("button", name="訓練のボードへ").click()
    expect(page.locator("#drill")).to_be_visible()
    expect(mine.locator("td").nth(4)).to_have_text("1")
    expect(page.locator("#other")).to_have_text("実際の事案が 2件あります")
    mine.get_by_role("button").click()
    third = page.locator(".unit-row", has_text="第2地区")
    expect(third).to_contain_text("未確認 1")
    expect(page.locator("#drill")).to_be_visible()
    # The address leads to the same board, and the browser's way back to where one came from.
    page.reload()
    expect(third).to_contain_text("未確認 1")
    expect(page.locator("#drill")).to_be_visible()
    page.get_by_role("button", name="市区町村の一覧へ").click()
    expect(mine.locator("td").nth(4)).to_have_text("1")
    expect(page.locator("#drill")).to_be_visible()
    mine.get_by_role("button").click()
    expect(third).to_contain_text("未確認 1")
    page.go_back()
    expect(mine.locator("td").nth(4)).to_have_text("1")
    expect(page.locator("#drill")).to_be_visible()
    page.get_by_role("link", name="避難判断").click()
    expect(page.locator("#drill")).to_be_visible()
    expect(mine.locator("td").nth(4)).to_have_text("1")


def test_from_a_map_with_drills_alone_one_comes_to_the_board_of_the_drill(
    clerk: httpx.Client, world: World, board: Open
) -> None:
    flood(world, "drill", 1, drill=True)
    page = board(Role.VIEWER, "34")
    expect(page.locator("#other")).to_have_text("訓練の事案が 1件あります")
    page.get_by_role("link", name="地図", exact=True).click()
    expect(page.locator("#drill-words")).to_have_text("表示中の事案はすべて訓練です")
    page.get_by_role("link", name="避難判断").click()
    expect(page.locator("#drill")).to_be_visible()
    expect(page.locator("#other")).to_be_hidden()
    page.locator(f"tr[data-code='{CODE}']").get_by_role("button").click()
    expect(page.locator("#summary")).to_contain_text("単位")
    expect(page.locator("#drill")).to_be_visible()
    page.go_back()
    page.go_back()
    expect(page.locator("#drill-words")).to_have_text("表示中の事案はすべて訓練です")
    flood(world, "real", 0)
    expect(page.locator("#drill-words")).to_have_text("表示中 2件のうち 1件は訓練です")
    expect(page.get_by_role("link", name="避難判断")).to_have_attribute("href", "/evacuation")


def test_what_lies_outside_every_unit_is_counted_and_opened(town: World, board: Open) -> None:
    flood(town, "outside", 0, lat=34.49, lon=133.39, place_text="単位の外の川")
    mine = board(Role.VIEWER, "34").locator(f"tr[data-code='{CODE}'] td")
    expect(mine.nth(4)).to_have_text("3")
    page = board()
    page.locator("#outside summary").click()
    outside = page.locator("#outside .evidence__one")
    expect(outside).to_contain_text("単位の外の川")
    flood(town, "more", 2)
    expect(page.locator(".unit-row", has_text="第2地区")).to_contain_text("未確認 1", timeout=8_000)
    expect(outside).to_be_visible()
    outside.get_by_role("link").click()
    expect(page.locator("#detail")).to_contain_text("単位の外の川")


def test_a_board_that_nobody_opened_says_nothing_of_silence(town: World, board: Open) -> None:
    unopened = board(Role.VIEWER, "34").locator(f"tr[data-code='{OTHER}'] td")
    expect(unopened.nth(0)).to_contain_text("発令単位なし")
    for column in (1, 2, 3):
        expect(unopened.nth(column)).to_have_text("―")
