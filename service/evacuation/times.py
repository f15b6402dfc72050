"""Times as the board writes them: Japan Standard Time."""

from datetime import datetime, timedelta, timezone
from typing import Final

JST: Final = timezone(timedelta(hours=9), "JST")


def jst(moment: datetime) -> str:
    """ISO 8601 with offset, whole seconds. Raises ValueError for a naive time."""
    if moment.tzinfo is None:
        raise ValueError("a naive time has no place on a board")
    return moment.astimezone(JST).isoformat(timespec="seconds")


def jst_or_none(moment: datetime | None) -> str | None:
    """`jst`, None for None."""
    return None if moment is None else jst(moment)
