"""Which place said only leads to the next."""

from dataclasses import replace

import pytest

from geo.containing import leads_to
from geo.place import Candidate, Level, Location, Place

TOWN = Location(34.6, 136.35, 2_000.0, Level.TOWN, "24201", False, "")
CITY = Location(None, None, 20_000.0, Level.MUNICIPALITY, "24201", False, "")
FORMER = Location(34.63, 136.35, 8_000.0, Level.FORMER_MUNICIPALITY, "24201", False, "")


def choice(code: str) -> Candidate:
    return Candidate(Place(code, "", "", "municipality", Level.MUNICIPALITY, code, 34, 136, 1, "t"), {}, "")


@pytest.mark.parametrize(
    ("outer", "leads"),
    [
        (CITY, True),
        (replace(CITY, municipality="24", level=Level.PREFECTURE), True),
        (replace(CITY, municipality="24202"), False),
        (FORMER, True),
        (replace(FORMER, lat=34.9), False),
        (replace(FORMER, municipality="24202"), False),
        (replace(FORMER, radius_m=1_000.0), False),
        (TOWN, False),  # towns side by side are a list
        (replace(CITY, municipality=None, level=Level.UNKNOWN), False),
    ],
)
def test_a_wider_area_leads_to_the_place_in_it(outer: Location, leads: bool) -> None:
    assert leads_to(outer, TOWN) is leads


def test_one_of_several_municipalities_that_it_may_be_leads_there() -> None:
    open_place = replace(CITY, municipality=None, level=Level.UNKNOWN, ambiguous=True)
    assert leads_to(replace(open_place, candidates=(choice("01106"), choice("24201"))), TOWN)
    assert not leads_to(replace(open_place, candidates=(choice("01106"),)), TOWN)


def test_a_ward_lies_in_its_city_and_nothing_in_a_place_without_a_point() -> None:
    ward = replace(TOWN, municipality="23111")
    assert leads_to(replace(CITY, municipality="23100"), ward)
    assert not leads_to(CITY, replace(CITY, municipality="24202"))
