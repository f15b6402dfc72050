"""The desk in a real Chromium: by keyboard alone, two officers on one incident, fifty fakes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from shapely import from_wkt, get_coordinates

from nlp.reading import DamageType, Status
from service.access import Role
from tests.service.api.world import World
from tests.service.desks import FAR, NOW, all_incidents, told
from tests.service.store.samples import MATSUNAGA, observation
from tests.web import drawing
from tests.web.axe import faults
from tests.web.conftest import Desk, Sit, fires

pytestmark = pytest.mark.browser

LAT, LON = MATSUNAGA


def test_the_whole_work_by_keyboard_alone(world: World, sit: Sit) -> None:
    database = world.services.database
    fires(world)
    told(database, "power", "停電", type=DamageType.POWER_OUTAGE, lat=LAT + 5 * FAR)
    told(database, "same", "松永町の火事", type=DamageType.FIRE, lat=LAT + FAR / 4, place_text="松永駅")
    page = sit()
    rows = page.locator("#queue .entry")
    expect(rows).to_have_count(3)
    expect(rows.last).to_contain_text("停電")
    title, keys, said = page.locator("#case-title"), page.keyboard, page.locator("#said")
    keys.press("j")
    expect(title).to_be_focused()
    keys.press("k")
    expect(rows.first).to_have_class("row entry row--present is-selected")
    keys.press("v")
    expect(said).to_contain_text("確認済みにしました（1件） 火災")
    expect(page.locator("#case .trail li")).to_have_count(1)
    keys.press("t")
    # From 火災 up to 土砂災害 in the list.
    for _ in range(4):
        keys.press("ArrowUp")
    keys.press("Enter")
    expect(title).to_contain_text("土砂災害")
    keys.press("s")
    page.locator("dialog select").select_option("feared")
    keys.press("Enter")
    expect(page.locator("#case .row__state")).to_have_text("おそれ")
    keys.press("a")
    expect(page.locator("dialog select")).to_be_focused()
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.locator("#case")).to_contain_text("担当：なし → 職員甲")
    keys.press("m")
    expect(page.locator("#placing-title")).to_be_focused()
    page.locator("#place-lat").focus()
    keys.press("Control+A")
    keys.type("３４.５")
    keys.press("Enter")
    expect(page.locator("#case")).to_contain_text("本部が決めた場所")
    keys.press("z")
    expect(page.locator("#case")).not_to_contain_text("本部が決めた場所")
    # Undone was the last action, wherever one looks now: its incident is named.
    expect(said).to_contain_text("操作を取り消しました（1件） 土砂災害")
    merge_resolve_and_reject(page)
    assert {one.type for one in all_incidents(database)} == {DamageType.LANDSLIDE, DamageType.POWER_OUTAGE}


def test_what_was_done_to_another_incident_is_taken_back_only_when_asked(world: World, sit: Sit) -> None:
    fires(world)
    told(world.services.database, "power", "停電", type=DamageType.POWER_OUTAGE, lat=LAT + 5 * FAR)
    page = sit()
    said, dialog = page.locator("#said"), page.locator("dialog")
    expect(page.locator("#case-title")).to_contain_text("火災")
    page.keyboard.press("v")
    expect(said).to_contain_text("確認済みにしました（1件）")
    page.keyboard.press("j")
    expect(page.locator("#case-title")).to_contain_text("停電")
    page.keyboard.press("z")
    expect(dialog).to_contain_text("表示中の事案ではなく")
    page.keyboard.press("Escape")
    expect(said).to_contain_text("確認済みにしました（1件）")
    page.keyboard.press("z")
    dialog.get_by_role("button", name="取り消す").click()
    expect(said).to_contain_text("操作を取り消しました（1件）")
    assert {one.verification.value for one in all_incidents(world.services.database)} == {"unverified"}


def merge_resolve_and_reject(page: Page) -> None:
    keys = page.keyboard
    keys.press("g")
    expect(page.locator("dialog select")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#case")).to_contain_text("元の通報 2件")
    keys.press("r")
    expect(page.locator("#case .row__state")).to_have_text("解消")
    keys.press("x")
    keys.type("訓練の電文だった")
    keys.press("Enter")
    expect(page.locator("#case .row__state")).to_have_text("本部棄却")
    expect(page.locator("#case .trail")).to_contain_text("訓練の電文だった")
    keys.press("?")
    expect(page.locator("dialog")).to_contain_text("キーの一覧")
    keys.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)


def test_two_officers_see_each_other_at_once_and_a_conflict_shows_both(world: World, sit: Sit) -> None:
    fires(world)
    first, second = sit("職員甲"), sit("職員乙")
    first.keyboard.press("v")
    # Without a reload, with who did it.
    expect(second.locator("#said")).to_contain_text("職員甲", timeout=5_000)
    expect(second.locator("#said")).to_contain_text("確認済みにしました")
    expect(second.locator("#case .detail__tags")).to_contain_text("本部確認済")
    # The second opens the question, the first is quicker.
    second.keyboard.press("t")
    expect(second.locator("dialog select")).to_be_visible()
    with second.expect_response("**/desk/actions") as answered:
        # The second's page is held still, as on a slow line.
        second.route("**/desk/queue*", lambda route: route.abort())
        second.route("**/desk/incidents/*", lambda route: route.abort())
        first.keyboard.press("t")
        first.locator("dialog select").select_option("inundation")
        first.keyboard.press("Enter")
        expect(first.locator("#case-title")).to_contain_text("浸水")
        second.locator("dialog select").select_option("landslide")
        second.keyboard.press("Enter")
    assert answered.value.status == 409
    second.unroute_all()
    dialog = second.locator("dialog")
    expect(dialog.locator(".versions__theirs")).to_contain_text("浸水")
    expect(dialog.locator(".versions__theirs")).to_contain_text("職員甲")
    expect(dialog.locator(".versions__mine")).to_contain_text("土砂災害")
    assert all_incidents(world.services.database)[0].type is DamageType.INUNDATION
    dialog.get_by_role("button", name="自分の操作を重ねる").click()
    expect(second.locator("#case-title")).to_contain_text("土砂災害")
    expect(first.locator("#case-title")).to_contain_text("土砂災害", timeout=5_000)
    expect(first.locator("#said")).to_contain_text("職員乙")
    # What the second did stands in the way of taking the first's back.
    first.keyboard.press("z")
    expect(first.locator("#said")).to_contain_text("取り消せません")


def test_their_version_is_taken_by_leaving_the_question(world: World, sit: Sit) -> None:
    fires(world)
    page = sit()
    page.route("**/desk/queue*", lambda route: route.abort())
    page.route("**/desk/incidents/*", lambda route: route.abort())
    other = sit("職員乙")
    other.keyboard.press("r")
    expect(other.locator("#case .row__state")).to_have_text("解消")
    page.keyboard.press("v")
    page.get_by_role("button", name="今の内容を使う").wait_for()
    page.unroute_all()
    page.get_by_role("button", name="今の内容を使う").click()
    expect(page.locator("#case .row__state")).to_have_text("解消", timeout=5_000)
    [one] = all_incidents(world.services.database)
    assert one.ruling.version == 1


def test_fifty_fakes_go_with_one_press_and_come_back_with_one(world: World, sit: Sit) -> None:
    fires(world, 50)
    told(
        world.services.database,
        "true",
        "救助を求めています",
        type=DamageType.RESCUE_REQUEST,
        lon=LON + 9 * FAR,
    )
    page = sit()
    expect(page.locator("#queue .entry")).to_have_count(51)
    page.keyboard.press("j")
    page.get_by_role("button", name="同じ送信者の事案").click()
    expect(page.locator("#queue .entry")).to_have_count(50)
    page.locator("#check-all").check()
    page.locator("[data-bulk=reject]").click()
    page.locator("dialog").get_by_role("button", name="作り話").click()
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("棄却しました（50件）")
    page.locator("#same-off").click()
    expect(page.locator("#queue .entry")).to_have_count(1)
    page.locator("#said").get_by_role("button", name="取り消す").click()
    expect(page.locator("#queue .entry")).to_have_count(51)


def test_an_area_is_drawn_by_presses_and_a_candidate_is_chosen(world: World, sit: Sit) -> None:
    here = observation(UUID(int=0)).candidates[0]
    there = replace(here, lat=LAT + FAR, lon=LON + FAR, name="松永町北")
    told(world.services.database, "a", "松永で火事", type=DamageType.FIRE, lat=None, lon=None, radius_m=None,
         ambiguous=True, candidates=(here, there))  # fmt: skip
    page = sit()
    page.locator("#case .choose").get_by_role("button", name="松永町北").click()
    expect(page.locator("#case")).to_contain_text("場所：通報のとおり → 松永町北")
    page.keyboard.press("m")
    page.locator("#place-area").check()
    drawing.press(page, (120, 200), (220, 200), (170, 300))
    page.get_by_role("button", name="この場所に決める").click()
    expect(page.locator("#case .trail li")).to_have_count(2)
    [one] = all_incidents(world.services.database)
    assert one.shape is not None
    assert one.shape.startswith("POLYGON")


def test_corners_of_an_area_are_moved_added_and_taken_back_by_mouse(world: World, sit: Sit) -> None:
    fires(world)
    page = sit()
    page.keyboard.press("m")
    page.locator("#place-area").check()
    drawing.press(page, (120, 200), (320, 200), (220, 400))
    expect(drawing.corners(page)).to_have_count(3)
    before = drawing.middle(drawing.corners(page).nth(1))
    drawing.drag(page, drawing.corners(page).nth(1), 60, -40)
    after = drawing.middle(drawing.corners(page).nth(1))
    assert after == pytest.approx((before[0] + 60, before[1] - 40), abs=2)
    drawing.drag(page, drawing.handles(page).nth(2), -60, 20)
    expect(drawing.corners(page)).to_have_count(4)
    drawing.handles(page).first.click()
    expect(drawing.corners(page)).to_have_count(5)
    expect(drawing.corners(page).nth(1)).to_be_focused()
    assert drawing.smallest_target(page) >= 24
    assert faults(page) == []
    page.get_by_role("button", name="一つ戻す").click()
    expect(drawing.corners(page)).to_have_count(4)
    page.get_by_role("button", name="この場所に決める").click()
    expect(page.locator("#case .trail li")).to_have_count(1)
    assert len(area(world)) == 4


def test_an_area_is_put_right_by_keyboard(world: World, sit: Sit) -> None:
    fires(world)
    page = sit()
    keys = page.keyboard
    keys.press("m")
    page.locator("#place-area").focus()
    keys.press("Space")
    page.get_by_role("button", name="地図の中央に印を置く").focus()
    for arrow in ("ArrowUp", "ArrowLeft", "ArrowRight"):
        page.get_by_role("button", name="地図の中央に印を置く").focus()
        keys.press("Enter")
        drawing.corners(page).last.focus()
        for _ in range(15):
            keys.press(arrow)
    page.get_by_role("button", name="この場所に決める").focus()
    keys.press("Enter")
    expect(page.locator("#case .trail li")).to_have_count(1)
    first = area(world)
    keys.press("m")
    # What is drawn already shows its corners at once.
    expect(drawing.corners(page)).to_have_count(3)
    drawing.corners(page).first.focus()
    keys.press("Delete")
    expect(page.locator("#placing .corner-help")).to_have_text("角は3点より少なくできません。")
    keys.press("Tab")
    expect(drawing.handles(page).first).to_be_focused()
    keys.press("Enter")
    added = page.get_by_role("button", name="角 2（全4点）", exact=True)
    expect(added).to_be_focused()
    keys.press("Shift+ArrowUp")
    keys.press("ArrowUp")
    expect(page.locator("#placing .corner-help")).to_contain_text("角 2は北緯")
    drawing.corners(page).last.focus()
    keys.press("Delete")
    expect(drawing.corners(page)).to_have_count(3)
    expect(drawing.corners(page).last).to_be_focused()
    assert faults(page) == []
    page.get_by_role("button", name="この場所に決める").focus()
    keys.press("Enter")
    expect(page.locator("#case .trail li")).to_have_count(2)
    now = area(world)
    assert now[:1] == first[:1]
    assert now[1] not in first
    assert now[2] == first[1]
    assert len(now) == 3


def area(world: World) -> list[tuple[float, float]]:
    [one] = all_incidents(world.services.database)
    assert one.shape is not None
    return [(lon, lat) for lon, lat in get_coordinates(from_wkt(one.shape))[:-1].tolist()]


def test_a_pin_is_dragged_to_where_it_is(world: World, sit: Sit) -> None:
    fires(world)
    page = sit()
    page.keyboard.press("m")
    sign = page.locator("#map .pick")
    expect(sign).to_be_visible()
    before = page.locator("#place-lat").input_value()
    drawing.drag(page, sign, 60, -80)
    expect(page.locator("#place-lat")).not_to_have_value(before)
    lat, lon = (float(page.locator(f"#place-{one}").input_value()) for one in ("lat", "lon"))
    assert lat > LAT
    assert lon > LON
    page.get_by_role("button", name="この場所に決める").click()
    expect(page.locator("#case")).to_contain_text("本部が決めた場所")
    [moved] = all_incidents(world.services.database)
    assert moved.lat == pytest.approx(lat, abs=1e-6)
    assert moved.lon == pytest.approx(lon, abs=1e-6)


def test_a_report_is_split_off_and_brought_back(world: World, sit: Sit) -> None:
    for number in range(3):
        told(
            world.services.database, f"f {number}", "松永町で家が燃えています", type=DamageType.FIRE, lat=LAT
        )
    page = sit()
    split = page.get_by_role("button", name="選んだ通報を別の事案に分ける")
    expect(page.locator("#case .report")).to_have_count(3)
    expect(split).to_be_disabled()
    boxes = page.locator("#case .report__mark input")
    for number in range(3):
        boxes.nth(number).check()
    expect(split).to_be_disabled()  # nothing would be left
    boxes.nth(1).uncheck()
    boxes.nth(2).uncheck()
    split.click()
    expect(page.locator("#case .report")).to_have_count(2)
    expect(page.locator("#queue .entry")).to_have_count(2)
    page.keyboard.press("z")
    expect(page.locator("#queue .entry")).to_have_count(1)
    expect(page.locator("#case .report")).to_have_count(3)
    [whole] = all_incidents(world.services.database)
    assert whole.report_count == 3


def test_what_contradicts_a_ruling_comes_back_by_itself(world: World, sit: Sit) -> None:
    fires(world)
    page = sit()
    page.keyboard.press("r")
    expect(page.locator("#queue .empty")).to_be_visible()
    told(
        world.services.database,
        "again",
        "まだ燃えています",
        type=DamageType.FIRE,
        said_at=NOW + timedelta(hours=1),
    )
    expect(page.locator("#queue .entry")).to_contain_text("本部の判断と違う通報", timeout=5_000)
    expect(page.locator("#case")).to_contain_text("状態を決め直してください")
    assert all_incidents(world.services.database)[0].status is Status.PRESENT


def test_viewers_are_sent_away_and_officers_are_led_there(world: World, officer: Callable[..., Desk]) -> None:
    fires(world)
    desk = officer()
    desk.page.locator("#rows .row button").first.click()
    desk.page.locator("#detail").get_by_role("link", name="事案を処理する").click()
    expect(desk.page.locator("#case-title")).to_contain_text("火災")
    viewer = officer(Role.VIEWER).page
    expect(viewer.locator("#to-desk")).to_be_hidden()
    assert viewer.goto(f"{world.url}/desk").status == 403  # type: ignore[union-attr]


def test_letters_can_be_switched_off(world: World, sit: Sit) -> None:
    fires(world)
    page = sit()
    page.locator("#help").click()
    page.get_by_label("1文字のキーを使う").uncheck()
    page.get_by_role("button", name="閉じる").click()
    page.keyboard.press("x")
    expect(page.locator("dialog")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_axe_finds_nothing_and_nothing_sticks_out(world: World, sit: Sit, width: int) -> None:
    fires(world, 2)
    page = sit(width=width, height=844)
    page.keyboard.press("v")
    expect(page.locator("#case .trail li")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for key in ("", "x", "m"):
        if key:
            page.keyboard.press(key)
        assert faults(page) == []
        page.keyboard.press("Escape")
