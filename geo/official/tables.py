"""Tables with a header: CSV, plain, gzipped or inside a zip, UTF-8 (with or without BOM) or CP932."""

import codecs
import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from geo.official.found import OfficialError, Refused
from geo.official.layer import Record, Tick, stem_of

PROBE_BYTES: Final = 65_536


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
        with self._open() as (stream, _):
            header = next(csv.reader(self._text(stream)), [])
        return frozenset(name.strip() for name in header)

    def reference(self) -> str | None:
        """A table states its reference system row by row, or not at all."""
        return None

    def records(self, tick: Tick) -> Iterator[Record | Refused]:
        """Its lines, the header being line 1; a line of another length is refused. Raises OfficialError."""
        with self._open() as (stream, size):
            lines = csv.reader(self._text(stream))
            header = [name.strip() for name in next(lines, [])]
            width = len(header)
            try:
                for cells in lines:
                    if not any(cells):
                        continue
                    if len(cells) == width:
                        yield Record(lines.line_num, dict(zip(header, cells, strict=True)))
                    else:
                        yield Refused(
                            lines.line_num, f"列の数が見出しと違う（{len(cells)}列、見出しは{width}列）"
                        )
                    if lines.line_num % 5000 == 0:
                        tick(stream.tell(), size)
            except (csv.Error, UnicodeDecodeError, zlib.error, EOFError, OSError) as broken:
                where = f"{self.path.name} の{lines.line_num + 1}行目の近く"
                raise OfficialError(f"{where}が読めません。もう一度ダウンロードしてください。") from broken
            tick(size, size)

    def _open(self) -> "_Stream":
        return _Stream(self.path, self._member)

    def _text(self, stream: BinaryIO) -> io.TextIOWrapper:
        probe = stream.read(PROBE_BYTES)
        stream.seek(0)
        return io.TextIOWrapper(stream, encoding=encoding_of(probe), newline="")


def encoding_of(start: bytes) -> str:
    """utf-8-sig or cp932, by the first bytes of a file (which may end in the middle of a character)."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return "cp932"
    return "utf-8-sig"


class _Stream:
    """A file's bytes and how many there are, for a `with` block."""

    def __init__(self, path: Path, member: str) -> None:
        self._path = path
        self._member = member
        self._held: list[BinaryIO | zipfile.ZipFile | gzip.GzipFile] = []

    def __enter__(self) -> tuple[BinaryIO, int]:
        if self._member:
            packed = zipfile.ZipFile(self._path)
            self._held.append(packed)
            stream = packed.open(self._member)
            self._held.append(stream)  # type: ignore[arg-type]
            return stream, packed.getinfo(self._member).file_size  # type: ignore[return-value]
        size = self._path.stat().st_size
        if self._path.name.endswith(".gz"):
            unpacked = gzip.open(self._path)
            self._held.append(unpacked)
            return unpacked, size * 8  # type: ignore[return-value]
        plain = self._path.open("rb")
        self._held.append(plain)
        return plain, size

    def __exit__(self, *_: object) -> None:
        for each in reversed(self._held):
            each.close()
