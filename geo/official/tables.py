"""Tables with a header: CSV, plain, gzipped or inside a zip, UTF-8 (with or without BOM) or CP932."""

import codecs
import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Final, cast

from geo.official.found import OfficialError, Refused
from geo.official.layer import Record, Tick, stem_of

PROBE_BYTES: Final = 65_536
TICK_EVERY: Final = 5000
# Official tables shrink to about an eighth: only the progress bar depends on it.
GZIP_SHRINKS: Final = 8


class Table:
    """A CSV with a header."""

    def __init__(self, path: Path, member: str, dated: str) -> None:
        """`member` is the name inside a zip, empty for a file of its own."""
        self.path = path
        self.dated = dated
        self._member = member

    @property
    def stem(self) -> str:
        """Its name without endings."""
        return stem_of(self._member or self.path.name)

    def columns(self) -> frozenset[str]:
        """The header's names. Raises OfficialError."""
        with self._lines() as (lines, _, _):
            return frozenset(_header(lines))

    def reference(self) -> str | None:
        """A table states its reference system row by row, or not at all."""
        return None

    def records(self, tick: Tick) -> Iterator[Record | Refused]:
        """Its lines, the header being line 1; a line of another length is refused. Raises OfficialError."""
        with self._lines() as (text, stream, size):
            lines = csv.reader(text)
            header = _header(text)
            width = len(header)
            for cells in lines:
                number = lines.line_num + 1
                if not any(cells):
                    continue
                if len(cells) == width:
                    yield Record(number, dict(zip(header, cells, strict=True)))
                else:
                    yield Refused(number, f"列の数が見出しと違う（{len(cells)}列、見出しは{width}列）")
                if number % TICK_EVERY == 0:
                    tick(stream.tell(), size)
            tick(size, size)

    @contextmanager
    def _lines(self) -> Iterator[tuple[io.TextIOWrapper, IO[bytes], int]]:
        """Its text, the bytes behind it and how many they are (a guess for gzip). Raises OfficialError."""
        try:
            with ExitStack() as held:
                stream, size = self._bytes(held)
                probe = stream.read(PROBE_BYTES)
                stream.seek(0)
                text = io.TextIOWrapper(cast(BinaryIO, stream), encoding=encoding_of(probe), newline="")
                yield held.enter_context(text), stream, size
        except (csv.Error, UnicodeDecodeError, zlib.error, EOFError, zipfile.BadZipFile, OSError) as broken:
            raise OfficialError(
                f"{self.path.name} の文字が読めません。ダウンロードし直すか、UTF-8で保存してください。"
            ) from broken

    def _bytes(self, held: ExitStack) -> tuple[IO[bytes], int]:
        if self._member:
            packed = held.enter_context(zipfile.ZipFile(self.path))
            return held.enter_context(packed.open(self._member)), packed.getinfo(self._member).file_size
        size = self.path.stat().st_size
        if self.path.name.endswith(".gz"):
            return cast(IO[bytes], held.enter_context(gzip.open(self.path))), size * GZIP_SHRINKS
        return held.enter_context(self.path.open("rb")), size


def _header(text: io.TextIOWrapper) -> list[str]:
    return [name.strip() for name in next(csv.reader([text.readline()]), [])]


def encoding_of(start: bytes) -> str:
    """utf-8-sig or cp932, by the first bytes of a file (which may end in the middle of a character)."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return "cp932"
    return "utf-8-sig"
