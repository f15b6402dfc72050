"""What surrounds every answer: headers, limits, compression, pages, static files, sign-in."""

import gzip
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from pathlib import Path

import httpx
import pytest

from service.access import Permission, Role
from service.api.pages import Site
from service.api.services import Services
from service.limits import Limiter
from service.store.database import Database
from tests.service.api.world import PASSWORD, World, report_many, running, services_for


def test_every_answer_carries_the_policy(world: World) -> None:
    for path in ("/signin", "/healthz", "/nothing", "/collections", "/stream", "/municipalities.geojson"):
        headers = world.client().get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "geolocation=(self)" in headers["permissions-policy"]
        assert "strict-transport-security" not in headers


def test_https_and_tiles_change_the_headers(
    database: Database, database_url: str, site: Site, tmp_path: Path
) -> None:
    services = services_for(
        database,
        database_url,
        tmp_path,
        public_url="https://map.example.jp",
        tile_url="https://tiles.example.jp/{z}/{x}/{y}.png",
    )
    with running(services, site) as world:
        headers = world.client().get("/signin").headers
        assert headers["strict-transport-security"].startswith("max-age=")
        assert "img-src 'self' data: blob: https://tiles.example.jp;" in headers["content-security-policy"]
        world.user("officer", Role.OFFICER)
        cookie = world.client().post("/signin", data={"name": "officer", "password": PASSWORD})
        assert "Secure" in cookie.headers["set-cookie"]
        landing = world.reader().get("/?f=json").json()
        assert landing["links"][0]["href"] == "https://map.example.jp/?f=json"


