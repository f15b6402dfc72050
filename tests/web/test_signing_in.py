"""Signing in on the way to something, which is there afterwards, and signing out on every device."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from nlp.reading import DamageType
from service.access import Role
from service.access.oidc import Provider
from service.api.services import Services
from service.settings import Settings
from service.store.database import Database
from tests.service.api import world as worlds
from tests.service.api.world import PASSWORD, World, report
from tests.web.axe import faults
from tests.web.conftest import Desk, open_anew

pytestmark = pytest.mark.browser


@pytest.fixture
def services(database: Database, database_url: str, tmp_path: Path) -> Services:
    """With a way to sign in elsewhere, which is asked for nothing before somebody takes it."""
    provider = Provider(
        Settings(
            oidc_issuer="https://idp.example", oidc_client_id="hansho", oidc_client_secret=SecretStr("secret")
        )
    )
    return replace(worlds.services_for(database, database_url, tmp_path), provider=provider)


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    page.fill("#name", name)
    page.fill("#password", password)
    page.click("form button[type=submit]")


def test_the_link_of_a_view_survives_the_sign_in(
    world: World, officer: Callable[..., Desk], window: Callable[..., Desk]
) -> None:
    report(world.services, "fire", type=DamageType.FIRE)
    report(world.services, "outage", type=DamageType.POWER_OUTAGE, lat=34.47)
    sender = officer().page
    open_anew(sender, f"{world.url}/#type=fire&map=12/34.45/133.25")
    sender.click("#tools-summary")
    sender.locator("#tool-buttons").get_by_text("この表示を共有", exact=True).click()
    link = sender.locator(".share__field").input_value()
    world.user("receiver", Role.OFFICER)
    receiver = window().page
    receiver.goto(link)
    elsewhere = receiver.get_by_role("link", name="組織のアカウントでサインイン").get_attribute("href")
    fragment = f"#{urlsplit(link).fragment}"
    assert parse_qs(urlsplit(elsewhere or "").query) == {"next": [f"/{fragment}"]}
    sign_in(receiver, "receiver", "mistyped")
    expect(receiver.locator("#error")).to_be_visible()
    sign_in(receiver, "receiver")
    receiver.wait_for_selector("#map.leaflet-container")
    expect(receiver.locator("#rows .row")).to_have_count(1)
    expect(receiver.locator("#rows .row")).to_contain_text("火災")
    place = re.search(r"map=[^&]+", link)
    assert place is not None
    assert f"#type=fire&{place[0]}" in receiver.url


def test_whoever_is_signed_out_at_the_desk_comes_back_to_the_same_incident(
    world: World, officer: Callable[..., Desk]
) -> None:
    report(world.services, "fire", type=DamageType.FIRE)
    report(world.services, "outage", type=DamageType.POWER_OUTAGE, lat=34.47)
    page = officer().page
    page.goto(f"{world.url}/desk")
    page.locator("#queue .entry", has_text="停電").locator("button").first.click()
    expect(page.locator("#case-title")).to_contain_text("停電")
    address = page.url
    page.context.clear_cookies()
    report(world.services, "later", type=DamageType.LANDSLIDE, lat=34.5)
    page.get_by_role("link", name="サインインする").click()
    sign_in(page, "person-officer")
    page.wait_for_url(address)
    expect(page.locator("#case-title")).to_contain_text("停電")


def test_a_person_signs_out_on_every_device_after_a_question(
    world: World, officer: Callable[..., Desk], window: Callable[..., Desk]
) -> None:
    here = officer().page
    there = window().signed_in("person-officer")
    question = here.get_by_role("dialog", name="すべての端末からサインアウトしますか。")

    def ask() -> None:
        here.click(".menu-button[popovertarget=account]")
        here.get_by_role("button", name="すべての端末からサインアウト").click()
        expect(question).to_contain_text("もう一度サインインするまで使えなくなります")

    ask()
    assert faults(here) == []
    here.keyboard.press("Escape")
    expect(question).to_be_hidden()
    there.reload()
    there.wait_for_selector("#map.leaflet-container")
    ask()
    question.get_by_role("button", name="サインアウトする").click()
    here.wait_for_url(f"{world.url}/signin")
    for page in (here, there):
        page.goto(f"{world.url}/tray")
        expect(page.get_by_role("button", name="サインイン")).to_be_visible()


def test_a_wall_screen_has_no_other_devices(world: World, window: Callable[..., Desk]) -> None:
    page = window().page
    page.goto(f"{world.url}/device#{world.link()}")
    page.wait_for_url(f"{world.url}/#wall")
    expect(page.locator("#signout")).to_have_count(1)
    expect(page.locator("#signout-everywhere")).to_have_count(0)
