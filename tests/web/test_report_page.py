"""The volunteer's form in a browser: nothing written is lost, whatever the signal."""

import io
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Route, expect

from service.store import inbox, save, workers
from tests.service.api.world import World
from tests.service.store.samples import NearestOfType, observation, read
from tests.web.conftest import Desk

pytestmark = pytest.mark.browser

WORDS = "松永町の国道2号が冠水。車1台が立ち往生。"
PHONE = {"width": 390, "height": 844}


def work_off(world: World) -> list[str]:
    """Reads what waits as the worker does; the texts that were read."""
    database = world.services.database
    with workers.register(database, "test") as lease:
        with database.transaction() as conn:
            claimed = inbox.claim(conn, lease.id, 10)
        with database.transaction() as conn:
            save.save(conn, [read(one, observation(one.report_id)) for one in claimed], NearestOfType())
    return [one.message.text for one in claimed]


def test_a_report_is_sent_and_its_reading_shown(world: World, window: Callable[..., Desk]) -> None:
    desk = window(
        **PHONE,
        geolocation={"latitude": 34.4479, "longitude": 133.2556, "accuracy": 12},
        permissions=["geolocation"],
    )
    desk.page.goto(f"{world.url}/report?municipality=34207")
    expect(desk.page.locator("#municipality-words")).to_have_text("福山市")
    expect(desk.page.locator(".notice--119")).to_contain_text("119番")
    desk.page.fill("#text", WORDS)
    desk.page.click("#locate")
    expect(desk.page.locator("#position")).to_contain_text("誤差 およそ 12 m")
    picture = io.BytesIO()
    Image.new("RGB", (3200, 2400), "navy").save(picture, "JPEG")
    desk.page.set_input_files(
        "#photo", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": picture.getvalue()}
    )
    expect(desk.page.locator("#photo-words")).to_contain_text("写真を付けました")
    assert desk.page.evaluate("document.querySelector('#photo-shown').naturalWidth") == 1600
    desk.page.get_by_role("button", name="送信").click()
    sent = desk.page.locator("#sent .sent__state")
    expect(sent).to_contain_text("送信済")
    assert work_off(world) == [WORDS]
    expect(sent).to_contain_text("読み取り済：道路冠水（発生中）", timeout=10_000)
    expect(desk.page.locator("#text")).to_have_value("")


def test_what_is_written_before_the_scripts_come_stays_and_is_sent(
    world: World, window: Callable[..., Desk]
) -> None:
    """One bar of signal: the page is there, its scripts are not yet."""
    page = window(**PHONE).page
    page.goto(f"{world.url}/report")
    page.fill("#text", "きのうの書きかけ")
    expect(page.locator("#preparing")).to_be_hidden()
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/js/report.js", hold)
    page.goto("about:blank")
    page.goto(f"{world.url}/report", wait_until="commit")
    page.fill("#text", WORDS)
    expect(page.locator("#preparing")).to_be_visible()
    expect(page.locator("#send")).to_be_disabled()
    page.locator("#send").dispatch_event("click")
    assert page.url == f"{world.url}/report"
    for route in waiting:
        route.continue_()
    page.unroute("**/js/report.js")
    expect(page.locator("#preparing")).to_be_hidden()
    expect(page.locator("#text")).to_have_value(f"きのうの書きかけ\n{WORDS}")
    page.reload()
    expect(page.locator("#text")).to_have_value(f"きのうの書きかけ\n{WORDS}")
    page.click("#send")
    expect(page.locator("#sent .sent__state")).to_contain_text("送信済")
    assert work_off(world) == [f"きのうの書きかけ\n{WORDS}"]


def test_a_phone_that_can_keep_nothing_says_so_and_sends_all_the_same(
    world: World, window: Callable[..., Desk]
) -> None:
    page = window(**PHONE).page
    page.add_init_script("indexedDB.open = () => { throw new DOMException('no', 'InvalidStateError'); };")
    page.goto(f"{world.url}/report")
    page.fill("#text", WORDS)
    page.click("#send")
    expect(page.locator("#preparing")).to_contain_text("この画面を閉じないでください")
    expect(page.locator("#sent .sent__state")).to_contain_text("送信済")
    assert work_off(world) == [WORDS]


def test_without_signal_it_waits_and_goes_out_once(world: World, window: Callable[..., Desk]) -> None:
    desk = window(**PHONE)
    desk.page.goto(f"{world.url}/report")
    desk.page.wait_for_load_state("networkidle")
    desk.page.context.set_offline(True)
    desk.page.fill("#text", WORDS)
    desk.page.get_by_role("button", name="送信").click()
    sent = desk.page.locator("#sent .sent__state")
    expect(sent).to_contain_text("送信待ち")
    desk.page.context.set_offline(False)
    expect(sent).to_contain_text("送信済", timeout=15_000)
    assert work_off(world) == [WORDS]


def test_an_answer_lost_on_the_way_makes_no_second_report(world: World, window: Callable[..., Desk]) -> None:
    desk = window(**PHONE)
    desk.page.goto(f"{world.url}/report")
    lost: list[int] = []

    def lose_the_first_answer(route: object) -> None:
        if lost:
            route.continue_()  # type: ignore[attr-defined]
            return
        lost.append(route.fetch().status)  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    desk.page.route("**/form/reports", lose_the_first_answer)
    desk.page.fill("#text", WORDS)
    desk.page.get_by_role("button", name="送信").click()
    expect(desk.page.locator("#sent .sent__state")).to_contain_text("送信済", timeout=15_000)
    assert lost == [202]
    assert work_off(world) == [WORDS]


def test_a_closed_tab_loses_nothing(world: World, window: Callable[..., Desk]) -> None:
    desk = window(**PHONE)
    desk.page.goto(f"{world.url}/report")
    desk.page.wait_for_load_state("networkidle")
    desk.page.context.set_offline(True)
    desk.page.fill("#text", WORDS)
    desk.page.get_by_role("button", name="送信").click()
    expect(desk.page.locator("#sent li")).to_have_count(1)
    desk.page.fill("#text", "書きかけ")
    context = desk.page.context
    desk.page.close()
    context.set_offline(False)
    desk.page = context.new_page()
    desk.page.goto(f"{world.url}/report")
    expect(desk.page.locator("#text")).to_have_value("書きかけ")
    expect(desk.page.locator("#sent .sent__state")).to_contain_text("送信済", timeout=15_000)
    assert work_off(world) == [WORDS]


def test_an_empty_report_is_not_sent(world: World, window: Callable[..., Desk]) -> None:
    desk = window(**PHONE)
    desk.page.goto(f"{world.url}/report")
    desk.page.get_by_role("button", name="送信").click()
    expect(desk.page.locator("#text-error")).to_have_text("見たことを書いてください。")
    expect(desk.page.locator("#sent li")).to_have_count(0)


def test_the_municipality_is_chosen_once(world: World, window: Callable[..., Desk]) -> None:
    desk = window(**PHONE)
    desk.page.goto(f"{world.url}/report")
    desk.page.click("#choose")
    desk.page.select_option("#prefecture", "広島県")
    desk.page.select_option("#municipality", "34202")
    expect(desk.page.locator("#municipality-words")).to_have_text("呉市")
    desk.page.reload()
    expect(desk.page.locator("#municipality-words")).to_have_text("呉市")
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
