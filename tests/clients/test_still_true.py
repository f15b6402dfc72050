"""「まだ続いていますか」 from the desk to a member's phone and back: LINE's protocol against the stand-in."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service.access import Role
from service.api.pages import Site
from service.collect import linepush
from service.collect.line import Answer
from service.commands.work import send_questions
from service.fuse import Fusing
from service.settings import Settings
from service.standin.line import Webhook, build
from service.standin.messages import ApiError
from service.standin.platform import Platform, new_user_id
from service.store import inbox, save
from service.store.database import Database
from tests.hosting import hosted, wait_until
from tests.service.api import world as worlds
from tests.service.api.world import World
from tests.service.store.samples import holders, observation, read

CHANNEL_SECRET = "0123456789abcdef0123456789abcdef"
ACCESS_TOKEN = "a-channel-access-token"
STILL = ["まだ続いている", "おさまった", "わからない"]


@dataclass
class Phones:
    """LINE's platform with members, wired to our api."""

    platform: Platform
    webhook: Webhook
    world: World
    database: Database
    settings: Settings

    def say(self, user: str, words: str, **given: Any) -> dict[str, Any]:
        """A member reports; the worker reads one observation out of it."""
        event = self.platform.say(user, words)
        assert self.webhook.send(event)
        with self.database.transaction() as conn:
            claimed = inbox.claim(conn, 0, 10)
        seen = [
            read(one, observation(one.report_id, **{"said_at": one.message.posted_at, **given}))
            for one in claimed
        ]
        with self.database.transaction() as conn:
            save.save(conn, seen, Fusing())
        return event

    def send(self) -> None:
        send_questions(self.database, self.settings, worlds.SECRET)

    def press(self, user: str, label: str) -> None:
        choices = self.platform.chat(user)[-1].choices
        data = next(data for shown, data in choices if shown == label)
        assert self.webhook.send(self.platform.press(user, data))

    def texts(self, user: str) -> list[str]:
        return [bubble.text for bubble in self.platform.chat(user)]

    def rows(self, statement: str) -> list[Any]:
        with self.database.transaction() as conn:
            return list(conn.execute(text(statement)))


@pytest.fixture
def phones(database: Database, database_url: str, tmp_path: Path) -> Iterator[Phones]:
    platform = Platform(CHANNEL_SECRET, ACCESS_TOKEN)
    idle = Webhook(platform, "http://127.0.0.1:9/none", pauses_s=())
    with ExitStack() as stack:
        standin = stack.enter_context(hosted(build(platform, idle)))
        services = worlds.services_for(
            database,
            database_url,
            tmp_path,
            line_channel_secret=SecretStr(CHANNEL_SECRET),
            line_channel_access_token=SecretStr(ACCESS_TOKEN),
            line_api_url=standin,
        )
        world = stack.enter_context(worlds.running(services, cast("Site", None)))
        webhook = Webhook(platform, f"{world.url}/hooks/line", pauses_s=())
        stack.callback(webhook.close)
        stack.callback(idle.close)
        yield Phones(platform, webhook, world, database, services.settings)


@pytest.fixture
def officer(phones: Phones) -> httpx.Client:
    return phones.world.signed_in(Role.OFFICER)


def incident(client: httpx.Client) -> dict[str, Any]:
    [found] = client.get("/collections/incidents/items").json()["features"]
    return dict(found)


def questions(client: httpx.Client) -> dict[str, Any]:
    return dict(client.get(f"/incidents/{incident(client)['id']}/questions").json())


def ask(client: httpx.Client) -> dict[str, Any]:
    answer = client.post(f"/incidents/{incident(client)['id']}/questions")
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


