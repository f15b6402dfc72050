"""Every screen there is, in every state that matters: the tests of accessibility and of hostile text go
through this list. A new page is one line in it.

`path` may hold {incident}, which becomes the id of the gravest incident. `ready` is seen when the screen
is whole; `into` brings it into the state.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from service.access import Role
from tests.service.api.world import World
from tests.web.conftest import Desk


def as_it_comes(page: Page) -> None:
    """Nothing is done."""


def _pane(page: Page, name: str) -> None:
    tab = page.locator(f"[data-pane={name}]")
    if tab.is_visible():
        tab.click()


def _unfold(page: Page) -> None:
    closed = page.locator("#detail details:not([open]) > summary")
    for _ in range(closed.count()):
        closed.first.click()


def listed(page: Page) -> None:
    """The list, where it shares the screen with nothing."""
    _pane(page, "list")
    expect(page.locator("#rows .row__button, #tray summary").first).to_be_visible()


def opened(page: Page) -> None:
    """The first incident in full, with its reports."""
    listed(page)
    page.locator(".row__button").first.click()
    expect(page.locator("#detail .report").first).to_be_visible()
    _unfold(page)


def filtering(page: Page) -> None:
    """Every choice of the filter."""
    listed(page)
    page.click("#filter-panel > summary")
    page.evaluate("document.querySelectorAll('.facet').forEach(each => { each.open = true; })")


def explained(page: Page) -> None:
    """The legend over the map."""
    page.click(".legend-box > summary")


def unplaced(page: Page) -> None:
    """The incidents without a place."""
    listed(page)
    page.click("#tray > summary")
    expect(page.locator("#tray .row").first).to_be_visible()


def teaching(page: Page) -> None:
    """The form that says where a name is."""
    opened(page)
    page.locator("#detail .report button").first.click()
    expect(page.locator("#teach-title")).to_be_focused()


def taught(page: Page) -> None:
    """What was taught, with its question open."""
    listed(page)
    page.click("#taught-panel > summary")
    expect(page.locator("#taught")).to_be_visible()


def written(page: Page) -> None:
    """The form with a mistake said."""
    page.locator("#form button[type=submit]").click()
    expect(page.locator("#text-error")).not_to_be_empty()


def refused(page: Page) -> None:
    """A sign-in that failed."""
    page.fill("#name", "nobody")
    page.fill("#password", "wrong")
    page.locator("button[type=submit]").click()
    expect(page.locator("#error")).to_be_visible()


def criteria(page: Page) -> None:
    """The table of 発令基準 begun from the example."""
    page.click("#to-criteria")
    page.get_by_role("button", name=re.compile("例から始める|Start from an example")).click()
    expect(page.locator(".criteria__line").first).to_be_visible()


def tools(page: Page) -> None:
    """The tools of the map, with all layers."""
    page.click("#tools-summary")
    expect(page.locator("#tool-buttons button").first).to_be_visible()


def waiting(page: Page) -> None:
    """A report that no map shows, with what it needs."""
    page.locator("#rows button").first.click()
    expect(page.locator("#item-title")).to_be_visible()


def drawing(page: Page) -> None:
    """An area with three corners, half drawn."""
    page.keyboard.press("m")
    page.check("#place-area")
    for arrow in ("ArrowLeft", "ArrowRight", "ArrowUp"):
        page.get_by_role("button", name=re.compile("地図の中央に印を置く|centre")).click()
        page.locator(".corner:not(.corner--new)").last.focus()
        for _ in range(8):
            page.keyboard.press(arrow)
    expect(page.locator(".corner:not(.corner--new)")).to_have_count(3)


@dataclass(frozen=True, slots=True)
class Screen:
    """One page in one state, as one role sees it (None: nobody is signed in)."""

    name: str
    path: str
    role: Role | None
    ready: str
    into: Callable[[Page], None] = as_it_comes


SCREENS = (
    Screen("sign-in", "/signin", None, "#name"),
    Screen("sign-in refused", "/signin", None, "#name", refused),
    Screen("report", "/report?municipality=34207", None, "#form"),
    Screen("report with a mistake", "/report", None, "#form", written),
    Screen("map", "/", Role.OFFICER, "#rows .row"),
    Screen("list", "/", Role.VIEWER, "#rows .row", listed),
    Screen("incident", "/", Role.OFFICER, "#rows .row", opened),
    Screen("filter", "/", Role.OFFICER, "#rows .row", filtering),
    Screen("legend", "/", Role.OFFICER, "#rows .row", explained),
    Screen("unplaced", "/", Role.OFFICER, "#rows .row", unplaced),
    Screen("teaching", "/", Role.OFFICER, "#rows .row", teaching),
    Screen("taught", "/", Role.OFFICER, "#rows .row", taught),
    Screen("tools", "/", Role.OFFICER, "#rows .row", tools),
    Screen("wall", "/#wall", Role.VIEWER, "#wall:not([hidden])"),
    Screen("device", "/device", None, "#state"),
    Screen("people", "/people", Role.ADMINISTRATOR, "#people *"),
    Screen("tray", "/tray", Role.OFFICER, "#rows button"),
    Screen("tray item", "/tray", Role.OFFICER, "#rows button", waiting),
    Screen("chronology", "/chronology", Role.OFFICER, "#lines tr"),
    Screen("situation report", "/situation-report", Role.OFFICER, "table"),
    Screen("desk", "/desk", Role.OFFICER, "#case-title"),
    Screen("desk area", "/desk", Role.OFFICER, "#case-title", drawing),
    Screen("evacuation overview", "/evacuation", Role.OFFICER, "table.overview"),
    Screen("evacuation board", "/evacuation#m=34207", Role.COMMANDER, "#made:not(:empty)"),
    Screen("evacuation criteria", "/evacuation#m=34207", Role.OFFICER, "#made:not(:empty)", criteria),
)


def unit(page: Page) -> None:
    """The unit that needs a decision most, with its evidence and every list open."""
    _pane(page, "list")
    page.locator(".unit-row button").first.click()
    expect(page.locator("#detail-title")).to_be_focused()
    _unfold(page)


def deciding(page: Page) -> None:
    """The form of a decision."""
    unit(page)
    page.get_by_role("button", name=re.compile("^この単位の|for this unit")).click()
    expect(page.locator("#decide-reason")).to_be_visible()


def confirming(page: Page) -> None:
    """A decision before it is recorded."""
    deciding(page)
    page.fill("#decide-reason", "越水を確認した")
    page.locator("#detail button[type=submit]").click()
    expect(page.locator(".confirm")).to_be_visible()


def ticking(page: Page) -> None:
    """The form that says a manual line to be met."""
    unit(page)
    page.get_by_role("button", name=re.compile("^(達したとする|Say it is met)$")).first.click()
    expect(page.locator("#tick-reason")).to_be_visible()


def past_decisions(page: Page) -> None:
    """What was decided."""
    page.click("#to-history")
    expect(page.locator(".history__one").first).to_be_visible()


def frozen(page: Page) -> None:
    """The board of a past decision."""
    past_decisions(page)
    page.locator(".history__one button").first.click()
    expect(page.locator("#frozen")).to_be_visible()


def unit_drawn(page: Page) -> None:
    """A new unit, half drawn."""
    page.click("#to-units")
    page.fill("#draw-name", "港地区")
    page.get_by_role("button", name=re.compile("^(地図に描き始める|Start drawing on the map)$")).click()
    expect(page.get_by_role("button", name=re.compile("地図の中央に印を置く|centre"))).to_be_visible()


def _of_board(name: str, into: Callable[[Page], None]) -> Screen:
    return Screen(f"board: {name}", "/evacuation#m=34207", Role.COMMANDER, ".unit-row", into)


# Of a municipality with units and a decision.
BOARD_SCREENS = (
    _of_board("unit", unit),
    _of_board("decision", deciding),
    _of_board("confirmation", confirming),
    _of_board("tick", ticking),
    _of_board("past decisions", past_decisions),
    _of_board("board of then", frozen),
    _of_board("unit half drawn", unit_drawn),
)


def enter(desk: Desk, world: World, role: Role | None, language: str = "ja") -> None:
    """Gives the window the session of a fresh person of `role`, and its language."""
    cookies = [{"name": "lang", "value": language, "url": world.url}]
    if role is not None:
        held = world.signed_in(role).cookies
        cookies += [{"name": name, "value": value, "url": world.url} for name, value in held.items()]
    desk.page.context.add_cookies(cookies)  # type: ignore[arg-type]


def show(page: Page, world: World, screen: Screen) -> None:
    """Opens the screen and brings it into its state."""
    # Another fragment alone would not load the page anew.
    page.goto("about:blank")
    page.goto(world.url + screen.path)
    page.locator(screen.ready).first.wait_for(state="attached")
    screen.into(page)
