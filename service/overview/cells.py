"""Clusters for one view of the map: what lies too near to be told apart is one mark; pure.

A mark stands at the mean of its members and shows the gravest of them; its count of urgent ones is told
apart, so that none of them disappears in a crowd, and so is how many of them are old information.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from service.overview.columns import Columns, Rows

TILE_PX: Final = 256  # of the world at zoom 0
CELL_PX: Final = 84  # as wide as the browser's own clusters reach
APART_PX: Final = 46  # two marks nearer than this would hide each other
MOST_CELLS: Final = 120  # in each direction, whatever view is asked for


class Box(NamedTuple):
    """A part of the world in Web Mercator, 0 to 1, from north-west."""

    left: float
    top: float
    right: float
    bottom: float

    def holds(self, columns: Columns, rows: Rows) -> Rows:
        """Those of `rows` whose point lies in the box."""
        x, y = columns["x"][rows], columns["y"][rows]
        inside: Rows = rows[(x >= self.left) & (x <= self.right) & (y >= self.top) & (y <= self.bottom)]
        return inside


@dataclass(slots=True)
class Cell:
    """Some incidents drawn as one: where, how many, whether all are a drill, and the row of the gravest."""

    x: float
    y: float
    count: int
    urgent: int
    stale: int
    drill: bool
    order: int
    face: int
    box: Box


def cells(columns: Columns, rows: Rows, box: Box, zoom: float, now: float) -> list[Cell]:
    """The marks of the incidents in `box` at `now` (seconds since 1970), the gravest first. The grid hangs on
    the world, not on the view, so that a mark stays while the map is moved."""
    here = box.holds(columns, rows)
    if not len(here):
        return []
    size = max(CELL_PX / (TILE_PX * 2**zoom), max(box.right - box.left, box.bottom - box.top) / MOST_CELLS)
    x, y = columns["x"][here], columns["y"][here]
    across = np.floor(x / size).astype(np.int64)
    down = np.floor(y / size).astype(np.int64)
    across -= across.min()
    down -= down.min()
    number = (down * (int(across.max()) + 1) + across).astype(np.uint16)
    by_cell = np.argsort(number, kind="stable")
    starts = np.flatnonzero(np.diff(number[by_cell].astype(np.int64), prepend=-1))
    sizes = np.diff(starts, append=len(by_cell))
    here, x, y = here[by_cell], x[by_cell], y[by_cell]
    orders = columns["order"][here]
    best = np.minimum.reduceat(orders, starts)
    face = np.zeros(len(starts), dtype=np.int64)
    of_cell = np.repeat(np.arange(len(starts)), sizes)
    first = orders == best[of_cell]
    face[of_cell[first]] = here[first]
    made = zip(
        (np.add.reduceat(x, starts) / sizes).tolist(),
        (np.add.reduceat(y, starts) / sizes).tolist(),
        sizes.tolist(),
        np.add.reduceat(columns["urgent"][here].astype(np.int64), starts).tolist(),
        np.add.reduceat((columns["stale"][here] <= now).astype(np.int64), starts).tolist(),
        np.logical_and.reduceat(columns["drill"][here], starts).tolist(),
        best.tolist(),
        face.tolist(),
        np.minimum.reduceat(x, starts).tolist(),
        np.minimum.reduceat(y, starts).tolist(),
        np.maximum.reduceat(x, starts).tolist(),
        np.maximum.reduceat(y, starts).tolist(),
        strict=True,
    )
    return joined(itertools.starmap(_cell, made), APART_PX / (TILE_PX * 2**zoom))


def _cell(
    x: float, y: float, count: int, urgent: int, stale: int, drill: bool, order: int, face: int, *edges: float
) -> Cell:
    return Cell(x, y, count, urgent, stale, drill, order, face, Box(*edges))


def joined(found: Iterable[Cell], apart: float) -> list[Cell]:
    """Neighbours nearer than `apart` become one: the less grave goes into the graver."""
    kept: dict[tuple[int, int], list[Cell]] = {}
    result: list[Cell] = []
    for cell in sorted(found, key=lambda one: one.order):
        across, down = int(cell.x // apart), int(cell.y // apart)
        near = [
            other
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
            for other in kept.get((across + dx, down + dy), ())
            if abs(other.x - cell.x) < apart and abs(other.y - cell.y) < apart
        ]
        if near:
            _join(min(near, key=lambda one: one.order), cell)
        else:
            kept.setdefault((across, down), []).append(cell)
            result.append(cell)
    return result


def _join(into: Cell, other: Cell) -> None:
    """The mark stays where it was, so that who was looked up beside it is still found beside it."""
    into.count += other.count
    into.urgent += other.urgent
    into.stale += other.stale
    into.drill = into.drill and other.drill
    a, b = into.box, other.box
    into.box = Box(min(a.left, b.left), min(a.top, b.top), max(a.right, b.right), max(a.bottom, b.bottom))
