"""How much came when: what the time slider is drawn over; pure."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from service.overview.columns import Columns, Past, Rows
from service.report import Scope

STEPS: Final = 144  # of ten minutes, when a day is asked for


@dataclass(frozen=True, slots=True)
class Timeline:
    """`first` is the oldest change (seconds since 1970), None before any; `new` counts incidents by the
    step in which they came, `urgent` those of them that were urgent at once."""

    first: float | None
    step_s: float
    new: list[int]
    urgent: list[int]


def timeline(past: Past, scope: Scope, since: float, until: float) -> Timeline:
    """The counts between two moments in STEPS steps."""
    columns = past.columns
    rows = columns.seen(np.arange(columns.size), scope)
    edges = np.linspace(since, until, STEPS + 1)
    first = np.zeros(columns.size, dtype=np.bool_)
    first[np.unique(columns["incident"], return_index=True)[1]] = True
    return Timeline(
        first=float(columns["at"][rows].min()) if len(rows) else None,
        step_s=(until - since) / STEPS,
        new=_counted(columns, rows[first[rows]], edges),
        urgent=_counted(columns, rows[first[rows] & columns["urgent"][rows]], edges),
    )


def _counted(
    columns: Columns, rows: Rows, edges: "np.ndarray[tuple[int], np.dtype[np.float64]]"
) -> list[int]:
    numbers: list[int] = np.histogram(columns["at"][rows], bins=edges)[0].tolist()
    return numbers
