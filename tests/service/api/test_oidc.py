"""Signing in by OpenID Connect, against a real provider in a process of its own."""

import contextlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from service.access import Role
from service.access.oidc import Provider, ProviderError, provider_of, roles_of
from service.api.pages import Site
from service.api.services import Services
from service.problems import ProblemError
from service.settings import Settings
from service.store import people
from tests.hosting import wait_until
from tests.service.api.world import World, running
from tests.shape.tree import ROOT

FUKUYAMA, KURE = "34207", "34202"
REFUSED = "外部のサインインを確かめられません"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "tests.service.api.provider", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        address = f"http://localhost:{port}"
        wait_until(lambda: answers(address), 30)
        yield address
        process.terminate()


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/.well-known/openid-configuration").status_code == 200
    except httpx.HTTPError:
        return False


def settings(issuer: str, **given: Any) -> Settings:
    plain = {"oidc_issuer": issuer, "oidc_client_id": "hansho", "oidc_client_secret": SecretStr("secret")}
    return Settings(**{**plain, **given})


@pytest.fixture
def world(services: Services, site: Site, issuer: str) -> Iterator[World]:
    with running(replace(services, provider=Provider(settings(issuer))), site) as made:
        made.user("resident", Role.VIEWER, FUKUYAMA)  # so that the municipality is known
        yield made


def claims(issuer: str, sub: str, **given: object) -> None:
    plain = {"preferred_username": sub, "hansho_role": "officer", "hansho_organization": FUKUYAMA}
    assert httpx.put(f"{issuer}/users/{sub}", json={**plain, **given}).status_code == 204


def sent_to(client: httpx.Client, to: str = "/") -> str:
    """The provider's address to which the browser is sent."""
    answer = client.get("/oidc/start", params={"next": to})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def allowed(address: str, sub: str) -> str:
    """The way back that the provider answers with when the person says yes."""
    answer = httpx.post(address, data={"sub": sub})
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def signed_in(world: World, sub: str, to: str = "/") -> httpx.Client:
    client = world.client()
    answer = client.get(allowed(sent_to(client, to), sub))
    assert (answer.status_code, answer.headers["location"]) == (303, to), answer.text
    return client


def test_who_has_an_account_elsewhere_signs_in_with_its_role_and_organization(
    world: World, issuer: str
) -> None:
    claims(issuer, "hanako")
    assert "組織のアカウントでサインイン" in world.client().get("/signin").text
    client = signed_in(world, "hanako", "/people")
    told = client.get("/me").json()
    assert (told["name"], told["role"], told["municipality"]) == ("hanako", "officer", FUKUYAMA)
    assert client.post("/signin", data={"name": "hanako", "password": "x"}).status_code == 401
    claims(issuer, "hanako", hansho_role=["commander"], preferred_username="花子")
    told = signed_in(world, "hanako").get("/me").json()
    assert (told["name"], told["role"]) == ("hanako", "commander"), "the same account, today's role"


def test_what_the_provider_changes_is_recorded_and_read_by_both_administrators(
    world: World, issuer: str
) -> None:
    here, there = (world.signed_in(Role.ADMINISTRATOR, code) for code in (FUKUYAMA, KURE))
    claims(issuer, "mover", hansho_role="officer")
    signed_in(world, "mover")
    claims(issuer, "mover", hansho_role="commander", hansho_organization=KURE)
    signed_in(world, "mover")
    signed_in(world, "mover")
    host = urlsplit(issuer).netloc
    for administrator in (here, there):
        lines = administrator.get("/chronology", headers={"Accept": "application/json"}).json()["lines"]
        [line] = [one for one in lines if one["kind"] == "people.provider"]
        assert f"外部のサインイン（{host}）" in line["text"]
        assert "役割を「本部員」から「指揮者」に、所属を「34207」から「34202」に変えた" in line["text"]
    assert "mover" in line["author"]


def test_a_name_that_is_taken_opens_nobody_else_s_account(world: World, issuer: str) -> None:
    claims(issuer, "impostor", preferred_username="resident", hansho_role="administrator")
    told = signed_in(world, "impostor").get("/me").json()
    assert (told["name"], told["role"]) == ("resident（2）", "administrator")


def refusal(answer: httpx.Response) -> str:
    assert answer.status_code == 401, answer.text
    assert "hansho_session" not in answer.headers.get("set-cookie", "")
    return answer.text


def test_a_way_back_that_was_not_begun_here_is_refused(world: World, issuer: str) -> None:
    claims(issuer, "hanako")
    client = world.client()
    back = allowed(sent_to(client), "hanako")
    assert REFUSED in refusal(world.client().get(back)), "another browser"
    state = parse_qs(urlsplit(back).query)["state"][0]
    assert REFUSED in refusal(client.get(back.replace(state, "invented")))
    twice = signed_in(world, "hanako")
    assert REFUSED in refusal(twice.get(back))


