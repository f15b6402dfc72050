"""The administrators' page and the wall screen's link, in a real Chromium."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from service.access import Role
from tests.service.api.world import PASSWORD, World, report
from tests.web import drawing
from tests.web.axe import faults
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


def area_of(world: World) -> dict[str, object] | None:
    found = world.signed_in(Role.VIEWER, "34207").get("/brigades.geojson").json()["features"]
    return found[0]["geometry"] if found else None


def test_a_brigade_s_area_is_drawn_put_right_and_seen_on_the_map(
    window: Callable[..., Desk], world: World
) -> None:
    desk = administrator(window, world)
    page = desk.page
    form = page.locator("#organizations form")
    form.get_by_label("コード").fill("34207")
    form.get_by_label("分団の名前").fill("松永分団")
    form.get_by_role("button", name="組織を登録する").click()
    expect(page.locator("#said")).to_contain_text("松永分団を登録しました")
    expect(page.locator("#area-title")).to_contain_text("松永分団")
    page.get_by_role("button", name="地図に描き始める").click()
    page.locator("#map").scroll_into_view_if_needed()
    box = page.locator("#map").bounding_box()
    assert box is not None
    for x, y in ((0.4, 0.4), (0.6, 0.4), (0.5, 0.6)):
        page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
    expect(drawing.corners(page)).to_have_count(3)
    assert faults(page) == []
    page.get_by_role("button", name="この面を加える").click()
    expect(page.locator("path.brigade-area.is-new")).to_have_count(1)
    page.get_by_role("button", name="この区域にする").click()
    expect(page.locator("#said")).to_contain_text("松永分団の担当区域を決めました")
    expect(page.locator("path.brigade-area")).to_have_count(1)
    expect(page.locator("#map .place-label > span", has_text="松永分団")).to_be_visible()
    first = area_of(world)
    page.get_by_role("button", name="区域を変える").click()
    page.get_by_role("button", name="今の区域の形を直す").click()
    drawing.corners(page).first.focus()
    page.keyboard.press("ArrowUp")
    page.get_by_role("button", name="この形に直す").click()
    page.get_by_role("button", name="この区域にする").click()
    expect(page.locator("#said")).to_contain_text("決めました")
    expect(page.locator("#area-title")).to_have_count(0)
    assert area_of(world) not in (first, None)
    page.goto(f"{world.url}/#layers=brigades&map=10/34.45/133.2")
    page.wait_for_selector("#map.leaflet-container")
    expect(page.locator("#map .place-label > span", has_text="松永分団")).to_be_visible()


def test_an_area_comes_from_a_file_and_what_is_none_says_what_to_do(
    window: Callable[..., Desk], world: World, tmp_path: Path
) -> None:
    page = administrator(window, world).page
    form = page.locator("#organizations form")
    form.get_by_label("コード").fill("34207")
    form.get_by_label("分団の名前").fill("今津分団")
    form.get_by_role("button", name="組織を登録する").click()
    square = [[[133.2, 34.4], [133.3, 34.4], [133.3, 34.5], [133.2, 34.4]]]
    bowtie = [[[133.2, 34.4], [133.3, 34.5], [133.3, 34.4], [133.2, 34.5], [133.2, 34.4]]]
    metres = [[[9000, 1], [9001, 1], [9001, 2], [9000, 1]]]

    def given(name: str, coordinates: object) -> None:
        geometry = {"type": "Polygon", "coordinates": coordinates}
        feature = {"type": "Feature", "properties": {}, "geometry": geometry}
        file = tmp_path / f"{name}.geojson"
        document = {"type": "FeatureCollection", "features": [feature]}
        file.write_text(json.dumps(document), encoding="utf-8")
        page.set_input_files("#area-file", file)

    given("metres", metres)
    expect(page.locator("#area [role=alert]")).to_contain_text("地図ソフトから、その形で書き出してください")
    expect(page.get_by_role("button", name="この区域にする")).to_be_disabled()
    given("bowtie", bowtie)
    page.get_by_role("button", name="この区域にする").click()
    expect(page.locator("#said")).to_contain_text("角の順か位置を直してください")
    given("square", square)
    page.get_by_role("button", name="この区域にする").click()
    expect(page.locator("#said")).to_contain_text("今津分団の担当区域を決めました")
    assert area_of(world) is not None
    page.get_by_role("button", name="区域を変える").click()
    page.get_by_role("button", name="区域をなくす").click()
    expect(page.locator("#said")).to_contain_text("担当区域をなくしました")
    assert area_of(world) is None
