"""The switch between Japanese and English, in a browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from nlp.reading import DamageType
from tests.service.api.world import World, report
from tests.web.conftest import Desk
from tests.web.literals import JAPANESE

pytestmark = pytest.mark.browser

# What is Japanese in an English page: the name of the language, names of places, and what people wrote.
SHOWN = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.checkVisibility() && !e.closest('[lang=ja], .place-label, noscript, option'))
  .flatMap(e => [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.textContent.trim()))
  .filter(Boolean)"""


def japanese_shown(page: Page) -> list[str]:
    return [text for text in page.evaluate(SHOWN) if JAPANESE.search(text.replace("福山市", ""))]


def test_the_map_is_switched_to_english_and_back(world: World, officer: Callable[..., Desk]) -> None:
    report(world.services, "one", type=DamageType.LANDSLIDE, urgent=True, drill=True)
    page = officer().page
    page.click("[popovertarget=account]")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    row = page.locator("#rows .row")
    for words in ("Landslide", "Urgent", "Drill", "1 report", "Not yet verified by HQ", "JST", "ago"):
        expect(row).to_contain_text(words)
    page.click("#filter-panel > summary")
    page.evaluate("document.querySelectorAll('.facet').forEach(each => { each.open = true; })")
    page.click(".legend-box > summary")
    row.locator("button").click()
    expect(page.locator("#detail mark").first).to_be_visible()
    page.get_by_role("button", name="Teach where this name is").click()
    expect(page.locator("#teach-title")).to_have_text("Teach where this name is")
    page.click("[popovertarget=account]")
    assert japanese_shown(page) == []
    page.get_by_role("button", name="日本語").click()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    expect(row).to_contain_text("土砂災害")


@pytest.mark.parametrize("path", ["/report", "/signin"])
def test_a_page_in_english_has_no_japanese(world: World, window: Callable[..., Desk], path: str) -> None:
    page = window().page
    page.goto(world.url + path)
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert japanese_shown(page) == []


def test_a_refused_sign_in_is_explained_in_english(world: World, window: Callable[..., Desk]) -> None:
    page = window().page
    page.goto(f"{world.url}/signin")
    page.get_by_role("button", name="English").click()
    page.fill("#name", "nobody")
    page.fill("#password", "wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#error")).to_contain_text("Cannot sign in. Check your account name")


def test_the_choice_outlives_its_cookie(world: World, window: Callable[..., Desk]) -> None:
    page = window().page
    page.goto(f"{world.url}/report")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.context.clear_cookies()
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_without_its_words_the_page_still_works(world: World, window: Callable[..., Desk]) -> None:
    page = window().page
    page.context.add_cookies([{"name": "lang", "value": "en", "url": world.url}])
    page.route("**/en/*.json", lambda route: route.abort())
    page.goto(f"{world.url}/report")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#text-error")).to_have_text("見たことを書いてください。")
