"""What goes into a channel and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.report import Message


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request of a platform as it came: `headers` in lower case, `body` untouched."""

    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Unsent:
    """The sender took the message with `key` back: its words are to be erased."""

    channel: str
    key: str


@dataclass(frozen=True, slots=True)
class Notice:
    """No report, but the sender gets a fixed answer (a greeting, or what can be read here)."""

    channel: str
    reply_to: str
    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """Somebody pressed an answer to our question `question` (its id): `answer` is present, resolved or
    unknown. `sender` and `address` are as in Message, `key` is the delivery's own."""

    channel: str
    key: str
    question: UUID
    answer: str
    said_at: datetime
    sender: str
    address: str | None
    reply_to: str | None


@dataclass(frozen=True, slots=True)
class Left:
    """The sender wants nothing more from us (blocked the account): where to write to is forgotten."""

    channel: str
    sender: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part that cannot become a report; kept as buried, with `reason`, for a person to look at.

    `message` carries the part as it came, senders made opaque. `reason` repeats no words.
    """

    message: Message
    reason: str


Parcel = Message | Unsent | Notice | Answered | Left | Unreadable
