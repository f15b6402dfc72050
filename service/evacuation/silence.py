"""A silent district is not a safe one: who was expected to report, who did, and how long ago."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from service.evacuation.model import SILENCE_LOOK_BACK_HOURS, Call, Sighting, Unit


class Hearing(StrEnum):
    """`heard` within the interval; `overdue`: not any more; `silent`: not at all for a day."""

    HEARD = "heard"
    OVERDUE = "overdue"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Reporter:
    """One who should report, and when he was last heard by hand-written note."""

    name: str
    heard_at: datetime | None
    note: str
    due: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """What was received from a unit: reports of the last day, the newest time, who is missing."""

    state: Hearing
    received: int
    last_at: datetime | None
    reporters: tuple[Reporter, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The expected reporters who have not been heard within the interval."""
        return tuple(one.name for one in self.reporters if one.due)


def listen(
    unit: Unit, inside: Iterable[Sighting], calls: Iterable[Call], interval_min: int, at: datetime
) -> Heard:
    """What was heard of `unit` at the time `at`. Reports that came later than `at` count as heard now."""
    since = at - timedelta(hours=SILENCE_LOOK_BACK_HOURS)
    recent = at - timedelta(minutes=interval_min)
    said = {report: when for one in inside for report, when in one.reports if when >= since}
    noted = [call for call in calls if call.unit == unit.code and call.heard_at >= since]
    times = [*said.values(), *(call.heard_at for call in noted)]
    last = max(times, default=None)
    heard = Hearing.HEARD if last is not None and last >= recent else Hearing.OVERDUE
    state = Hearing.SILENT if last is None else heard
    reporters = tuple(_reporter(name, noted, recent) for name in unit.reporters)
    return Heard(state, len(said) + len(noted), last, reporters)


def _reporter(name: str, noted: Iterable[Call], recent: datetime) -> Reporter:
    last = max((call for call in noted if call.reporter == name), key=lambda c: c.heard_at, default=None)
    if last is None:
        return Reporter(name, None, "", due=True)
    return Reporter(name, last.heard_at, last.note, due=last.heard_at < recent)
