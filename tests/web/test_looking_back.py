"""Playing a day on the map, and the tiles that a setting lays over it."""

import base64
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import text

from nlp.reading import DamageType
from service.access import Role
from service.api.services import Services
from service.store.database import Database
from tests.service.api.evacuation.test_decisions import decided, decision
from tests.service.api.world import World, report, services_for
from tests.service.evacuation.town import middle, person
from tests.web.conftest import Desk, Open, open_anew

pytestmark = pytest.mark.browser

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def services(services: Services) -> Services:
    return services_for(
        services.database,
        str(services.settings.database_url),
        services.settings.state,
        raster_layers="gsi_pale,flood",
    )


def moved_back(database: Database, place: str, minutes: float) -> None:
    """The incident at this place became known so many minutes ago."""
    with database.transaction() as conn:
        conn.execute(
            text("UPDATE changes SET at = :at WHERE body->>'place_text' = :place"),
            {"at": datetime.now(UTC) - timedelta(minutes=minutes), "place": place},
        )


def look_back(page: Page, steps: int) -> None:
    """The slider stands so many steps of five minutes before now."""
    page.click("#tools-summary")
    page.get_by_role("button", name="時刻をたどる").click()
    expect(page.locator("#past")).to_be_visible()
    page.locator(".replay__slider").focus()
    for _ in range(steps):
        page.keyboard.press("ArrowLeft")


def test_a_day_is_played_until_now_and_stops_there(world: World, officer: Callable[..., Desk]) -> None:
    report(world.services, "early", place_text="先の冠水")
    report(world.services, "late", lat=34.6, lon=133.6, type=DamageType.FIRE, place_text="後の火災")
    moved_back(world.services.database, "先の冠水", 22)
    moved_back(world.services.database, "後の火災", 12)
    page = officer().page
    rows = page.locator("#rows .row")
    expect(rows).to_have_count(2)
    look_back(page, 6)
    expect(rows).to_have_count(0)
    page.get_by_role("button", name="再生").click()
    expect(page.get_by_role("button", name="止める")).to_be_visible()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("先の冠水")
    page.get_by_role("button", name="止める").click()
    page.get_by_role("button", name="再生").click()
    expect(rows).to_have_count(2)
    # At the present the picture stands still by itself.
    expect(page.get_by_role("button", name="再生")).to_be_visible(timeout=10_000)
    expect(page.locator("#past")).to_contain_text("今の状況ではありません")
    page.locator("#past button").click()
    expect(page.locator("#past")).to_be_hidden()


def test_the_units_over_the_map_are_those_of_the_moment(town: World, board: Open) -> None:
    page = board()
    commander = person(town, Role.COMMANDER)
    decided(commander, decision(commander.get("/evacuation/board").json()))
    lat, lon = middle(1)
    page.goto(f"{town.url}/#map=13/{lat}/{lon}&layers=units")
    page.wait_for_selector("#map.leaflet-container")
    look_back(page, 0)
    with page.expect_response(re.compile(r"units\.geojson.*at=")) as then:
        page.keyboard.press("ArrowLeft")
    # Five minutes ago nobody had drawn units yet.
    assert then.value.json()["features"] == []
    with page.expect_response(re.compile(r"units\.geojson\?municipality=\d+$")) as now:
        page.locator("#past button").click()
    assert [one["properties"]["level"] for one in now.value.json()["features"]] == [4, None, None]


def test_tiles_are_asked_for_when_their_layer_is_on(world: World, officer: Callable[..., Desk]) -> None:
    report(world.services, "one")
    desk = officer()
    page = desk.page
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(body=PIXEL, content_type="image/png")

    page.route(re.compile(r"^https://\w+\.gsi\.go\.jp/"), answer)
    open_anew(page, f"{desk.url}/#map=12/34.45/133.25")
    page.click("#tools-summary")
    assert asked == []
    page.get_by_label("地理院地図（淡色）").check()
    expect(page.locator("#map img.leaflet-tile-loaded").first).to_be_attached()
    expect(page.locator("#attribution")).to_contain_text("地理院タイル（国土地理院）")
    page.get_by_label("洪水浸水想定（想定最大規模）").check()
    expect(page.locator("#attribution")).to_contain_text("ハザードマップポータルサイト")
    shown = page.locator("#map .leaflet-layer.tiles")
    expect(shown).to_have_count(2)
    assert {float(each.evaluate("e => getComputedStyle(e).opacity")) < 1 for each in shown.all()} == {
        True,
        False,
    }
    expect(page).to_have_url(re.compile("layers=borders,flood,gsi_pale"))
    page.get_by_label("地理院地図（淡色）").uncheck()
    expect(shown).to_have_count(1)
    assert {url.split("/")[2] for url in asked} == {"cyberjapandata.gsi.go.jp", "disaportaldata.gsi.go.jp"}
    desk.foreign.clear()
