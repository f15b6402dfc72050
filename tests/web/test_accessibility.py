"""JIS X 8341-3 AA as far as a machine can tell, on every screen: by day and night, in Japanese and English,
at a desk and on a phone; 400 % zoom; the keyboard alone. docs/accessibility.md says what is promised."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from nlp.reading import DamageType, Status
from service.access import Role
from tests.service.api.evacuation.test_decisions import decided, decision
from tests.service.api.world import World, report_many
from tests.service.evacuation.town import person
from tests.web.axe import faults
from tests.web.conftest import Desk
from tests.web.screens import BOARD_SCREENS, SCREENS, Screen, enter, show

pytestmark = pytest.mark.browser

SIZES = ((1440, 900), (390, 844))
# 1280 × 1024 at 400 % is 320 × 256; a phone held upright with the largest type is about 320 × 640.
ZOOMED = ((320, 256), (320, 640))
# What sticks out sideways: seen, and of no map or wide table (which scrolls by itself).
STICKING_OUT = """() => [...document.querySelectorAll('body *')].filter(e => {
  const { right, left, width } = e.getBoundingClientRect();
  return width && (right > innerWidth + 1 || left < -1) && e.checkVisibility({visibilityProperty: true})
    && !e.closest('.map, svg, .wide, .skips, .visually-hidden');
}).map(e => e.outerHTML.slice(0, 120))"""
CUT_OFF = """() => [...document.querySelectorAll('button, summary, a, label, h1, h2, h3, p, dd, .row *')]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest('.visually-hidden, .skips')
    && getComputedStyle(e).overflowX !== 'visible' && e.scrollWidth > e.clientWidth + 1)
  .map(e => e.outerHTML.slice(0, 120))"""
# Seen: at least one of nine points of what lies in the window is its own (WCAG 2.4.11).
HIDDEN_FOCUS = """() => {
  const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
  const [left, right] = [Math.max(0, box.left), Math.min(innerWidth, box.right)];
  const [top, bottom] = [Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
  const parts = [0.1, 0.5, 0.9];
  const seen = parts.some(x => parts.some(y => {
    const at = document.elementFromPoint(left + (right - left) * x, top + (bottom - top) * y);
    return at && (e.contains(at) || at.contains(e));
  }));
  const quiet = e.matches('.visually-hidden');
  return [e.outerHTML.slice(0, 120), quiet || right > left && bottom > top && seen,
    quiet || style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2, e === document.body];
}"""

STOPS = "a:visible, button:enabled:visible, input:visible, select:visible, summary:visible"


def situate(world: World) -> None:
    """A situation with every kind of mark: states, urgent, drill, unplaced."""
    kinds = (DamageType.FIRE, DamageType.LANDSLIDE, DamageType.POWER_OUTAGE)
    states = (Status.PRESENT, Status.FEARED, Status.HEARSAY)
    placed: list[tuple[str, dict[str, Any]]] = [
        (
            f"{kind}-{state}",
            {
                "lat": 34.40 + 0.06 * row + 0.02 * column,
                "lon": 133.20 + 0.06 * row + 0.02 * column,
                "type": kind,
                "status": state,
                "drill": row == 1,
                "urgent": row == 0,
            },
        )
        for row, kind in enumerate(kinds)
        for column, state in enumerate(states)
    ]
    nowhere = {"type": DamageType.INUNDATION, "lat": None, "lon": None, "radius_m": None, "ambiguous": True}
    report_many(world.services, [*placed, ("nowhere", nowhere)])


@pytest.fixture
def situation(world: World) -> World:
    situate(world)
    return world


@pytest.fixture
def scene(request: pytest.FixtureRequest, screen: Screen) -> World:
    """What the screen shows: a situation, or a town that has decided."""
    if screen not in BOARD_SCREENS:
        found: World = request.getfixturevalue("situation")
        return found
    town: World = request.getfixturevalue("town")
    commander = person(town, Role.COMMANDER)
    decided(commander, decision(commander.get("/evacuation/board").json(), "order", "u1", level=3))
    return town


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("screen", [*SCREENS, *BOARD_SCREENS], ids=lambda screen: screen.name)
def test_axe_finds_nothing(scene: World, window: Callable[..., Desk], screen: Screen, language: str) -> None:
    desk = window()
    enter(desk, scene, screen.role, language)
    found = {}
    for width, height in SIZES:
        desk.page.set_viewport_size({"width": width, "height": height})
        show(desk.page, scene, screen)
        found[width] = faults(desk.page)
    assert {where: what for where, what in found.items() if what} == {}


@pytest.mark.parametrize("screen", [*SCREENS, *BOARD_SCREENS], ids=lambda screen: screen.name)
def test_at_400_percent_nothing_is_lost(scene: World, window: Callable[..., Desk], screen: Screen) -> None:
    desk = window()
    page = desk.page
    enter(desk, scene, screen.role, "en")
    for width, height in ZOOMED:
        page.set_viewport_size({"width": width, "height": height})
        show(page, scene, screen)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(STICKING_OUT) == []
        assert page.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("size", [(1440, 900), (320, 256)], ids=["desk", "400 %"])
@pytest.mark.parametrize("screen", [*SCREENS, *BOARD_SCREENS], ids=lambda screen: screen.name)
def test_the_focus_is_always_seen(
    scene: World, window: Callable[..., Desk], screen: Screen, size: tuple[int, int]
) -> None:
    """Tab through everything: each stop is in sight, uncovered, with an outline, and Tab leads out again."""
    width, height = size
    desk = window(width=width, height=height)
    enter(desk, scene, screen.role)
    show(desk.page, scene, screen)
    # From the top of the page, wherever the mouse was last.
    desk.page.evaluate("document.querySelector('a, button, input:not([type=hidden])').focus()")
    covered, bare, stops = [], [], 0
    for _ in range(200):
        desk.page.keyboard.press("Tab")
        what, seen, outlined, out = desk.page.evaluate(HIDDEN_FOCUS)
        if out:
            break
        stops += 1
        covered += [] if seen else [what]
        bare += [] if outlined else [what]
    assert (covered, bare) == ([], [])
    assert min(2, desk.page.locator(STOPS).count() - 1) <= stops < 200


def test_the_keyboard_alone_reaches_the_most_urgent(situation: World, window: Callable[..., Desk]) -> None:
    desk = window()
    page = desk.page
    enter(desk, situation, Role.OFFICER)
    page.goto(situation.url)
    first = page.locator("#rows .row__button").first
    expect(first).to_contain_text("緊急")
    # By the first link of the page.
    page.keyboard.press("Tab")
    expect(page.locator(".skip").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#detail-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(first).to_be_focused()
    # By its key, from anywhere, and from row to row.
    page.locator("[popovertarget=account]").focus()
    page.keyboard.press("Alt+u")
    expect(first).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator("#rows .row__button").last).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#rows .row__button").nth(1)).to_be_focused()
    # The whole list is one stop.
    page.keyboard.press("Tab")
    expect(page.locator("#map")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#rows .row__button").nth(1)).to_be_focused()


def test_the_keyboard_alone_reaches_the_nearest(situation: World, window: Callable[..., Desk]) -> None:
    desk = window()
    page = desk.page
    enter(desk, situation, Role.VIEWER)
    # The south-westernmost pin is the fire that is happening.
    page.goto(f"{situation.url}/#map=13/34.4000/133.2000")
    expect(page.locator("#rows .row")).to_have_count(9)
    page.keyboard.press("Alt+n")
    expect(page.locator(".row__button:focus")).to_contain_text("火災")
    expect(page.locator(".row__button:focus")).to_contain_text("発生中")
    page.keyboard.press("Enter")
    expect(page.locator("#detail")).to_contain_text("34.40000, 133.20000")


def test_the_skip_links_keep_the_filter(situation: World, window: Callable[..., Desk]) -> None:
    desk = window(width=390, height=844)
    page = desk.page
    enter(desk, situation, Role.VIEWER)
    page.goto(f"{situation.url}/#type=fire")
    expect(page.locator("#rows .row")).to_have_count(3)
    for skip, target in (("filters", "#filter-panel > summary"), ("map", "#map"), ("urgent", ".row__button")):
        page.locator(f"[data-skip={skip}]").focus()
        page.keyboard.press("Enter")
        expect(page.locator(target).first).to_be_focused()
    assert "type=fire" in page.url
    expect(page.locator("#rows .row")).to_have_count(3)


def test_motion_stops_where_it_is_not_wanted(situation: World, window: Callable[..., Desk]) -> None:
    desk = window(reduced_motion="reduce")
    enter(desk, situation, Role.VIEWER)
    desk.page.goto(situation.url)
    expect(desk.page.locator("#rows .row")).to_have_count(9)
    moving = """[...document.querySelectorAll('*')].filter(e => {
      const s = getComputedStyle(e);
      return s.animationName !== 'none' || s.transitionDuration.split(',').some(d => parseFloat(d) > 0);
    }).map(e => e.outerHTML.slice(0, 100))"""
    assert desk.page.evaluate(moving) == []
    assert desk.page.locator(".leaflet-zoom-anim, .leaflet-fade-anim").count() == 0


def test_colours_forced_by_the_system_take_no_meaning_away(
    situation: World, window: Callable[..., Desk]
) -> None:
    desk = window(forced_colors="active")
    page = desk.page
    enter(desk, situation, Role.VIEWER)
    page.goto(situation.url)
    row = page.locator("#rows .row").first
    row.locator("button").click()
    expect(page.locator("#detail")).to_be_visible()
    style = "e => getComputedStyle(e)"
    chosen = page.locator(".row.is-selected .row__button").evaluate(f"e => ({style})(e).outlineStyle")
    assert chosen == "solid"
    faces = page.locator("#rows .mark__face").evaluate_all(
        "all => all.map(e => getComputedStyle(e).borderStyle)"
    )
    assert {"solid", "dashed", "dotted"} <= set(faces)
