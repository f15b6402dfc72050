"""How quickly the map shows, moves and filters very many incidents, in a real Chromium.

    python -m tests.measure.scale [--incidents 100000] [--rounds 9] [--pictures FOLDER]

Fills a PostGIS of its own with invented incidents, serves the api on it and prints, each as median and worst:
from opening the page to the incidents being drawn, from the end of a pan or zoom to the new view being drawn,
from a choice in the filter to the filtered view being drawn; and the desk's queue over HTTP, whole and of one
type, with the counts of its choices.
"""

import argparse
import contextlib
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from service.access import Role
from service.api.services import Services
from service.store import migrate
from service.store.database import Database
from service.store.embedded import EmbeddedCluster
from tests.conftest import reachable_folder
from tests.measure.crowd import fill, invented
from tests.service.api import world as worlds
from tests.service.api.world import PASSWORD, World
from tests.web.conftest import CHROMIUM, FLAGS

WITHIN_MS = 30_000
NAME = "measuring"
# Counts in the page: the frame in which a view was drawn follows its mark at once.
SHOWN = "performance.getEntriesByName('hansho-shown')"


@dataclass
class Figures:
    """Milliseconds of each round."""

    first: list[float] = field(default_factory=list)
    pan: list[float] = field(default_factory=list)
    zoom: list[float] = field(default_factory=list)
    filter: list[float] = field(default_factory=list)
    queue: list[float] = field(default_factory=list)
    queue_of_a_type: list[float] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        for name, times in vars(self).items():
            yield f"{name:16} median {statistics.median(times):6.0f} ms   worst {max(times):6.0f} ms"


def main() -> None:
    """Measure once and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--incidents", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--pictures", type=Path, help="keep pictures of the page in this folder")
    options = parser.parse_args()
    with crowded(options.incidents) as world, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        figures = measure(browser, world, options.rounds, options.pictures)
        for _ in range(options.rounds):
            figures.queue.append(queued(world))
            figures.queue_of_a_type.append(queued(world, type="road_closure"))
        print(f"{options.incidents:,} incidents, {options.rounds} rounds")
        print("\n".join(figures.lines()))
        browser.close()


@contextlib.contextmanager
def crowded(count: int) -> Iterator[World]:
    """A served api with `count` invented incidents of the last day."""
    with reachable_folder() as folder, tempfile.TemporaryDirectory() as state:
        cluster = EmbeddedCluster(folder, durable=False)
        url = cluster.start()
        try:
            migrate.upgrade(url)
            database = Database(url)
            fill(database, invented(count, datetime.now(UTC)))
            # Else the server does so by itself, in the middle of what is measured.
            with contextlib.closing(database.connect_alone()) as server:
                server.execute("VACUUM (ANALYZE) incidents, changes")
            services: Services = worlds.services_for(database, url, Path(state))
            with worlds.running(services, worlds.site()) as world:
                world.user(NAME, Role.OFFICER)
                # As whoever sends people to an api does: it answers when its columns have been read.
                ready = world.client().get("/readyz").json()["checks"]
                assert next(check["ok"] for check in ready if check["name"] == "columns"), ready
                yield world
            database.dispose()
        finally:
            cluster.stop(immediate=True)


def measure(browser: Browser, world: World, rounds: int, pictures: Path | None = None) -> Figures:
    """Open, move and filter the map `rounds` times as a person does, with the pointer."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="ja-JP")
    page = context.new_page()
    page.set_default_timeout(WITHIN_MS)
    page.goto(f"{world.url}/signin")
    page.fill("#name", NAME)
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    figures = Figures()
    for number in range(rounds):
        figures.first.append(opened(page, world, pictures if number == 0 else None))
    for number in range(rounds):
        figures.pan.append(panned(page, 1 if number % 2 else -1))
    page.locator("#filter-panel > summary").click()
    page.get_by_text("種別", exact=True).click()
    for number in range(rounds):
        figures.filter.append(filtered(page, number))
    page.get_by_role("button", name="絞り込みをやめる").click()
    for number in range(rounds):
        figures.zoom.append(zoomed(page, number))
    if pictures:
        page.screenshot(path=pictures / "near.png")
    context.close()
    return figures


def opened(page: Page, world: World, pictures: Path | None) -> float:
    """Milliseconds from navigation to the frame with the incidents, with an empty cache of data."""
    page.goto("about:blank")
    page.goto(f"{world.url}/#")
    page.wait_for_selector("#map .cluster, #map .mark")
    until(page, f"{SHOWN}.some((mark) => mark.detail.marks > 0)")
    if pictures:
        page.wait_for_timeout(1500)
        page.screenshot(path=pictures / "first.png")
    page.wait_for_timeout(800)
    drawn = "document.querySelectorAll('#map .cluster').length"
    assert page.evaluate(drawn) > 1, "no clusters were drawn"
    return float(page.evaluate(f"{SHOWN}.find((mark) => mark.detail.marks > 0).startTime"))


def panned(page: Page, way: int) -> float:
    """Milliseconds from letting go of the map to the frame with the new view."""
    page.mouse.move(900, 500)
    page.mouse.down()
    page.mouse.move(900 + way * 160, 500 + way * 60, steps=8)
    page.wait_for_timeout(150)  # held still, so that it does not glide on
    return _after(page, page.mouse.up, "pointerup")


def filtered(page: Page, number: int) -> float:
    """Milliseconds from ticking a type to the frame with what is left."""
    boxes = page.locator("input[name=filter-types]")
    return _after(page, boxes.nth(number % 5).click, "click")


def zoomed(page: Page, number: int) -> float:
    """Milliseconds from a press on + or - to the frame with the new view, the animation included."""
    button = page.locator(".leaflet-control-zoom-in" if number % 4 < 2 else ".leaflet-control-zoom-out")
    return _after(page, button.click, "click")


def queued(world: World, **asked: str) -> float:
    """Milliseconds of one answer of the desk's queue."""
    client = world.signed_in(Role.OFFICER)
    began = time.perf_counter()
    answer = client.get("/desk/queue", params=asked)
    took = time.perf_counter() - began
    assert answer.status_code == 200, answer.text
    return took * 1000


def until(page: Page, true: str) -> None:
    """Ask the page until it says yes; its own way of waiting is closed by our content security policy."""
    deadline = time.monotonic() + WITHIN_MS / 1000
    while not page.evaluate(true):
        assert time.monotonic() < deadline, true
        time.sleep(0.02)


def _after(page: Page, act: object, event: str) -> float:
    page.evaluate(
        f"""() => {{
          performance.clearMarks("hansho-shown");
          window.measured = null;
          addEventListener("{event}", (pressed) => {{ window.measured = pressed.timeStamp; }},
            {{ capture: true, once: true }});
        }}"""
    )
    act()  # type: ignore[operator]
    until(page, f"{SHOWN}.length > 0 && window.measured !== null")
    took = page.evaluate(f"{SHOWN}[0].startTime - window.measured")
    page.wait_for_timeout(500)
    return float(took)


if __name__ == "__main__":
    main()
