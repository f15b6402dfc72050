import math

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point

from geo.place import Relation
from geo.relative import DIRECTIONS, Spot, apply_relation, moved, stretch
from geo.sphere import metres_between

STATION = Spot(34.4477, 133.2571, 250.0)
TOWN = Spot(34.4477, 133.2571, 2000.0)
japan_lat = st.floats(24.0, 45.5)
japan_lon = st.floats(123.0, 146.0)
spots = st.builds(Spot, japan_lat, japan_lon, st.floats(1.0, 20_000.0))


def away(spot: Spot, other: Spot) -> float:
    return metres_between(spot.lat, spot.lon, other.lat, other.lon)


def test_a_degree_of_latitude_is_the_known_length() -> None:
    assert metres_between(35.0, 135.0, 36.0, 135.0) == pytest.approx(111_195, rel=0.001)


def test_tokyo_to_yokohama_station() -> None:
    assert metres_between(35.681236, 139.767125, 35.465786, 139.622313) == pytest.approx(27_300, rel=0.01)


@given(japan_lat, japan_lon, st.floats(-20_000, 20_000), st.floats(-20_000, 20_000))
def test_moved_by_metres_is_that_many_metres_away(lat: float, lon: float, east: float, north: float) -> None:
    there = moved(lat, lon, east, north)
    assert metres_between(lat, lon, *there) == pytest.approx(math.hypot(east, north), rel=0.005, abs=1.0)


def test_no_relation_is_the_anchor() -> None:
    assert apply_relation(STATION, None) == STATION


@pytest.mark.parametrize("kind", ["near", "front", "behind", "above", "below", "along", "beyond"])
def test_vague_relations_keep_the_centre_and_widen(kind: str) -> None:
    found = apply_relation(STATION, Relation(kind))
    assert (found.lat, found.lon) == (STATION.lat, STATION.lon)
    assert STATION.radius_m < found.radius_m <= STATION.radius_m + 500


def test_in_front_is_nearer_than_near() -> None:
    front = apply_relation(STATION, Relation("front"))
    assert front.radius_m < apply_relation(STATION, Relation("near")).radius_m


def test_beyond_a_village_reaches_half_its_extent_further() -> None:
    assert apply_relation(TOWN, Relation("beyond")).radius_m == pytest.approx(3000.0)


@pytest.mark.parametrize("direction", sorted(DIRECTIONS))
def test_a_side_lies_in_its_direction_within_the_town(direction: str) -> None:
    found = apply_relation(TOWN, Relation("side", direction))
    east = (found.lon - TOWN.lon) * math.cos(math.radians(TOWN.lat))
    north = found.lat - TOWN.lat
    length = math.hypot(east, north)
    assert (east / length, north / length) == pytest.approx(DIRECTIONS[direction], abs=0.01)
    assert away(found, TOWN) < TOWN.radius_m
    assert found.radius_m < TOWN.radius_m


def test_the_side_of_a_small_thing_is_across_its_street() -> None:
    house = Spot(34.4, 133.2, 20.0)
    found = apply_relation(house, Relation("side", "W"))
    assert 50 <= away(found, house) <= 150
    assert found.radius_m >= away(found, house)


def test_upstream_by_a_distance_is_a_ring_because_no_river_is_known() -> None:
    found = apply_relation(STATION, Relation("upstream", None, 200.0))
    assert (found.lat, found.lon) == (STATION.lat, STATION.lon)
    assert found.radius_m >= STATION.radius_m + 200
    assert found.shape is not None
    ring = shapely.from_wkt(found.shape)
    for east, north in [(200, 0), (0, 200), (-141, -141)]:
        lat, lon = moved(STATION.lat, STATION.lon, east, north)
        assert ring.contains(Point(lon, lat))
    assert not ring.contains(Point(STATION.lon, STATION.lat))


def test_a_distance_in_a_direction_is_a_point_that_far() -> None:
    found = apply_relation(STATION, Relation("distance", "N", 1000.0))
    assert away(found, STATION) == pytest.approx(1000, rel=0.01)
    assert found.lat > STATION.lat
    assert found.radius_m > STATION.radius_m


def test_a_stretch_is_a_line_in_lon_lat_order_between_both_ends() -> None:
    other = Spot(34.4300, 133.2300, 400.0)
    found = stretch(STATION, other)
    assert found is not None
    assert found.shape == "LINESTRING (133.2571 34.4477, 133.23 34.43)"
    assert (found.lat, found.lon) == pytest.approx((34.43885, 133.24355))
    for end in (STATION, other):
        assert away(found, end) + end.radius_m <= found.radius_m + 1


def test_ends_too_far_apart_are_no_stretch() -> None:
    assert stretch(STATION, Spot(35.68, 139.76, 250.0)) is None


def test_a_stretch_between_one_and_the_same_place_is_that_place() -> None:
    found = stretch(STATION, STATION)
    assert found is not None
    assert found.shape is None
    assert (found.lat, found.lon) == pytest.approx((STATION.lat, STATION.lon))


relations = st.builds(
    Relation,
    st.sampled_from(["near", "side", "upstream", "downstream", "between", "beyond", "distance", "何か"]),
    st.none() | st.sampled_from([*DIRECTIONS, "北"]),
    st.none() | st.floats(allow_nan=True, allow_infinity=True),
)


@given(spots, relations)
def test_any_relation_gives_a_point_with_a_usable_radius(anchor: Spot, relation: Relation) -> None:
    found = apply_relation(anchor, relation)
    assert math.isfinite(found.lat)
    assert math.isfinite(found.lon)
    assert 0 < found.radius_m < 100_000
    assert found.shape is None or shapely.from_wkt(found.shape).is_valid
