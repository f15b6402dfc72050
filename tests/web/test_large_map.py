"""The map page when there are more incidents than it can hold itself, and its tools."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import text

from geo.place import Level, Place
from nlp.reading import DamageType
from service.store import places
from service.store.sources import SourceInfo
from tests.measure.crowd import fill, invented
from tests.service.api.world import World, report, report_many
from tests.web.conftest import Desk, open_anew
from tests.web.drawing import press

pytestmark = pytest.mark.browser

MANY = 4_300  # web/static/js/view.js: beyond 4,000 the server holds them
HERE = [
    Place(
        f"t{n}",
        f"試し町{n}",
        "",
        "town",
        Level.TOWN,
        "34207",
        34.4 + n % 9 / 40,
        133.1 + n // 9 / 40,
        500,
        "t",
    )
    for n in range(90)
]


def shown(page: Page) -> int:
    """How many incidents the marks of the map stand for, off its edge ones included."""
    found: int = page.evaluate(
        "[...document.querySelectorAll('#map .cluster__count')]"
        ".reduce((sum, one) => sum + Number(one.textContent), 0)"
        " + document.querySelectorAll('#map .leaflet-marker-pane > .mark').length"
    )
    return found


def open_tool(page: Page, name: str) -> None:
    page.click("#tools-summary")
    page.get_by_role("button", name=name).click()


@pytest.fixture
def crowd(world: World) -> World:
    fill(world.services.database, invented(MANY, datetime.now(UTC), places=HERE))
    return world


def test_very_many_are_clusters_that_show_their_urgent_ones(
    crowd: World, officer: Callable[..., Desk]
) -> None:
    page = officer().page
    expect(page.locator("#types")).to_contain_text("地図の範囲")
    expect(page.locator("#types")).to_contain_text("危険の大きい順に 30件を表示")
    expect(page.locator("#map .cluster").first).to_be_visible()
    expect(page.locator("#rows .row")).to_have_count(30)
    placed = page.locator("#types").inner_text()
    everywhere = int(re.sub(r"\D", "", placed.split("件")[0]))
    assert shown(page) == everywhere
    urgent = page.locator("#map .cluster__urgent").all_inner_texts()
    assert sum(int(words.removeprefix("緊急")) for words in urgent) > 20
    assert page.locator("#rows .row--urgent").count() == 30
    # The list grows as far as one scrolls.
    page.locator("#list").evaluate("(list) => { list.scrollTop = list.scrollHeight }")
    expect(page.locator("#rows .row")).to_have_count(60)


def test_a_cluster_of_the_server_says_how_much_of_it_is_old(
    world: World, officer: Callable[..., Desk]
) -> None:
    fill(world.services.database, invented(MANY, datetime.now(UTC) - timedelta(days=3), places=HERE))
    page = officer().page
    expect(page.locator("#map .cluster--stale").first).to_contain_text("古い情報")
    assert page.locator("#map .cluster").count() == page.locator("#map .cluster--stale").count()
    title = page.locator("#map .cluster").first.get_attribute("title") or ""
    together, old = re.fullmatch(r"(\d+)件のまとまり.*、古い情報 (\d+)件を含む", title).groups()  # type: ignore[union-attr]
    assert together == old


def test_a_change_shows_by_itself_and_the_filter_asks_the_server(
    crowd: World, officer: Callable[..., Desk]
) -> None:
    page = officer().page
    expect(page.locator("#types")).to_be_visible()
    report(
        crowd.services,
        "new",
        type=DamageType.TSUNAMI,
        urgent=True,
        people={"trapped": 1},
        place_text="いま届いた場所",
        said_at=datetime.now(UTC),
    )
    expect(page.locator("#rows .row").first).to_contain_text("いま届いた場所", timeout=10_000)
    page.locator("#rows .row button").first.click()
    expect(page.locator("#detail")).to_contain_text("いま届いた場所")
    page.keyboard.press("Escape")
    page.click("#filter-panel > summary")
    page.get_by_text("種別", exact=True).click()
    page.locator("#filters label", has_text="津波").click()
    expect(page.locator("#types li")).to_have_count(1)
    expect(page.locator("#types")).to_contain_text("津波")
    number = page.locator("#filters label", has_text="津波").locator(".choice__count").inner_text()
    expect(page.locator("#count")).to_contain_text(f"{number}件")


def test_a_few_that_become_very_many_go_on_without_a_reload(
    world: World, officer: Callable[..., Desk]
) -> None:
    report(world.services, "first", urgent=True)
    page = officer().page
    expect(page.locator("#rows .row")).to_have_count(1)
    expect(page.locator("#types")).to_be_hidden()
    fill(world.services.database, invented(MANY, datetime.now(UTC), places=HERE))
    expect(page.locator("#types")).to_be_visible(timeout=30_000)
    expect(page.locator("#rows .row")).to_have_count(30)


def test_a_cluster_at_one_place_lists_its_incidents(world: World, officer: Callable[..., Desk]) -> None:
    fill(world.services.database, invented(MANY, datetime.now(UTC), places=HERE))
    same = {"lat": 34.2, "lon": 133.9, "said_at": datetime.now(UTC)}
    kinds = (DamageType.FIRE, DamageType.LANDSLIDE, DamageType.SNOW)
    report_many(
        world.services, [(kind.value, {**same, "type": kind, "place_text": "同じ所"}) for kind in kinds]
    )
    desk = officer()
    open_anew(desk.page, f"{desk.url}/#map=14/34.2/133.9")
    desk.page.locator("#map .cluster").click()
    expect(desk.page.locator("#types")).to_contain_text("選んだ場所 3件")
    expect(desk.page.locator("#rows .row")).to_have_count(3)


def test_looking_back_shows_what_was_there(world: World, officer: Callable[..., Desk]) -> None:
    report(world.services, "early", place_text="朝の冠水")
    report(world.services, "late", lat=34.6, lon=133.6, type=DamageType.FIRE, place_text="昼の火災")
    with world.services.database.transaction() as conn:
        for key, hours in (("朝の冠水", 6), ("昼の火災", 1)):
            conn.execute(
                text("UPDATE changes SET at = :at WHERE body->>'place_text' = :key"),
                {"at": datetime.now(UTC) - timedelta(hours=hours), "key": key},
            )
    page = officer().page
    rows = page.locator("#rows .row")
    expect(rows).to_have_count(2)
    open_tool(page, "時刻をたどる")
    expect(page.locator("#past")).to_contain_text("今の状況ではありません")
    expect(rows).to_have_count(2)
    slider = page.locator(".replay__slider")
    slider.focus()
    for _ in range(2):
        page.keyboard.press("PageDown")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("朝の冠水")
    assert "at=" in page.url
    page.reload()
    expect(page.locator("#past")).to_be_visible()
    expect(rows).to_have_count(1)
    page.locator("#past button").click()
    expect(rows).to_have_count(2)
    expect(page.locator("#past")).to_be_hidden()
    assert "at=" not in page.url


@pytest.fixture
def loading(world: World, officer: Callable[..., Desk]) -> tuple[Page, Callable[[], None]]:
    """A map that has not heard yet who is signed in, and what lets it hear."""
    report(world.services, "one", type=DamageType.FIRE)
    page = officer().page
    page.emulate_media(reduced_motion="reduce")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/me", hold)
    page.reload()
    expect(page.locator("#tools-summary")).to_be_visible()

    def go_on() -> None:
        assert held
        for route in held:
            route.continue_()

    return page, go_on


def test_a_layer_that_is_chosen_while_the_page_loads_stays(loading: tuple[Page, Callable[[], None]]) -> None:
    page, go_on = loading
    page.click("#tools-summary")
    chosen = page.get_by_label("避難所・避難場所")
    chosen.check()
    page.get_by_label("市区町村の境界").uncheck()
    go_on()
    page.wait_for_url("**layers=shelters*")
    expect(chosen).to_be_checked()
    expect(page.get_by_label("市区町村の境界")).not_to_be_checked()


def test_an_address_that_is_opened_while_the_page_loads_counts(
    loading: tuple[Page, Callable[[], None]],
) -> None:
    page, go_on = loading
    page.evaluate("location.hash = 'map=12/34.45/133.25'")
    go_on()
    page.wait_for_url(re.compile(r"#.*map=12/34\.4\d{3}/133\.2\d{3}"))


def test_a_map_that_is_moved_while_the_page_loads_stays_where_it_was_moved_to(
    loading: tuple[Page, Callable[[], None]],
) -> None:
    page, go_on = loading
    page.evaluate("location.hash = 'map=12/34.45/133.25'")
    page.get_by_role("button", name="縮小").click()
    go_on()
    page.wait_for_url(re.compile(r"#.*map=11/34\.4\d{3}/133\.2\d{3}"))


def test_shelters_and_borders_are_layers_of_the_link(world: World, officer: Callable[..., Desk]) -> None:
    shelter = Place(
        "s1", "試し小学校", "", "school", Level.FACILITY, "34207", 34.448, 133.256, 100, "shelters"
    )
    with world.services.database.transaction() as conn:
        source = SourceInfo("shelters", "sum", "licence", "2026-01-01", "shelters", "")
        places.load_described(
            conn, source, [(shelter, {"shelter": "emergency", "disasters": ["flood"], "address": "松永町"})]
        )
    desk = officer()
    page = desk.page
    open_anew(page, f"{desk.url}/#map=14/34.448/133.256")
    page.click("#tools-summary")
    page.get_by_label("避難所・避難場所").check()
    page.locator(".shelter").click()
    expect(page.locator(".shelter-card")).to_contain_text("対象：洪水")
    page.get_by_label("市区町村の境界").uncheck()
    page.get_by_label("避難情報の発令単位").check()
    assert "layers=shelters,units" in page.url
    page.reload()
    expect(page.locator(".shelter")).to_be_visible()


def test_the_link_of_a_view_opens_the_same_view(world: World, officer: Callable[..., Desk]) -> None:
    report(world.services, "one", type=DamageType.FIRE)
    desk = officer()
    page = desk.page
    open_anew(page, f"{desk.url}/#type=fire&map=12/34.45/133.25&layers=borders,shelters")
    open_tool(page, "この表示を共有")
    link = page.locator(".share__field").input_value()
    assert re.match(re.escape(f"{desk.url}/#type=fire&map=12/34.") + r"\d+/133\.2\d+&", link)
    assert "layers=borders,shelters" in link
    page.keyboard.press("Escape")
    expect(page.locator("#share")).to_be_hidden()


def test_the_link_of_an_incident_opens_it_on_the_page_that_is_open(
    world: World, officer: Callable[..., Desk]
) -> None:
    report(world.services, "one", type=DamageType.FIRE)
    page = officer().page
    page.locator("#rows .row").click()
    page.wait_for_url("**&sel=*")
    link = page.url
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "sel=" not in url)
    page.goto(link)
    expect(page.locator("#detail")).to_be_visible()
    expect(page.locator("#detail")).to_contain_text("火災")
    page.evaluate("location.hash = ''")
    expect(page.locator("#detail")).to_be_hidden()


def test_measuring_says_distance_and_area(world: World, officer: Callable[..., Desk]) -> None:
    desk = officer()
    page = desk.page
    open_anew(page, f"{desk.url}/#map=12/34.45/133.25")
    open_tool(page, "距離・面積を測る")
    press(page, (250, 300), (550, 300))
    expect(page.locator("#measure")).to_contain_text(re.compile(r"距離 \d+\.\d\d km"))
    press(page, (550, 500))
    expect(page.locator("#measure")).to_contain_text(re.compile(r"囲んだ面積 \d+\.\d\d km²"))
    page.get_by_role("button", name="一つ戻す").click()
    expect(page.locator("#measure")).not_to_contain_text("面積")
    page.keyboard.press("Escape")
    expect(page.locator("#measure")).to_be_hidden()


def test_it_prints_on_one_sheet_of_a3_in_landscape(crowd: World, officer: Callable[..., Desk]) -> None:
    page = officer().page
    expect(page.locator("#types")).to_be_visible()
    open_tool(page, "印刷（A3横）")
    sheet = page.locator("#sheet")
    for words in ("災害状況図", "時点", "凡例", "絞り込み", "危険の大きい事案", "訓練を含む"):
        expect(sheet).to_contain_text(words)
    expect(page.locator(".leaflet-control-scale-line")).to_be_visible()
    expect(page.locator("#map .cluster").first).to_be_visible()
    paper = page.pdf(prefer_css_page_size=True, print_background=True)
    [box] = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", paper)
    points = [float(side) for side in box]
    assert points == pytest.approx([420 / 25.4 * 72, 297 / 25.4 * 72], abs=1.5)
    assert len(re.findall(rb"/Type /Page\b(?!s)", paper)) == 1
    page.get_by_role("button", name="画面に戻る").click()
    expect(sheet).to_be_hidden()


def test_the_wall_goes_round_without_a_hand(world: World, officer: Callable[..., Desk]) -> None:
    report_many(
        world.services,
        [
            ("flood", {"lat": 34.40, "lon": 133.2}),
            (
                "slide",
                {
                    "lat": 34.50,
                    "lon": 133.3,
                    "type": DamageType.LANDSLIDE,
                    "urgent": True,
                    "place_text": "谷口",
                },
            ),
        ],
    )
    desk = officer()
    page = desk.page
    page.clock.install()
    open_anew(page, f"{desk.url}/#wall")
    wall = page.locator("#wall")
    expect(wall).to_contain_text("事案 2件")
    expect(wall).to_contain_text("緊急 1件")
    expect(page.locator(".side")).to_be_hidden()
    size = float(
        page.locator(".wall__clock").evaluate("(node) => parseFloat(getComputedStyle(node).fontSize)")
    )
    assert size > 48
    page.clock.fast_forward(21_000)
    expect(wall).to_contain_text("谷口")
    expect(wall).to_contain_text("緊急 1/1")
    page.clock.fast_forward(11_000)
    expect(wall).to_contain_text("事案 2件")
    assert "wall" in page.url


def test_the_wall_comes_back_after_the_server_was_away(world: World, officer: Callable[..., Desk]) -> None:
    report(world.services, "one", urgent=True)
    desk = officer()
    page = desk.page
    page.clock.install()
    open_anew(page, f"{desk.url}/#wall")
    expect(page.locator("#wall")).to_contain_text("事案 1件")
    page.evaluate("window.same = true")
    page.context.set_offline(True)
    page.clock.fast_forward(40_000)
    expect(page.locator("#stale")).to_contain_text("情報の更新が止まっています")
    page.clock.fast_forward(11_000)  # it looks once while there is nobody
    page.context.set_offline(False)
    with page.expect_navigation(timeout=30_000):
        page.clock.fast_forward(11_000)
    expect(page.locator("#wall")).to_contain_text("事案 1件", timeout=20_000)
    assert page.evaluate("window.same") is None
