"""One column a fact, so that a hundred thousand incidents are sifted in a few milliseconds."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nlp.reading import DamageType, Status
from service.lifetimes import PACKAGED, Lifetimes
from service.overview import danger
from service.report import Scope, Verification
from service.store.columns import Fact

TYPES: Final = tuple(kind.value for kind in DamageType)
TYPE_NUMBER: Final = {code: number for number, code in enumerate(TYPES)}
VERIFICATIONS: Final = tuple(each.value for each in Verification)
VERIFICATION_NUMBER: Final = {code: number for number, code in enumerate(VERIFICATIONS)}
STATE_NUMBER: Final = {code: number for number, code in enumerate(danger.STATES)}
FEWEST: Final = 1024
NOBODY: Final[Mapping[str, int]] = {}
_KINDS: Final = {
    "x": np.float64,  # Web Mercator, the world from 0 to 1, north is 0; NaN without a point
    "y": np.float64,
    "type": np.uint8,
    "state": np.uint8,
    "verification": np.uint8,
    "urgent": np.bool_,  # and not over
    "drill": np.bool_,
    "removed": np.bool_,
    "municipality": np.uint16,
    "audience": np.uint16,
    "incident": np.int32,
    "last": np.int64,  # seconds since 1970
    "stale": np.float64,  # from when on it is old, in seconds since 1970; infinite for what does not grow old
    "at": np.float64,
    "order": np.int64,
    "seq": np.int64,
}

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]


class Columns:
    """Facts in rows that grow; a row may be written again. Not safe between threads: its owner locks."""

    def __init__(self, lifetimes: Lifetimes = PACKAGED) -> None:
        self.size = 0
        self.ids: list[str] = []
        self._municipality_number = _Numbers({"": 0})
        self._audience_number = _Numbers()
        self._life = _Lives(lifetimes)
        self._arrays: dict[str, NDArray[Any]] = {
            name: np.zeros(FEWEST, dtype=kind) for name, kind in _KINDS.items()
        }

    def __getitem__(self, name: str) -> NDArray[Any]:
        """The column `name`, as long as there are rows; a view, valid until the next row is written."""
        return self._arrays[name][: self.size]

    def write(self, first: int, facts: Sequence[Fact], incidents: Sequence[int] | int = 0) -> None:
        """Write `facts` into the rows from `first` on, of which the next free one may be the first."""
        rows = slice(first, first + len(facts))
        self._grow(rows.stop)
        self.ids[rows] = [fact.id for fact in facts]
        drills = [fact.drill for fact in facts]
        kinds = [_kind(fact.type, fact.status, fact.verification, fact.urgent) for fact in facts]
        ranks = [
            danger.rank(fact.type, kind.state_code, fact.urgent, fact.people) if fact.people else kind.rank
            for fact, kind in zip(facts, kinds, strict=True)
        ]
        last = _floats(fact.last for fact in facts)
        x, y = mercator(_floats(fact.lat for fact in facts), _floats(fact.lon for fact in facts))
        values = {
            "x": x,
            "y": y,
            "type": [kind.type for kind in kinds],
            "state": [kind.state for kind in kinds],
            "verification": [kind.verification for kind in kinds],
            "urgent": [rank <= danger.LAST_URGENT for rank in ranks],
            "drill": drills,
            "removed": [fact.removed for fact in facts],
            "municipality": [self._municipality_number[fact.municipality or ""] for fact in facts],
            "audience": [self._audience_number[fact.audience] for fact in facts],
            "incident": incidents,
            "last": last,
            "stale": self._stale(facts, last),
            "at": [fact.at for fact in facts],
            "order": danger.orders(ranks, drills, last, self.ids[rows]),
            "seq": [fact.seq for fact in facts],
        }
        for name, column in values.items():
            self._arrays[name][rows] = column

    def codes(self, wanted: Iterable[str]) -> list[int]:
        """The numbers of those of these municipalities that occur; two digits are a whole prefecture."""
        given = set(wanted)
        return [
            number for number, code in enumerate(self.municipalities) if code in given or code[:2] in given
        ]

    @property
    def municipalities(self) -> list[str]:
        """The codes that occur, in the order of their numbers; the first is "", 市町村不明."""
        return list(self._municipality_number)

    def seen(self, rows: Rows, scope: Scope) -> Rows:
        """Those of `rows` that `scope` sees."""
        if scope.audience is None or not self._audience_number:
            return rows
        table = np.array([scope.sees(json.loads(audience)) for audience in self._audience_number])
        visible: Rows = rows[table[self["audience"][rows]]]
        return visible

    def _stale(self, facts: Sequence[Fact], last: Floats) -> Floats:
        lives = [self._life[fact.type, fact.status, fact.municipality] for fact in facts]
        known = np.fmax(last, _floats(fact.confirmed for fact in facts))
        rejected = [fact.verification == Verification.REJECTED for fact in facts]
        return np.where(rejected, math.inf, known + np.array(lives))

    def _grow(self, size: int) -> None:
        self.size = max(self.size, size)
        while self.size > len(self._arrays["x"]):
            for name, column in self._arrays.items():
                self._arrays[name] = np.concatenate([column, np.zeros_like(column)])


class Present:
    """The incidents as they are, one row each."""

    def __init__(self, lifetimes: Lifetimes = PACKAGED) -> None:
        self.columns = Columns(lifetimes)
        self._row_of: dict[str, int] = {}

    def fill(self, facts: Sequence[Fact]) -> None:
        """Take incidents in of which none is held yet, each once."""
        first = self.columns.size
        self._row_of.update((fact.id, first + number) for number, fact in enumerate(facts))
        self.columns.write(first, facts)

    def take(self, fact: Fact) -> None:
        """Take a version in; an older one than is held changes nothing."""
        row = self._row_of.get(fact.id)
        if row is None:
            self.fill([fact])
        elif self.columns["seq"][row] < fact.seq:
            self.columns.write(row, [fact])

    def rows(self) -> Rows:
        """The rows of the incidents that exist."""
        return np.flatnonzero(~self.columns["removed"])


class Past:
    """Every version there was, in the order in which they came."""

    def __init__(self, lifetimes: Lifetimes = PACKAGED) -> None:
        self.columns = Columns(lifetimes)
        self._number_of: dict[str, int] = {}
        self.seq = 0

    def append(self, facts: Sequence[Fact]) -> None:
        """Take the next versions in, in their order."""
        numbers = [self._number_of.setdefault(fact.id, len(self._number_of)) for fact in facts]
        self.columns.write(self.columns.size, facts, numbers)
        self.seq = facts[-1].seq

    def knows(self, id_: str) -> bool:
        """Whether any version of this incident is held."""
        return id_ in self._number_of

    def correct(self, fact: Fact) -> None:
        """Write a version again that was rewritten in the store."""
        row = int(np.searchsorted(self.columns["seq"], fact.seq))
        if row < self.columns.size and self.columns["seq"][row] == fact.seq:
            self.columns.write(row, [fact], self._number_of[fact.id])

    def rows(self, moment: float) -> Rows:
        """The rows of the incidents as they were at `moment` (seconds since 1970)."""
        # A clock that was set back does not turn the order of the changes.
        upto = int(np.searchsorted(np.maximum.accumulate(self.columns["at"]), moment, side="right"))
        last = np.full(len(self._number_of), -1, dtype=np.int64)
        last[self.columns["incident"][:upto]] = np.arange(upto)
        there = last[last >= 0]
        standing: Rows = there[~self.columns["removed"][there]]
        return standing


class _Numbers(dict[str, int]):
    """Numbers texts as they come."""

    def __missing__(self, text: str) -> int:
        self[text] = len(self)
        return self[text]


class _Lives(dict[tuple[str, str, str | None], float]):
    """Seconds until an incident of a type, a status and a municipality is old, looked up once; infinite for
    what does not grow old."""

    def __init__(self, lifetimes: Lifetimes) -> None:
        super().__init__()
        self._lifetimes = lifetimes

    def __missing__(self, key: tuple[str, str, str | None]) -> float:
        type_, status, municipality = key
        life = self._lifetimes.of(DamageType(type_), Status(status), municipality)
        self[key] = math.inf if life is None else life.total_seconds()
        return self[key]


class _Kind(NamedTuple):
    """What follows from an incident's codes alone; `rank` without regard to people."""

    type: int
    state: int
    state_code: str
    verification: int
    rank: int


@cache
def _kind(type_: str, status: str, verification: str, urgent: bool) -> _Kind:
    state = danger.state_of(status, verification)
    return _Kind(
        TYPE_NUMBER[type_],
        STATE_NUMBER[state],
        state,
        VERIFICATION_NUMBER[verification],
        danger.rank(type_, state, urgent, NOBODY),
    )


def mercator(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """Web Mercator of points in degrees, 0 to 1 from north-west; NaN stays NaN."""
    sine = np.sin(np.radians(np.clip(lat, -85.05, 85.05)))
    return (lon + 180) / 360, 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * math.pi)


def _floats(values: Iterable[float | None]) -> Floats:
    """None becomes NaN."""
    return np.array(list(values), dtype=np.float64)


def degrees(x: float, y: float) -> tuple[float, float]:
    """The latitude and longitude of a point of Web Mercator."""
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y)))), x * 360 - 180
