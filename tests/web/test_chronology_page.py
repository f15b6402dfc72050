"""The chronology by its page: written by keyboard, seen in a second browser, kept while offline."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from nlp.reading import DamageType
from service.access import Role
from service.store import actions
from service.store.actions import Action
from tests.service.api.desks import said
from tests.service.api.world import World, report
from tests.web.axe import faults
from tests.web.conftest import Desk

pytestmark = pytest.mark.browser

COUNT_AT_PRINT = """() => {
    window.print = () => { window.printed = document.querySelectorAll("#lines .log__line").length; };
}"""
EVIL = "<img src=x onerror=\"document.title='owned'\">"


def open_log(desk: Desk) -> Page:
    desk.page.goto(f"{desk.url}/chronology")
    desk.page.wait_for_selector("#lines .log__line, #empty:not([hidden])")
    return desk.page


def second_window(page: Page, world: World) -> Page:
    """The same person at another machine."""
    other = page.context.new_page()
    other.goto(f"{world.url}/chronology")
    other.wait_for_selector("#lines .log__line")
    return other


def test_an_entry_by_keyboard_appears_in_a_second_browser(world: World, officer: Callable[..., Desk]) -> None:
    said(world.services, "one", "松永町で道路が冠水")
    page = open_log(officer())
    other = second_window(page, world)
    page.locator("#lines").wait_for()
    page.keyboard.press("n")
    expect(page.locator("#entry-text")).to_be_focused()
    page.keyboard.type("福山消防署から入電。松永橋で車両水没")
    page.keyboard.press("Enter")
    expect(page.locator(".log__line--entry")).to_contain_text("松永橋で車両水没")
    expect(page.locator("#entry-text")).to_have_value("")
    expect(page.locator("#entry-text")).to_be_focused()
    expect(other.locator(".log__line--entry")).to_contain_text("松永橋で車両水没", timeout=5_000)
    expect(other.locator(".log__line--new")).to_have_count(1)
    # And what is done elsewhere, without any change of an incident.
    with world.services.database.transaction() as conn:
        actions.record(conn, Action("evacuation.order", None, "市長", ("34",), body={"level": 4}, unit=EVIL))
    expect(other.locator(".log__line--action")).to_contain_text(
        "避難指示（警戒レベル4）を発令した", timeout=5_000
    )
    expect(other.locator(".log__line--action")).to_contain_text("<img src=x")
    assert "owned" not in other.title()


def test_the_paper_holds_all_lines_of_the_filter(world: World, officer: Callable[..., Desk]) -> None:
    with world.services.database.transaction() as conn:
        for number in range(430):
            actions.record(conn, Action("organization.change", None, f"職員{number}", ("34",)))
    page = open_log(officer())
    expect(page.locator("#lines .log__line")).to_have_count(200)
    page.evaluate(
        "window.print = () => { window.printed = document.querySelectorAll('#lines .log__line').length; }"
    )
    page.click("#print")
    page.wait_for_function("() => window.printed === 430")
    expect(page.locator("#printed")).to_contain_text("430件")
    expect(page.locator("#printed")).not_to_contain_text("含みません")


def texts_read_by(world: World, code: str) -> list[str]:
    """What an officer of a municipality reads in the log."""
    lines = world.signed_in(Role.OFFICER, code).get("/chronology").json()["lines"]
    return [line["text"] for line in lines]


def test_an_entry_names_the_municipality_that_is_to_read_it(
    world: World, officer: Callable[..., Desk]
) -> None:
    page = open_log(officer())
    page.fill("#entry-town", "ふくやま")
    page.fill("#entry-text", "福山市へ職員2名を派遣する")
    page.press("#entry-text", "Enter")
    expect(page.locator(".logform .field-error")).to_contain_text("関わる市区町村を一覧から選ぶか")
    expect(page.locator("#entry-town")).to_be_focused()
    page.fill("#entry-town", "34207")
    page.press("#entry-town", "Enter")
    expect(page.locator(".log__line--entry")).to_contain_text("福山市へ職員2名を派遣する")
    expect(page.locator("#entry-town")).to_have_value("")
    assert texts_read_by(world, "34207") == ["福山市へ職員2名を派遣する"]
    assert texts_read_by(world, "34202") == []


def test_what_is_written_beside_one_incident_is_about_it(world: World, officer: Callable[..., Desk]) -> None:
    said(world.services, "one", "松永町で道路が冠水")
    report(world.services, "two", lat=34.2, lon=133.9, type=DamageType.FIRE)
    page = open_log(officer())
    [one, _] = world.reader().get("/collections/incidents/items").json()["features"]
    page.goto(f"{world.url}/chronology#incident={one['id']}")
    expect(page.locator(".logform__note")).to_contain_text("表示中の事案の記録")
    page.fill("#entry-text", "現地へ向かった")
    page.press("#entry-text", "Enter")
    expect(page.locator(".log__line--entry")).to_contain_text("現地へ向かった")
    expect(page.locator("#lines .log__line")).to_have_count(2)


def test_a_lost_connection_keeps_what_was_written(world: World, officer: Callable[..., Desk]) -> None:
    page = open_log(officer())
    page.context.set_offline(True)
    for words in ("一行目", "二行目"):
        page.fill("#entry-text", words)
        page.press("#entry-text", "Enter")
    expect(page.locator(".log__line--waiting")).to_have_count(2)
    page.fill("#entry-text", "書きかけ")
    page.context.set_offline(False)
    page.reload()
    expect(page.locator("#entry-text")).to_have_value("書きかけ")
    expect(page.locator(".log__line--entry:not(.log__line--waiting)")).to_have_count(2, timeout=15_000)
    expect(page.locator(".log__line--waiting")).to_have_count(0)


def test_a_wrong_entry_is_struck_by_its_correction(world: World, officer: Callable[..., Desk]) -> None:
    page = open_log(officer())
    page.fill("#entry-text", "松永橋が流失")
    page.press("#entry-text", "Enter")
    page.get_by_role("button", name="訂正する").click()
    expect(page.locator("#entry-text")).to_have_value("松永橋が流失")
    expect(page.locator("#entry")).to_contain_text("記録1の訂正を書いています")
    page.fill("#entry-text", "松永橋は通行止め")
    page.press("#entry-text", "Enter")
    struck = page.locator(".log__line--struck")
    expect(struck).to_contain_text("松永橋が流失")
    expect(struck).to_contain_text("記録2で訂正済み")
    expect(struck.locator(".log__said")).to_have_css("text-decoration-line", "line-through")
    expect(page.get_by_role("button", name="訂正する")).to_have_count(1)


def test_filters_and_files(world: World, officer: Callable[..., Desk]) -> None:
    said(world.services, "one", "松永町で道路が冠水")
    page = open_log(officer())
    page.fill("#entry-text", f"=1+2 {EVIL}")
    page.check("#entry-drill")
    page.press("#entry-text", "Enter")
    expect(page.locator(".log__line")).to_have_count(2)
    expect(page.locator("#drill")).to_contain_text("表示中 2件のうち 1件は訓練です")
    page.select_option("#filter-source", "report")
    expect(page.locator(".log__line")).to_have_count(1)
    expect(page.locator("#drill")).to_be_hidden()
    page.get_by_text("通報の文面").click()
    expect(page.locator(".log__words blockquote")).to_have_text("松永町で道路が冠水")
    page.select_option("#filter-source", "")
    page.keyboard.press("Escape")
    page.fill("#filter-words", "ONERROR")
    expect(page.locator(".log__line")).to_have_count(1)
    with page.expect_download() as got:
        page.click("#csv")
    assert "訓練" in got.value.suggested_filename
    text = got.value.path().read_text(encoding="utf-8-sig")
    assert "\"'=1+2" in text
    assert "松永町" not in text, "the file holds what the filter shows"
    with page.expect_download() as got:
        page.click("#xlsx")
    assert got.value.suggested_filename.endswith(".xlsx")


def test_viewers_read_and_do_not_write(world: World, officer: Callable[..., Desk]) -> None:
    said(world.services, "one", "松永町で道路が冠水")
    page = open_log(officer(Role.VIEWER))
    expect(page.locator(".log__line")).to_have_count(1)
    expect(page.locator("#entry")).to_be_hidden()
    expect(page.get_by_text("通報の文面")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing(world: World, officer: Callable[..., Desk], width: int) -> None:
    said(world.services, "one", "松永町で道路が冠水")
    page = open_log(officer(width=width))
    page.fill("#entry-text", "記録")
    page.press("#entry-text", "Enter")
    expect(page.locator(".log__line--entry")).to_have_count(1)
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
