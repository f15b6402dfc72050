"""What of the incidents is shown, and how many each choice of the filter would hold; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from service.overview import danger
from service.overview.columns import (
    STATE_NUMBER,
    TYPE_NUMBER,
    TYPES,
    VERIFICATION_NUMBER,
    VERIFICATIONS,
    Columns,
    Rows,
)

HOURS: Final = (1, 6, 24)
Mask = NDArray[np.bool_]
_SIFTED: Final = ("type", "state", "municipality", "drill", "last", "verification", "stale")


@dataclass(frozen=True, slots=True)
class Filter:
    """As web/static/js/filter.js has it. None: no restriction. `municipalities`: 5 digits, two for a
    prefecture, "" for 市町村不明; times are seconds since 1970 and mean the latest report."""

    types: frozenset[str] | None = None
    states: frozenset[str] = danger.OPEN_STATES
    municipalities: frozenset[str] | None = None
    hours: float | None = None
    since: float | None = None
    until: float | None = None
    drill: bool = True
    verification: str = ""  # "verified" or "unverified"; "": both, and what was rejected
    old: str = ""  # "hide" or "only" old information


@dataclass(frozen=True, slots=True)
class Counts:
    """For each choice, how many incidents it holds with the other parts of the filter as they are."""

    types: Mapping[str, int]
    states: Mapping[str, int]
    municipalities: Mapping[str, int]
    hours: Mapping[str, int]
    drill: int
    hidden: int
    verification: Mapping[str, int]
    stale: Mapping[str, int]
    hidden_stale: int


@dataclass(frozen=True, slots=True)
class Sifted:
    """The rows that are shown, and the counts."""

    rows: Rows
    counts: Counts


@dataclass(slots=True)
class _Facets:
    """Which rows pass each part of the filter."""

    passes: dict[str, Mask] = field(default_factory=dict)

    def all_but(self, name: str) -> Mask:
        both: Mask = np.logical_and.reduce([mask for one, mask in self.passes.items() if one != name])
        return both


def sift(columns: Columns, rows: Rows, wanted: Filter, now: float) -> Sifted:
    """One pass over `rows`; `now` is seconds since 1970."""
    got = {name: columns[name][rows] for name in _SIFTED}
    old = got["stale"] <= now
    everything = np.ones(len(rows), dtype=np.bool_)
    facets = _Facets(
        {
            "types": _among(got["type"], wanted.types, TYPE_NUMBER, len(TYPES)),
            "states": _among(got["state"], wanted.states, STATE_NUMBER, len(danger.STATES)),
            "municipalities": _in_municipalities(columns, got["municipality"], wanted.municipalities),
            "time": _in_time(got["last"], wanted, now),
            "drill": everything if wanted.drill else ~got["drill"],
            "verification": got["verification"] == VERIFICATION_NUMBER[wanted.verification]
            if wanted.verification
            else everything,
            "stale": old == (wanted.old == "only") if wanted.old else everything,
        }
    )
    shown = facets.all_but("")
    ages = now - got["last"][facets.all_but("time")]
    counts = Counts(
        types=_counted(got["type"][facets.all_but("types")], TYPES),
        states=_counted(got["state"][facets.all_but("states")], danger.STATES),
        municipalities=_counted(
            got["municipality"][facets.all_but("municipalities")], columns.municipalities
        ),
        hours={str(hours): int(np.count_nonzero(ages <= hours * 3600)) for hours in HOURS}
        | {"all": len(ages)},
        drill=int(np.count_nonzero(got["drill"] & facets.all_but("drill"))),
        hidden=int(len(rows) - np.count_nonzero(shown)),
        verification=_all_and(_counted(got["verification"][facets.all_but("verification")], VERIFICATIONS)),
        stale=_old_and_new(old[facets.all_but("stale")]),
        hidden_stale=int(np.count_nonzero(old & ~shown)),
    )
    return Sifted(rows[shown], counts)


def by_type(columns: Columns, rows: Rows) -> dict[str, int]:
    """How many of `rows` are of each type."""
    return _counted(columns["type"][rows], TYPES)


def gravest(columns: Columns, rows: Rows, count: int) -> Rows:
    """The first `count` of `rows` in the order of danger."""
    order = columns["order"][rows]
    if count < len(rows):
        nearest = np.argpartition(order, count)[:count]
        rows, order = rows[nearest], order[nearest]
    return rows[np.argsort(order, kind="stable")]


def _among(
    column: NDArray[Any], wanted: frozenset[str] | None, numbers: Mapping[str, int], size: int
) -> Mask:
    if wanted is None:
        return np.ones(len(column), dtype=np.bool_)
    table = np.zeros(size, dtype=np.bool_)
    table[[numbers[code] for code in wanted if code in numbers]] = True
    chosen: Mask = table[column]
    return chosen


def _in_municipalities(columns: Columns, column: NDArray[Any], wanted: frozenset[str] | None) -> Mask:
    if wanted is None:
        return np.ones(len(column), dtype=np.bool_)
    table = np.zeros(len(columns.municipalities), dtype=np.bool_)
    table[columns.codes(wanted)] = True
    chosen: Mask = table[column]
    return chosen


def _in_time(last: NDArray[Any], wanted: Filter, now: float) -> Mask:
    mask = np.ones(len(last), dtype=np.bool_)
    if wanted.hours is not None:
        mask &= last >= now - wanted.hours * 3600
    if wanted.since is not None:
        mask &= last >= wanted.since
    if wanted.until is not None:
        mask &= last <= wanted.until
    return mask


def _all_and(numbers: Mapping[str, int]) -> dict[str, int]:
    return {"all": sum(numbers.values()), **numbers}


def _old_and_new(old: Mask) -> dict[str, int]:
    only = int(np.count_nonzero(old))
    return {"all": len(old), "hide": len(old) - only, "only": only}


def _counted(column: NDArray[Any], codes: tuple[str, ...] | list[str]) -> dict[str, int]:
    numbers = np.bincount(column, minlength=len(codes))
    return {codes[number]: int(numbers[number]) for number in np.flatnonzero(numbers)}
