"""The situation report over HTTP: what its reader sees and no more, strict headers, bounded in number."""

from dataclasses import replace

from service import access
from service.access import Role
from service.limits import Limiter
from tests.service.api.world import PASSWORD, World, report, running, site

PATH = "/situation-report"


def test_it_holds_what_its_reader_sees(world: World) -> None:
    report(world.services, "here", place_text="福山の町")
    report(world.services, "there", lat=35.0, place_text="呉の町", municipality="34202")
    with world.services.database.transaction() as conn:
        access.create_user(conn, "kure", PASSWORD, Role.VIEWER, "34202")
    client = world.client()
    client.post("/signin", data={"name": "kure", "password": PASSWORD})
    for form in ("print", "html"):
        for municipality in ("", "34207", "34"):
            page = client.get(PATH, params={"f": form, "municipality": municipality})
            assert page.status_code == 200
            assert "福山の町" not in page.text
        assert "呉の町" in page.text
    both = world.reader().get(PATH).text
    assert "福山の町" in both
    assert "呉の町" in both


def test_the_page_is_strict_and_the_file_a_download(world: World) -> None:
    report(world.services, "one")
    client = world.reader()
    page = client.get(PATH)
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert page.headers["cache-control"] == "no-store"
    assert "<style" not in page.text
    assert " style=" not in page.text
    file = client.get(PATH, params={"f": "html"})
    assert file.headers["content-disposition"].startswith('attachment; filename="hansho-2')
    assert "default-src &#39;none&#39;" in file.text


def test_wrong_wishes_are_named(world: World) -> None:
    client = world.reader()
    for query, field in (
        ("municipality=99999", "municipality"),
        ("municipality=34207,34202", "municipality"),
        ("municipality=abc", "municipality"),
        ("f=pdf", "f"),
        ("drill=perhaps", "drill"),
        ("colour=red", "colour"),
    ):
        answer = client.get(f"{PATH}?{query}")
        assert answer.status_code == 400, query
        assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_nobody_asks_for_a_hundred_a_minute(world: World) -> None:
    limited = replace(world.services, limiter=Limiter(clock=lambda: 0.0))
    with running(limited, site()) as bounded:
        client = bounded.reader()
        codes = [client.get(PATH).status_code for _ in range(12)]
    assert codes[0] == 200
    assert codes[-1] == 429
