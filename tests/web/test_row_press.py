"""Rows of lists that change while an officer presses: what was pressed opens, and nothing else."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from geo.place import Level
from nlp.reading import DamageType
from tests.service.api.desks import said
from tests.service.api.world import World, report
from tests.web.conftest import Desk, Open, flood
from tests.web.drawing import box_of

pytestmark = pytest.mark.browser

NOWHERE: Mapping[str, Any] = {
    "lat": None,
    "lon": None,
    "radius_m": None,
    "level": Level.MUNICIPALITY,
    "candidates": (),
    "ambiguous": True,
}
FIRE: Mapping[str, Any] = {"type": DamageType.FIRE, "urgent": True, "lat": 34.5, "lon": 133.3}
# Path, what the first report says, what opens, and what happens meanwhile: something worse, or more of it.
LISTS = {
    "map": ("/", {}, "#detail", FIRE),
    "map, itself": ("/", {}, "#detail", {}),
    "desk": ("/desk", {}, "#case", FIRE),
    "desk, itself": ("/desk", {}, "#case", {}),
    "tray": ("/tray", NOWHERE, "#item", {**NOWHERE, "urgent": True}),
}


def at(row: Locator) -> tuple[float, float]:
    box = box_of(row)
    return box["x"] + box["width"] / 2, box["y"] + 12


def opened(desk: Desk, path: str) -> Page:
    desk.page.goto(f"{desk.url}{path}")
    expect(desk.page.locator(".row__button").first).to_be_visible()
    return desk.page


@pytest.mark.parametrize("case", LISTS)
def test_what_was_pressed_opens_though_the_list_moves(
    world: World, officer: Callable[..., Desk], case: str
) -> None:
    path, first, panel, meanwhile = LISTS[case]
    said(world.services, "pressed", "押した町で冠水", place_text="押した町", **first)
    page = opened(officer(), path)
    row = page.locator(".row__button", has_text="押した町")
    shown = row.inner_text()
    page.mouse.move(*at(row))
    page.mouse.down()
    said(world.services, "meanwhile", "急ぐ町で火事", place_text="急ぐ町", **meanwhile)
    if meanwhile:
        expect(page.locator(".row__button").first).to_contain_text("急ぐ町")
    else:
        expect(page.locator(".row__button")).not_to_have_text(shown)
    page.mouse.up()
    expect(page.locator(panel)).to_contain_text("押した町")


def test_a_press_that_is_dragged_away_opens_nothing(world: World, officer: Callable[..., Desk]) -> None:
    report(world.services, "one")
    report(world.services, "two", **FIRE)
    page = opened(officer(), "/")
    rows = page.locator(".row__button")
    expect(rows).to_have_count(2)
    page.mouse.move(*at(rows.nth(0)))
    page.mouse.down()
    page.mouse.move(*at(rows.nth(1)))
    page.mouse.up()
    rows.first.focus()
    expect(page.locator("#rows .row--news")).to_have_count(2)
    expect(page.locator("#detail")).to_be_hidden()


def held(page: Page, name: str) -> None:
    """The mouse is down on the button of this name."""
    box = box_of(page.get_by_role("button", name=name))
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()


def test_an_action_of_the_desk_is_done_though_its_incident_changes_under_the_hand(
    world: World, officer: Callable[..., Desk]
) -> None:
    said(world.services, "one", "押した町で冠水", place_text="押した町")
    page = opened(officer(), "/desk")
    expect(page.locator("#case .tag", has_text="本部未確認")).to_be_visible()
    held(page, "解消にする")
    said(world.services, "two", "押した町で冠水、増えている", place_text="押した町")
    expect(page.locator(".row__button").first).to_contain_text("別々の2人")
    page.mouse.up()
    expect(page.locator("#said")).to_contain_text("状態を決めました（1件）")
    expect(page.locator("#case")).to_contain_text("増えている")


def test_a_button_of_the_board_works_though_the_board_changes_under_the_hand(
    town: World, board: Open
) -> None:
    page = board()
    page.locator(".unit-row button", has_text="第1地区").click()
    held(page, "この単位の発令・見送り・解除を記録する")
    flood(town, "three", 2)
    expect(page.locator(".unit-row", has_text="第2地区")).to_contain_text("未確認 1")
    page.mouse.up()
    expect(page.locator("#decide-reason")).to_be_visible()
    expect(page.locator("#detail-title")).to_have_text("判断を記録する")
