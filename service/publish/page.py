"""A page of incidents with all that a feed needs to render it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from service.lifetimes import PACKAGED, Lifetimes
from service.report import Incident


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a document: absolute address, relation, media type, Japanese title."""

    href: str
    rel: str
    type: str
    title: str


@dataclass(frozen=True, slots=True)
class Page:
    """Incidents at change `seq`; `matched` counts all that fit the query, on every page together.

    `made_at` is the time of change `seq`, so that the same state is rendered to the same bytes; None
    before the first change. `municipalities` gives names by 5-digit code.
    """

    incidents: tuple[Incident, ...]
    matched: int
    seq: int
    made_at: datetime | None
    municipalities: Mapping[str, str]
    links: tuple[Link, ...] = field(default=())
    lifetimes: Lifetimes = PACKAGED
