"""LINE on both sides: the SDK's own client against the stand-in, and the stand-in's webhook into our api."""

import asyncio
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import urllib3
from linebot.v3.messaging import (
    ApiClient,
    Configuration,
    MessagingApi,
    MessagingApiBlob,
    PushMessageRequest,
    TextMessage,
)
from linebot.v3.messaging.exceptions import ApiException
from linebot.v3.webhook import InvalidSignatureError, WebhookParser
from linebot.v3.webhooks import FollowEvent, MessageEvent, UnsendEvent
from pydantic import SecretStr
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.api.pages import Site
from service.collect.line import GREETING, ONLY_WORDS, Answer, reply
from service.settings import Settings
from service.standin.line import Webhook, build
from service.standin.platform import Platform, new_user_id
from service.store.database import Database
from tests.hosting import hosted, wait_until
from tests.service.api import world as worlds

CHANNEL_SECRET = "0123456789abcdef0123456789abcdef"
ACCESS_TOKEN = "a-channel-access-token"


class Bot:
    """A bot that records what the platform delivers and answers with the statuses it is given."""

    def __init__(self) -> None:
        self.deliveries: list[tuple[bytes, str]] = []
        self.statuses: list[int] = []

    def application(self) -> Starlette:
        async def hook(request: Request) -> Response:
            self.deliveries.append((await request.body(), request.headers["x-line-signature"]))
            return Response(status_code=self.statuses.pop(0) if self.statuses else 200)

        return Starlette(routes=[Route("/hooks/line", hook, methods=["POST"])])


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def platform(clock: Clock) -> Platform:
    return Platform(CHANNEL_SECRET, ACCESS_TOKEN, clock=clock)


@pytest.fixture
def standin(platform: Platform) -> Iterator[str]:
    webhook = Webhook(platform, "http://127.0.0.1:9/none", pauses_s=())
    with hosted(build(platform, webhook)) as url:
        yield url
    webhook.close()


@contextmanager
def _sdk(url: str, token: str = ACCESS_TOKEN) -> Iterator[ApiClient]:
    configuration = Configuration(host=url, access_token=token)
    configuration.retries = urllib3.Retry(total=0)
    client = ApiClient(configuration)
    yield client
    client.rest_client.pool_manager.clear()


def _settings(url: str, **changes: Any) -> Settings:
    given = {"line_channel_access_token": SecretStr(ACCESS_TOKEN), "line_api_url": url, **changes}
    return Settings(**given)


