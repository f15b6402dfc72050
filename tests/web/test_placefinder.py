"""A place is found by its name wherever somebody points one out: no tiles, no degrees."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from geo.place import Level, Place
from service.store import places
from service.store.sources import SourceInfo
from tests.service.api.world import World
from tests.service.desks import all_incidents
from tests.web.conftest import Desk, Sit, fires
from tests.web.test_tray_page import open_tray, two_reports

pytestmark = pytest.mark.browser

SCHOOL = (34.4711, 133.2933)


@pytest.fixture
def named(world: World) -> World:
    rows = [
        Place("school", "神村小学校", "", "school", Level.FACILITY, "34207", *SCHOOL, 100.0, "s"),
        Place("town", "神村町", "カミムラチョウ", "town", Level.TOWN, "34207", 34.475, 133.29, 900.0, "s"),
    ]
    with world.services.database.transaction() as conn:
        places.load(conn, SourceInfo("s", "sum", "licence", "2026"), rows)
    return world


def look(page: Page, field: str, words: str) -> None:
    page.locator(field).fill(words)
    expect(page.locator(".finder__found button").first).to_be_visible()


def test_a_pin_goes_to_a_school_by_its_name(named: World, sit: Sit) -> None:
    fires(named)
    page = sit()
    page.keyboard.press("m")
    look(page, "#place-find", "神村小")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator("#place-lat")).to_have_value(f"{SCHOOL[0]:.6f}")
    expect(page.locator("#place-radius")).to_have_value("100")
    page.get_by_role("button", name="この場所に決める").click()
    expect(page.locator("#case")).to_contain_text("本部が決めた場所")
    [moved] = all_incidents(named.services.database)
    assert (moved.lat, moved.lon) == pytest.approx(SCHOOL, abs=1e-6)


def test_a_report_without_a_place_is_placed_by_a_reading(named: World, officer: Callable[..., Desk]) -> None:
    two_reports(named)
    page = open_tray(officer())
    page.locator(".row__button", has_text="てんぐ橋").click()
    look(page, "#place-find", "かみむら")
    page.locator(".finder__found button", has_text="神村町").click()
    expect(page.locator("#place-lat")).to_have_value("34.475000")
    expect(page.locator("#place-radius")).to_have_value("1000")
    expect(page.locator(".finder")).to_contain_text("「神村町」を地図に示しました")


def test_the_map_goes_there_and_its_mark_goes_with_a_press(
    named: World, officer: Callable[..., Desk]
) -> None:
    page = officer().page
    page.click("#tools-summary")
    look(page, "#tools-find", "福山市神村小学校")
    page.locator(".finder__found button").first.click()
    expect(page.locator("#tools")).not_to_have_attribute("open", "")
    mark = page.locator("#map .numbered")
    expect(mark).to_be_visible()
    page.wait_for_url(lambda url: "/34.471" in url)
    mark.click()
    expect(mark).to_have_count(0)


def test_what_is_not_found_is_said_with_what_to_do(named: World, officer: Callable[..., Desk]) -> None:
    page = officer().page
    page.click("#tools-summary")
    page.locator("#tools-find").fill("どこにもない町<b>")
    expect(page.locator(".finder")).to_contain_text(
        "見つかりません。名前の一部か、ひらがなで入れてみてください。"
    )
    page.locator("#tools-find").fill("")
    expect(page.locator(".finder [role=status]")).to_be_empty()
    page.context.set_offline(True)
    page.locator("#tools-find").fill("神村")
    expect(page.locator(".finder")).to_contain_text("探せませんでした。")
