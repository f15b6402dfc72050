import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from geo.gazetteer.spread import (
    CHOME_BOUNDS_M,
    TOWN_BOUNDS_M,
    cell_radii,
    chome_radii,
    town_radii,
)
from geo.sphere import METRES_A_DEGREE, metres_between

latitudes = st.floats(24.0, 46.0)
longitudes = st.floats(123.0, 149.0)


def test_metres_between_known_points() -> None:
    assert metres_between(35.0, 135.0, 36.0, 135.0) == pytest.approx(111_195, rel=1e-4)
    # 東京駅 to 大阪駅 along a great circle
    assert metres_between(35.6812, 139.7671, 34.7025, 135.4959) == pytest.approx(403_000, rel=0.01)


@given(latitudes, longitudes, latitudes, longitudes)
def test_metres_are_a_distance(lat: float, lon: float, other_lat: float, other_lon: float) -> None:
    there = metres_between(lat, lon, other_lat, other_lon)
    assert there >= 0
    assert there == pytest.approx(metres_between(other_lat, other_lon, lat, lon), abs=1e-6)
    assert metres_between(lat, lon, lat, lon) == 0


def test_one_point_has_all_the_ground_and_two_share_it() -> None:
    area = box(135.0, 35.0, 135.1, 35.1)
    whole = cell_radii([(35.05, 135.05)], area)[0]
    ground = (0.1 * METRES_A_DEGREE) ** 2 * math.cos(math.radians(35.05))
    assert math.pi * whole**2 == pytest.approx(ground, rel=1e-3)
    halves = cell_radii([(35.05, 135.025), (35.05, 135.075)], area)
    assert halves.tolist() == pytest.approx([whole / math.sqrt(2)] * 2, rel=1e-3)


def test_points_on_one_spot_share_a_cell_in_any_order() -> None:
    area = box(135.0, 35.0, 135.1, 35.1)
    found = cell_radii([(35.05, 135.075), (35.05, 135.025), (35.05, 135.075)], area)
    assert found[0] == found[2]
    assert np.isfinite(found).all()


def test_points_less_than_a_millimetre_apart_share_a_cell() -> None:
    area = box(135.0, 35.0, 135.1, 35.1)
    one, other = cell_radii([(35.064, 135.09), (35.06400000000001, 135.09)], area)
    assert one == other


@given(st.lists(st.tuples(st.floats(35.0, 35.1), st.floats(135.0, 135.1)), min_size=1, max_size=12))
def test_radii_stay_between_their_bounds(points: list[tuple[float, float]]) -> None:
    area = box(135.0, 35.0, 135.1, 35.1)
    for rule, (low, high) in ((town_radii, TOWN_BOUNDS_M), (chome_radii, CHOME_BOUNDS_M)):
        radii = rule(points, area)
        assert len(radii) == len(points)
        assert (radii >= low).all()
        assert (radii <= high).all()


def test_denser_towns_get_smaller_radii() -> None:
    area = box(135.0, 35.0, 135.3, 35.3)
    dense = [(35.01 + i * 0.005, 135.01 + j * 0.005) for i in range(5) for j in range(5)]
    radii = town_radii([*dense, (35.25, 135.25)], area)
    assert radii[12] < 900 < radii[-1]
