"""LINE Messaging API: webhook events into messages, and one-line replies out of them.

Shapes and rules: developers.line.biz/en/reference/messaging-api (webhook event objects, reply message).
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

import urllib3
from linebot.v3.messaging import ApiClient, Configuration, MessagingApi, ReplyMessageRequest, TextMessage
from linebot.v3.messaging.exceptions import ApiException
from linebot.v3.webhook import SignatureValidator
from linebot.v3.webhooks import (
    Event,
    FollowEvent,
    LocationMessageContent,
    MessageContent,
    MessageEvent,
    PostbackEvent,
    TextMessageContent,
    UnfollowEvent,
    UnsendEvent,
)
from pydantic.v1 import ValidationError

from service import sealed
from service.collect import clean, still
from service.collect.parcel import Answered, Delivery, Left, Notice, Parcel, Unreadable, Unsent
from service.problems import INVALID_SIGNATURE, UNREADABLE_BODY, FieldError, ProblemError
from service.report import Message
from service.settings import Settings

CHANNEL: Final = "line"
SIGNATURE_HEADER: Final = "x-line-signature"
MAX_REPLY_CHARACTERS: Final = 5000
REPLY_TIMEOUT_S: Final = (3.0, 10.0)  # connect, read
KEPT_OF_UNREADABLE: Final = 4000  # characters of a bad event that are kept to look at

GREETING: Final = (
    "半鐘です。災害の様子を「どこで・何が」の順に文字で送ってください。"
    "例「松永町の国道2号、冠水して車が通れない」。位置情報も送れます。"
    "急いで助けが必要なときは119番へ。"
)
ONLY_WORDS: Final = (
    "この窓口で読み取れるのは文字と位置情報だけです。写真や音声は保存していません。"
    "場所と様子を文字で送ってください。"
)


class Line:
    """The LINE channel: `channel_secret` signs the webhook, `secret` keys the hashes of senders."""

    def __init__(self, channel_secret: str, secret: bytes) -> None:
        self._signatures = SignatureValidator(channel_secret)
        self._secret = secret

    def verify(self, delivery: Delivery) -> None:
        """Compare x-line-signature with HMAC-SHA256 over the raw body.

        Raises ProblemError `invalid-signature`.
        """
        try:
            body = delivery.body.decode("utf-8")
            genuine = self._signatures.validate(body, delivery.headers.get(SIGNATURE_HEADER, ""))
        except UnicodeError:
            genuine = False
        if not genuine:
            raise ProblemError(INVALID_SIGNATURE)

    def messages(self, delivery: Delivery) -> Iterator[Parcel]:
        """What the events mean, in their order; kinds of events that carry no report are passed over."""
        try:
            payload = json.loads(delivery.body)
        except (ValueError, RecursionError):
            payload = None
        events = payload.get("events") if isinstance(payload, dict) else None
        if not isinstance(events, list):
            raise ProblemError(UNREADABLE_BODY)
        for event in events:
            parcel = self._parcel(event, delivery.received_at)
            if parcel is not None:
                yield parcel

    def _parcel(self, raw: object, received_at: datetime) -> Parcel | None:
        try:
            if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
                raise TypeError("an event is an object with a type")  # noqa: TRY301 - handled like any bad event
            if Event.get_discriminator_value(raw) is None:
                return None  # a kind of event newer than the SDK
            if raw["type"] == "message" and MessageContent.get_discriminator_value(raw["message"]) is None:
                return _only_words(raw)
            event = Event.from_dict(raw)
            if isinstance(event, UnsendEvent):
                return Unsent(CHANNEL, event.unsend.message_id)
            if isinstance(event, FollowEvent):
                return Notice(CHANNEL, event.reply_token, GREETING) if event.reply_token else None
            if isinstance(event, MessageEvent):
                return self._message(event, raw, received_at)
            if isinstance(event, PostbackEvent):
                return self._answered(event, raw, received_at)
            sender = self._sender(raw)
            if isinstance(event, UnfollowEvent) and sender is not None:
                return Left(CHANNEL, sender)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as failure:
            return self._unreadable(raw, type(failure).__name__, received_at)
        return None

    def _message(self, event: MessageEvent, raw: dict[str, Any], received_at: datetime) -> Parcel | None:
        content = event.message
        if not isinstance(content, TextMessageContent | LocationMessageContent):
            return _only_words(raw)
        errors: list[FieldError] = []
        key = clean.key_of(content.id, "message.id", errors)
        position = None
        if isinstance(content, LocationMessageContent):
            written = "\n".join(filter(None, (content.title, content.address))) or "位置情報"
            # Somebody abroad may send a place: the words stay, a point outside Japan is no position here.
            position = clean.position_of(float(content.latitude), float(content.longitude), None, [])
        else:
            written = content.text
        text = clean.text_of(written, "message.text", errors)
        if errors:
            return self._unreadable(raw, ", ".join(error.field for error in errors), received_at)
        return Message(
            channel=CHANNEL,
            # The message's id, not the event's: it is the same in redeliveries and in the unsend event.
            key=key,
            text=text,
            posted_at=min(datetime.fromtimestamp(event.timestamp / 1000, UTC), received_at),
            sender=self._sender(raw),
            position=position,
            # In standby another system answers for this account.
            reply_to=event.reply_token if raw.get("mode") == "active" else None,
            address=self._address(raw),
        )

    def _answered(
        self, event: PostbackEvent, raw: Mapping[str, Any], received_at: datetime
    ) -> Answered | None:
        """A button of our question; what other buttons say is for nobody here."""
        button, sender = still.pressed(event.postback.data), self._sender(raw)
        if button is None or sender is None:
            return None
        return Answered(
            channel=CHANNEL,
            key=event.webhook_event_id,
            question=button.question,
            answer=button.answer,
            said_at=min(datetime.fromtimestamp(event.timestamp / 1000, UTC), received_at),
            sender=sender,
            address=self._address(raw),
            reply_to=event.reply_token if raw.get("mode") == "active" else None,
        )

    def _address(self, raw: Mapping[str, Any]) -> str | None:
        """Where to push to, sealed. In a group a member is not asked: the answer would be everybody's."""
        source = raw.get("source")
        if not isinstance(source, dict) or source.get("type") != "user" or raw.get("mode") != "active":
            return None
        user = source.get("userId")
        return sealed.seal(self._secret, CHANNEL, user) if isinstance(user, str) else None

    def _sender(self, raw: Mapping[str, Any]) -> str | None:
        source = raw.get("source")
        user = source.get("userId") if isinstance(source, dict) else None
        return clean.opaque_sender(self._secret, CHANNEL, user) if isinstance(user, str) else None

    def _unreadable(self, raw: object, reason: str, received_at: datetime) -> Unreadable:
        shown: object = raw
        sender = None
        if isinstance(raw, dict):
            sender = self._sender(raw)
            shown = {name: value for name, value in raw.items() if name not in {"source", "replyToken"}}
        written = json.dumps(shown, ensure_ascii=False, sort_keys=True)
        digest = hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()
        event_id = raw.get("webhookEventId") if isinstance(raw, dict) else None
        # Redelivered, the flag differs and the event's id does not.
        key = event_id if isinstance(event_id, str) and not _wrong_key(event_id) else f"sha256:{digest}"
        kept = Message(
            channel=CHANNEL,
            key=key,
            text=clean.clean_text(written)[:KEPT_OF_UNREADABLE],
            posted_at=received_at,
            sender=sender,
        )
        return Unreadable(kept, f"LINE event not readable: {reason}")


