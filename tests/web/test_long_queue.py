"""The desk's queue beyond its first rows, in a real Chromium."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from service import access
from service.access import Role
from service.fuse import OPEN
from service.report import Verification
from tests.measure.crowd import fill, invented
from tests.service.api.world import PASSWORD, World
from tests.service.desks import NOW
from tests.web.conftest import Desk

pytestmark = pytest.mark.browser


def test_a_long_queue_is_shown_to_its_end_by_keyboard(world: World, window: Callable[..., Desk]) -> None:
    made = [replace(one, municipality="34207", audience=("34", "34207")) for one in invented(420, NOW)]
    waiting = [one for one in made if one.status in OPEN and one.verification is Verification.UNVERIFIED]
    fill(world.services.database, waiting[:230])
    with world.services.database.transaction() as conn:
        access.create_user(conn, "職員甲", PASSWORD, Role.OFFICER, "34207")
    page = window().signed_in("職員甲")
    page.goto(f"{world.url}/desk")
    rows, more, count = page.locator("#queue .entry"), page.locator("#more"), page.locator("#count")
    expect(rows).to_have_count(200)
    expect(count).to_have_text("230件のうち上位 200件")
    more.press("Enter")
    expect(rows).to_have_count(230)
    expect(rows.nth(200).locator("button")).to_be_focused()
    expect(count).to_have_text("230件")
    expect(more).to_be_hidden()
    page.locator("#check-all").check()
    expect(page.locator("#bulk-count")).to_have_text("200件を選択中")
    page.locator("#check-all").uncheck()
    expect(page.locator("#bulk")).to_be_hidden()
    page.locator("[name=state][value=working]").check()
    expect(rows).to_have_count(0)
    page.locator("[name=state][value=waiting]").check()
    expect(rows).to_have_count(200)
    expect(more).to_be_visible()
