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

REPLY_TOKEN_LIFE_S: Final = 60.0  # LINE: "must be used within one minute after receiving the webhook"
MAX_MESSAGES: Final = 5
MAX_TEXT_UNITS: Final = 5000  # UTF-16 code units, as LINE counts
BOT_USER_ID: Final = "U" + "0" * 31 + "1"
BOT_BASIC_ID: Final = "@000hansho"
# Crockford's base 32, in which webhook event ids (ULID) are written.
_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class ApiError(Exception):
    """A refusal in LINE's shape: `{"message": …, "details": […]}`."""

    def __init__(self, status: int, message: str, details: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, Any] = {"message": message}
        if details:
            self.body["details"] = list(details)


@dataclass(frozen=True, slots=True)
class Bubble:
    """One bubble of a chat, as its member sees it; `number` grows."""

    number: int
    mine: bool
    text: str
    message_id: str
    at_ms: int
    unsent: bool = False


@dataclass(slots=True)
class _Chat:
    name: str
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
        texts = _texts(request.get("messages"))
        with self._lock:
            token = self._tokens.get(str(request.get("replyToken")))
            if token is None or token.used or self._clock() > token.expires_at:
                raise ApiError(400, "Invalid reply token")
            token.used = True
        return self._answer(token.user_id, texts)

    def push(self, body: object) -> dict[str, Any]:
        """POST /v2/bot/message/push. Raises ApiError 400."""
        request = _object(body)
        texts = _texts(request.get("messages"))
        to = request.get("to")
        with self._lock:
            known = isinstance(to, str) and to in self._chats
        if not known:
            raise ApiError(400, "The property, 'to', in the request body is invalid (line: -, column: -)")
        return self._answer(str(to), texts)

    def envelope(self, events: Sequence[Mapping[str, Any]]) -> bytes:
        """The body of a webhook request."""
        return json.dumps({"destination": BOT_USER_ID, "events": list(events)}, ensure_ascii=False).encode()

    def _answer(self, user_id: str, texts: Sequence[str]) -> dict[str, Any]:
        sent = [{"id": self._bubble(user_id, text, mine=False), "quoteToken": _quote()} for text in texts]
        return {"sentMessages": sent}

    def _said(self, user_id: str, shown: str, content: dict[str, Any]) -> dict[str, Any]:
        message_id = self._bubble(user_id, shown, mine=True)
        message = {"id": message_id} | content
        return self._event("message", user_id, message=message, replyToken=self._token(user_id))

    def _bubble(self, user_id: str, text: str, *, mine: bool) -> str:
        with self._lock:
            self._last_message_id += 1 + secrets.randbelow(1000)
            bubbles = self._chats.setdefault(user_id, _Chat("団員")).bubbles
            at_ms = int(self._wall() * 1000)
            bubbles.append(Bubble(len(bubbles) + 1, mine, text, str(self._last_message_id), at_ms))
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


def _object(body: object) -> Mapping[str, Any]:
    if not isinstance(body, dict):
        raise ApiError(400, "The request body could not be parsed as JSON")
    return body


def _texts(messages: object) -> list[str]:
    """Texts of message objects; the stand-in takes only the kind that a one-line answer needs."""
    if not isinstance(messages, list) or not 1 <= len(messages) <= MAX_MESSAGES:
        raise _invalid("messages", "Size must be between 1 and 5")
    texts = []
    for at, message in enumerate(messages):
        text = message.get("text") if isinstance(message, dict) else None
        if not isinstance(message, dict) or message.get("type") != "text":
            raise _invalid(f"messages[{at}].type", "Must be one of the following values: [text]")
        if not isinstance(text, str) or not text:
            raise _invalid(f"messages[{at}].text", "May not be empty")
        if len(text.encode("utf-16-le", "surrogatepass")) // 2 > MAX_TEXT_UNITS:
            raise _invalid(f"messages[{at}].text", f"Length must be between 0 and {MAX_TEXT_UNITS}")
        texts.append(text)
    return texts


def _invalid(where: str, what: str) -> ApiError:
    return ApiError(400, "The request body has 1 error(s)", [{"message": what, "property": where}])