def test_json_is_compressed_when_asked(world: World) -> None:
    report_many(world.services, [(f"k{n}", {"lat": 30.0 + n * 0.01}) for n in range(20)])
    answer = world.reader().get("/collections/incidents/items")
    assert answer.headers["content-encoding"] == "gzip"
    plain = world.reader().get("/collections/incidents/items", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.json() == answer.json()


def test_a_body_is_counted_as_it_comes(world: World) -> None:
    client = world.client(world.key(Permission.WRITE_REPORTS))
    limit = world.services.settings.max_body_bytes

    def chunks() -> Iterator[bytes]:
        for _ in range(limit // 1024 + 1):
            yield b" " * 1024

    for content in (b" " * (limit + 1), chunks()):
        answer = client.post("/reports", content=content, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


def test_unknown_paths_and_methods_are_problems(world: World) -> None:
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("DELETE", "/collections", 405),
        ("GET", "/static/../x", 404),
    ):
        answer = world.client().request(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
    assert world.client().request("DELETE", "/collections").headers["allow"] == "GET"


def test_a_problem_explains_itself(world: World) -> None:
    problem = world.client().get("/nothing").json()
    assert problem["title"] in world.client().get(problem["type"]).text


def test_static_files_come_from_the_list_only(world: World, site: Site) -> None:
    client = world.client()
    first = client.get("/static/css/page.css")
    assert first.headers["content-type"].startswith("text/css")
    assert (
        client.get("/static/css/page.css", headers={"If-None-Match": first.headers["etag"]}).status_code
        == 304
    )
    versioned = client.get(f"/static/{site.version}/vendor/leaflet/leaflet.js")
    assert "immutable" in versioned.headers["cache-control"]
    assert versioned.content == site.static["vendor/leaflet/leaflet.js"].body
    for path in (
        "/static/../assets.py",
        "/static/%2e%2e/assets.py",
        "/static/vendor/leaflet/package.json",
        "/static/",
    ):
        assert client.get(path).status_code == 404


def test_our_polygons_are_sent_packed(world: World, site: Site) -> None:
    with world.client().stream("GET", "/municipalities.geojson") as answer:
        raw = b"".join(answer.iter_raw())
    assert gzip.decompress(raw) == site.outlines.body
    etag = answer.headers["etag"]
    again = world.client().get("/municipalities.geojson", headers={"If-None-Match": etag})
    assert again.status_code == 304
    kept = world.client().get(f"/municipalities.geojson?v={etag.strip(chr(34))}")
    assert "immutable" in kept.headers["cache-control"]


def test_people_sign_in_and_out(world: World) -> None:
    world.user("hanako", Role.OFFICER)
    client = world.client()
    browser = {"Accept": "text/html"}
    assert client.get("/", headers=browser).headers["location"] == "/signin?next=/"
    answer = client.post("/signin", data={"name": "hanako", "password": PASSWORD}, headers=browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "samesite=lax" in answer.headers["set-cookie"].lower()
    assert "半鐘" in client.get("/", headers=browser).text
    who = client.get("/me").json()
    assert (who["name"], who["role"]) == ("hanako", "officer")
    assert client.post("/signout").json()["type"] == "/problems/csrf"
    kept = dict(client.cookies)
    assert client.post("/signout", headers={"X-CSRF-Token": who["csrf"]}).status_code == 204
    stolen = world.client()
    stolen.cookies.update(kept)
    assert stolen.get("/me").status_code == 401


def test_the_next_page_stays_on_this_site(world: World) -> None:
    world.user("hanako", Role.OFFICER)
    for given, goes in (
        ("/?f=json", "/?f=json"),
        ("/desk#sel=1&m=%E6%9D%BE", "/desk#sel=1&m=%E6%9D%BE"),
        ("/#//evil.example", "/#//evil.example"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil", "/"),
        ("/\t/evil.example", "/"),
        ("#//evil.example", "/"),
        (f"/#m={'34207,' * 2000}", "/"),
    ):
        answer = world.client().post("/signin", data={"name": "hanako", "password": PASSWORD, "next": given})
        assert answer.headers["location"] == goes


@pytest.mark.parametrize(
    "address",
    [
        *("/", "/desk", "/evacuation", "/tray", "/chronology", "/people"),
        "/situation-report?municipality=34207&drill=true",
    ],
)
def test_a_browser_that_is_not_signed_in_comes_back_to_what_it_asked_for(world: World, address: str) -> None:
    client = world.client()
    sent = client.get(address, headers={"Accept": "text/html"})
    assert sent.status_code == 303
    page = client.get(sent.headers["location"]).text
    assert f'name="next" value="{escape(address)}"' in page


def test_repeated_failures_lock_the_pair_of_name_and_address(world: World) -> None:
    world.user("hanako", Role.OFFICER)
    client = world.client()
    wrong = {"name": "hanako", "password": "wrong"}
    answers = [client.post("/signin", data=wrong) for _ in range(5)]
    assert {answer.status_code for answer in answers} == {401}
    assert "アカウント名とパスワード" in answers[0].text
    locked = client.post("/signin", data={"name": "hanako", "password": PASSWORD})
    assert locked.status_code == 429
    assert int(locked.headers["retry-after"]) > 0


def test_a_headquarters_behind_one_address_signs_in_and_a_guesser_there_is_held_up(
    services: Services, site: Site
) -> None:
    within_a_minute = replace(services, limiter=Limiter(clock=lambda: 0.0))
    with running(within_a_minute, site) as world:
        client = world.client()

        def tried(name: str, password: str) -> int:
            return client.post("/signin", data={"name": name, "password": password}).status_code

        for number in range(40):
            world.user(f"officer {number}", Role.OFFICER)
            assert tried(f"officer {number}", PASSWORD) == 303
        failed = [tried(f"guessed {number}", "wrong") for number in range(21)]
        assert failed == [401] * 20 + [429]
        assert tried("officer 0", PASSWORD) == 429


def test_another_sites_form_signs_nobody_in(world: World) -> None:
    world.user("hanako", Role.OFFICER)
    answer = world.client().post(
        "/signin", data={"name": "hanako", "password": PASSWORD}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/csrf")


def test_a_missing_database_is_503_with_retry_after(
    services: Services, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(services, site) as world:
        key = world.key(Permission.READ_INCIDENTS)
        away = Database("postgresql://nobody@127.0.0.1:1/none")
        monkeypatch.setattr(services.database, "transaction", away.transaction)
        answer: httpx.Response = world.client(key).get("/collections/incidents/items")
        ready = world.client().get("/readyz")
        assert "hansho_database_up 0.0" in world.client().get("/metrics").text
        monkeypatch.undo()
        away.dispose()
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/store-unavailable")
    assert int(answer.headers["retry-after"]) > 0
    failed = [check["name"] for check in ready.json()["checks"] if not check["ok"]]
    assert (ready.status_code, failed) == (503, ["database", "migrations", "gazetteer", "columns", "worker"])


def test_an_unexpected_failure_leaks_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("CANARY")

    monkeypatch.setattr("service.api.features.incidents.page", fail)
    answer = world.reader().get("/collections/incidents/items")
    assert (answer.status_code, answer.json()["type"]) == (500, "/problems/internal-error")
    assert "CANARY" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
