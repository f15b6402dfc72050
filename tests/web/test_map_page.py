"""The map page in a browser: what an officer sees, by pointer and by keyboard."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from geo.place import Level
from nlp.reading import DamageType, Status
from service.access import Role
from service.store import workers
from tests.service.api.world import PASSWORD, World, report, report_many
from tests.service.evacuation.town import verify
from tests.service.store.samples import message, observation
from tests.web.conftest import Desk

pytestmark = pytest.mark.browser

EVIL = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


def far(index: int) -> dict[str, object]:
    """A place of its own, so that reports do not become one incident."""
    return {"lat": 34.40 + index * 0.02, "lon": 133.20 + index * 0.02}


def test_list_and_map_show_the_same(world: World, officer: Callable[..., Desk]) -> None:
    report_many(
        world.services,
        [
            ("flood", far(0)),
            ("slide", {**far(3), "type": DamageType.LANDSLIDE, "urgent": True}),
            ("outage", {**far(6), "type": DamageType.POWER_OUTAGE}),
            ("over", {**far(9), "type": DamageType.FIRE, "status": Status.RESOLVED}),
            ("nowhere", {"type": DamageType.INUNDATION, "lat": None, "lon": None, "radius_m": None}),
        ],
    )
    desk = officer()
    rows = desk.page.locator("#rows .row")
    expect(rows).to_have_count(3)
    types = rows.locator(".row__type").all_inner_texts()
    assert types[0] == "土砂災害"
    assert sorted(types[1:]) == ["停電", "道路冠水"]
    expect(desk.page.locator("#map .mark:visible")).to_have_count(3)
    expect(desk.page.locator("#tray summary")).to_contain_text("場所未特定 1件")
    expect(desk.page.locator("#hidden")).to_contain_text("1件は隠しています")
    desk.page.click("#show-hidden")
    desk.page.locator("#filters label", has_text="解消").click()
    expect(rows).to_have_count(4)
    expect(desk.page.locator("#map .mark--resolved:visible")).to_have_count(1)
    assert "state=" in desk.page.url
    desk.page.reload()
    expect(rows).to_have_count(4)
    desk.page.click("#filter-panel > summary")
    desk.page.get_by_role("button", name="絞り込みをやめる").click()
    expect(rows).to_have_count(3)


def test_a_report_appears_by_itself_and_is_unread(world: World, officer: Callable[..., Desk]) -> None:
    desk = officer()
    expect(desk.page.locator(".empty")).to_contain_text("まだ事案はありません")
    report(world.services, "one", type=DamageType.FIRE, urgent=True, drill=True)
    row = desk.page.locator("#rows .row")
    expect(row).to_have_count(1)
    for words in ("新着", "緊急", "訓練", "火災", "松永町", "福山市", "通報 1件", "本部未確認"):
        expect(row).to_contain_text(words)
    # What and where come before the badges: that is what is looked for at 3 a.m.
    assert row.locator(".row__body").inner_text().startswith("火災")
    assert row.locator(".row__body").inner_text().index("松永町") < row.locator(
        ".row__body"
    ).inner_text().index("新着")
    expect(desk.page.locator("#unread")).to_have_text("未読 1件")
    expect(desk.page.locator("#drill")).to_contain_text("訓練")
    assert "(1)" in desk.page.title()
    row.locator("button").click()
    expect(desk.page.locator("#unread")).to_have_text("未読 0件")
    report(world.services, "two", type=DamageType.FIRE, drill=True)
    expect(row).to_contain_text("更新")
    expect(row).to_contain_text("通報 2件")


def test_the_words_behind_are_for_officers(world: World, officer: Callable[..., Desk]) -> None:
    here = observation(UUID(int=0)).candidates[0]
    elsewhere = replace(here, municipality="34202", score=1.5)
    report(world.services, "one", candidates=(here, elsewhere))
    desk = officer()
    desk.page.locator("#rows .row button").click()
    detail = desk.page.locator("#detail")
    expect(detail).to_contain_text("おおよそ ±700 m（大字・町）")
    one = message("one")
    spans = observation(UUID(int=0)).evidence
    expect(detail.locator("mark")).to_have_text([one.text[span.start : span.end] for span in spans])
    expect(detail).to_contain_text("福山市松永町の代表点")
    detail.locator(".candidates summary").click()
    choices = detail.locator(".candidates li")
    expect(choices).to_contain_text(["福山市 松永町", "呉市 松永町"])
    viewer = officer(Role.VIEWER)
    viewer.page.locator("#rows .row button").click()
    expect(viewer.page.locator("#detail")).to_contain_text("担当職員としてサインインした方だけ")
    expect(viewer.page.locator("#detail mark")).to_have_count(0)


def test_keyboard_alone(world: World, officer: Callable[..., Desk]) -> None:
    report_many(world.services, [(f"r{index}", far(index * 3)) for index in range(3)])
    desk = officer()
    rows = desk.page.locator("#rows .row__button")
    expect(rows).to_have_count(3)
    rows.first.focus()
    desk.page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("#detail-title")).to_be_focused()
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator("#detail")).to_be_hidden()
    expect(rows.nth(1)).to_be_focused()
    desk.page.keyboard.press("ArrowUp")
    expect(rows.first).to_be_focused()


def test_what_strangers_write_is_text(world: World, officer: Callable[..., Desk]) -> None:
    report(world.services, "evil", place_text=EVIL, why=EVIL, level=Level.TOWN, quantities=(EVIL,))
    desk = officer()
    row = desk.page.locator("#rows .row")
    expect(row).to_contain_text("<img src=x")
    row.locator("button").hover()
    row.locator("button").click()
    expect(desk.page.locator("#detail")).to_contain_text("<script>")
    assert "owned" not in desk.page.title()


def test_a_stale_map_never_looks_live(world: World, officer: Callable[..., Desk]) -> None:
    with workers.register(world.services.database, "test"):
        desk = officer()
        expect(desk.page.locator("#clock")).to_contain_text("最終更新", timeout=15_000)
        expect(desk.page.locator("#stale")).to_be_hidden()
        expect(desk.page.locator("#waiting")).to_contain_text("読み取り待ち 0件")
        desk.page.clock.install()
        desk.page.context.set_offline(True)
        desk.page.clock.fast_forward(30_000)
        stale = desk.page.locator("#stale")
        expect(stale).to_contain_text("情報の更新が止まっています（最終更新 ")
        assert desk.page.title().startswith("⚠")


def test_without_a_worker_the_map_says_so(officer: Callable[..., Desk]) -> None:
    desk = officer()
    expect(desk.page.locator("#stale")).to_contain_text("読み取り処理が止まっています", timeout=15_000)


def test_after_signing_in_the_address_asked_for_opens(world: World, window: Callable[..., Desk]) -> None:
    world.user("late", Role.OFFICER)
    desk = window()
    desk.page.goto(f"{world.url}/signin?next=/report")
    desk.page.fill("#name", "late")
    desk.page.fill("#password", PASSWORD)
    desk.page.click("button[type=submit]")
    desk.page.wait_for_url("**/report")


def test_an_ended_session_is_said(world: World, officer: Callable[..., Desk]) -> None:
    desk = officer()
    desk.page.context.clear_cookies()
    desk.page.reload()
    expect(desk.page.get_by_role("button", name="サインイン")).to_be_visible()


def test_the_list_grows_as_long_as_its_end_is_held_in_sight(
    world: World, officer: Callable[..., Desk]
) -> None:
    report_many(world.services, [(f"{number}", far(number)) for number in range(200)])
    page = officer().page
    expect(page.locator("#rows .row").first).to_be_visible()
    page.evaluate("""() => {
      const list = document.querySelector('#list');
      const hold = () => { list.scrollTop = list.scrollHeight; requestAnimationFrame(hold); };
      hold();
    }""")
    expect(page.locator("#rows .row")).to_have_count(200)


@pytest.mark.parametrize(("width", "height"), [(360, 640), (390, 844), (320, 256)])
def test_narrow_screens_never_scroll_sideways(
    world: World, officer: Callable[..., Desk], width: int, height: int
) -> None:
    report(world.services, "one", place_text="とても長い場所の名前" * 6)
    desk = officer(width=width, height=height)
    desk.page.click("[data-pane=list]")
    desk.page.locator("#rows .row button").click()
    expect(desk.page.locator("#detail")).to_be_visible()
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= width
    small = desk.page.evaluate(
        "[...document.querySelectorAll('.tabs button, .row__button')]"
        ".filter(e => e.offsetHeight && e.offsetHeight < 44).length"
    )
    assert small == 0
    desk.page.click("[data-pane=map]")
    expect(desk.page.locator("#detail")).to_be_hidden()
    expect(desk.page.locator("#map")).to_be_visible()


def test_who_is_signed_out_elsewhere_sees_nothing_any_more(
    world: World, officer: Callable[..., Desk]
) -> None:
    report(world.services, "one", place_text="人に見せない場所")
    page = officer().page
    expect(page.locator("#rows .row")).to_contain_text("人に見せない場所")
    with world.services.database.transaction() as conn:
        conn.execute(text("DELETE FROM sessions"))
    expect(page.locator("#stale-signin")).to_be_visible(timeout=45_000)
    expect(page.locator("#stale-why")).to_contain_text("内容を隠しました")
    expect(page.locator("#rows .row")).to_be_hidden()
    expect(page.locator("#map")).to_be_hidden()


def test_the_filter_names_municipalities(world: World, officer: Callable[..., Desk]) -> None:
    report(world.services, "one")
    page = officer().page
    page.click("#filter-panel > summary")
    page.get_by_text("市町村", exact=True).click()
    expect(page.locator("#filters label", has_text="福山市")).to_be_visible()


def test_what_headquarters_has_confirmed_is_told_apart(world: World, officer: Callable[..., Desk]) -> None:
    report(world.services, "flood")
    verify(world.services.database)
    report(world.services, "fire", **far(3), type=DamageType.FIRE)
    page = officer().page
    expect(page.locator("#rows .row")).to_have_count(2)
    page.click("#filter-panel > summary")
    facet = page.locator(".facet", has=page.get_by_text("本部の確認", exact=True))
    facet.locator("summary").click()
    facet.get_by_text("本部確認済").click()
    expect(page.locator("#rows .row")).to_have_count(1)
    expect(page.locator("#rows .row")).to_contain_text("本部確認済")
    assert "v=verified" in page.url
    facet.get_by_text("本部未確認").click()
    expect(page.locator("#rows .row")).to_contain_text("火災")


def test_the_wall_keeps_the_filter(world: World, officer: Callable[..., Desk]) -> None:
    report(world.services, "one")
    report(world.services, "two", type=DamageType.FIRE, lat=34.6)
    desk = officer()
    desk.page.goto(f"{desk.url}/#type=fire")
    expect(desk.page.locator("#rows .row")).to_have_count(1)
    desk.page.click("#tools-summary")
    desk.page.get_by_role("button", name="壁面表示").click()
    expect(desk.page.locator("#wall")).to_contain_text("事案 1件")
