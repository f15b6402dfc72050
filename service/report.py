"""The words that everyone in the service shares: Message, Observation, Incident, Change.

Frozen, slotted, aware times. Coordinates are WGS 84 (EPSG:4326), named `lat` and `lon`; radii metres;
municipality codes are 5-digit text.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from geo.place import Level, Position
from nlp.reading import DamageType, Status

# The audience of what is nobody's: neither the place nor any sender says the municipality.
UNASSIGNED = "unassigned"
PREFECTURE_DIGITS = 2  # JIS X 0401; a municipality's code has five (JIS X 0402)


class Verification(StrEnum):
    """What headquarters say of an incident: 未確認, 確認済, 棄却."""

    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Scope:
    """What somebody sees: incidents whose audience shares a code with this one; None: all of them."""

    audience: frozenset[str] | None = None

    def sees(self, audience: Collection[str]) -> bool:
        """True when an incident of this audience is shown to the holder."""
        return self.audience is None or not self.audience.isdisjoint(audience)


EVERYTHING = Scope()
NOTHING = Scope(frozenset())


@dataclass(frozen=True, slots=True)
class Organization:
    """Who somebody works for. `kind` is prefecture (`code` of 2 digits), municipality (5 digits) or brigade
    (its municipality's code)."""

    id: UUID
    kind: str
    name: str
    code: str


@dataclass(frozen=True, slots=True)
class RuledStatus:
    """The status that headquarters decided on, and when: what is said first-hand later may contradict it."""

    status: Status
    at: datetime


@dataclass(frozen=True, slots=True)
class RuledPlace:
    """Where headquarters put an incident (WGS 84, metres; `shape` is WKT, lon lat). `place_text` is None
    where the words of the reports stay, so that no ruling ever quotes a report."""

    lat: float
    lon: float
    radius_m: float
    level: Level
    municipality: str | None
    shape: str | None = None
    place_text: str | None = None


@dataclass(frozen=True, slots=True)
class Assignee:
    """Who looks after an incident: a person's account or a unit (organization). `name` is as it was then."""

    kind: str  # person | unit
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What headquarters decided about an incident; no report changes it, each summary carries it on.

    `shared` are the codes of other municipalities and prefectures that may see it, too; `standing` those
    among them that do so by an agreement of the two. `confirmed_at` is when headquarters last said that it
    still is so. `reason` says why it was rejected; `merged_into` is the incident that its reports were put
    into. `version` grows with every action at the desk, and with nothing else: who saw an older one is asked
    to look again.
    """

    verification: Verification = Verification.UNVERIFIED
    shared: tuple[str, ...] = ()
    confirmed_at: datetime | None = None
    standing: tuple[str, ...] = ()
    type: DamageType | None = None
    status: RuledStatus | None = None
    place: RuledPlace | None = None
    assigned: Assignee | None = None
    reason: str = ""
    merged_into: UUID | None = None
    version: int = 0


NO_RULING = Ruling()


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture sent with a report: re-encoded JPEG bytes without metadata."""

    jpeg: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Message:
    """What one channel delivered, verified and cleaned, before anything is read from it.

    `key` is the channel's own identifier of the delivery: (channel, key) is stored at most once.
    `sender` is an opaque identifier that is stable within the channel, never a name.
    `reply_to` is what the channel needs to answer (LINE's reply token), None when it cannot.
    `address` is where the sender can be written to later, sealed (service/sealed.py), None when nowhere.
    """

    channel: str
    key: str
    text: str
    posted_at: datetime
    sender: str | None = None
    sender_municipality: str | None = None
    position: Position | None = None
    photo: Photo | None = None
    reply_to: str | None = None
    drill: bool = False
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a message is committed; `created` is False when (channel, key) was there already."""

    report_id: UUID
    received_at: datetime
    created: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A claimed inbox entry: the message, its report id, and how often it has been tried before."""

    inbox_id: int
    report_id: UUID
    received_at: datetime
    attempts: int
    message: Message


@dataclass(frozen=True, slots=True)
class Evidence:
    """Characters `start` to `end` of the report's text and the rule that saw `label` in them."""

    start: int
    end: int
    label: str
    rule: str


@dataclass(frozen=True, slots=True)
class PlaceChoice:
    """One candidate place as stored with an observation, best first."""

    name: str
    municipality: str
    lat: float
    lon: float
    level: Level
    score: float
    scores: Mapping[str, float]
    why: str


@dataclass(frozen=True, slots=True)
class Observation:
    """One damage at one place, as one report says it; the row of table `readings`."""

    report_id: UUID
    ordinal: int
    type: DamageType
    status: Status
    place_text: str
    municipality: str | None
    lat: float | None
    lon: float | None
    radius_m: float | None
    level: Level
    shape: str | None  # WKT, EPSG:4326, lon lat
    ambiguous: bool
    candidates: tuple[PlaceChoice, ...]
    why: str
    evidence: tuple[Evidence, ...]
    quantities: tuple[str, ...]  # as said: 「膝」「50cm」「3軒」
    urgent: bool
    people: Mapping[str, int]
    said_at: datetime  # when it was posted
    drill: bool
    retracts: bool = False  # a denial that takes an earlier report back: 訂正, 誤報
    home: str | None = None  # the sender's municipality


@dataclass(frozen=True, slots=True)
class ReadReport:
    """A claimed message with everything that was understood; what the worker saves in one transaction."""

    waiting: Waiting
    relevant: bool
    urgent: bool
    people: Mapping[str, int]
    drill: bool
    observations: tuple[Observation, ...]
    reply: str  # the one-line answer to the sender, in Japanese


@dataclass(frozen=True, slots=True)
class Incident:
    """What is happening at a place, from all reports about it.

    `lat` and `lon` are None when the place is unknown or ambiguous: the incident is then listed in
    the tray of its municipality, never drawn as a pin. `seq` is the change that made this version.
    `audience` are the codes that may see it, in order: those of its place's municipality and prefecture,
    of its senders' where the place has none, and those it is shared with. `contradicted`: somebody said
    first-hand, after headquarters ruled on the status, that it is otherwise.
    """

    id: UUID
    type: DamageType
    status: Status
    verification: Verification
    place_text: str
    municipality: str | None
    lat: float | None
    lon: float | None
    radius_m: float | None
    level: Level
    shape: str | None
    ambiguous: bool
    urgent: bool
    people: Mapping[str, int]
    report_count: int
    first_reported_at: datetime
    last_reported_at: datetime
    drill: bool
    audience: tuple[str, ...] = (UNASSIGNED,)
    ruling: Ruling = NO_RULING
    contradicted: bool = False
    version: int = 0
    seq: int = 0
    updated_at: datetime | None = None

    @property
    def owners(self) -> frozenset[str]:
        """The audience without those that the incident is only shared with: who answers for it."""
        return frozenset(self.audience) - frozenset(self.ruling.shared)


@dataclass(frozen=True, slots=True)
class Change:
    """One step of the history: `incident` as it was after the change; `removed` when it is gone;
    `audience_before` could see it before, and must learn when it no longer may."""

    seq: int
    at: datetime
    removed: bool
    incident: Incident
    audience_before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IncidentReport:
    """A report behind an incident, for those who may read words."""

    report_id: UUID
    channel: str
    text: str
    posted_at: datetime
    received_at: datetime
    sender_municipality: str | None
    has_photo: bool
    observations: tuple[Observation, ...] = field(default=())