def test_asked_answered_and_seen(phones: Phones, officer: httpx.Client) -> None:
    anna, ben = new_user_id(), new_user_id()
    phones.say(anna, "松永町で冠水", drill=True)
    phones.say(ben, "松永町の道が水に浸かった", drill=True)
    before = incident(officer)
    assert (questions(officer)["can_ask"], questions(officer)["asked"]) == (2, 0)
    told = ask(officer)
    assert (told["asked_now"], told["asked"], told["answered"], told["can_ask"], told["recent"]) == (
        2,
        2,
        0,
        0,
        2,
    )
    phones.send()
    assert phones.texts(anna)[-1].startswith("【訓練】災害対策本部からお尋ねします。")
    assert "「松永町」の道路冠水は、まだ続いていますか" in phones.texts(anna)[-1]
    assert [label for label, _ in phones.platform.chat(anna)[-1].choices] == STILL
    phones.press(anna, "まだ続いている")
    wait_until(lambda: phones.texts(anna)[-1].startswith("ありがとうございます"))
    after = incident(officer)
    assert after["id"] == before["id"]
    assert (after["properties"]["report_count"], after["properties"]["status"]) == (3, "present")
    assert after["properties"]["stale_at"] >= before["properties"]["stale_at"]
    phones.press(ben, "おさまった")
    assert incident(officer)["properties"]["status"] == "resolved"
    assert incident(officer)["properties"]["stale_at"] is None
    shown = questions(officer)
    assert (shown["asked"], shown["answered"]) == (2, 2)
    assert {one["answer"] for one in shown["questions"]} == {"present", "resolved"}
    reports = officer.get(f"/incidents/{after['id']}/reports").json()["reports"]
    assert [one["text"] for one in reports[2:]] == STILL[:2]
    [action] = phones.rows("SELECT kind, body, drill FROM actions")
    assert (action.kind, action.body, action.drill) == ("desk.ask", {"asked": {"line": 2}}, True)


def test_not_knowing_says_nothing_of_the_incident(phones: Phones, officer: httpx.Client) -> None:
    user = new_user_id()
    phones.say(user, "松永町で冠水")
    before = incident(officer)["properties"]
    ask(officer)
    phones.send()
    phones.press(user, "わからない")
    assert incident(officer)["properties"] == before
    assert questions(officer)["questions"][0]["answer"] == "unknown"


def test_nobody_is_asked_twice_within_the_time(phones: Phones, officer: httpx.Client) -> None:
    phones.say(new_user_id(), "松永町で冠水")
    assert ask(officer)["asked_now"] == 1
    assert ask(officer)["asked_now"] == 0
    phones.send()
    again = ask(officer)
    assert (again["asked_now"], again["recent"], again["again_minutes"]) == (0, 1, 10)
    assert len(phones.rows("SELECT FROM actions")) == 1, "what asks nobody is no action"
    with phones.database.transaction() as conn:
        conn.execute(text("UPDATE questions SET asked_at = asked_at - interval '11 minutes'"))
    assert ask(officer)["asked_now"] == 1


def test_a_redelivered_press_counts_once_and_a_strangers_press_not_at_all(
    phones: Phones, officer: httpx.Client
) -> None:
    user, stranger = new_user_id(), new_user_id()
    phones.say(user, "松永町で冠水")
    ask(officer)
    phones.send()
    data = phones.platform.chat(user)[-1].choices[1][1]
    event = phones.platform.press(user, data)
    stolen = {
        **event,
        "webhookEventId": "01FZ74A0TDDPYRVKNK77XKC3ZR",
        "source": {"type": "user", "userId": stranger},
    }
    assert phones.webhook.send(stolen)
    assert incident(officer)["properties"]["status"] == "present"
    assert all(phones.webhook.send(event) for _ in range(3))
    assert incident(officer)["properties"]["status"] == "resolved"
    assert incident(officer)["properties"]["report_count"] == 2
    body = phones.platform.envelope([event])
    forged = httpx.post(
        f"{phones.world.url}/hooks/line", content=body, headers={"x-line-signature": "bm90IG91cnM="}
    )
    assert forged.status_code == 401


