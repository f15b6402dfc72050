"""One view of the situation: what a page at one place, with one filter, shows. Pure."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from service.overview import cells, sift
from service.overview.cells import Box, Cell
from service.overview.columns import TYPES, Columns, Rows, degrees
from service.overview.danger import STATES
from service.overview.sift import Counts, Filter

MOST_LISTED: Final = 600
TRAY_LISTED: Final = 240
MOST_PINS: Final = 400
COARSER: Final = 0.5  # steps of zoom by which marks reach wider where more would stand alone
ALL: Final = Filter()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for: the map's part of the world (None: no marks), the list's (None: everywhere),
    how long the list is, up to which change everything has been read, and whether the
    unplaced are named one by one."""

    wanted: Filter = ALL
    box: Box | None = None
    zoom: float = 5.0
    list_box: Box | None = None
    limit: int = 60
    read_upto: int = 0
    tray: bool = False


class Name(NamedTuple):
    """Which version of which incident."""

    id: str
    seq: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A cluster as it is drawn: degrees; `bounds` is west, south, east, north of its members."""

    lat: float
    lon: float
    count: int
    urgent: int
    stale: int
    drill: bool
    type: str
    state: str
    bounds: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class View:
    """The answer. `total` counts everything that may be seen, `shown` what passes the filter, `listed` and
    `types` what lies in the list's part of the world; names are in the order of danger."""

    total: int
    shown: int
    urgent: int
    drills: int
    unread: int
    counts: Counts
    extent: tuple[float, float, float, float] | None
    marks: list[Mark]
    pins: list[Name]
    listed: int
    types: dict[str, int]
    first: list[Name]
    unplaced: int
    unplaced_urgent: int
    tray: list[Name]


def view(columns: Columns, rows: Rows, question: Question, now: float) -> View:
    """The view of `rows` at `now` (seconds since 1970)."""
    sifted = sift.sift(columns, rows, question.wanted, now)
    shown = sifted.rows
    has_point = ~np.isnan(columns["x"][shown])
    placed, unplaced = shown[has_point], shown[~has_point]
    marks, pins = _drawn(columns, placed, question, now)
    listed = placed if question.list_box is None else question.list_box.holds(columns, placed)
    first = sift.gravest(columns, listed, question.limit)
    tray = sift.gravest(columns, unplaced, TRAY_LISTED if question.tray else 0)
    return View(
        total=len(rows),
        shown=len(shown),
        urgent=int(np.count_nonzero(columns["urgent"][shown])),
        drills=int(np.count_nonzero(columns["drill"][shown])),
        unread=int(np.count_nonzero(columns["seq"][shown] > question.read_upto)),
        counts=sifted.counts,
        extent=_extent(columns, placed),
        marks=[_mark(columns, one) for one in marks],
        pins=_names(columns, pins),
        listed=len(listed),
        types=sift.by_type(columns, listed),
        first=_names(columns, first.tolist()),
        unplaced=len(unplaced),
        unplaced_urgent=int(np.count_nonzero(columns["urgent"][unplaced])),
        tray=_names(columns, tray.tolist()),
    )


def _drawn(columns: Columns, placed: Rows, question: Question, now: float) -> tuple[list[Cell], list[int]]:
    """Marks of several incidents, and the rows of those that stand alone."""
    if question.box is None:
        return [], []
    zoom = question.zoom
    while True:
        found = cells.cells(columns, placed, question.box, zoom, now)
        alone = [one.face for one in found if one.count == 1]
        if len(alone) <= MOST_PINS:
            return [one for one in found if one.count > 1], alone
        zoom -= COARSER


def _mark(columns: Columns, cell: Cell) -> Mark:
    lat, lon = degrees(cell.x, cell.y)
    return Mark(
        lat=lat,
        lon=lon,
        count=cell.count,
        urgent=cell.urgent,
        stale=cell.stale,
        drill=cell.drill,
        type=TYPES[int(columns["type"][cell.face])],
        state=STATES[int(columns["state"][cell.face])],
        bounds=_bounds(cell.box),
    )


def _names(columns: Columns, rows: list[int]) -> list[Name]:
    return [Name(columns.ids[row], int(columns["seq"][row])) for row in rows]


def _extent(columns: Columns, placed: Rows) -> tuple[float, float, float, float] | None:
    if not len(placed):
        return None
    x, y = columns["x"][placed], columns["y"][placed]
    return _bounds(Box(float(x.min()), float(y.min()), float(x.max()), float(y.max())))


def _bounds(box: Box) -> tuple[float, float, float, float]:
    north, west = degrees(box.left, box.top)
    south, east = degrees(box.right, box.bottom)
    return west, south, east, north
