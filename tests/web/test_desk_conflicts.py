"""Two officers decide about one incident at the same time: nothing is overwritten unseen."""

import pytest
from playwright.sync_api import Locator, Page, expect

from nlp.reading import DamageType
from tests.service.api.world import World
from tests.service.desks import FAR, all_incidents, told
from tests.service.store.samples import MATSUNAGA
from tests.web.conftest import Sit, fires

pytestmark = pytest.mark.browser

LAT, _ = MATSUNAGA


def theirs(page: Page) -> Locator:
    return page.locator("dialog .versions__theirs")


def mine(page: Page) -> Locator:
    return page.locator("dialog .versions__mine")


def on_top(page: Page) -> None:
    page.get_by_role("button", name="自分の操作を重ねる").click()


def two_fires_close_by(world: World) -> None:
    fires(world)
    told(world.services.database, "same", "松永町の火事", type=DamageType.FIRE, lat=LAT + FAR / 4,
         place_text="松永駅")  # fmt: skip


def test_a_pin_that_was_moved_while_another_was_set_is_shown(world: World, sit: Sit) -> None:
    fires(world)
    first, second = sit("職員甲"), sit("職員乙")
    for page in (second, first):
        page.keyboard.press("m")
        expect(page.locator("#placing-title")).to_be_focused()
    first.locator("#place-lat").fill("34.5")
    first.keyboard.press("Enter")
    # The second's page has the new version now, the form still shows the old place.
    expect(second.locator("#said")).to_contain_text("場所を決めました")
    second.locator("#place-lat").fill("34.51")
    second.keyboard.press("Enter")
    expect(theirs(second)).to_contain_text("34.50000")
    expect(mine(second)).to_contain_text("34.51000")
    assert all_incidents(world.services.database)[0].lat == pytest.approx(34.5)
    on_top(second)
    expect(second.locator("#case .trail li")).to_have_count(2)
    assert all_incidents(world.services.database)[0].lat == pytest.approx(34.51)


def test_what_changed_while_others_were_chosen_to_merge_is_shown(world: World, sit: Sit) -> None:
    two_fires_close_by(world)
    first, second = sit("職員甲"), sit("職員乙")
    second.keyboard.press("g")
    expect(second.locator("dialog select")).to_be_focused()
    other = second.locator("dialog option").inner_text()
    first.keyboard.press("t")
    first.locator("dialog select").select_option("inundation")
    first.keyboard.press("Enter")
    expect(second.locator("#said")).to_contain_text("被害種別を直しました")
    second.keyboard.press("Enter")
    expect(theirs(second)).to_contain_text("浸水")
    expect(mine(second)).to_contain_text(other)
    assert len(all_incidents(world.services.database)) == 2
    on_top(second)
    expect(second.locator("#case")).to_contain_text("元の通報 2件")


def test_what_was_merged_away_takes_nothing_in(world: World, sit: Sit) -> None:
    two_fires_close_by(world)
    first, second = sit("職員甲"), sit("職員乙")
    second.keyboard.press("g")
    expect(second.locator("dialog select")).to_be_focused()
    first.keyboard.press("j")
    expect(first.locator("#case-title")).to_be_focused()
    first.keyboard.press("g")
    first.locator("dialog select").press("Enter")
    expect(second.locator("#case")).to_contain_text("ほかの事案にまとめられました")
    second.locator("dialog select").press("Enter")
    expect(theirs(second)).to_contain_text("ほかの事案にまとめられたか、取り下げられました")
    expect(second.get_by_role("button", name="自分の操作を重ねる")).to_have_count(0)


def test_each_of_several_that_changed_is_shown(world: World, sit: Sit) -> None:
    fires(world, 2)
    first, second = sit("職員甲"), sit("職員乙")
    second.locator("#check-all").check()
    second.locator("[data-bulk=reject]").click()
    first.keyboard.press("v")
    expect(first.locator("#case .trail li")).to_have_count(1)
    first.keyboard.press("j")
    expect(first.locator("#case-title")).to_be_focused()
    first.keyboard.press("r")
    expect(first.locator("#case .trail li")).to_have_count(1)
    second.locator("#ask-reason").fill("作り話")
    second.keyboard.press("Enter")
    expect(second.locator("dialog")).to_contain_text("選んだうちの 2件が変わっています。")
    expect(theirs(second).locator("h4")).to_have_count(2)
    expect(theirs(second)).to_contain_text("確認済みにしました")
    expect(theirs(second)).to_contain_text("状態を決めました")
    expect(mine(second)).to_contain_text("作り話")


def test_a_confirmation_is_taken_back_only_after_a_question(world: World, sit: Sit) -> None:
    fires(world)
    first, second = sit("職員甲"), sit("職員乙")
    first.keyboard.press("v")
    expect(second.locator("#case .detail__tags")).to_contain_text("本部確認済", timeout=5_000)
    second.keyboard.press("v")
    question = second.locator("dialog")
    expect(question).to_contain_text("未確認に戻します")
    second.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(second.locator("#case .detail__tags")).to_contain_text("本部確認済")
    second.keyboard.press("v")
    second.keyboard.press("Enter")
    expect(first.locator("#case .detail__tags")).to_contain_text("本部未確認", timeout=5_000)


def test_several_are_confirmed_only_after_a_question(world: World, sit: Sit) -> None:
    fires(world, 2)
    page = sit()
    page.locator("#check-all").check()
    page.locator("[data-bulk=verify]").click()
    expect(page.locator("dialog")).to_contain_text("2件（うち訓練 0件、場所未特定 0件）を確認済にします")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("確認済みにしました（2件）")