def test_the_user_id_is_kept_nowhere_in_the_open_and_goes_with_an_unsend(
    phones: Phones, officer: httpx.Client
) -> None:
    user = new_user_id()
    event = phones.say(user, "かなりあ橋で冠水", place_text="かなりあ橋")
    ask(officer)
    phones.send()
    phones.press(user, "まだ続いている")
    assert holders(phones.database, user) == set()
    [first, second] = phones.rows("SELECT address, sender FROM reports ORDER BY posted_at")
    assert first.address
    assert first.address != second.address, "the same words are never sealed to the same text"
    assert phones.webhook.send(phones.platform.unsend(user, event["message"]["id"]))
    assert phones.rows("SELECT FROM reports WHERE address IS NOT NULL OR sender IS NOT NULL") == []
    assert phones.rows("SELECT FROM questions") == []
    assert holders(phones.database, "かなりあ橋") == holders(phones.database, first.sender) == set()
    assert officer.get("/collections/incidents/items").json()["features"] == []


def test_who_blocks_us_is_asked_nothing_more(phones: Phones, officer: httpx.Client) -> None:
    user = new_user_id()
    phones.say(user, "松永町で冠水")
    ask(officer)
    event = phones.platform.block(user)
    phones.send()
    [question] = questions(officer)["questions"]
    assert question["state"] == "sent", "LINE says 200 for a member who blocked us"
    assert phones.texts(user) == ["松永町で冠水"]
    assert phones.webhook.send(event)
    shown = questions(officer)
    assert (shown["can_ask"], shown["recent"]) == (0, 0)
    assert shown["unreachable"] == [{"channel": "line", "count": 1}]


def test_who_left_before_the_question_went_out_gets_none(phones: Phones, officer: httpx.Client) -> None:
    user = new_user_id()
    phones.say(user, "松永町で冠水")
    ask(officer)
    assert phones.webhook.send(phones.platform.block(user))
    phones.send()
    assert questions(officer)["questions"][0]["state"] == "withdrawn"


def test_other_channels_are_said_plainly(phones: Phones, officer: httpx.Client) -> None:
    worlds.report(phones.world.services, "by form")
    told = ask(officer)
    assert (told["asked_now"], told["can_ask"]) == (0, 0)
    assert told["unreachable"] == [{"channel": "test", "count": 1}]


def test_headquarters_say_that_it_goes_on(phones: Phones, officer: httpx.Client) -> None:
    worlds.report(phones.world.services, "old")
    before = incident(officer)
    answer = officer.post(f"/incidents/{before['id']}/confirmation")
    assert answer.status_code == 200
    after = incident(officer)["properties"]
    assert after["stale_at"] == answer.json()["stale_at"] > before["properties"]["stale_at"]
    assert after["confirmed_at"] == answer.json()["confirmed_at"]
    assert after["version"] == before["properties"]["version"] + 1
    worlds.report(phones.world.services, "later")
    assert incident(officer)["properties"]["confirmed_at"] == after["confirmed_at"], "no report undoes it"
    [action] = phones.rows("SELECT kind, body FROM actions")
    assert (action.kind, action.body["confirmed_at"]["before"]) == ("desk.still", None)
    del officer.headers["X-CSRF-Token"]
    for path in ("questions", "confirmation"):
        assert officer.post(f"/incidents/{before['id']}/{path}").status_code == 403


@contextmanager
def platform_that_says(*answers: tuple[int, dict[str, Any]]) -> Iterator[tuple[str, list[str]]]:
    """LINE's push endpoint saying `answers` in turn; the retry keys that it was given."""
    keys: list[str] = []

    async def push(request: Request) -> Response:
        status, body = answers[min(len(keys), len(answers) - 1)]
        keys.append(request.headers["x-line-retry-key"])
        return JSONResponse(body, status)

    with hosted(Starlette(routes=[Route("/v2/bot/message/push", push, methods=["POST"])])) as url:
        yield url, keys


