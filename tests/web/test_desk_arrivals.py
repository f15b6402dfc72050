"""What arrives while somebody works at the desk: it is shown, and disturbs nobody."""

import time

import pytest
from playwright.sync_api import expect

from nlp.reading import DamageType
from tests.service.api.world import World
from tests.service.desks import FAR, told
from tests.service.store.samples import MATSUNAGA
from tests.web.conftest import Sit

pytestmark = pytest.mark.browser

LAT, _ = MATSUNAGA


def test_what_arrives_meanwhile_leaves_the_marks_of_a_split_and_the_keyboard(world: World, sit: Sit) -> None:
    database = world.services.database
    for number in range(3):
        told(database, f"f {number}", f"松永町で家が燃えています {number}号", type=DamageType.FIRE, lat=LAT)
    page = sit()
    case, marked = page.locator("#case"), page.locator("#case .report__mark input:checked")
    page.keyboard.press("v")
    back = case.locator(".trail button")
    expect(back).to_have_count(1)
    for number in (0, 2):
        case.locator(".report", has_text=f"{number}号").locator("input").check()
    last = case.locator(".report", has_text="2号").locator("input")
    told(database, "elsewhere", "火事", type=DamageType.FIRE, lat=LAT + 3 * FAR)
    expect(page.locator("#queue .entry")).to_have_count(1)
    expect(last).to_be_focused()
    told(database, "f 3", "松永町で家が燃えています 3号", type=DamageType.FIRE, lat=LAT)
    expect(case.locator(".report")).to_have_count(4)
    expect(marked).to_have_count(2)
    expect(last).to_be_focused()
    back.focus()
    told(database, "f 4", "松永町で家が燃えています 4号", type=DamageType.FIRE, lat=LAT)
    expect(case.locator(".report")).to_have_count(5)
    expect(back).to_be_focused()
    page.get_by_role("button", name="選んだ通報を別の事案に分ける").click()
    expect(case.locator(".report")).to_have_count(3)
    expect(case).to_contain_text("1号")
    expect(case).not_to_contain_text("2号")
    expect(marked).to_have_count(0)


def test_the_queue_is_not_asked_for_at_every_change(world: World, sit: Sit) -> None:
    page = sit()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "/desk/queue" in one.url else None)
    began = time.monotonic()
    for number in range(10):
        told(world.services.database, f"n {number}", "火事", type=DamageType.FIRE, lat=LAT + number * FAR)
        page.wait_for_timeout(300)
    # The first at once, then one a second at the most.
    assert 1 <= len(asked) <= time.monotonic() - began + 1
    expect(page.locator("#queue .entry")).to_have_count(10)
