"""Is a folder of gazetteer tables whole? Each thing checked says what to do when it is not."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from geo.codes import is_designated_city
from geo.coverage import Coverage
from geo.gazetteer import tables
from geo.place import Level, Place

REBUILD: Final = "配布物を取り直すか、hansho gazetteer build で作り直してください"
REQUIRED: Final = (
    tables.PLACES,
    tables.FACILITIES,
    tables.MUNICIPALITIES,
    tables.OUTLINES,
    tables.OUTLINES_FINE,
    tables.STATION_LINES,
    tables.MERGERS,
    tables.SOURCES,
)
JAPAN_LAT: Final = (20.0, 46.0)
JAPAN_LON: Final = (122.0, 154.0)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing checked; `remedy` is empty when `outcome` is ok."""

    outcome: Literal["ok", "warn", "fail"]
    what: str
    remedy: str = ""


def check(data_dir: Path) -> list[CheckResult]:
    """Check files against MANIFEST.json, then what they say against each other; never raises for bad data."""
    manifest = data_dir / tables.MANIFEST
    if not manifest.is_file():
        return [CheckResult("fail", f"{tables.MANIFEST} がありません", REBUILD)]
    try:
        listed = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        by_name = {entry["file"]: entry for entry in listed}
    except (ValueError, KeyError, TypeError) as broken:
        return [CheckResult("fail", f"{tables.MANIFEST} を読めません: {broken}", REBUILD)]
    results = [_file(data_dir, name, entry) for name, entry in sorted(by_name.items())]
    results += [
        CheckResult("fail", f"{name} が {tables.MANIFEST} にありません", REBUILD)
        for name in sorted(set(REQUIRED) - set(by_name))
    ]
    if any(result.outcome == "fail" for result in results):
        return results
    return results + [_guarded(rule, data_dir) for rule in (_codes_meet, _places_stand, _sources_named)]


def _file(data_dir: Path, name: str, entry: Mapping[str, object]) -> CheckResult:
    path = data_dir / name
    if not path.is_file():
        return CheckResult("fail", f"{name} がありません", REBUILD)
    if tables.digest(path) != entry.get("sha256"):
        return CheckResult("fail", f"{name} の中身が {tables.MANIFEST} と違います", REBUILD)
    rows = entry.get("rows")
    return CheckResult("ok", f"{name} {rows:,} 行" if isinstance(rows, int) else name)


def _guarded(rule: Callable[[Path], Iterator[CheckResult]], data_dir: Path) -> CheckResult:
    """The first complaint of `rule`, or its last word; a table that cannot be read is a failure."""
    last = CheckResult("ok", "")
    try:
        for last in rule(data_dir):
            if last.outcome != "ok":
                return last
    except (ValueError, KeyError, OSError) as broken:
        return CheckResult("fail", f"表を読めません: {broken}", REBUILD)
    return last


def _codes_meet(data_dir: Path) -> Iterator[CheckResult]:
    """Every municipality has a polygon (a designated city: its wards have), and no polygon is nameless."""
    known = {row.code for row in tables.read_municipalities(data_dir / tables.MUNICIPALITIES)}
    expected = {code for code in known if not is_designated_city(code)}
    for name in (tables.OUTLINES, tables.OUTLINES_FINE):
        coverage = Coverage.from_geojson(data_dir / name)
        if odd := expected ^ set(coverage.codes):
            yield CheckResult("fail", f"{name} と市区町村の表が合いません: {sorted(odd)[:5]}", REBUILD)
        if broken := coverage.invalid():
            yield CheckResult("warn", f"{name} に不正な図形があります: {broken[:5]}", REBUILD)
    yield CheckResult("ok", f"市区町村 {len(known):,} と区域 {len(expected):,} が一致")


def _places_stand(data_dir: Path) -> Iterator[CheckResult]:
    """Every place has a known code, a point in Japan, a radius and an id of its own; rows as listed."""
    known = {row.code for row in tables.read_municipalities(data_dir / tables.MUNICIPALITIES)}
    listed = json.loads((data_dir / tables.MANIFEST).read_text(encoding="utf-8"))["files"]
    rows = {entry["file"]: entry["rows"] for entry in listed}
    found: Counter[str] = Counter()
    ids: set[tuple[str, str]] = set()
    for name, place in _places(data_dir):
        prefecture = place.level is Level.PREFECTURE
        if place.municipality not in known and not (prefecture and len(place.municipality) == 2):
            yield CheckResult("fail", f"{place.place_id} の市区町村コードが表にありません", REBUILD)
        if not (JAPAN_LAT[0] < place.lat < JAPAN_LAT[1] and JAPAN_LON[0] < place.lon < JAPAN_LON[1]):
            yield CheckResult("fail", f"{place.place_id} が日本の外にあります", REBUILD)
        if place.radius_m <= 0:
            yield CheckResult("fail", f"{place.place_id} に半径がありません", REBUILD)
        if (name, place.place_id) in ids:
            yield CheckResult("fail", f"{place.place_id} が二度あります", REBUILD)
        ids.add((name, place.place_id))
        found[name] += 1
    for name in (tables.PLACES, tables.FACILITIES):
        if found[name] != rows[name]:
            yield CheckResult("fail", f"{name} は {rows[name]:,} 行のはずが {found[name]:,} 行です", REBUILD)
    yield CheckResult("ok", f"地名 {len(ids):,} 件の位置・半径・コード")


def _places(data_dir: Path) -> Iterator[tuple[str, Place]]:
    """Each row of both tables of places, with the name of its table."""
    for name in (tables.PLACES, tables.FACILITIES):
        for place in tables.read_places(data_dir / name):
            yield name, place


def _sources_named(data_dir: Path) -> Iterator[CheckResult]:
    page = (data_dir / tables.SOURCES).read_text(encoding="utf-8")
    for source in sorted({place.source for _, place in _places(data_dir)}):
        if f"`{source}`" not in page:
            yield CheckResult("fail", f"{tables.SOURCES} に {source} の出典がありません", REBUILD)
    yield CheckResult("ok", "すべての出典が記載済み")
