"""What is old looks old, on the map, in the list and in full; its reporters are asked by one press."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from pydantic import SecretStr
from sqlalchemy import text

from nlp.reading import DamageType
from service import sealed
from service.access import Role
from service.api.services import Services
from service.fuse import Fusing
from service.store import inbox, questions, save
from tests.service.api import world as worlds
from tests.service.api.world import World, report
from tests.service.store.samples import message, observation, read
from tests.web.axe import faults
from tests.web.conftest import Desk, open_anew

pytestmark = pytest.mark.browser


@pytest.fixture
def services(database: object, database_url: str, tmp_path: object) -> Services:
    return worlds.services_for(  # LINE may be written to, though nothing is sent in these tests
        database,  # type: ignore[arg-type]
        database_url,
        tmp_path,  # type: ignore[arg-type]
        line_channel_access_token=SecretStr("a-channel-access-token"),
    )


def ago(**given: float) -> datetime:
    return datetime.now(UTC) - timedelta(**given)


def by_line(services: Services, key: str, **given: object) -> None:
    """A report of a LINE member, who can be written to."""
    address = sealed.seal(services.secret, "line", f"U{key}")
    with services.database.transaction() as conn:
        inbox.put(conn, message(key, channel="line", sender=f"sender-{key}", address=address))
        claimed = inbox.claim(conn, 0, 10)
    seen = [read(one, observation(one.report_id, **given)) for one in claimed]  # type: ignore[arg-type]
    with services.database.transaction() as conn:
        save.save(conn, seen, Fusing())


def answered(services: Services, answer: str) -> None:
    """What the webhook does with the first question's button."""
    with services.database.transaction() as conn:
        row = conn.execute(text("SELECT id, sender FROM questions ORDER BY asked_at LIMIT 1")).one()
        given = questions.Answer(
            row.id, "line", "press", row.sender, answer, "おさまった", datetime.now(UTC), None
        )
        assert questions.answer(conn, given, Fusing())


@contextmanager
def two(world: World) -> Iterator[None]:
    """A fresh one, and one of three hours ago."""
    report(world.services, "new", said_at=ago(minutes=5))
    report(
        world.services,
        "old",
        lat=34.5,
        said_at=ago(hours=3, minutes=5),
        type=DamageType.FIRE,
        place_text="古い町",
    )
    yield


def test_a_cluster_of_old_information_looks_old_until_something_new_is_in_it(
    world: World, officer: Callable[..., Desk]
) -> None:
    for kind in (DamageType.FIRE, DamageType.ROAD_FLOODING, DamageType.POWER_OUTAGE):
        report(world.services, kind.value, type=kind, lat=34.5, said_at=ago(hours=20))
    page = officer(reduced_motion="reduce").page  # a cluster on its way is there twice
    expect(page.locator("#map .cluster--stale")).to_have_count(1)
    expect(page.locator("#map .cluster__count")).to_have_text(["3"])
    expect(page.locator("#map .cluster").first).to_contain_text("古い情報")
    report(world.services, "new", lat=34.5, type=DamageType.GAS_LEAK, said_at=ago(minutes=5))
    expect(page.locator("#map .cluster__count")).to_have_text(["4"])
    expect(page.locator("#map .cluster--stale")).to_have_count(0)
    expect(page.locator("#map .cluster").first).not_to_contain_text("古い情報")


def test_what_is_old_says_how_old_and_stays(world: World, officer: Callable[..., Desk]) -> None:
    with two(world):
        page = officer().page
    old = page.locator("#rows .row", has_text="古い町")
    expect(old).to_contain_text("3時間前の情報")
    expect(old.locator(".mark--stale")).to_have_count(1)
    expect(page.locator("#rows .mark--stale")).to_have_count(1)
    expect(page.locator("#map .mark--stale .mark__age")).to_have_text("3時間前")
    expect(page.locator("#map .mark")).to_have_count(2)
    assert "3時間前の情報" in (page.locator("#map .mark--stale").get_attribute("title") or "")
    old.locator("button").click()
    expect(page.locator("#detail .notice--stale")).to_contain_text("3時間前の情報です。")
    expect(page.locator("#detail .notice--stale")).to_contain_text("新しい通報も本部の確認もありません")
    page.locator("#rows .row", has_text="松永町").locator("button").click()
    expect(page.locator("#detail .notice--stale")).to_be_hidden()


def test_it_grows_old_before_ones_eyes(world: World, officer: Callable[..., Desk]) -> None:
    report(world.services, "one", said_at=ago(minutes=119), place_text="もうすぐの町")
    page = officer().page
    page.clock.install()
    page.reload()
    page.locator("#rows .row button").click()
    expect(page.locator("#map .mark").first).to_be_visible()
    expect(page.locator("#map .mark--stale")).to_have_count(0)
    page.context.set_offline(True)  # nothing comes from the server
    page.clock.run_for(120_000)
    expect(page.locator("#rows .row")).to_contain_text("2時間前の情報")
    expect(page.locator("#map .mark--stale").first).to_be_visible()
    expect(page.locator("#detail .notice--stale")).to_be_visible()


