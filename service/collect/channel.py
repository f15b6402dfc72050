"""The seam of collecting: a channel verifies a delivery and says what is in it; it stores nothing.

The caller stores what came out in one transaction and acknowledges after the commit. Channels that are
pushed to (LINE) implement `Channel`; `channels` is the plain dict of those that the settings switch on.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

from service.collect.line import Line
from service.collect.parcel import Delivery, Parcel
from service.settings import Settings


class Channel(Protocol):
    """One way in for messages that a platform delivers."""

    def verify(self, delivery: Delivery) -> None:
        """Raise ProblemError `invalid-signature` unless the delivery is genuine. Called before `messages`."""
        ...

    def messages(self, delivery: Delivery) -> Iterator[Parcel]:
        """Everything in a verified delivery, in its order; one bad part does not hide the others.

        Raises ProblemError `unreadable-body` when the delivery as a whole cannot be read.
        """
        ...


def channels(settings: Settings, secret: bytes) -> Mapping[str, Channel]:
    """The channels that `settings` switch on, by the name used in /hooks/{name}.

    `secret` keys the hashes of senders.
    """
    found: dict[str, Channel] = {}
    if settings.line_channel_secret is not None:
        found["line"] = Line(settings.line_channel_secret.get_secret_value(), secret)
    return found
