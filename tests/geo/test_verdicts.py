"""What is decided between several places, and of what lies beside another."""

from dataclasses import replace

from geo.place import Context, Level, Place, PlaceMention, PlacePart
from tests.geo.locating import AKITA, FUKUYAMA, LOCATOR, ONOMICHI, SAKA, make_locator, mention


def place(
    name: str, level: Level, lat: float, lon: float, *, code: str = SAKA, radius: float = 500.0
) -> Place:
    kind = "station" if level is Level.FACILITY else level.value
    return Place(f"test:{name}:{level}", name, "", kind, level, code, lat, lon, radius, "test")


def test_a_former_village_lies_at_its_town_with_the_villages_radius() -> None:
    village = place("奥谷村", Level.FORMER_MUNICIPALITY, 34.34, 132.52, radius=4_000)
    town = place("奥谷村奥谷", Level.TOWN, 34.36, 132.53)
    far = place("奥谷村川手", Level.TOWN, 34.32, 132.51)
    [found] = make_locator(village, town, far).locate([mention("奥谷")], Context(SAKA))
    assert (found.lat, found.lon) == (town.lat, town.lon)
    assert found.level is Level.FORMER_MUNICIPALITY
    assert found.radius_m is not None
    assert found.radius_m > town.radius_m


def test_a_station_is_called_by_its_place_and_its_kind() -> None:
    town, station = place("奥谷", Level.TOWN, 34.34, 132.52), place("奥谷駅", Level.FACILITY, 34.345, 132.525)
    [found] = make_locator(town, station).locate([mention("奥谷", "station:駅")], Context(SAKA))
    assert (found.lat, found.level) == (station.lat, Level.FACILITY)


def test_a_river_of_unknown_course_lies_at_the_place_said_before_it() -> None:
    before, river = LOCATOR.locate([mention("松永町"), mention("river:名無川")], Context(FUKUYAMA))
    assert (river.lat, river.municipality) == (before.lat, FUKUYAMA)
    assert before.radius_m is not None
    assert river.radius_m is not None
    assert river.radius_m > before.radius_m
    assert "名無川" in river.why


def test_a_river_alone_is_not_drawn() -> None:
    [river] = LOCATOR.locate([mention("river:名無川")], Context(FUKUYAMA))
    assert (river.lat, river.municipality) == (None, FUKUYAMA)


def test_a_town_is_found_without_the_suffix_of_its_former_town() -> None:
    former, town = (
        place("奥谷町", Level.FORMER_MUNICIPALITY, 34.34, 132.52, radius=3_000),
        place("奥谷町本町", Level.TOWN, 34.345, 132.525),
    )
    [found] = make_locator(former, town).locate([mention("奥谷本町")], Context(SAKA))
    assert (found.lat, found.level) == (town.lat, Level.TOWN)


def test_a_municipality_named_beside_it_says_which_of_two_an_unknown_sender_means() -> None:
    one = place("奥谷", Level.TOWN, 34.34, 132.52)
    other = place("奥谷", Level.TOWN, 34.5, 133.3, code=FUKUYAMA)
    locator = make_locator(one, replace(other, place_id="test:other"))
    found, _ = locator.locate([mention("奥谷"), mention("福山市")], Context())
    assert (found.lat, found.municipality) == (other.lat, FUKUYAMA)


def test_what_links_two_kanji_is_one_in_all_spellings() -> None:
    town = place("宮之浦", Level.TOWN, 34.34, 132.52)
    for said in ("宮ノ浦", "宮の浦", "宮之浦"):
        [found] = make_locator(town).locate([mention(said)], Context(SAKA))
        assert (found.lat, found.lon) == (town.lat, town.lon)


def test_a_town_with_a_rivers_name_is_found_where_no_river_is_known() -> None:
    town = place("寒川", Level.TOWN, 34.34, 132.52)
    river = PlaceMention("寒川", (PlacePart("寒川", "river"),), None, ())
    [found] = make_locator(town).locate([river], Context(SAKA))
    assert (found.lat, found.lon) == (town.lat, town.lon)


def school(name: str, code: str, lat: float, lon: float) -> Place:
    return Place(f"school:{code}:{name}", name, "", "school", Level.FACILITY, code, lat, lon, 150.0, "test")


def test_next_doors_school_of_a_common_name_is_shown_and_not_taken() -> None:
    near, far = school("東小学校", ONOMICHI, 34.41, 133.2), school("東小学校", AKITA, 39.7, 140.1)
    [found] = make_locator(near, far).locate([mention("facility:東小学校")], Context(FUKUYAMA))
    assert (found.lat, found.municipality) == (None, FUKUYAMA)
    assert [candidate.place.municipality for candidate in found.candidates] == [ONOMICHI]


def test_next_doors_school_is_taken_where_no_other_bears_its_name() -> None:
    near = school("鳴滝山小学校", ONOMICHI, 34.41, 133.2)
    [found] = make_locator(near).locate([mention("facility:鳴滝山小学校")], Context(FUKUYAMA))
    assert (found.lat, found.municipality) == (near.lat, ONOMICHI)


def test_of_an_unknown_sender_a_town_and_a_former_village_elsewhere_are_a_choice() -> None:
    town = place("奥谷", Level.TOWN, 34.34, 132.52)
    village = place("奥谷村", Level.FORMER_MUNICIPALITY, 34.5, 133.3, code=FUKUYAMA)
    [found] = make_locator(town, village).locate([mention("奥谷")], Context())
    assert (found.lat, found.ambiguous) == (None, True)
    assert {each.place.municipality for each in found.candidates} == {SAKA, FUKUYAMA}


def test_of_an_unknown_sender_what_one_municipality_alone_has_is_there() -> None:
    town = place("奥谷", Level.TOWN, 34.34, 132.52)
    village = place("奥谷村", Level.FORMER_MUNICIPALITY, 34.36, 132.55, radius=4_000)
    [found] = make_locator(town, village).locate([mention("奥谷")], Context())
    assert (found.lat, found.municipality, found.ambiguous) == (town.lat, SAKA, False)
