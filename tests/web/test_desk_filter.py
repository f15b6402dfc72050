"""The filter of the desk's queue in a real Chromium: chosen, said, and kept in the address."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from nlp.reading import DamageType
from service import access
from service.access import Role
from tests.service.api.world import PASSWORD, World
from tests.service.desks import FAR, told
from tests.service.store.samples import MATSUNAGA
from tests.web.axe import faults
from tests.web.conftest import Desk

pytestmark = pytest.mark.browser

LAT, _ = MATSUNAGA


def of_the_prefecture(world: World, window: Callable[..., Desk]) -> Page:
    """Two real incidents of 福山市, a drill there and a fire in 呉市, before an officer of 広島県."""
    database = world.services.database
    told(database, "a")
    told(database, "b", lat=LAT + FAR, type=DamageType.FIRE)
    told(database, "c", lat=LAT + 2 * FAR, type=DamageType.FIRE, drill=True)
    told(database, "d", type=DamageType.FIRE, municipality="34202", lat=34.2, lon=132.5, candidates=())
    with database.transaction() as conn:
        access.create_user(conn, "県職員", PASSWORD, Role.OFFICER, "34")
    page = window().signed_in("県職員")
    page.goto(f"{world.url}/desk")
    expect(page.locator("#queue .entry")).to_have_count(4)
    return page


def test_the_queue_is_sifted_and_says_what_it_hides(world: World, window: Callable[..., Desk]) -> None:
    page = of_the_prefecture(world, window)
    rows, words = page.locator("#queue .entry"), page.locator("#sift-words")
    expect(page.locator("#sift")).to_be_hidden()
    page.select_option("#only-drill", "false")
    expect(rows).to_have_count(3)
    expect(page.locator("#drill")).to_be_hidden()
    expect(words).to_have_text("絞り込みで 1件を隠しています。")
    page.select_option("#only-type", label="火災・煙（2）")
    expect(rows).to_have_count(2)
    page.select_option("#only-municipality", label="呉市（1）")
    expect(rows).to_have_count(1)
    expect(words).to_have_text("絞り込みで 3件を隠しています。")
    assert faults(page) == []
    # What arrives and does not fit is counted, not shown.
    told(world.services.database, "e", lat=LAT + 3 * FAR)
    expect(words).to_have_text("絞り込みで 4件を隠しています。", timeout=5_000)
    expect(rows).to_have_count(1)
    page.locator("#sift-off").click()
    expect(rows).to_have_count(5)
    expect(page.locator("#sift")).to_be_hidden()


def test_the_filter_stays_in_the_address(world: World, window: Callable[..., Desk]) -> None:
    page = of_the_prefecture(world, window)
    page.select_option("#only-type", "fire")
    page.select_option("#only-municipality", "34207")
    page.select_option("#only-drill", "true")
    page.locator("[name=state][value=all]").check()
    expect(page.locator("#queue .entry")).to_have_count(1)
    page.reload()
    expect(page.locator("#queue .entry")).to_have_count(1)
    for field, value in (("type", "fire"), ("municipality", "34207"), ("drill", "true")):
        expect(page.locator(f"#only-{field}")).to_have_value(value)
    expect(page.locator("[name=state][value=all]")).to_be_checked()
    page.evaluate("location.hash = '#type=road_flooding'")
    expect(page.locator("#queue .entry")).to_contain_text(["道路冠水"])
    expect(page.locator("#queue .entry")).to_have_count(1)


def test_one_municipality_is_not_asked_which(world: World, sit: Callable[..., Page]) -> None:
    told(world.services.database, "a")
    page = sit()
    expect(page.locator("#only-type")).to_be_visible()
    expect(page.locator("#only-municipality")).to_be_hidden()