def test_a_filter_hides_it_and_says_so(world: World, officer: Callable[..., Desk]) -> None:
    with two(world):
        page = officer().page
    page.click("#filter-panel > summary")
    facet = page.locator(".facet", has_text="古い情報は消えません")
    facet.locator("summary").click()
    facet.get_by_text("古い情報を隠す").click()
    expect(page.locator("#rows .row")).to_have_count(1)
    expect(page.locator("#hidden-words")).to_have_text("絞り込みにより 1件を隠しています（うち古い情報 1件）")
    facet.get_by_text("古い情報だけ").click()
    expect(page.locator("#rows .row")).to_contain_text("古い町")
    page.reload()
    expect(page.locator("#rows .row")).to_contain_text("古い町")


def test_an_officer_asks_and_sees_the_answer_come(world: World, officer: Callable[..., Desk]) -> None:
    by_line(world.services, "a", said_at=ago(hours=3))
    report(world.services, "by another channel", said_at=ago(hours=3))
    page = officer().page
    page.locator("#rows .row button").click()
    asking = page.locator("#detail .asking")
    expect(asking).to_contain_text("通報した人には、まだ尋ねていません。")
    expect(asking).to_contain_text("ほかの通報者 1人（test 1）には、ここから尋ねられません。")
    asking.get_by_role("button", name="まだ続いているか通報者に聞く（1人）").click()
    expect(asking.get_by_role("status")).to_have_text("1人に尋ねました。")
    expect(asking).to_contain_text("尋ねた人 1人、回答 0人")
    expect(asking).to_contain_text("1人には10分以内に尋ねたため、まだ尋ねられません。")
    expect(asking.locator("button").first).to_be_disabled()
    answered(world.services, "resolved")
    page.click("#filter-panel > summary")
    expect(asking).to_contain_text("回答：おさまった")
    expect(page.locator("#detail")).to_contain_text("解消")
    with world.services.database.transaction() as conn:
        assert conn.execute(text("SELECT kind FROM actions")).scalars().all() == ["desk.ask"]


def test_headquarters_say_that_it_goes_on(world: World, officer: Callable[..., Desk]) -> None:
    report(world.services, "one", said_at=ago(hours=3))
    page = officer().page
    page.locator("#rows .row button").click()
    expect(page.locator("#detail .notice--stale")).to_be_visible()
    page.get_by_role("button", name="続いていることを本部で確かめた").click()
    expect(page.locator("#detail .notice--stale")).to_be_hidden()
    expect(page.locator("#detail .facts")).to_contain_text("本部の確認（続いている）")
    expect(page.locator(":is(#map, #rows, #detail) .mark--stale")).to_have_count(0)


def test_the_desk_shows_what_is_old_and_asks_from_there(world: World, officer: Callable[..., Desk]) -> None:
    by_line(world.services, "a", said_at=ago(hours=3))
    page = officer().page
    page.goto(f"{world.url}/desk")
    expect(page.locator("#queue .tag--stale")).to_have_text("3時間前の情報")
    expect(page.locator("#queue .mark--stale")).to_have_count(1)
    expect(page.locator("#case .notice--stale")).to_contain_text("今どうなっているかは分かりません。")
    asking = page.locator("#case .asking")
    asking.get_by_role("button", name="まだ続いているか通報者に聞く（1人）").click()
    expect(asking.get_by_role("status")).to_have_text("1人に尋ねました。")
    answered(world.services, "present")
    expect(asking).to_contain_text("回答：まだ続いている")
    asking.get_by_role("button", name="続いていることを本部で確かめた").click()
    expect(page.locator("#case .notice--stale")).to_have_count(0)
    expect(page.locator("#queue .tag--stale")).to_have_count(0)
    expect(page.locator("#case")).to_contain_text("続いていることを確かめました")
    expect(page.locator("#case")).to_contain_text("通報者に尋ねました")


def test_a_viewer_sees_the_age_and_asks_nobody(world: World, officer: Callable[..., Desk]) -> None:
    by_line(world.services, "a", said_at=ago(hours=3))
    page = officer(Role.VIEWER).page
    page.locator("#rows .row button").click()
    expect(page.locator("#detail .notice--stale")).to_be_visible()
    expect(page.locator("#detail .asking")).to_be_hidden()


def test_axe_finds_nothing_pale(world: World, officer: Callable[..., Desk]) -> None:
    by_line(world.services, "a", said_at=ago(hours=3), urgent=True)
    by_line(world.services, "b", said_at=ago(hours=5), lat=34.6, type=DamageType.LANDSLIDE, drill=True)
    page = officer().page
    page.locator("#rows .row button").first.click()
    expect(page.locator("#detail .asking button").first).to_be_visible()
    assert faults(page) == []


def test_paper_and_wall_say_how_old_it_is(world: World, officer: Callable[..., Desk]) -> None:
    report(world.services, "old", said_at=ago(hours=3, minutes=5), type=DamageType.FIRE, urgent=True)
    desk = officer()
    page = desk.page
    expect(page.locator("#rows .row")).to_have_count(1)
    page.click("#tools-summary")
    page.get_by_role("button", name="印刷（A3横）").click()
    expect(page.locator(".sheet__list li")).to_contain_text("3時間前の情報")
    expect(page.locator(".sheet__list .mark--stale")).to_have_count(1)
    page.clock.install()
    open_anew(page, f"{desk.url}/#wall")
    expect(page.locator("#wall")).to_contain_text("事案 1件")
    page.clock.fast_forward(21_000)
    expect(page.locator("#wall")).to_contain_text("3時間前の情報")
    expect(page.locator("#wall .mark--stale")).to_have_count(1)