BUSY = {"message": "The API rate limit has been exceeded. Try again later."}
SENT = {"sentMessages": [{"id": "1", "quoteToken": "q"}]}


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, SENT, Answer.SENT),
        (409, {"message": "The retry key is already accepted", **SENT}, Answer.SENT),
        (429, BUSY, Answer.RETRY),
        (429, {"message": "You have reached your monthly limit."}, Answer.LIMIT),
        (500, {"message": "Internal Server Error"}, Answer.RETRY),
        (503, {}, Answer.RETRY),
        (400, {"message": "Failed to send messages"}, Answer.REFUSED),
        (401, {"message": "Authentication failed"}, Answer.REFUSED),
        (403, {"message": "Not available"}, Answer.REFUSED),
    ],
)
def test_what_line_says_decides(status: int, body: dict[str, Any], outcome: Answer) -> None:
    with platform_that_says((status, body)) as (url, keys):
        settings = Settings(line_channel_access_token=SecretStr(ACCESS_TOKEN), line_api_url=url)
        question = uuid4()
        assert linepush.push(settings, new_user_id(), "まだ？", question) is outcome
        assert [UUID(key) for key in keys] == [question]


def test_failures_are_tried_again_and_shown(phones: Phones, officer: httpx.Client) -> None:
    phones.say(new_user_id(), "松永町で冠水")
    ask(officer)
    with platform_that_says(
        (500, {}), (429, BUSY), (429, {"message": "You have reached your monthly limit."})
    ) as (
        url,
        keys,
    ):
        elsewhere = phones.settings.model_copy(update={"line_api_url": url})
        for expected in ("waiting", "waiting", "failed"):
            send_questions(phones.database, elsewhere, worlds.SECRET)
            send_questions(phones.database, elsewhere, worlds.SECRET)  # not due yet
            [question] = questions(officer)["questions"]
            assert question["state"] == expected
            with phones.database.transaction() as conn:
                conn.execute(text("UPDATE questions SET retry_at = now()"))
        assert len(set(keys)) == 1
        assert len(keys) == 3
    assert question["trouble"] == "limit"
    assert questions(officer)["can_ask"] == 1, "what did not go out may be asked again"


def test_another_secret_cannot_open_the_address(phones: Phones, officer: httpx.Client) -> None:
    phones.say(new_user_id(), "松永町で冠水")
    ask(officer)
    send_questions(phones.database, phones.settings, b"another secret")
    assert questions(officer)["questions"][0]["state"] == "failed"


def test_the_standin_keeps_lines_rules() -> None:
    platform = Platform(CHANNEL_SECRET, ACCESS_TOKEN)
    user, key = new_user_id(), str(uuid4())
    platform.member(user, "団員")

    def body(label: str = "はい", data: str = "a", to: str = user) -> dict[str, Any]:
        action = {"type": "postback", "label": label, "data": data}
        items = [{"type": "action", "action": action}]
        return {"to": to, "messages": [{"type": "text", "text": "？", "quickReply": {"items": items}}]}

    first = platform.push(body(), key)
    with pytest.raises(ApiError) as again:
        platform.push(body(), key)
    assert (again.value.status, again.value.body["sentMessages"]) == (409, first["sentMessages"])
    assert len(platform.chat(user)) == 1
    for wrong in (body(label="あ" * 21), body(data="x" * 301), body(to="U0")):
        with pytest.raises(ApiError) as refusal:
            platform.push(wrong)
        assert refusal.value.status == 400
    with pytest.raises(ApiError):
        platform.push(body(), "not a uuid")
    platform.press(user, "a")
    with pytest.raises(ApiError):
        platform.press(user, "a")  # the buttons are gone with the next bubble


def test_the_page_of_the_standin_offers_the_buttons(phones: Phones, officer: httpx.Client) -> None:
    """The stand-in's own API, as its page uses it."""
    user = new_user_id()
    phones.say(user, "松永町で冠水")
    ask(officer)
    phones.send()
    chat = httpx.get(f"{phones.settings.line_api_url}/chat/{user}").json()["bubbles"]
    assert [choice["label"] for choice in chat[-1]["choices"]] == STILL
    pressed = httpx.post(
        f"{phones.settings.line_api_url}/chat/{user}", json={"press": chat[-1]["choices"][0]["data"]}
    )
    assert pressed.status_code == 202
    assert phones.texts(user)[-1] == "まだ続いている"
