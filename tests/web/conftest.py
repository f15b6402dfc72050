"""A real Chromium in front of the real api on a real PostGIS."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from nlp.reading import DamageType, Status
from service import access
from service.access import Role
from service.api.pages import Site
from service.api.services import Services
from service.store.database import Database
from tests.service.api import world as worlds
from tests.service.api.world import PASSWORD, World, report
from tests.service.desks import FAR, told
from tests.service.evacuation.town import (
    CODE,
    collection,
    count_line,
    feature,
    middle,
    person,
    settle,
    verify,
)
from tests.service.store.samples import MATSUNAGA

Open = Callable[..., Page]
Sit = Callable[..., Page]
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Desk:
    """One person's browser window, and everything that went wrong in it."""

    page: Page
    url: str
    faults: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def signed_in(self, name: str) -> Page:
        """The map, as the person of this name opens it by the page for signing in."""
        self.page.goto(f"{self.url}/signin")
        self.page.fill("#name", name)
        self.page.fill("#password", PASSWORD)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector("#map.leaflet-container")
        return self.page


def open_anew(page: Page, url: str) -> None:
    """Load the page as a link does that is pressed in a mail, whatever the window shows now.

    Going to another fragment of the open page and reloading it loses the fragment now and then: the page
    writes its own address meanwhile, and that is what is reloaded.
    """
    page.goto("about:blank")
    page.goto(url)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.fail("Chromium is missing: `make test` installs it", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site() -> Site:
    return worlds.site()


@pytest.fixture
def services(database: Database, database_url: str, tmp_path: Path) -> Services:
    return worlds.services_for(database, database_url, tmp_path)


@pytest.fixture
def world(services: Services, site: Site) -> Iterator[World]:
    with worlds.running(services, site) as made:
        yield made


@pytest.fixture
def window(chromium: Browser, world: World) -> Iterator[Callable[..., Desk]]:
    """Opens a window that is not signed in; each must end without a script error or a foreign request."""
    opened: list[Desk] = []

    def open_window(width: int = 1440, height: int = 900, **given: object) -> Desk:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            locale="ja-JP",
            **given,  # type: ignore[arg-type]
        )
        desk = Desk(context.new_page(), world.url)
        desk.page.on("pageerror", lambda error: desk.faults.append(str(error)))
        desk.page.on(
            "console",
            lambda said: desk.faults.append(said.text) if "Content Security Policy" in said.text else None,
        )
        desk.page.on(
            "request",
            lambda asked: (
                None
                if asked.url.startswith((world.url, "data:", "blob:"))
                else desk.foreign.append(asked.url)
            ),
        )
        opened.append(desk)
        return desk

    yield open_window
    for desk in opened:
        desk.page.context.close()
    assert [desk.faults for desk in opened if desk.faults] == []
    assert [desk.foreign for desk in opened if desk.foreign] == []


@pytest.fixture
def officer(window: Callable[..., Desk], world: World) -> Callable[..., Desk]:
    """Opens the map as somebody signed in by the page itself; by default an officer."""

    def sign_in(role: Role = Role.OFFICER, **given: object) -> Desk:
        desk = window(**given)
        name = f"person-{role.value}"
        world.user(name, role)
        desk.signed_in(name)
        return desk

    return sign_in


@pytest.fixture
def sit(window: Callable[..., Desk], world: World) -> Sit:
    """Somebody of 福山市 sits down at the desk."""

    def make(name: str = "職員甲", role: Role = Role.OFFICER, **given: object) -> Page:
        with world.services.database.transaction() as conn:
            access.create_user(conn, name, PASSWORD, role, "34207")
        page = window(**given).signed_in(name)
        page.goto(f"{world.url}/desk")
        expect(page.locator("#case")).not_to_be_empty()
        expect(page.locator("#case")).not_to_contain_text("読み込んでいます")
        return page

    return make


def fires(world: World, count: int = 1) -> None:
    lat, _ = MATSUNAGA
    for number in range(count):
        told(world.services.database, f"fire {number}", "松永町で家が燃えています", type=DamageType.FIRE,
             lat=lat + number * FAR, sender="U-fire")  # fmt: skip


def flood(world: World, key: str, number: int, **given: object) -> None:
    lat, lon = middle(number)
    plain = {"type": DamageType.RIVER_OVERFLOW, "status": Status.PRESENT, "radius_m": 50.0}
    said_at = datetime.now(UTC) - timedelta(minutes=5)
    report(world.services, key, **{**plain, "lat": lat, "lon": lon, "said_at": said_at, **given})


@pytest.fixture
def clerk(world: World) -> httpx.Client:
    """An officer of a small town that is settled, without units yet."""
    settle(world.services.database)
    return person(world, Role.OFFICER)


@pytest.fixture
def town(world: World, clerk: httpx.Client) -> World:
    """Three units, one line at level 4, a verified overflow in the first and an unverified in the second."""
    drawn = collection(*(feature(n, reporters=[f"第{n}分団"]) for n in range(3)))
    assert clerk.put(f"/evacuation/units.geojson?municipality={CODE}&replaces=0", json=drawn).is_success
    basis = clerk.get("/evacuation/criteria").json()["basis"]
    manual = {
        "hazard": "landslide",
        "level": 3,
        "text": "土砂キキクルが警戒",
        "condition": {"kind": "manual"},
    }
    table = {"municipality": CODE, "basis": basis, "criteria": [count_line(), manual]}
    assert clerk.put("/evacuation/criteria", json=table).is_success
    flood(world, "one", 0)
    verify(world.services.database)
    flood(world, "two", 1)
    return world


@pytest.fixture
def board(window: Callable[..., Desk], world: World) -> Open:
    """Opens the page as somebody of a municipality or prefecture."""

    def open_page(role: Role = Role.COMMANDER, jurisdiction: str = CODE, **given: object) -> Page:
        name = f"{role.value}-{jurisdiction}-{len(names)}"
        names.append(name)
        with world.services.database.transaction() as conn:
            access.create_user(conn, name, PASSWORD, role, jurisdiction)
        page = window(**given).signed_in(name)
        page.goto(f"{world.url}/evacuation")
        return page

    names: list[str] = []
    return open_page
