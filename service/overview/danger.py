"""The order in which an officer should look, as web/static/js/danger.js has it: a test compares the two."""

from collections.abc import Mapping
from typing import Final

from service.store import queue

STATES: Final = ("present", "hearsay", "feared", "resolved", "denied", "rejected")
OPEN_STATES: Final = frozenset({"present", "hearsay", "feared"})
DEADLY: Final = frozenset(kind.value for kind in queue.DEADLY)
OVER: Final = 9
_AGE_BITS: Final = 34  # seconds since 1970 until the year 2514
_ID_DIGITS: Final = 6
_ID_BITS: Final = 4 * _ID_DIGITS


def state_of(status: str, verification: str) -> str:
    """The state that is shown: headquarters' verdict outweighs what the reports say."""
    return "rejected" if verification == "rejected" else status


def rank(type_: str, state: str, urgent: bool, people: Mapping[str, int]) -> int:
    """0 is gravest; what is over comes last, however bad it was."""
    if state not in OPEN_STATES:
        return OVER
    if urgent:
        return 0
    if people.get("trapped", 0) > 0 or people.get("missing", 0) > 0:
        return 1
    if people.get("dead", 0) > 0 or people.get("injured", 0) > 0 or type_ in {"rescue_request", "casualty"}:
        return 2
    deadly = type_ in DEADLY
    if state == "feared":
        return 4 if deadly else 6
    return 3 if deadly else 5


def order(rank: int, last: float, id_: str) -> int:
    """One number to sort by: gravest, then latest (seconds since 1970), then the id so that the order never
    flickers."""
    age = (1 << _AGE_BITS) - 1 - int(last)
    return rank << (_AGE_BITS + _ID_BITS) | age << _ID_BITS | int(id_[:_ID_DIGITS], 16)
