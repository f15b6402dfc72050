"""200 hostile texts through every field into every screen, and none runs."""

import html
import itertools
import uuid
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from geo.place import Level
from service.access import Permission, Role
from service.api.services import Services
from service.limits import Limiter
from service.pipeline import Pipeline
from service.report import PlaceChoice
from service.store.database import Database
from tests.service.api import world as worlds
from tests.service.api.line_events import CHANNEL_SECRET, body_of, event, message, signature, text_event
from tests.service.api.world import World, report_many
from tests.service.evacuation.town import CODE
from tests.service.learning import at_work, idle, until
from tests.web.conftest import Desk
from tests.web.hostile import STRINGS, findings, watch
from tests.web.hostile_board import in_the_tray, on_the_board
from tests.web.screens import SCREENS, Screen, enter, show

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

NAME = "<img src=x onerror=owned()>\"'"


@pytest.fixture
def services(database: Database, database_url: str, tmp_path: Path) -> Services:
    return worlds.services_for(
        database,
        database_url,
        tmp_path,
        # A minute passes between two requests: nothing is refused for coming too fast.
        Limiter(itertools.count(0.0, 60.0).__next__),
        line_channel_secret=CHANNEL_SECRET,
    )


def by_api(world: World) -> None:
    """Text, sender, key and municipality of other systems."""
    client = world.client(world.key(Permission.WRITE_REPORTS))
    for number, words in enumerate(STRINGS):
        whole = {"key": f"{number}", "text": f"松永町で道路が冠水 {words}", "sender": words[:100]}
        answer = client.post("/reports", json={**whole, "sender_municipality": "34207"})
        assert answer.status_code == 202, (words, answer.text)
        for field in ("key", "sender_municipality"):
            assert client.post("/reports", json={**whole, field: words}).status_code in (202, 400), words


def by_form(world: World) -> None:
    """Every field of the phone form."""
    client = world.client()
    for words in STRINGS:
        fields = {"text": f"{words} 松永町で火災", "key": str(uuid.uuid4()), "municipality": "34207"}
        assert client.post("/form/reports", data=fields).status_code == 202, words
        for field in ("key", "posted_at", "municipality", "lat", "accuracy"):
            data = {**fields, "key": str(uuid.uuid4()), field: words}
            assert client.post("/form/reports", data=data).status_code in (202, 400), (field, words)


def by_line(world: World) -> None:
    """Texts, and the title and address of a position, as LINE delivers them."""
    client = world.client()
    for number, words in enumerate(STRINGS):
        where = message(
            2 * number + 1, "location", latitude=34.4479, longitude=133.2556, title=words, address=words
        )
        events = (
            text_event(2 * number, f"松永町で土砂崩れ「{words}」"),
            event(2 * number + 1, "message", message=where),
        )
        body = body_of(*events)
        headers = {"x-line-signature": signature(body), "content-type": "application/json"}
        assert client.post("/hooks/line", content=body, headers=headers).status_code == 200, words


