"""Municipality and prefecture side by side: one incident from a volunteer's phone to 発令, without a reload.

What both see at each step is kept as pictures in test-results/side_by_side, to be looked at.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from service.access import Role
from service.pipeline import Pipeline
from tests.service.api.world import World
from tests.service.desks import all_incidents
from tests.service.evacuation.town import CODE, middle
from tests.service.learning import at_work
from tests.web.conftest import Desk, Open

pytestmark = pytest.mark.browser

PICTURES = Path(__file__).parents[2] / "test-results" / "side_by_side"
WORDS = "川の水が堤防を越えて家のほうへ流れています"


def test_one_incident_is_followed_from_report_to_order_by_both(
    town: World, board: Open, window: Callable[..., Desk], pipeline: Pipeline
) -> None:
    municipality, prefecture = board(), board(Role.VIEWER, "34")
    for page in (municipality, prefecture):
        page.goto(f"{town.url}/")
        expect(page.locator("#rows .row")).to_have_count(2)
        page.evaluate("window.same = true")
    with at_work(town.services.database, pipeline):
        reported_from_a_phone(town, window)
        for page in (municipality, prefecture):
            expect(page.locator("#rows .row")).to_have_count(3, timeout=20_000)
    [incident] = [one for one in all_incidents(town.services.database) if one.lon == middle(2)[1]]
    for page in (municipality, prefecture):
        page.locator(f"#rows [data-id='{incident.id}'] button").click()
        expect(page.locator("#detail .detail__tags")).to_contain_text("本部未確認")
    expect(municipality.locator("#detail")).to_contain_text(WORDS)
    kept("1_reported", municipality, prefecture)

    municipality.goto(f"{town.url}/desk#sel={incident.id}")
    expect(municipality.locator("#case .detail__tags")).to_contain_text("本部未確認")
    municipality.keyboard.press("v")
    expect(municipality.locator("#case .detail__tags")).to_contain_text("本部確認済")
    expect(prefecture.locator("#detail .detail__tags")).to_contain_text("本部確認済", timeout=8_000)
    assert prefecture.evaluate("window.same")
    kept("2_verified", municipality, prefecture)

    for page in (municipality, prefecture):
        page.goto(f"{town.url}/evacuation")
        page.evaluate("window.same = true")
    municipality.locator(".unit-row", has_text="第2地区").locator("button").click()
    expect(municipality.locator(f"#detail .evidence a[href='/#sel={incident.id}']").first).to_be_visible()
    municipality.get_by_role("button", name="この単位の発令・見送り・解除を記録する").click()
    municipality.fill("#decide-reason", "越水を確認した")
    municipality.get_by_role("button", name="内容を確かめる").click()
    municipality.get_by_role("button", name="このとおり記録する").click()
    expect(prefecture.locator(f"tr[data-code='{CODE}']")).to_contain_text("レベル4：1単位", timeout=8_000)
    assert municipality.evaluate("window.same")
    assert prefecture.evaluate("window.same")
    kept("3_ordered", municipality, prefecture)


def reported_from_a_phone(town: World, window: Callable[..., Desk]) -> None:
    lat, lon = middle(2)
    place = {"latitude": lat, "longitude": lon, "accuracy": 8}
    phone = window(390, 844, geolocation=place, permissions=["geolocation"]).page
    phone.goto(f"{town.url}/report?municipality={CODE}")
    phone.fill("#text", WORDS)
    phone.click("#locate")
    expect(phone.locator("#position")).to_contain_text("現在地を付けました")
    phone.click("#send")
    expect(phone.locator("#sent .sent__state")).to_contain_text("読み取り済", timeout=20_000)
    phone.screenshot(path=PICTURES / "0_phone.png")


def kept(moment: str, municipality: Page, prefecture: Page) -> None:
    """What both see at this moment."""
    for name, page in (("municipality", municipality), ("prefecture", prefecture)):
        page.screenshot(path=PICTURES / f"{moment}_{name}.png")
