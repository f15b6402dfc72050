"""Teaching a place by the page, with a worker that learns: by pointer, by keyboard, and taken back."""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from geo.gazetteer.memory import data_folder
from geo.gazetteer.tables import OUTLINES_FINE
from service.access import Role
from service.api.services import Services
from service.pipeline import Pipeline
from service.store import places
from tests.service.api.world import World, report
from tests.service.learning import at_work, lesson, message, put, situation, teach
from tests.service.store.samples import observation
from tests.web.axe import faults
from tests.web.conftest import Desk
from tests.web.drawing import box_of

pytestmark = pytest.mark.browser

SAID = "ぬばたま会館付近で道路が冠水しています。"
HALL = "ぬばたま会館"


@pytest.fixture
def learning(services: Services, world: World, pipeline: Pipeline) -> Iterator[World]:
    """The page's world with the areas of 福山市 and its neighbours, and a worker."""
    packed = (data_folder() / OUTLINES_FINE).read_bytes()
    features = json.loads(gzip.decompress(packed))["features"]
    near = [each for each in features if each["properties"]["code"] in ("34207", "34205")]
    with services.database.transaction() as conn:
        places.load_municipalities(conn, near)
    with at_work(services.database, pipeline):
        yield world


def open_unplaced(desk: Desk) -> Page:
    page = desk.page
    expect(page.locator("#tray summary")).to_contain_text("場所未特定 1件")
    page.click("#tray summary")
    page.locator("#tray .row button").click()
    page.get_by_role("button", name="この名前の場所を教える").click()
    expect(page.locator("#teach-title")).to_be_focused()
    return page


def test_a_name_is_taught_and_the_pin_appears_without_reload(
    learning: World, officer: Callable[..., Desk]
) -> None:
    put(learning.services.database, message("one", SAID))
    page = open_unplaced(officer())
    expect(page.locator("#teach-name")).to_have_value(HALL)
    expect(page.locator("#teach")).to_contain_text("福山市からの通報")
    page.locator("#map").click(position={"x": 300, "y": 300})
    assert page.locator("#teach-lat").input_value().startswith("34.")
    sign = page.locator("#map .pick")
    expect(sign).to_be_visible()
    before = page.locator("#teach-lon").input_value()
    sign.drag_to(page.locator("#map"), target_position={"x": 360, "y": 320})
    assert page.locator("#teach-lon").input_value() > before
    page.get_by_role("button", name="この場所で登録する").click()
    expect(page.locator("#teach-title")).to_have_text("登録しました")
    expect(page.locator("#map .mark:visible")).not_to_have_count(0, timeout=5_000)
    expect(page.locator("#teach")).to_contain_text("通報 1件の位置が決まり")
    expect(page.locator("#rows .row")).to_have_count(1)
    expect(page.locator("#tray")).to_be_hidden()
    page.get_by_role("button", name="閉じる").click()
    # The incident that the officer looked at is the one that moved.
    expect(page.locator("#detail")).to_contain_text("本部が教えた場所")
    page.click("#taught-panel > summary")
    taught = page.locator("#taught .taught__place")
    expect(taught).to_contain_text(HALL)
    expect(taught).to_contain_text("person-officer")
    expect(taught).to_contain_text("位置が決まった通報 1件")
    taught.get_by_role("button", name="ぬばたま会館を取り消す").click()
    taught.get_by_role("button", name="取り消して元に戻す").click()
    expect(page.locator("#tray summary")).to_contain_text("場所未特定 1件")
    expect(taught).to_have_count(0)


def test_by_keyboard_alone(learning: World, officer: Callable[..., Desk]) -> None:
    put(learning.services.database, message("one", SAID))
    page = open_unplaced(officer())
    keys = page.keyboard
    page.locator("#teach-name").focus()
    keys.press("Enter")
    fault = page.locator("#teach-lat-fault")
    expect(fault).to_contain_text("場所を示してください")
    expect(page.locator("#teach-lat")).to_be_focused()
    keys.type("３４.５０")
    keys.press("Tab")
    keys.type("133.35")
    keys.press("Tab")
    keys.press("ArrowUp")
    keys.press("Tab")
    expect(page.get_by_role("button", name="この場所で登録する")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("#teach-title")).to_have_text("登録しました")
    expect(page.locator("#rows .row")).to_have_count(1)
    [found] = situation(learning.services.database).values()
    assert (found.lat, found.lon) == (34.50, 133.35)
    keys.press("Escape")
    expect(page.locator("#teach")).to_be_hidden()
    expect(page.locator("#detail-title")).to_be_focused()


def test_a_name_that_the_reader_did_not_see_is_marked_in_the_words(
    learning: World, officer: Callable[..., Desk]
) -> None:
    put(learning.services.database, message("one", "天狗淵で道路が冠水しています"))
    page = open_unplaced(officer())
    expect(page.locator("#teach-name")).to_have_value("")
    box_of(page.locator("#teach blockquote"))
    ends = page.evaluate(
        """() => {
            const words = document.querySelector('#teach blockquote').firstChild;
            const range = document.createRange();
            range.setStart(words, 0);
            range.setEnd(words, 3);
            const { left, right, top, bottom } = range.getBoundingClientRect();
            return [left, right, (top + bottom) / 2];
        }"""
    )
    page.mouse.move(ends[0] + 1, ends[2])
    page.mouse.down()
    page.mouse.move(ends[1] - 1, ends[2])
    page.mouse.up()
    expect(page.locator("#teach-name")).to_have_value("天狗淵")