def as_read(world: World) -> None:
    """What a reader could make of them: place, reason, quantity, candidates; each an incident."""
    report_many(
        world.services,
        [
            (
                f"read-{number}",
                {
                    "lat": 34.0 + 0.03 * (number // 20),
                    "lon": 133.0 + 0.03 * (number % 20),
                    "place_text": words.replace("\x00", ""),
                    "why": words.replace("\x00", ""),
                    "quantities": (words.replace("\x00", ""),),
                    "candidates": (
                        PlaceChoice(
                            words.replace("\x00", ""),
                            "34207",
                            34.4,
                            133.2,
                            Level.TOWN,
                            1.0,
                            {},
                            words.replace("\x00", ""),
                        ),
                        PlaceChoice("松永町", "34207", 34.4, 133.2, Level.TOWN, 1.0, {}, ""),
                    ),
                    "ambiguous": True,
                    **({"lat": None, "lon": None, "radius_m": None} if number % 10 == 0 else {}),
                },
            )
            for number, words in enumerate(STRINGS)
        ],
    )


def by_teaching(world: World) -> None:
    """Names of places that an officer with such a name teaches."""
    world.user(NAME, Role.OFFICER)
    client = world.client()
    answer = client.post(
        "/signin", data={"name": NAME, "password": worlds.PASSWORD}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 200, answer.text
    client.headers["X-CSRF-Token"] = answer.json()["csrf"]
    for words in STRINGS:
        lesson = {"name": words, "municipality": "34207", "lat": 34.45, "lon": 133.25, "outside": True}
        assert client.post("/taught-places", json=lesson).status_code in (201, 400, 409), words


def at_desk(world: World) -> None:
    """The reason of an officer's action, which its trail and the chronology repeat."""
    client = world.signed_in(Role.OFFICER)
    queued = client.get("/desk/queue").json()["queue"]
    for words, entry in zip(STRINGS, queued, strict=False):
        seen = {"id": entry["feature"]["id"], "version": entry["ruling"]["version"]}
        answer = client.post(
            "/desk/actions", json={"kind": "verify", "incidents": [seen], "reason": words[:200]}
        )
        assert answer.status_code in (201, 400), (words, answer.text)


def by_hand(world: World) -> None:
    """What is written into the chronology by hand."""
    client = world.signed_in(Role.OFFICER)
    for words in STRINGS:
        entry = {
            "key": str(uuid.uuid4()),
            "at": "2026-07-29T12:00:00+09:00",
            "category": "received",
            "text": words,
            "origin": words[:100],
            "recipient": words[:100],
            "response": words,
        }
        assert client.post("/chronology", json=entry).status_code in (201, 400), words


def by_administration(world: World) -> None:
    """Names of brigades, wall screens and people."""
    client = world.signed_in(Role.ADMINISTRATOR)
    for number, words in enumerate(STRINGS):
        name = words[:60]
        brigade = client.post("/organizations", json={"code": "34207", "brigade": name})
        device = client.post("/devices", json={"name": name, "organization": None, "days": 1})
        assert {brigade.status_code, device.status_code} <= {201, 400, 409}, words
        # A password takes its time to be hashed.
        if number % 10 == 0:
            person = {"name": name, "role": "viewer", "organization": None}
            assert client.post("/people", json=person).status_code in (201, 400, 409), words


# Each way by which words come in: a new one is one line here. What is read already comes first.
WAYS: tuple[Callable[[World], None], ...] = (
    as_read,
    by_api,
    by_form,
    by_line,
    by_teaching,
    at_desk,
    by_hand,
    by_administration,
    in_the_tray,
)


@pytest.fixture
def hostile(world: World, pipeline: Pipeline) -> World:
    """A situation made of the 200 texts by every way there is, read by the real reader."""
    for way in WAYS:
        way(world)
    with at_work(world.services.database, pipeline):
        until(lambda: idle(world.services.database), 120)
    return world


def walk(page: Page, step: int) -> None:
    """Opens every `step`-th incident of the list and waits for the words behind it."""
    walking = """async step => {
      const pause = ms => new Promise(done => setTimeout(done, ms));
      const [list, more] = ['#list', '.rows__more'].map(each => document.querySelector(each));
      for (; !more.hidden; await pause(50)) list.scrollTop = list.scrollHeight;
      for (const row of [...document.querySelectorAll('.row__button')].filter((_, at) => at % step === 0)) {
        row.dispatchEvent(new MouseEvent('mouseover', {bubbles: true}));
        row.click();
        let tries = 60;
        while (tries-- && !document.querySelector('#detail .report')) await pause(25);
        document.querySelectorAll('#detail details').forEach(each => { each.open = true; });
      }
    }"""
    page.evaluate(walking, step)


def test_none_of_200_texts_runs_on_any_screen(hostile: World, window: Callable[..., Desk]) -> None:
    assert len(STRINGS) == 200
    seen: dict[str, list[str]] = {}
    for role in {screen.role for screen in SCREENS}:
        desk = window(width=1200, height=800)
        enter(desk, hostile, role)
        caught: list[str] = []
        watch(desk.page, caught)
        for screen in (each for each in SCREENS if each.role == role):
            show(desk.page, hostile, screen)
            seen[screen.name] = [*findings(desk.page), *caught]
    assert {name: found for name, found in seen.items() if found} == {}


def test_the_panels_of_the_evacuation_board_are_text(world: World, window: Callable[..., Desk]) -> None:
    on_the_board(world)
    desk = window()
    enter(desk, world, Role.COMMANDER)
    caught: list[str] = []
    watch(desk.page, caught)
    show(desk.page, world, Screen("board", f"/evacuation#m={CODE}", Role.COMMANDER, ".unit-row"))
    page = desk.page
    for row in page.locator(".unit-row button").all()[::20]:
        row.click()
        expect(page.locator("#detail-title")).to_be_visible()
        assert findings(page) + caught == []
    page.get_by_role("button", name="この単位の発令・見送り・解除を記録する").click()
    page.fill("#decide-reason", STRINGS[0])
    page.get_by_role("button", name="内容を確かめる").click()
    expect(page.locator(".confirm")).to_be_visible()
    for panel in ("#to-history", "#to-criteria", "#to-units"):
        page.click(panel)
        page.wait_for_timeout(300)
        assert findings(page) + caught == [], panel
    page.click("#to-history")
    page.get_by_role("button", name="時点のボードを開く").first.click()
    expect(page.locator("#frozen")).to_be_visible()
    assert findings(page) + caught == []
    # The chronology repeats what was said on the board.
    show(page, world, Screen("chronology", "/chronology", Role.COMMANDER, "#lines tr"))
    assert findings(page) + caught == []


# What a page does with words is the same in both languages but for the sentences around them.
@pytest.mark.parametrize(("language", "step"), [("ja", 1), ("en", 10)])
def test_every_incident_is_text(
    hostile: World, window: Callable[..., Desk], language: str, step: int
) -> None:
    desk = window()
    enter(desk, hostile, Role.OFFICER, language)
    caught: list[str] = []
    watch(desk.page, caught)
    show(desk.page, hostile, Screen("map", "/", Role.OFFICER, "#rows .row"))
    desk.page.click("#tray > summary")
    walk(desk.page, step)
    assert findings(desk.page) + caught == []
    # Rows out of sight are not laid out, and what is not laid out is no inner text.
    desk.page.evaluate(
        "document.querySelectorAll('.row').forEach(row => { row.style.contentVisibility = 'visible'; })"
    )
    said = desk.page.locator("#list").inner_text()
    for words in ("<script>owned()</script>", "<img src=x onerror=owned()>", "{{7*7}}", "$& $1", "{name}"):
        assert words in said
    desk.page.click("#taught-panel > summary")
    expect(desk.page.locator("#taught")).to_contain_text("<img src=x onerror=owned()>")
    assert findings(desk.page) + caught == []


def test_the_phone_shows_them_as_text(world: World, window: Callable[..., Desk]) -> None:
    desk = window(width=390, height=844)
    caught: list[str] = []
    watch(desk.page, caught)
    desk.page.goto(f"{world.url}/report")
    for start in range(0, len(STRINGS), 20):
        desk.page.fill("#text", "\n".join(STRINGS[start : start + 20])[:4000])
        desk.page.locator("#form button[type=submit]").click()
        expect(desk.page.locator("#sent li")).to_have_count(start // 20 + 1)
    expect(desk.page.locator("#sent .sent__state").last).to_contain_text("送信済", timeout=15_000)
    assert findings(desk.page) + caught == []


def test_no_address_and_no_field_comes_back_as_markup(world: World) -> None:
    client: httpx.Client = world.client()
    for words in STRINGS:
        answers = [
            client.get("/signin", params={"next": words}),
            client.get("/report", params={"municipality": words}),
            client.get(f"/problems/{uuid.uuid5(uuid.NAMESPACE_URL, words)}", params={"x": words}),
        ]
        for answer in answers:
            assert answer.headers["x-content-type-options"] == "nosniff"
            if "html" in answer.headers["content-type"]:
                assert "script-src 'self'" in answer.headers["content-security-policy"]
                assert_escaped(words, answer)
    # A refused sign-in takes as long as a right one: twenty names in one.
    for start in range(0, len(STRINGS), 20):
        some = STRINGS[start : start + 20]
        answer = client.post("/signin", data={"name": " ".join(some), "password": "x", "next": "".join(some)})
        for words in some:
            assert_escaped(words, answer)


def assert_escaped(words: str, answer: httpx.Response) -> None:
    """Texts of a few characters of markup stand in any page."""
    if html.escape(words) != words and len(words) > 4:
        assert words not in answer.text, words


def test_the_watch_sees_what_it_has_to(world: World, window: Callable[..., Desk]) -> None:
    """Words written as markup are found out, whether the policy stops them or not."""
    for bypassed in (False, True):
        desk = window(bypass_csp=bypassed)
        caught: list[str] = []
        watch(desk.page, caught)
        desk.page.goto(f"{world.url}/report")
        desk.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=owned()>')")
        desk.page.wait_for_function("window.__owned.length")
        assert len(findings(desk.page)) > 1
        desk.faults.clear()