@pytest.mark.parametrize("what", ["nonce", "client_id", "code_challenge"])
def test_a_way_there_that_was_tampered_with_is_refused(world: World, issuer: str, what: str) -> None:
    claims(issuer, "hanako")
    client = world.client()
    address = sent_to(client)
    value = parse_qs(urlsplit(address).query)[what][0]
    back = allowed(address.replace(f"{what}={value}", f"{what}=another"), "hanako")
    assert REFUSED in refusal(client.get(back))


def test_whoever_says_no_comes_back_to_the_page(world: World) -> None:
    client = world.client()
    address = sent_to(client)
    state = parse_qs(urlsplit(address).query)["state"][0]
    answer = client.get("/oidc/callback", params={"error": "access_denied", "state": state})
    assert "取り消されたか、許されませんでした" in refusal(answer)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"hansho_role": None}, "役割または所属が設定されていません"),
        ({"hansho_role": ["viewer", "administrator"]}, "役割または所属が設定されていません"),
        ({"hansho_role": "king"}, "役割または所属が設定されていません"),
        ({"hansho_organization": None}, "役割または所属が設定されていません"),
        ({"hansho_organization": KURE}, "半鐘に登録されていません"),
    ],
)
def test_without_role_and_organization_nobody_gets_in(
    world: World, issuer: str, given: dict[str, object], words: str
) -> None:
    claims(issuer, "taro", **given)
    client = world.client()
    assert words in refusal(client.get(allowed(sent_to(client), "taro")))


def test_a_disabled_person_stays_out(world: World, issuer: str) -> None:
    claims(issuer, "jiro")
    signed_in(world, "jiro")
    with world.services.database.transaction() as conn:
        known = people.of_subject(conn, f"{issuer} jiro")
        assert known is not None
        assert known.organization is not None
        people.change(conn, known.id, known.role, known.organization.id, disabled=True)
    client = world.client()
    assert "使えなくなっています" in refusal(client.get(allowed(sent_to(client), "jiro")))


def test_a_token_holds_for_its_time_its_audience_its_issuer_and_its_key(issuer: str) -> None:
    claims(issuer, "hanako")
    provider, back = Provider(settings(issuer)), "http://127.0.0.1/oidc/callback"
    address, attempt = provider.begin(back, "/")
    code = parse_qs(urlsplit(allowed(address, "hanako")).query)["code"][0]
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": back, "client_id": "hansho",
        "client_secret": "secret", "code_verifier": attempt.verifier,
    }  # fmt: skip
    token = httpx.post(f"{issuer}/oauth2/token", data=form).json()["id_token"]
    now = datetime.now(UTC)
    assert provider.vouched(token, attempt.nonce, now).name == "hanako"
    header, body, signature = token.split(".")
    forged = f"{header}.{body}.{signature[::-1]}"
    unsigned = f"eyJhbGciOiJub25lIn0.{body}."
    other = Provider(settings(issuer, oidc_client_id="another"))
    for judge, given, nonce, at in (
        (provider, token, attempt.nonce, now + timedelta(hours=2)),
        (provider, token, "another", now),
        (other, token, attempt.nonce, now),
        (provider, forged, attempt.nonce, now),
        (provider, unsigned, attempt.nonce, now),
    ):
        with pytest.raises(ProblemError) as refused:
            judge.vouched(given, nonce, at)
        assert refused.value.kind.slug == "provider-refused"


def test_a_provider_that_does_not_answer_leaves_the_password(services: Services, site: Site) -> None:
    down = Provider(settings("http://localhost:1"))
    with running(replace(services, provider=down), site) as made:
        answer = made.client().get("/oidc/start")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"
    assert "外部のサインインにつながりません" in answer.text
    assert 'name="password"' in answer.text


@contextlib.contextmanager
def luring(elsewhere: str) -> Iterator[str]:
    """An issuer whose document names another's address."""

    class Lure(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            names = ("issuer", "authorization_endpoint", "jwks_uri")
            body = json.dumps(dict.fromkeys(names, address) | {"token_endpoint": elsewhere}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            return

    with HTTPServer(("127.0.0.1", 0), Lure) as server:
        address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield address
        server.shutdown()
        thread.join()


def test_only_the_issuer_s_own_address_is_asked(issuer: str) -> None:
    with luring(f"{issuer}/oauth2/token") as lure, pytest.raises(ProblemError) as refused:
        Provider(settings(lure)).begin("http://x/oidc/callback", "/")
    assert refused.value.kind.slug == "provider-unavailable"
    for wrong in ({"oidc_issuer": "http://idp.example"}, {"oidc_client_id": None}, {"oidc_roles": "a=king"}):
        with pytest.raises(ProviderError, match="OIDC"):
            Provider(settings(issuer).model_copy(update=wrong))
    assert provider_of(Settings()) is None
    assert roles_of("災対本部=officer, 防災課=administrator") == {
        "災対本部": Role.OFFICER,
        "防災課": Role.ADMINISTRATOR,
    }
