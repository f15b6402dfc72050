"""GDAL's OAPIF driver, as QGIS uses it, reads the collection through its pages."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from service.access import Permission
from tests.service.api.listening import fetch
from tests.service.api.world import World, report_many

DEFAULT_COUNT = 120
PROMISED_COUNT = 10_000
# GDAL keeps Python's lock while it waits, so it reads from a process of its own. The OAPIF driver sends its
# own headers in place of GDAL_HTTP_HEADERS; a bearer goes with them.
READ = """
import json, sys, pyogrio
url, key, options = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
pyogrio.set_gdal_config_options({"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": key})
if "bbox" in options:
    options["bbox"] = tuple(options["bbox"])
layers = pyogrio.list_layers("OAPIF:" + url).tolist()
meta, _, geometries, fields = pyogrio.raw.read("OAPIF:" + url, layer="incidents", **options)
names = list(meta["fields"])
print(json.dumps({
    "layers": [one[0] for one in layers],
    "crs": meta["crs"], "geometries": len(geometries),
    "ids": fields[names.index("id")].tolist(),
    "types": sorted(set(fields[names.index("type_ja")].tolist()))}))
"""


def gdal(world: World, **options: object) -> dict[str, Any]:
    command = [
        sys.executable,
        "-c",
        READ,
        world.url,
        world.key(Permission.READ_INCIDENTS),
        json.dumps(options),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def fill(world: World, count: int) -> None:
    """Incidents on a grid of 2 km, so that none is fused with another."""
    places = [
        (f"g{n}", {"lat": 30.0 + (n // 100) * 0.02, "lon": 130.0 + (n % 100) * 0.02}) for n in range(count)
    ]
    for start in range(0, count, 500):
        report_many(world.services, places[start : start + 500])


@pytest.mark.parametrize(
    ("count", "page_size"),
    [
        (DEFAULT_COUNT, 50),
        pytest.param(PROMISED_COUNT, 1000, marks=[pytest.mark.promise, pytest.mark.timeout(600)]),
    ],
)
def test_gdal_reads_every_feature_once(world: World, count: int, page_size: int) -> None:
    fill(world, count)
    _, expected = fetch(world.reader(), limit=10_000)
    found = gdal(world, PAGE_SIZE=page_size)
    assert found["layers"] == ["incidents"]
    assert len(found["ids"]) == found["geometries"] == count
    assert set(found["ids"]) == set(expected)
    assert found["types"] == ["道路冠水"]
    assert found["crs"] in {"EPSG:4326", "OGC:CRS84"}


def test_gdal_asks_for_a_box(world: World) -> None:
    fill(world, DEFAULT_COUNT)
    assert gdal(world, bbox=[129.99, 29.99, 130.05, 30.01])["geometries"] == 3


READ_TILE = """
import json, sys, pyogrio
meta, _, geometries, fields = pyogrio.raw.read("MVT:" + sys.argv[1], layer="incidents")
names = list(meta["fields"])
print(json.dumps({"count": len(geometries), "types": sorted(set(fields[names.index("type")].tolist()))}))
"""


def test_gdal_reads_a_vector_tile(world: World, tmp_path: Path) -> None:
    fill(world, DEFAULT_COUNT)
    # GDAL tells from its folders which tile a file is.
    tile = tmp_path / "0" / "0" / "0.pbf"
    tile.parent.mkdir(parents=True)
    tile.write_bytes(world.reader().get("/tiles/incidents/0/0/0").content)
    done = subprocess.run(
        [sys.executable, "-c", READ_TILE, str(tile)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"count": DEFAULT_COUNT, "types": ["road_flooding"]}
