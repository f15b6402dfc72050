import gzip
import json
from pathlib import Path

import pytest
from shapely.geometry import Polygon, box, mapping

from geo.coverage import Coverage

AREAS = {"22203": box(138.7, 35.0, 138.9, 35.2), "22301": box(138.9, 34.9, 139.1, 35.1)}


def test_inside_near_and_far() -> None:
    coverage = Coverage(AREAS)
    assert coverage.municipality_of(35.1, 138.8) == "22203"
    assert coverage.municipality_of(35.0, 139.0) == "22301"
    assert coverage.municipality_of(35.21, 138.8) == "22203"
    assert coverage.municipality_of(35.21, 138.8, slack_m=0) is None
    assert coverage.municipality_of(36.0, 138.8) is None


def test_a_shared_border_has_one_answer() -> None:
    assert Coverage(AREAS).municipality_of(35.05, 138.9) == "22203"
    assert Coverage(dict(reversed(AREAS.items()))).municipality_of(35.05, 138.9) == "22203"


def test_many_points_answer_as_one_by_one() -> None:
    coverage = Coverage(AREAS)
    points = [(34.8 + i * 0.03, 138.6 + j * 0.04) for i in range(16) for j in range(16)]
    assert coverage.municipalities_of(points) == [coverage.municipality_of(*point) for point in points]
    assert coverage.municipalities_of([]) == []


def test_slack_is_measured_in_metres_east_as_north() -> None:
    coverage = Coverage({"22203": AREAS["22203"]})
    # 0.03 degrees east of the border is 2.7 km here, north it would be 3.3 km.
    assert coverage.municipality_of(35.1, 138.93) == "22203"
    assert coverage.municipality_of(35.23, 138.8) is None
    metres = coverage.distances_m([(35.1, 138.93), (35.1, 138.8)], ["22203", "22203"])
    assert metres.tolist() == pytest.approx([2729, 0], abs=10)


def test_invalid_polygons_are_named() -> None:
    bow = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    assert Coverage({**AREAS, "22999": bow}).invalid() == ["22999"]


@pytest.mark.parametrize("packed", [True, False])
def test_read_from_geojson(tmp_path: Path, packed: bool) -> None:
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": mapping(area)}
        for code, area in AREAS.items()
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    path = tmp_path / ("areas.geojson.gz" if packed else "areas.geojson")
    path.write_bytes(gzip.compress(content) if packed else content)
    assert Coverage.from_geojson(path).codes == tuple(AREAS)
