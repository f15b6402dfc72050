"""One table or one set of shapes of a published file, as the readers of the formats see it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from geo.official.found import Refused

Tick = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a table, or one shape: its number, its cells by the name of their column, and where.

    `shape` is WKB, lon lat; None in a table.
    """

    line: int
    cells: Mapping[str, str]
    shape: bytes | None = None


class Layer(Protocol):
    """One table or one set of shapes."""

    @property
    def path(self) -> Path:
        """The file on disk."""
        ...

    @property
    def stem(self) -> str:
        """Its name, or that of the part inside a zip, without endings."""
        ...

    @property
    def dated(self) -> str:
        """When it was published, as far as the file itself says: YYYY-MM-DD."""
        ...

    def columns(self) -> frozenset[str]:
        """The names of its columns. Raises OfficialError."""
        ...

    def reference(self) -> str | None:
        """Its reference system as the file states it, None where it states none."""
        ...

    def records(self, tick: Tick) -> Iterator[Record | Refused]:
        """Its lines in order; `tick(done, total)` now and then. Raises OfficialError."""
        ...


def stem_of(name: str) -> str:
    """The last part of a path (also one with backslashes) without endings such as .csv.zip."""
    return PurePosixPath(name.replace("\\", "/")).name.split(".")[0]