def _wrong_key(key: str) -> bool:
    errors: list[FieldError] = []
    clean.key_of(key, "", errors)
    return bool(errors)


def _only_words(raw: Mapping[str, Any]) -> Notice | None:
    """Pictures, sound, stickers: say honestly that they were not kept."""
    token = raw.get("replyToken")
    if isinstance(token, str) and raw.get("mode") == "active":
        return Notice(CHANNEL, token, ONLY_WORDS)
    return None


class Answer(StrEnum):
    """How a message went: out, too late or token used, worth trying again, refused for good, or over the
    month's number of messages."""

    SENT = "sent"
    EXPIRED = "expired"
    RETRY = "retry"
    REFUSED = "refused"
    LIMIT = "limit"


def reply(settings: Settings, reply_to: str, text: str) -> Answer:
    """Answer a sender with one text message. Takes up to 13 s; call it in the worker.

    A reply token serves once, within about a minute; LINE says 400 afterwards. 429 and 5xx and network
    failures are worth another try: the token is spent only by a reply that LINE took.
    """
    request = ReplyMessageRequest(
        replyToken=reply_to, messages=[TextMessage(text=text[:MAX_REPLY_CHARACTERS])]
    )
    return sent(settings, lambda api: api.reply_message(request, _request_timeout=REPLY_TIMEOUT_S), _answer)


def sent(
    settings: Settings, send: Callable[[MessagingApi], object], answered: Callable[[int, str], Answer]
) -> Answer:
    """What became of one call of LINE's Messaging API; `answered` judges a refusal by status and body."""
    token = settings.line_channel_access_token
    if token is None:
        return Answer.REFUSED
    configuration = Configuration(host=settings.line_api_url, access_token=token.get_secret_value())
    configuration.retries = urllib3.Retry(total=0)
    client = ApiClient(configuration)
    try:
        send(MessagingApi(client))
    except ApiException as refusal:
        return answered(refusal.status or 0, str(refusal.body))
    except (urllib3.exceptions.HTTPError, UnicodeError):  # no answer, or one that is not LINE's
        return Answer.RETRY
    except ValidationError:  # LINE took it and answered in a shape newer than the SDK
        return Answer.SENT
    finally:
        client.rest_client.pool_manager.clear()
    return Answer.SENT


def _answer(status: int, body: str) -> Answer:
    if status in {0, 429} or status >= 500:
        return Answer.RETRY
    return Answer.EXPIRED if status == 400 and "reply token" in body.lower() else Answer.REFUSED
