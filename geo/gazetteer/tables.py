"""The tables of geo/data: written so that the same rows give the same bytes, read as published."""

import gzip
import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from sys import intern
from typing import Final

from geo.place import Level, Place

PLACES: Final = "places.tsv.gz"
FACILITIES: Final = "facilities.tsv.gz"
MUNICIPALITIES: Final = "municipalities.tsv"
OUTLINES: Final = "municipalities.geojson"
OUTLINES_FINE: Final = "municipalities_fine.geojson.gz"
STATION_LINES: Final = "station_lines.tsv"
MERGERS: Final = "mergers.tsv"
SOURCES: Final = "SOURCES.md"
MANIFEST: Final = "MANIFEST.json"

MERGER_COLUMNS: Final = ("code", "name", "successor")
STATION_LINE_COLUMNS: Final = ("place_id", "operator", "line")
PLACE_COLUMNS: Final = tuple(field.name for field in fields(Place))
MUNICIPALITY_COLUMNS: Final = ("code", "name", "kana", "prefecture", "lat", "lon", "radius_m", "parent")


@dataclass(frozen=True, slots=True)
class Municipality:
    """A current municipality, ward or designated city; `parent` is the city of a ward, else empty."""

    code: str
    name: str
    kana: str
    prefecture: str
    lat: float
    lon: float
    radius_m: float
    parent: str


def place_line(place: Place) -> str:
    """One row of places.tsv.gz or facilities.tsv.gz: degrees with six places (0.1 m), whole metres."""
    values = (
        place.place_id,
        place.name,
        place.kana,
        place.kind,
        place.level.value,
        place.municipality,
        f"{place.lat:.6f}",
        f"{place.lon:.6f}",
        f"{place.radius_m:.0f}",
        place.source,
    )
    return _line(values)


def municipality_line(row: Municipality) -> str:
    """One row of municipalities.tsv."""
    values = (row.code, row.name, row.kana, row.prefecture, f"{row.lat:.6f}", f"{row.lon:.6f}")
    return _line((*values, f"{row.radius_m:.0f}", row.parent))


def write_lines(path: Path, header: Iterable[str], lines: Iterable[str]) -> int:
    """Write a TSV with `header` and the sorted `lines`, gzipped when `path` ends in .gz; rows written."""
    rows = sorted(lines)
    write_bytes(path, (_line(header) + "".join(rows)).encode())
    return len(rows)


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content`, gzipped without name and time when `path` ends in .gz."""
    if path.suffix == ".gz":
        buffer = io.BytesIO()
        with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buffer, mtime=0) as packed:
            packed.write(content)
        content = buffer.getvalue()
    path.write_bytes(content)


def read_rows(path: Path, columns: Iterable[str]) -> Iterator[list[str]]:
    """The rows of a TSV (gzipped or not). Raises ValueError when the header is not `columns`."""
    expected = list(columns)
    with (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8") as lines
    ):
        header = next(lines, "").rstrip("\n").split("\t")
        if header != expected:
            raise ValueError(f"{path.name}: columns {expected} expected, found {header}")
        for line in lines:
            yield line.rstrip("\n").split("\t")


def read_places(path: Path) -> Iterator[Place]:
    """The places of places.tsv.gz or facilities.tsv.gz in file order."""
    levels = {level.value: level for level in Level}
    for place_id, name, kana, kind, level, municipality, lat, lon, radius, source in read_rows(
        path, PLACE_COLUMNS
    ):
        yield Place(
            place_id,
            name,
            kana,
            # One string object for the many rows of a kind, a code and a source saves 40 MB.
            intern(kind),
            levels[level],
            intern(municipality),
            float(lat),
            float(lon),
            float(radius),
            intern(source),
        )


def read_municipalities(path: Path) -> Iterator[Municipality]:
    """The rows of municipalities.tsv."""
    for code, name, kana, prefecture, lat, lon, radius, parent in read_rows(path, MUNICIPALITY_COLUMNS):
        yield Municipality(code, name, kana, prefecture, float(lat), float(lon), float(radius), parent)


def read_mergers(path: Path) -> dict[str, str]:
    """Abolished code -> the code of the municipality that holds its hall's place today.

    For `geo.codes.successors`; a code that two municipalities had keeps the first one's successor.
    """
    mergers: dict[str, str] = {}
    for code, _, successor in read_rows(path, MERGER_COLUMNS):
        mergers.setdefault(code, successor)
    return mergers


def digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _line(values: Iterable[str]) -> str:
    cells = list(values)
    if any("\t" in cell or "\n" in cell for cell in cells):
        raise ValueError(f"tab or line break inside a cell: {cells}")
    return "\t".join(cells) + "\n"
