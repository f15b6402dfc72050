"""The names a volunteer chooses the own municipality from: `static/data/municipalities.json`.

A small file beside the polygons, because the form has to load over one bar of signal. Written anew after
the polygons changed by `python -m web.chooser geo/data/municipalities.geojson`; a test compares the two.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from web.assets import STATIC

NAMES = STATIC / "data" / "municipalities.json"


def by_prefecture(collection: Mapping[str, Any]) -> dict[str, list[list[str]]]:
    """Prefecture → [5-digit code, name] in the order of codes, from a FeatureCollection of municipalities
    whose properties hold `code`, `name` and `prefecture`."""
    names: dict[str, list[list[str]]] = {}
    for properties in sorted((f["properties"] for f in collection["features"]), key=lambda p: str(p["code"])):
        names.setdefault(properties["prefecture"], []).append([properties["code"], properties["name"]])
    return names


def write(polygons: Path, target: Path = NAMES) -> None:
    """Write the names of `polygons` (GeoJSON) to `target`, the same bytes for the same input."""
    names = by_prefecture(json.loads(polygons.read_text(encoding="utf-8")))
    target.write_text(json.dumps(names, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
