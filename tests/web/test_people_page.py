"""The administrators' page and the wall screen's link, in a real Chromium."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from service.access import Role
from tests.service.api.world import PASSWORD, World, report
from tests.web.conftest import Desk

pytestmark = pytest.mark.browser


def administrator(window: Callable[..., Desk], world: World, **given: object) -> Desk:
    world.user("kanri", Role.ADMINISTRATOR, "34207")
    desk = window(**given)
    desk.page.goto(f"{world.url}/people")
    desk.page.fill("#name", "kanri")
    desk.page.fill("#password", PASSWORD)
    desk.page.click("button[type=submit]")
    desk.page.wait_for_selector("#people .rows")
    return desk


def test_an_administrator_registers_a_person_who_signs_in(window: Callable[..., Desk], world: World) -> None:
    page = administrator(window, world).page
    form = page.locator("#people form")
    form.get_by_label("名前").fill("消防 花子")
    form.get_by_label("役割").select_option("officer")
    form.get_by_role("button", name="人を登録する").click()
    expect(page.locator("#said")).to_contain_text("消防 花子さんを登録しました")
    password = page.locator("#said .once").inner_text()
    expect(page.get_by_label("kanriさんの役割")).to_be_disabled()
    other = window().page
    other.goto(f"{world.url}/signin")
    other.fill("#name", "消防 花子")
    other.fill("#password", password)
    other.click("button[type=submit]")
    other.wait_for_selector("#map.leaflet-container")
    page.get_by_label("消防 花子さんの役割").select_option("viewer")
    expect(page.locator("#said")).to_contain_text("変更しました")
    row = page.get_by_role("row", name="消防 花子")
    row.get_by_role("button", name="使えなくする").click()
    expect(row).to_contain_text("停止中")
    form.get_by_label("名前").fill("消防 花子")
    form.get_by_role("button", name="人を登録する").click()
    expect(page.locator("#said")).to_contain_text("その名前は使われています")


def test_a_link_opens_the_wall_screen_and_its_secret_leaves_the_address(
    window: Callable[..., Desk], world: World
) -> None:
    report(world.services, "one")
    page = administrator(window, world).page
    form = page.locator("#devices form")
    form.get_by_label("名前").fill("第1会議室")
    form.get_by_role("button", name="画面のリンクを作る").click()
    link = page.locator("#said .once").inner_text()
    screen = window()
    asked: list[str] = []
    screen.page.on("request", lambda one: asked.append(one.url))
    screen.page.goto(link)
    screen.page.wait_for_selector("#map.leaflet-container")
    expect(screen.page.locator("#wall")).to_contain_text("事案 1件")
    token = link.partition("#")[2]
    assert screen.page.url == f"{world.url}/#wall"
    assert not [url for url in asked if token in url.partition("#")[0]]
    page.get_by_role("row", name="第1会議室").get_by_role("button", name="取り消す").click()
    expect(page.locator("#said")).to_contain_text("取り消しました")
    late = window().page
    late.goto(link)
    expect(late.locator("#state")).to_contain_text("この画面のリンクは使えません")
