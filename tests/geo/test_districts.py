"""A municipality divided among its towns: each point in the district of its own town."""

import pytest
from shapely.geometry import Point, box

from geo.districts import Town, around_towns

GROUND = box(133.2, 34.4, 133.3, 34.5)


def test_a_town_has_the_ground_of_its_parts() -> None:
    towns = [
        Town("a", "東町", 34.45, 133.25, ((34.45, 133.27), (34.45, 133.29))),
        Town("b", "西町", 34.45, 133.28),
    ]
    east, west = around_towns(towns, GROUND)
    assert (east.name, west.name) == ("東町", "西町")
    for lat, lon in ((34.45, 133.25), *towns[0].parts):
        assert east.area.covers(Point(lon, lat))
    assert west.area.covers(Point(133.28, 34.45))
    assert east.area.area + west.area.area == pytest.approx(GROUND.area, rel=1e-4)
    assert east.area.intersection(west.area).area == pytest.approx(0, abs=1e-9)


def test_a_part_on_anothers_spot_is_that_ones() -> None:
    towns = [Town("a", "東町", 34.45, 133.25, ((34.45, 133.28),)), Town("b", "西町", 34.45, 133.28)]
    east, west = around_towns(towns, GROUND)
    assert west.area.covers(Point(133.28, 34.45))
    assert not east.area.covers(Point(133.28, 34.45))


def test_towns_on_one_spot_share_a_district() -> None:
    towns = [Town("b", "西町", 34.45, 133.25), Town("a", "東町", 34.45, 133.25)]
    [both] = around_towns(towns, GROUND)
    assert (both.key, both.name) == ("a", "東町・西町")
