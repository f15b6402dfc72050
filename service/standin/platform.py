"""The rules of LINE's platform that a bot meets: tokens, message objects, webhook events, redelivery.

Source: developers.line.biz/en/reference/messaging-api. Nothing here is stored; it ends with the process.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

from service.standin.messages import ApiError, Said
from service.standin.messages import parse as _messages

REPLY_TOKEN_LIFE_S: Final = 60.0  # LINE: "must be used within one minute after receiving the webhook"
BOT_USER_ID: Final = "U" + "0" * 31 + "1"
BOT_BASIC_ID: Final = "@000hansho"
# Crockford's base 32, in which webhook event ids (ULID) are written.
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Bubble:
    """One bubble of a chat, as its member sees it; `number` grows."""

    number: int
    mine: bool
    text: str
    message_id: str
    at_ms: int
    unsent: bool = False
    choices: tuple[tuple[str, str], ...] = ()  # label and data of the quick replies below it


@dataclass(slots=True)
class _Chat:
    name: str
    blocked: bool = False
    bubbles: list[Bubble] = field(default_factory=list)


@dataclass(slots=True)
class _ReplyToken:
    user_id: str
    expires_at: float
    used: bool = False


class Platform:
    """Members, their chats with the bot, and what is owed to them. Safe among threads.

    `clock` gives monotonic seconds, `wall` seconds since 1970.
    """

    def __init__(
        self,
        channel_secret: str,
        access_token: str,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._secret = channel_secret.encode()
        self._access_token = access_token
        self._clock = clock
        self._wall = wall
        self._lock = Lock()
        self._chats: dict[str, _Chat] = {}
        self._tokens: dict[str, _ReplyToken] = {}
        self._contents: dict[str, tuple[str, bytes]] = {}
        self._retry_keys: dict[str, dict[str, Any]] = {}
        self._last_message_id = 500_000_000_000_000_000 + secrets.randbelow(10**15)

    def authorize(self, header: str | None) -> None:
        """Raise ApiError 401 unless `header` carries the channel access token."""
        expected = f"Bearer {self._access_token}"
        if header is None or not hmac.compare_digest(header.encode(), expected.encode()):
            raise ApiError(
                401,
                "Authentication failed. Confirm that the access token in the authorization header is valid.",
            )

    def sign(self, body: bytes) -> str:
        """The x-line-signature of `body`."""
        return base64.b64encode(hmac.new(self._secret, body, hashlib.sha256).digest()).decode("ascii")

    def member(self, user_id: str, name: str) -> None:
        """Open the chat of a member, once."""
        with self._lock:
            self._chats.setdefault(user_id, _Chat(name))

    def name_of(self, user_id: str) -> str:
        """Display name. Raises ApiError 404 for who is no friend of the bot."""
        with self._lock:
            if user_id not in self._chats:
                raise ApiError(404, "Not found")
            return self._chats[user_id].name

    def chat(self, user_id: str) -> list[Bubble]:
        """The bubbles of a member's chat, oldest first."""
        with self._lock:
            return list(self._chats[user_id].bubbles) if user_id in self._chats else []

    def follow(self, user_id: str) -> dict[str, Any]:
        """The event of a member who adds the bot as a friend."""
        return self._event("follow", user_id, follow={"isUnblocked": False}, replyToken=self._token(user_id))

    def say(self, user_id: str, text: str) -> dict[str, Any]:
        """The event of a text message."""
        return self._said(
            user_id, text, {"type": "text", "text": text, "quoteToken": secrets.token_urlsafe(64)}
        )

    def send_location(self, user_id: str, lat: float, lon: float, title: str, address: str) -> dict[str, Any]:
        """The event of a location message: WGS 84 degrees."""
        content: dict[str, Any] = {"type": "location", "latitude": lat, "longitude": lon}
        content |= {"title": title} if title else {}
        content |= {"address": address} if address else {}
        return self._said(user_id, f"位置情報 {title or address} {lat:.5f}, {lon:.5f}", content)

    def send_image(self, user_id: str, media_type: str, data: bytes) -> dict[str, Any]:
        """The event of a picture, whose bytes the content API then hands out."""
        content = {
            "type": "image",
            "contentProvider": {"type": "line"},
            "quoteToken": secrets.token_urlsafe(64),
        }
        event = self._said(user_id, "（写真）", content)
        with self._lock:
            self._contents[event["message"]["id"]] = (media_type, data)
        return event

    def unsend(self, user_id: str, message_id: str) -> dict[str, Any]:
        """The event of a member who takes a message back."""
        with self._lock:
            chat = self._chats[user_id]
            chat.bubbles = [
                Bubble(b.number, b.mine, "", b.message_id, b.at_ms, unsent=True)
                if b.mine and b.message_id == message_id
                else b
                for b in chat.bubbles
            ]
            self._contents.pop(message_id, None)
        return self._event("unsend", user_id, unsend={"messageId": message_id})

    def content(self, message_id: str) -> tuple[str, bytes]:
        """Media type and bytes of a picture. Raises ApiError 404."""
        with self._lock:
            if message_id not in self._contents:
                raise ApiError(404, "Not found")
            return self._contents[message_id]

    def reply(self, body: object) -> dict[str, Any]:
        """POST /v2/bot/message/reply: a token serves once, within its minute. Raises ApiError 400."""
        request = _object(body)
        said = _messages(request.get("messages"))
        with self._lock:
            token = self._tokens.get(str(request.get("replyToken")))
            if token is None or token.used or self._clock() > token.expires_at:
                raise ApiError(400, "Invalid reply token")
            token.used = True
        return self._answer(token.user_id, said)

    def push(self, body: object, retry_key: str | None = None) -> dict[str, Any]:
        """POST /v2/bot/message/push. Raises ApiError 400, or 409 for a `retry_key` that was taken before.

        Like LINE it says 200 for a member who blocked the account, and delivers nothing.
        """
        request = _object(body)
        said = _messages(request.get("messages"))
        to = request.get("to")
        with self._lock:
            known = isinstance(to, str) and to in self._chats
            blocked = known and self._chats[str(to)].blocked
            taken = None if retry_key is None else self._retry_keys.get(_uuid(retry_key))
        if taken is not None:
            raise ApiError(409, "The retry key is already accepted", more=taken)
        if not known:
            raise ApiError(400, "The property, 'to', in the request body is invalid (line: -, column: -)")
        if blocked:
            answer: dict[str, Any] = {"sentMessages": [{"id": "0", "quoteToken": _quote()} for _ in said]}
        else:
            answer = self._answer(str(to), said)
        if retry_key is not None:
            with self._lock:
                self._retry_keys[_uuid(retry_key)] = answer
        return answer

    def press(self, user_id: str, data: str) -> dict[str, Any]:
        """The event of a member who presses a quick reply. Raises ApiError 404 when it is not offered."""
        with self._lock:
            offered = self._chats[user_id].bubbles[-1:] if user_id in self._chats else []
        label = next((label for bubble in offered for label, held in bubble.choices if held == data), None)
        if label is None:
            raise ApiError(404, "Not found")
        self._bubble(user_id, label, mine=True)
        return self._event("postback", user_id, postback={"data": data}, replyToken=self._token(user_id))

    def block(self, user_id: str) -> dict[str, Any]:
        """The event of a member who blocks the account."""
        with self._lock:
            self._chats[user_id].blocked = True
        return self._event("unfollow", user_id)

    def envelope(self, events: Sequence[Mapping[str, Any]]) -> bytes:
        """The body of a webhook request."""
        return json.dumps({"destination": BOT_USER_ID, "events": list(events)}, ensure_ascii=False).encode()

    def _answer(self, user_id: str, said: Sequence[Said]) -> dict[str, Any]:
        sent = [
            {"id": self._bubble(user_id, one.text, mine=False, choices=one.choices), "quoteToken": _quote()}
            for one in said
        ]
        return {"sentMessages": sent}

    def _said(self, user_id: str, shown: str, content: dict[str, Any]) -> dict[str, Any]:
        message_id = self._bubble(user_id, shown, mine=True)
        message = {"id": message_id} | content
        return self._event("message", user_id, message=message, replyToken=self._token(user_id))

    def _bubble(
        self, user_id: str, text: str, *, mine: bool, choices: tuple[tuple[str, str], ...] = ()
    ) -> str:
        with self._lock:
            self._last_message_id += 1 + secrets.randbelow(1000)
            bubbles = self._chats.setdefault(user_id, _Chat("団員")).bubbles
            at_ms = int(self._wall() * 1000)
            message_id = str(self._last_message_id)
            bubbles.append(Bubble(len(bubbles) + 1, mine, text, message_id, at_ms, choices=choices))
            return str(self._last_message_id)

    def _token(self, user_id: str) -> str:
        token = uuid.uuid4().hex
        with self._lock:
            now = self._clock()
            self._tokens = {t: known for t, known in self._tokens.items() if now <= known.expires_at}
            self._tokens[token] = _ReplyToken(user_id, now + REPLY_TOKEN_LIFE_S)
        return token

    def _event(self, kind: str, user_id: str, **more: object) -> dict[str, Any]:
        now_ms = int(self._wall() * 1000)
        return {
            "type": kind,
            "mode": "active",
            "timestamp": now_ms,
            "source": {"type": "user", "userId": user_id},
            "webhookEventId": _ulid(now_ms),
            "deliveryContext": {"isRedelivery": False},
            **more,
        }


def new_user_id() -> str:
    """A user id in LINE's form: U and 32 hexadecimal digits."""
    return "U" + secrets.token_hex(16)


def redelivered(event: Mapping[str, Any]) -> dict[str, Any]:
    """The same event as LINE sends it again."""
    return {**event, "deliveryContext": {"isRedelivery": True}}


def _quote() -> str:
    return secrets.token_urlsafe(64)


def _ulid(now_ms: int) -> str:
    number = (now_ms << 80) | secrets.randbits(80)
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


def _uuid(retry_key: str) -> str:
    try:
        return str(uuid.UUID(retry_key))
    except ValueError as wrong:
        raise ApiError(400, "The property, 'X-Line-Retry-Key', in the request header is invalid") from wrong


def _object(body: object) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise ApiError(400, "The request body could not be parsed as JSON")
    return body