def test_escape_leaves_everything_as_it_was(learning: World, officer: Callable[..., Desk]) -> None:
    put(learning.services.database, message("one", SAID))
    page = open_unplaced(officer())
    page.get_by_role("button", name="地図の中央に印を置く").click()
    expect(page.locator("#map .pick")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#map .pick")).to_have_count(0)
    expect(page.get_by_role("button", name="この名前の場所を教える")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#detail")).to_be_hidden()


def test_what_is_wrong_is_said_beside_it(learning: World, officer: Callable[..., Desk]) -> None:
    put(learning.services.database, message("one", SAID))
    page = open_unplaced(officer())
    send = page.get_by_role("button", name="この場所で登録する")
    page.fill("#teach-name", "橋")
    page.fill("#teach-lat", "34.41")
    page.fill("#teach-lon", "133.20")
    send.click()
    expect(page.locator("#teach-name-fault")).to_contain_text("種類だけでは")
    expect(page.locator("#teach-name")).to_be_focused()
    page.fill("#teach-name", HALL)
    send.click()
    asked = page.locator("#teach [role=alert]")
    expect(asked).to_contain_text("福山市の境から")
    page.get_by_role("button", name="確かめたので登録する").click()
    expect(page.locator("#teach-title")).to_have_text("登録しました")


def test_the_second_officer_sees_both_and_replaces(learning: World, officer: Callable[..., Desk]) -> None:
    evil = replace(lesson("<img src=x onerror=\"document.title='owned'\">"), radius_m=300.0)
    teach(learning.services.database, evil, by="<script>document.title='owned'</script>")
    put(learning.services.database, message("one", SAID))
    page = open_unplaced(officer())
    teach(learning.services.database, lesson(HALL), by="先の職員")
    page.get_by_role("button", name="地図の中央に印を置く").click()
    page.get_by_role("button", name="この場所で登録する").click()
    asked = page.locator("#teach [role=alert]")
    expect(asked).to_contain_text("すでに登録されています")
    expect(asked).to_contain_text("先の職員")
    page.get_by_role("button", name="今回の場所に置き換える").click()
    expect(page.locator("#teach-title")).to_have_text("登録しました")
    page.get_by_role("button", name="閉じる").click()
    page.click("#taught-panel > summary")
    expect(page.locator("#taught .taught__place")).to_have_count(2)
    expect(page.locator("#taught")).to_contain_text("<img src=x")
    assert "owned" not in page.title()


def test_viewers_are_offered_nothing(learning: World, officer: Callable[..., Desk]) -> None:
    put(learning.services.database, message("one", SAID))
    desk = officer(Role.VIEWER)
    expect(desk.page.locator("#tray summary")).to_contain_text("場所未特定 1件")
    desk.page.click("#tray summary")
    desk.page.locator("#tray .row button").click()
    expect(desk.page.locator("#detail")).to_contain_text("担当職員としてサインイン")
    expect(desk.page.get_by_role("button", name="この名前の場所を教える")).to_have_count(0)
    expect(desk.page.locator("#taught-panel")).to_be_hidden()


def test_axe_finds_nothing(learning: World, officer: Callable[..., Desk]) -> None:
    put(learning.services.database, message("one", SAID))
    teach(learning.services.database, lesson("かっぱ淵"))
    page = open_unplaced(officer())
    page.click("#taught-panel > summary")
    page.get_by_role("button", name="かっぱ淵を取り消す").click()
    page.fill("#teach-name", "橋")
    page.get_by_role("button", name="地図の中央に印を置く").click()
    page.get_by_role("button", name="この場所で登録する").click()
    expect(page.locator("#teach-name-fault")).to_be_visible()
    assert faults(page) == []


def test_on_a_phone_the_map_is_above_and_the_form_below(
    learning: World, officer: Callable[..., Desk]
) -> None:
    put(learning.services.database, message("one", SAID))
    desk = officer(width=390, height=844)
    desk.page.click("[data-pane=list]")
    page = open_unplaced(desk)
    page.locator("#map").click(position={"x": 195, "y": 150})
    expect(page.locator("#map .pick")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="この場所で登録する").click()
    expect(page.locator("#teach-title")).to_have_text("登録しました")


def test_one_of_several_candidates_is_chosen(world: World, officer: Callable[..., Desk]) -> None:
    here = observation(UUID(int=0)).candidates[0]
    there = replace(here, lat=34.5321, lon=133.4123, name="松永町北")
    open_place = {"lat": None, "lon": None, "radius_m": None, "ambiguous": True}
    report(world.services, "one", candidates=(here, there), **open_place)
    page = open_unplaced(officer())
    page.locator("#teach").get_by_role("button", name="福山市 松永町北").click()
    expect(page.locator("#teach-lat")).to_have_value("34.532100")
    expect(page.locator("#teach-lon")).to_have_value("133.412300")
    expect(page.locator("#map .pick")).to_be_visible()
    page.get_by_role("button", name="この場所で登録する").click()
    expect(page.locator("#teach-title")).to_have_text("登録しました")
