"""The order in which an officer should look, on map and desk; web/static/js/danger.js and
service/store/queue.py have the same (tests compare them)."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from service.store import queue

STATES: Final = ("present", "hearsay", "feared", "resolved", "denied", "rejected")
OPEN_STATES: Final = frozenset({"present", "hearsay", "feared"})
DEADLY: Final = frozenset(kind.value for kind in queue.DEADLY)
OVER: Final = 9
DRILL: Final = 9  # more than any rank of what is open
LAST_URGENT: Final = 1  # nothing comes before what is urgent: a cluster's face is then never another one's
_AGE_BITS: Final = 34  # seconds since 1970 until the year 2514
_ID_DIGITS: Final = 6
_ID_BITS: Final = 4 * _ID_DIGITS


def state_of(status: str, verification: str) -> str:
    """The state that is shown: headquarters' verdict outweighs what the reports say."""
    return "rejected" if verification == "rejected" else status


def rank(type_: str, state: str, urgent: bool, people: Mapping[str, int], *, grows: bool = False) -> int:
    """0 is gravest; what is over comes last, however bad it was. `grows`: its words say that water rises or
    fire spreads, which only the desk weighs."""
    if state not in OPEN_STATES:
        return OVER
    caught = people.get("trapped", 0) > 0 or people.get("missing", 0) > 0 or type_ in queue.RESCUE
    if urgent:
        return 0 if caught else LAST_URGENT
    if caught:
        return 2
    if grows:
        return 3
    if people.get("dead", 0) > 0 or people.get("injured", 0) > 0 or type_ == "casualty":
        return 4
    now = state == "present"
    if type_ in DEADLY:
        return 5 if now else 6
    return 7 if now else 8


def precedence(rank: int, drill: bool) -> int:
    """The rank among real incidents and those of a drill: whatever is real and open comes first."""
    return 2 * DRILL if rank == OVER else rank + (DRILL if drill else 0)


_PRECEDENCE: Final = np.array(
    [[precedence(rank, drill) for rank in range(OVER + 1)] for drill in (False, True)], np.int64
)


def orders(
    ranks: Sequence[int],
    drills: Sequence[bool],
    lasts: Sequence[float] | NDArray[np.float64],
    ids: Sequence[str],
) -> NDArray[np.int64]:
    """For each incident one number to sort by: real before drill, gravest, then latest (seconds since 1970),
    then the id so that the order never flickers."""
    first = _PRECEDENCE[np.array(drills, np.intp), np.array(ranks, np.intp)]
    age = (1 << _AGE_BITS) - 1 - np.array(lasts).astype(np.int64)
    digits = np.array([int(id_[:_ID_DIGITS], 16) for id_ in ids], np.int64)
    order: NDArray[np.int64] = first << (_AGE_BITS + _ID_BITS) | age << _ID_BITS | digits
    return order
