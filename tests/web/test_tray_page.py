"""The tray by its page: placed by keyboard and by pointer, a name taught, what was missed pulled in."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from geo.place import Level
from nlp.reading import DamageType
from service.access import Role
from tests.service.api.desks import said
from tests.service.api.world import World
from tests.service.store.samples import observation
from tests.web.axe import faults
from tests.web.conftest import Desk, Sit

pytestmark = pytest.mark.browser

HERE = observation(UUID(int=0)).candidates[0]
THERE = replace(HERE, lat=34.5321, lon=133.4123, name="松永町北", why="同じ市の別の町")
NOWHERE: dict[str, Any] = {"lat": None, "lon": None, "radius_m": None, "level": Level.MUNICIPALITY}


def two_reports(world: World) -> None:
    said(
        world.services,
        "one",
        "松永町で道路が冠水しています",
        candidates=(HERE, THERE),
        ambiguous=True,
        why="候補が2つあり、差が小さい",
        **NOWHERE,
    )
    said(
        world.services,
        "two",
        "てんぐ橋の下で人が流された",
        type=DamageType.RESCUE_REQUEST,
        place_text="てんぐ橋の下",
        candidates=(),
        urgent=True,
        evidence=(),
        **NOWHERE,
    )


def open_tray(desk: Desk) -> Page:
    desk.page.goto(f"{desk.url}/tray")
    desk.page.wait_for_selector("#rows .row")
    return desk.page


def test_by_keyboard_alone_a_report_is_placed_and_its_pin_appears_elsewhere(
    world: World, officer: Callable[..., Desk]
) -> None:
    two_reports(world)
    other = officer().page
    expect(other.locator("#tray-count")).to_have_text("2")
    # The same person in a second window.
    page = other.context.new_page()
    page.goto(f"{world.url}/tray")
    page.wait_for_selector("#rows .row")
    expect(page.locator("#rows .row").first).to_contain_text("てんぐ橋")
    keys = page.keyboard
    keys.press("j")
    keys.press("j")
    expect(page.locator("#item")).to_contain_text("候補が2つあり、差が小さい")
    expect(page.locator("#item mark").first).to_have_text("松永町")
    expect(page.locator("#map .numbered")).to_have_count(2)
    keys.press("2")
    expect(page.locator("#place-lat")).to_have_value("34.532100")
    keys.press("s")
    expect(page.locator("#done")).to_contain_text("この通報に場所を付けました")
    expect(page.locator("#rows .row")).to_have_count(1)
    expect(other.locator("#rows .row")).to_have_count(1, timeout=10_000)
    expect(other.locator("#tray-count")).to_have_text("1", timeout=10_000)
    # The next one is up, and the last deed is undone by a key.
    expect(page.locator("#item-title")).to_be_focused()
    keys.press("u")
    expect(page.locator("#rows .row")).to_have_count(2)
    expect(other.locator("#tray-count")).to_have_text("2", timeout=10_000)


def test_by_pointer_on_the_map(world: World, officer: Callable[..., Desk]) -> None:
    two_reports(world)
    page = open_tray(officer())
    page.locator("#rows .row button").first.click()
    page.get_by_role("button", name="この通報だけに場所を付ける S").click()
    expect(page.locator("#item")).to_contain_text("場所を示してください")
    page.locator("#map").click(position={"x": 250, "y": 400})
    expect(page.locator("#map .pick")).to_be_visible()
    page.get_by_role("button", name="この通報だけに場所を付ける S").click()
    expect(page.locator("#done")).to_contain_text("この通報に場所を付けました")
    page.get_by_role("button", name="取り消す U").click()
    expect(page.locator("#done")).to_contain_text("元に戻っています")
    expect(page.locator("#rows .row")).to_have_count(2)


def test_the_name_is_taught_from_here(world: World, officer: Callable[..., Desk]) -> None:
    two_reports(world)
    page = open_tray(officer())
    page.keyboard.press("j")
    page.locator("#map").click(position={"x": 250, "y": 400})
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.locator("#map").click(position={"x": 250, "y": 400})
    page.get_by_role("button", name="この名前をこれからも使う… T").click()
    expect(page.locator("#teach-name")).to_have_value("てんぐ橋の下")
    expect(page.locator("#teach-lat")).not_to_have_value("")
    page.fill("#teach-name", "てんぐ橋")
    page.get_by_role("button", name="この場所で登録する").click()
    expect(page.locator("#teach-title")).to_have_text("登録しました")
    page.locator("#teach").get_by_role("button", name="閉じる").click()
    expect(page.locator("#item")).to_be_visible()


def test_what_was_read_as_no_report_is_pulled_in_and_what_needs_no_place_settled(
    world: World, officer: Callable[..., Desk]
) -> None:
    two_reports(world)
    said(world.services, "chat", "橋のところ、やばい <img src=x onerror=alert(1)>", relevant=False)
    page = open_tray(officer())
    page.click("#tab-irrelevant")
    expect(page.locator("#rows .row")).to_have_count(1)
    page.locator("#rows .row button").click()
    expect(page.locator("#item")).to_contain_text("<img src=x")
    page.select_option("#pull-type", "river_overflow")
    page.check("#pull-urgent")
    page.get_by_role("button", name="通報として取り込む").click()
    expect(page.locator("#done")).to_contain_text("通報として取り込みました")
    expect(page.locator("#empty")).to_have_text("通報以外と判断したものはありません。")
    page.click("#tab-unplaced")
    expect(page.locator("#rows .row")).to_have_count(3)
    page.locator("#rows .row button").last.click()
    page.keyboard.press("x")
    page.keyboard.type("市内全域のこと")
    page.keyboard.press("Enter")
    expect(page.locator("#rows .row")).to_have_count(2)
    page.click("#tab-settled")
    expect(page.locator("#rows .row")).to_have_count(1)


def test_two_officers_do_not_place_one_report_twice(world: World, officer: Callable[..., Desk]) -> None:
    two_reports(world)
    first = open_tray(officer())
    second = first.context.new_page()
    second.goto(f"{world.url}/tray")
    second.wait_for_selector("#rows .row")
    second.locator("#rows .row button").last.click()
    first.locator("#rows .row button").last.click()
    first.keyboard.press("1")
    first.keyboard.press("s")
    expect(first.locator("#done")).to_contain_text("場所を付けました")
    expect(second.locator("#item")).to_contain_text("この通報は一覧から外れました", timeout=10_000)


def test_viewers_are_not_offered_the_tray(world: World, officer: Callable[..., Desk]) -> None:
    two_reports(world)
    page = officer(Role.VIEWER).page
    expect(page.locator("#user")).not_to_be_empty()
    expect(page.locator("#tray-link")).to_be_hidden()


@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing(world: World, officer: Callable[..., Desk], width: int) -> None:
    two_reports(world)
    page = open_tray(officer(width=width))
    page.locator("#rows .row button").last.click()
    expect(page.locator("#item-title")).to_be_visible()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_our_own_people_say_of_another_area_can_be_looked_at(world: World, sit: Sit) -> None:
    two_reports(world)
    said(world.services, "far", "隣の町の橋が流された", municipality="34202", lat=34.249, lon=132.566)
    page = sit()
    page.goto(f"{world.url}/tray")
    page.wait_for_selector("#rows .row")
    page.locator("#tab-unplaced").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#tab-elsewhere")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#rows .row")).to_have_count(1)
    page.keyboard.press("j")
    expect(page.locator("#item")).to_contain_text("隣の町の橋が流された")
    expect(page.locator("#item .traysaid")).to_contain_text("呉市")
    expect(page.locator("#map .numbered")).to_have_count(1)
    expect(page.locator("#item input, #item .traydeeds")).to_have_count(0)
    assert faults(page) == []
