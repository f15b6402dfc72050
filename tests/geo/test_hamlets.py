"""Hamlets that no list of addresses has, known by the halls that are called after them."""

import pytest

from geo.gazetteer.memory import MemoryGazetteer
from geo.hamlets import HALL_REACH_M, hamlet_called
from geo.place import Context, Level, Location, Place
from tests.geo.locating import FUKUYAMA, NOBEOKA, PLACES, TANABE, make_locator, mention


@pytest.mark.parametrize(
    ("hall", "hamlet"),
    [
        ("馬取公民館", "馬取"),
        ("粟山地区集会所", "粟山"),
        ("畑ヶ中集落センター", "畑ケ中"),
        ("真木小学校", "真木"),
        ("百谷生活改善センター", "百谷"),
        ("中央公民館", ""),  # of the whole town
        ("市民体育館", ""),
        ("第八小学校", ""),
        ("由良川小学校", ""),  # a river before it is a hamlet
        ("みどり公園", ""),
        ("上公民館", ""),
    ],
)
def test_a_hall_is_called_after_its_hamlet(hall: str, hamlet: str) -> None:
    assert hamlet_called(hall) == hamlet


def hall(name: str, code: str, lat: float, lon: float) -> Place:
    return Place(f"facility:{code}:{name}", name, "", "facility", Level.FACILITY, code, lat, lon, 150, "test")


def found(*texts: str, sender: str | None = FUKUYAMA, rows: tuple[Place, ...]) -> Location:
    return make_locator(*rows).locate([mention(*texts)], Context(sender))[0]


def test_a_hamlet_lies_around_its_hall() -> None:
    place = found("馬取", rows=(hall("馬取公民館", FUKUYAMA, 34.5, 133.3),))
    assert (place.level, place.municipality) == (Level.TOWN, FUKUYAMA)
    assert (place.lat, place.lon, place.radius_m) == (34.5, 133.3, HALL_REACH_M)
    assert "公民館" in place.why


def test_two_halls_of_a_hamlet_are_one_place_and_two_far_apart_a_choice() -> None:
    first = hall("馬取公民館", FUKUYAMA, 34.5, 133.3)
    beside = found("馬取", rows=(first, hall("馬取集会所", FUKUYAMA, 34.502, 133.3)))
    assert beside.lat == pytest.approx(34.501)
    away = found("馬取", rows=(first, hall("馬取集会所", FUKUYAMA, 34.6, 133.3)))
    assert away.ambiguous


def test_a_listed_town_goes_before_a_hall_of_its_name() -> None:
    away = hall("松永公民館", FUKUYAMA, 34.6, 133.5)
    place = found("松永", rows=(away,))
    assert place.lat is not None
    assert abs(place.lat - away.lat) > 0.1


def test_a_hall_elsewhere_places_nothing_here() -> None:
    assert found("馬取", rows=(hall("馬取公民館", NOBEOKA, 32.5, 131.6),)).lat is None
    assert found("馬取", sender=None, rows=(hall("馬取公民館", NOBEOKA, 32.5, 131.6),)).lat is None


def test_the_hall_of_a_hamlet_tells_towns_of_one_name_apart() -> None:
    towns = tuple(
        Place(f"town:{code}:谷戸", "谷戸", "", "town", Level.TOWN, code, lat, lon, 2_000, "test")
        for code, lat, lon in ((NOBEOKA, 32.6, 131.6), (TANABE, 33.8, 135.5))
    )
    assert found("谷戸", "馬取", sender=None, rows=towns).municipality is None
    known = hall("谷戸馬取公民館", TANABE, 33.81, 135.5)
    assert found("谷戸", "馬取", sender=None, rows=(*towns, known)).municipality == TANABE


def test_a_hamlet_is_a_name_at_home_only() -> None:
    gazetteer = MemoryGazetteer((*PLACES, hall("馬取公民館", FUKUYAMA, 34.5, 133.3)))
    assert "馬取" in gazetteer.names_in(FUKUYAMA)
    assert "馬取" not in gazetteer.names_in(NOBEOKA)
    assert "馬取" not in gazetteer.names()
