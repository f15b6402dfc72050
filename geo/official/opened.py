"""A published file opened as it is: tables and shapes, zipped, gzipped or plain.

A zip may hold several layers (lines and stations); each is read on its own. Where the same layer comes in two
forms, GeoJSON is preferred to a Shapefile, and UTF-8 to Shift_JIS.
"""

import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from geo.official.found import OfficialError
from geo.official.layer import Layer, stem_of
from geo.official.shapes import Shapes
from geo.official.tables import Table

TABLE_SUFFIXES: Final = (".csv", ".csv.gz", ".txt")
SHAPE_SUFFIXES: Final = (".geojson", ".topojson", ".json", ".shp", ".geojson.gz", ".json.gz")


def layers(path: Path) -> list[Layer]:
    """The layers of a published file. Raises OfficialError when it is none that can be read."""
    if not path.is_file():
        raise OfficialError(f"{path} というファイルがありません。")
    lower = path.name.lower()
    if lower.endswith(".zip"):
        return _members(path)
    if lower.endswith(TABLE_SUFFIXES):
        return [Table(path, "", _modified(path))]
    if lower.endswith(SHAPE_SUFFIXES):
        return [Shapes(path, "", _modified(path))]
    raise OfficialError(
        f"{path.name} は読み取れる形式ではありません（CSV、GeoJSON、シェープファイル、そのzip）。"
    )


def _members(path: Path) -> list[Layer]:
    try:
        with zipfile.ZipFile(path) as packed:
            entries = [entry for entry in packed.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, OSError) as broken:
        raise OfficialError(
            f"{path.name} をzipとして開けません。もう一度ダウンロードしてください。"
        ) from broken
    found: dict[tuple[str, str], Layer] = {}
    for entry in sorted(entries, key=_preference):
        name, dated = entry.filename, "{:04d}-{:02d}-{:02d}".format(*entry.date_time[:3])
        if name.lower().endswith(TABLE_SUFFIXES):
            found.setdefault(("table", stem_of(name)), Table(path, name, dated))
        elif name.lower().endswith(SHAPE_SUFFIXES):
            found.setdefault(("shapes", stem_of(name)), Shapes(path, name, dated))
    if not found:
        raise OfficialError(f"{path.name} の中に表（CSV）も図形（GeoJSON、シェープファイル）もありません。")
    return list(found.values())


def _preference(entry: zipfile.ZipInfo) -> tuple[bool, bool, str]:
    name = entry.filename.lower()
    return name.endswith(".shp"), re.search(r"shift.?jis|sjis", name) is not None, name


def _modified(path: Path) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