class TestReply:
    def test_reply_token_serves_once(self, platform: Platform, standin: str) -> None:
        user = new_user_id()
        token = platform.say(user, "日足で冠水")["replyToken"]
        assert reply(_settings(standin), token, "受け付けました：日足 道路冠水（発生中）。") is Answer.SENT
        assert reply(_settings(standin), token, "もう一度") is Answer.EXPIRED
        assert [(b.mine, b.text) for b in platform.chat(user)] == [
            (True, "日足で冠水"),
            (False, "受け付けました：日足 道路冠水（発生中）。"),
        ]

    def test_reply_token_expires(self, platform: Platform, standin: str, clock: Clock) -> None:
        token = platform.say(new_user_id(), "あ")["replyToken"]
        clock.now += 61
        assert reply(_settings(standin), token, "遅い") is Answer.EXPIRED

    def test_long_answers_are_cut(self, platform: Platform, standin: str) -> None:
        user = new_user_id()
        assert reply(_settings(standin), platform.say(user, "あ")["replyToken"], "い" * 6000) is Answer.SENT
        assert len(platform.chat(user)[-1].text) == 5000

    def test_wrong_access_token(self, platform: Platform, standin: str) -> None:
        wrong = _settings(standin, line_channel_access_token=SecretStr("x"))
        assert reply(wrong, platform.say(new_user_id(), "あ")["replyToken"], "い") is Answer.REFUSED
        assert reply(_settings(standin, line_channel_access_token=None), "t", "い") is Answer.REFUSED

    @pytest.mark.parametrize("status", [429, 500, 502, 503])
    def test_worth_another_try(self, status: int) -> None:
        async def refuse(_: Request) -> Response:
            return Response(b"\xff busy", status_code=status)

        with hosted(Starlette(routes=[Route("/v2/bot/message/reply", refuse, methods=["POST"])])) as url:
            assert reply(_settings(url), "token", "い") is Answer.RETRY

    def test_nobody_there(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        assert reply(_settings(f"http://127.0.0.1:{port}"), "token", "い") is Answer.RETRY


class TestPlatform:
    def test_sdk_reads_everything(self, platform: Platform, standin: str) -> None:
        user = new_user_id()
        platform.member(user, "団員")
        message_id = platform.send_image(user, "image/jpeg", b"\xff\xd8x")["message"]["id"]
        with _sdk(standin) as client:
            assert MessagingApi(client).get_profile(user).display_name == "団員"
            assert MessagingApi(client).get_bot_info().chat_mode == "bot"
            assert bytes(MessagingApiBlob(client).get_message_content(message_id)) == b"\xff\xd8x"
            request = PushMessageRequest(to=user, messages=[TextMessage(text="どこですか")])
            assert MessagingApi(client).push_message(request).sent_messages[0].id
        assert platform.chat(user)[-1].text == "どこですか"

    @pytest.mark.parametrize(
        "messages",
        [
            [],
            [{"type": "text", "text": "a"}] * 6,
            [{"type": "text", "text": ""}],
            [{"type": "text", "text": "🌊" * 2501}],
            [{"type": "text"}],
            ["a"],
            None,
        ],
    )
    def test_message_objects_are_checked(self, platform: Platform, standin: str, messages: Any) -> None:
        user = new_user_id()
        body = {"replyToken": platform.say(user, "あ")["replyToken"], "messages": messages}
        headers = {"Authorization": f"Bearer {ACCESS_TOKEN}"}
        answer = httpx.post(f"{standin}/v2/bot/message/reply", json=body, headers=headers)
        assert answer.status_code == 400
        assert answer.json()["details"]
        body["messages"] = [{"type": "text", "text": "🌊" * 2500}]
        assert httpx.post(f"{standin}/v2/bot/message/reply", json=body, headers=headers).status_code == 200

    def test_needs_the_access_token(self, standin: str) -> None:
        with _sdk(standin, "x") as client, pytest.raises(ApiException) as refusal:
            MessagingApi(client).get_bot_info()
        assert refusal.value.status == 401

    def test_sdk_parses_the_webhook(self, platform: Platform) -> None:
        user = new_user_id()
        said = platform.say(user, "冠水")
        events = [
            platform.follow(user),
            said,
            platform.send_location(user, 33.8, 135.85, "", "日足"),
            platform.send_image(user, "image/jpeg", b"x"),
            platform.unsend(user, said["message"]["id"]),
        ]
        body = platform.envelope(events)
        parsed = WebhookParser(CHANNEL_SECRET).parse(body.decode(), platform.sign(body))
        kinds = [type(event) for event in parsed]
        assert kinds == [FollowEvent, MessageEvent, MessageEvent, MessageEvent, UnsendEvent]
        assert len({event.webhook_event_id for event in parsed}) == 5
        with pytest.raises(InvalidSignatureError):
            WebhookParser("another").parse(body.decode(), platform.sign(body))

    def test_redelivers_until_taken(self, platform: Platform) -> None:
        bot = Bot()
        bot.statuses = [500, 302, 200]
        with hosted(bot.application()) as url:
            webhook = Webhook(platform, f"{url}/hooks/line", pauses_s=(0.01, 0.01, 0.01))
            assert asyncio.run(webhook.deliver(platform.say(new_user_id(), "冠水")))
            webhook.close()
        events = [json.loads(body)["events"][0] for body, _ in bot.deliveries]
        assert [event["deliveryContext"]["isRedelivery"] for event in events] == [False, True, True]
        assert len({event["webhookEventId"] for event in events}) == 1
        assert all(platform.sign(body) == mark for body, mark in bot.deliveries)

    def test_gives_up(self, platform: Platform) -> None:
        webhook = Webhook(platform, "http://127.0.0.1:9/none", pauses_s=(0.01,))
        assert not asyncio.run(webhook.deliver(platform.say(new_user_id(), "冠水")))
        webhook.close()

    def test_page_asks_nobody_else(self, standin: str) -> None:
        for path in ("/", "/chat.css", "/chat.js"):
            answer = httpx.get(standin + path)
            assert answer.status_code == 200
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert "http" not in answer.text.replace("x-line", "")
        assert "訓練" in httpx.get(standin).text

    def test_other_sites_cannot_type(self, standin: str) -> None:
        headers = {"Sec-Fetch-Site": "cross-site"}
        assert httpx.post(f"{standin}/chat", headers=headers).status_code == 403


class TestRoundTrip:
    def test_from_the_page_into_the_inbox_and_back(
        self, database: Database, database_url: str, tmp_path: Path
    ) -> None:
        platform = Platform(CHANNEL_SECRET, ACCESS_TOKEN)
        # The api must know the stand-in's address and the stand-in the api's: one of them learns it late.
        holder: list[Webhook] = []

        class Late(Webhook):
            def __init__(self) -> None:
                pass

            def enqueue(self, event: Any) -> None:
                holder[0].enqueue(event)

        with hosted(build(platform, Late())) as standin:
            services = worlds.services_for(
                database,
                database_url,
                tmp_path,
                line_channel_secret=SecretStr(CHANNEL_SECRET),
                line_channel_access_token=SecretStr(ACCESS_TOKEN),
                line_api_url=standin,
            )
            with worlds.running(services, cast("Site", None)) as world:
                webhook = Webhook(platform, f"{world.url}/hooks/line", pauses_s=(0.05, 0.5))
                holder.append(webhook)
                user = httpx.post(f"{standin}/chat").json()["user"]
                wait_until(lambda: [b.text for b in platform.chat(user)] == [GREETING])
                httpx.post(f"{standin}/chat/{user}", json={"text": "日足で冠水"})
                httpx.post(f"{standin}/chat/{user}", json={"lat": 33.8, "lon": 135.85, "address": "日足"})
                wait_until(lambda: len(_inbox(database)) == 2)
                assert webhook.send(platform.send_image(user, "image/jpeg", b"x"))
                wait_until(lambda: platform.chat(user)[-1].text == ONLY_WORDS)
                row = next(row for row in _inbox(database) if row.message["text"] == "日足で冠水")
                settings = services.settings
                assert reply(settings, row.message["reply_to"], "受け付けました。") is Answer.SENT
                chat = httpx.get(f"{standin}/chat/{user}").json()["bubbles"]
                assert chat[-1]["text"] == "受け付けました。"
                mine = next(bubble for bubble in chat if bubble["text"] == "日足で冠水")
                httpx.post(f"{standin}/chat/{user}", json={"unsend": mine["id"]})
                wait_until(lambda: "erased" in [row.state for row in _inbox(database)])
                webhook.close()
        assert user not in str(_inbox(database))


def _inbox(database: Database) -> list[Any]:
    with database.transaction() as conn:
        return list(conn.execute(text("SELECT * FROM inbox ORDER BY id")))
