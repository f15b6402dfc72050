"""Rules of locating, each with a message that comes out wrong when the rule is taken away."""

import pytest

from geo.place import Context, Level, Location, Place, Position, Relation
from geo.scores import WEIGHTS
from tests.geo.locating import (
    AKITA,
    DIVIDED_M,
    FUKUYAMA,
    KAWAGOE,
    KUMAMOTO,
    KUMAMOTO_CENTRAL,
    LOCATOR,
    ONOMICHI,
    PLACES,
    SAKA,
    TAKAMATSU,
    TANABE,
    TANBA,
    ZUSHI,
    at,
    locate,
    make_locator,
    mention,
    row,
)


def test_a_bare_town_is_the_senders_own() -> None:
    found = locate("松永町", sender=FUKUYAMA)
    assert at(found, row("松永町", FUKUYAMA, Level.TOWN), DIVIDED_M)
    assert (found.municipality, found.level, found.ambiguous) == (FUKUYAMA, Level.TOWN, False)


def test_a_river_is_not_a_station_of_its_name() -> None:
    found = locate("river:土崎", sender=AKITA)
    assert found.lat is None


def test_a_name_that_many_have_is_the_senders_own() -> None:
    for sender in (FUKUYAMA, ONOMICHI):
        others = [p for p in PLACES if p.name == "本町" and p.municipality != FUKUYAMA]
        found = locate("本町", sender=sender)
        if sender == FUKUYAMA:
            assert at(found, row("本町", FUKUYAMA))
        else:
            assert found.municipality in {ONOMICHI, *(p.municipality for p in others)}
            assert found.lat is None or found.municipality == ONOMICHI


def test_a_municipality_named_beats_the_sender() -> None:
    found = locate("福山市", "松永町", sender=ONOMICHI)
    assert at(found, row("松永町", FUKUYAMA, Level.TOWN), DIVIDED_M)
    assert "本文に市区町村名がある" in found.why


def test_a_town_that_is_also_a_municipality_is_said_with_the_sender() -> None:
    found = locate("坂町", sender=SAKA)
    assert (found.level, found.municipality, found.lat) == (Level.MUNICIPALITY, SAKA, None)
    assert "本文に『坂町』とある" in found.why
    assert "送信者の管轄と一致" in found.why


def test_never_out_of_the_municipality_just_named() -> None:
    found = locate("逗子市", "新宿町", sender=KAWAGOE)
    assert found.municipality == ZUSHI
    assert at(found, row("新宿", ZUSHI, Level.TOWN), DIVIDED_M)
    gone = locate("逗子市", "土崎港中央", sender=AKITA)
    assert (gone.municipality, gone.level, gone.lat) == (ZUSHI, Level.MUNICIPALITY, None)


def test_a_municipality_named_before_holds_for_the_next_place() -> None:
    first, second = LOCATOR.locate([mention("逗子市", "久木"), mention("新宿")], Context(None))
    assert first.municipality == second.municipality == ZUSHI
    assert second.lat is not None
    _, nowhere = LOCATOR.locate([mention("逗子市"), mention("芳養松原")], Context(None))
    assert (nowhere.municipality, nowhere.lat) == (ZUSHI, None)


def test_a_municipality_named_before_beats_the_sender() -> None:
    _, second = LOCATOR.locate([mention("逗子市"), mention("新宿")], Context(KAWAGOE))
    assert second.municipality == ZUSHI
    assert second.candidates[0].scores["named_before"] > 0


def test_a_municipality_named_after_holds_when_it_is_the_only_one() -> None:
    first, _ = LOCATOR.locate([mention("新宿"), mention("逗子市")], Context(None))
    assert first.municipality == ZUSHI
    assert first.lat is not None


def test_a_municipality_named_after_does_not_take_the_senders_own_town() -> None:
    first, _ = LOCATOR.locate([mention("新宿"), mention("川越市")], Context(ZUSHI))
    assert first.municipality == ZUSHI
    assert first.lat is not None


def test_the_sender_keeps_his_own_town_after_a_neighbour_was_named() -> None:
    _, own = LOCATOR.locate([mention("尾道市"), mention("松永町")], Context(FUKUYAMA))
    assert at(own, row("松永町", FUKUYAMA, Level.TOWN), DIVIDED_M)


def test_a_joined_address_is_taken_apart() -> None:
    found = locate("広島県福山市新市町大字相方")
    assert at(found, row("新市町大字相方", FUKUYAMA))
    assert "本文に都道府県名がある" in found.why
    assert at(locate("福山市新市町相方"), row("新市町大字相方", FUKUYAMA))


def test_a_wrong_county_does_not_hide_the_town_that_follows() -> None:
    assert locate("広島県安芸市坂町小屋浦").municipality == SAKA


def test_a_ward_is_inside_its_city_and_the_answer_carries_its_code() -> None:
    assert locate("出水", sender=KUMAMOTO).municipality == KUMAMOTO_CENTRAL
    assert locate("熊本市中央区", "出水").municipality == KUMAMOTO_CENTRAL
    assert locate("熊本市", "中央区", "出水").municipality == KUMAMOTO_CENTRAL
    assert locate("健軍", sender=KUMAMOTO_CENTRAL).municipality == "43102"


def test_a_bare_ward_is_a_ward_of_the_senders_city() -> None:
    assert locate("中央区", sender="28106").municipality == "28110"
    assert locate("中央区", sender=KUMAMOTO).municipality == KUMAMOTO_CENTRAL


def test_a_bare_ward_without_a_sender_is_for_a_person_to_choose() -> None:
    found = locate("中央区")
    assert (found.ambiguous, found.lat, found.municipality) == (True, None, None)
    assert {c.place.municipality for c in found.candidates} >= {"28110", KUMAMOTO_CENTRAL}


def test_candidates_are_decided_by_the_other_places_of_the_message() -> None:
    near = row("山南町大谷", TANBA)
    company = Place(
        "hall:test", "谷川会館", "", "hall", Level.FACILITY, TANBA, near.lat, near.lon, 200.0, "test"
    )
    locator = make_locator(company)
    found, _ = locator.locate([mention("大谷"), mention("facility:谷川会館")], Context(TANBA))
    assert at(found, near)
    assert found.candidates[0].scores["near_other_places"] > 0


def test_candidates_are_decided_by_the_phone() -> None:
    near = row("氷上町大谷", TANBA)
    found = LOCATOR.locate([mention("大谷")], Context(TANBA, Position(near.lat, near.lon)))[0]
    assert at(found, near)
    assert found.candidates[0].scores["near_phone"] > 0


def test_the_phone_does_not_outweigh_what_is_said() -> None:
    far = row("松永町", FUKUYAMA, Level.TOWN)
    found = LOCATOR.locate([mention("逗子市", "久木")], Context(FUKUYAMA, Position(far.lat, far.lon)))[0]
    assert found.municipality == ZUSHI


def test_a_town_of_another_municipality_is_not_guessed_for_a_known_sender() -> None:
    found = locate("芳養松原", sender=FUKUYAMA)
    assert (found.municipality, found.level, found.lat) == (FUKUYAMA, Level.MUNICIPALITY, None)
    assert "福山市までとした" in found.why


def test_a_name_of_the_whole_nation_is_placed_when_it_is_the_only_one() -> None:
    assert at(locate("芳養松原"), row("芳養松原", TANABE, Level.TOWN))


def test_a_common_name_without_a_sender_is_flagged() -> None:
    found = locate("本町")
    assert (found.lat, found.municipality, found.level) == (None, None, Level.UNKNOWN)


def test_a_prefecture_alone_stays_a_prefecture() -> None:
    found = locate("広島県")
    assert (found.level, found.lat, found.municipality) == (Level.PREFECTURE, None, None)


def test_a_block_is_its_town_with_the_towns_radius() -> None:
    plain = locate("神村町", sender=FUKUYAMA)
    numbered = locate("神村町", "block:1234番地", sender=FUKUYAMA)
    assert (numbered.lat, numbered.lon, numbered.radius_m) == (plain.lat, plain.lon, plain.radius_m)
    assert "1234番地" in numbered.why


def test_the_first_of_several_numbers_is_the_chome() -> None:
    found = locate("逗子市新宿2-3-4")
    assert at(found, row("新宿二丁目", ZUSHI))
    assert found.level is Level.CHOME


def test_a_station_has_its_own_point() -> None:
    found = locate("station:松永駅", sender=FUKUYAMA)
    assert at(found, row("松永駅", FUKUYAMA))
    assert found.level is Level.FACILITY


def test_a_station_without_a_sender_is_the_one_of_the_city_of_its_name() -> None:
    found = locate("station:高松駅")
    assert found.municipality == TAKAMATSU
    assert "同じ名の市町村にある" in found.why


@pytest.mark.parametrize("thing", ["road:国道2号", "river:羽原川", "bridge:八幡橋", "facility:八幡小学校"])
def test_a_thing_without_a_point_is_at_the_town_beside_it(thing: str) -> None:
    town = locate("松永町", sender=FUKUYAMA)
    found = locate("松永町", thing, sender=FUKUYAMA)
    assert (found.lat, found.lon) == (town.lat, town.lon)
    assert found.radius_m is not None
    assert town.radius_m is not None
    assert found.radius_m > town.radius_m
    assert thing.partition(":")[2] in found.why


@pytest.mark.parametrize("thing", ["road:国道2号", "river:神村川", "bridge:誰橋"])
def test_a_thing_alone_without_a_point_is_its_municipality(thing: str) -> None:
    found = locate(thing, sender=FUKUYAMA)
    assert (found.municipality, found.level, found.lat) == (FUKUYAMA, Level.MUNICIPALITY, None)
    assert found.radius_m == row("福山市", FUKUYAMA).radius_m


def test_a_bridge_named_after_a_town_of_the_sender_is_near_that_town() -> None:
    found = locate("bridge:神村橋", sender=FUKUYAMA)
    town = row("神村町", FUKUYAMA)
    assert at(found, town)
    assert found.radius_m is not None
    assert found.radius_m > town.radius_m
    assert "name_part" in found.candidates[0].scores


def test_a_thing_of_another_place_is_not_taken_for_the_one_beside_the_town() -> None:
    found = locate("神村町", "station:尾道駅", sender=FUKUYAMA)
    assert at(found, row("神村町", FUKUYAMA))


def test_an_address_in_front_of_a_thing_is_heard() -> None:
    found = locate("bridge:広島県福山市誰橋")
    assert (found.municipality, found.level) == (FUKUYAMA, Level.MUNICIPALITY)
    assert at(locate("river:秋田県秋田市八橋", "block:12番地"), row("八橋", AKITA))
    assert locate("bridge:坂町橋", sender=FUKUYAMA).municipality == FUKUYAMA


def test_the_kind_of_a_thing_alone_names_nothing() -> None:
    found = locate("station:松永駅", "junction:踏切", sender=FUKUYAMA)
    assert at(found, row("松永駅", FUKUYAMA))
    assert "『踏切』" not in found.why


def test_a_relation_moves_the_point() -> None:
    plain = locate("神村町", sender=FUKUYAMA)
    north = locate("神村町", sender=FUKUYAMA, relation=Relation("side", "N"))
    assert plain.lat is not None
    assert north.lat is not None
    assert north.lat > plain.lat


def between(one: str, other: str, sender: str) -> Location:
    said = mention(one, relation=Relation("between"), until=(other,))
    return LOCATOR.locate([said], Context(sender))[0]


def test_a_side_of_a_thing_without_a_point_does_not_move_its_town() -> None:
    town = locate("神村町", "facility:八幡小学校", sender=FUKUYAMA)
    west = locate("神村町", "facility:八幡小学校", sender=FUKUYAMA, relation=Relation("side", "W"))
    assert (west.lat, west.lon) == (town.lat, town.lon)
    assert west.radius_m is not None
    assert town.radius_m is not None
    assert west.radius_m > town.radius_m
    paced = Relation("distance", "W", 700.0)
    assert locate("神村町", "facility:八幡小学校", sender=FUKUYAMA, relation=paced).lon != town.lon


def test_between_two_stations_is_a_line() -> None:
    found = between("station:松永駅", "station:備後赤坂駅", FUKUYAMA)
    assert found.level is Level.SECTION
    assert found.shape is not None
    assert found.shape.startswith("LINESTRING (133.")
    for name in ("松永駅", "備後赤坂駅"):
        assert at(found, row(name, FUKUYAMA), found.radius_m or 0)


def test_between_a_known_and_an_unknown_end_is_about_the_known_one() -> None:
    found = between("station:松永駅", "bridge:誰橋", FUKUYAMA)
    assert at(found, row("松永駅", FUKUYAMA))
    assert found.radius_m is not None
    assert found.radius_m > row("松永駅", FUKUYAMA).radius_m
    assert found.shape is None


def test_coordinates_in_the_text_are_the_point() -> None:
    found = locate("coordinates:34.4477,133.2571")
    assert (found.lat, found.lon, found.level) == (34.4477, 133.2571, Level.POSITION)
    assert found.municipality == FUKUYAMA


def test_unsaid_is_the_senders_municipality_without_a_point() -> None:
    found = LOCATOR.locate_unsaid(Context(FUKUYAMA))
    assert (found.lat, found.level, found.municipality) == (None, Level.MUNICIPALITY, FUKUYAMA)


def test_unsaid_with_a_phone_is_the_phone_with_a_margin() -> None:
    here = row("松永駅", FUKUYAMA)
    found = LOCATOR.locate_unsaid(Context(None, Position(here.lat, here.lon, 20.0)))
    assert (found.lat, found.lon, found.level) == (here.lat, here.lon, Level.POSITION)
    assert found.municipality == FUKUYAMA
    assert found.radius_m is not None
    assert 100 < found.radius_m < 300
    rough = LOCATOR.locate_unsaid(Context(None, Position(here.lat, here.lon, 2000.0)))
    assert rough.radius_m is not None
    assert rough.radius_m > 2000


def test_nothing_known_at_all_is_unknown() -> None:
    for found in (
        LOCATOR.locate_unsaid(Context()),
        locate("誰も知らない里"),
        locate("松永町", sender="99999"),
    ):
        if found.level is Level.UNKNOWN:
            assert (found.lat, found.municipality) == (None, None)
            assert found.why
    assert LOCATOR.locate_unsaid(Context("99999")).level is Level.UNKNOWN


def test_every_score_is_named_and_under_its_ceiling() -> None:
    for said in ("松永町", "大谷", "高松", "八橋", "逗子市"):
        for sender in (None, FUKUYAMA, TANBA, AKITA):
            for candidate in locate(said, sender=sender).candidates:
                assert candidate.why
                for name, value in candidate.scores.items():
                    assert 0 <= value <= WEIGHTS[name].ceiling


def test_one_answer_for_each_mention_in_order() -> None:
    found = LOCATOR.locate([mention("松永町"), mention("誰の里"), mention("神村町")], Context(FUKUYAMA))
    assert len(found) == 3
    assert at(found[0], row("松永町", FUKUYAMA, Level.TOWN), DIVIDED_M)
    assert found[1].lat is None
    assert at(found[2], row("神村町", FUKUYAMA))


def test_an_area_that_says_nothing_does_not_hide_the_thing_beside_it() -> None:
    found = locate("因島土生町", "station:松永駅", sender=FUKUYAMA)
    assert at(found, row("松永駅", FUKUYAMA))


def thing(
    name: str, kind: str, level: Level, radius_m: float, source: str = "x", lat: float = 34.45
) -> Place:
    return Place(f"{source}:{name}", name, "", kind, level, FUKUYAMA, lat, 133.26, radius_m, source)


def test_a_river_through_half_a_municipality_gives_no_point() -> None:
    said, context = [mention("river:ぬばたま川")], Context(FUKUYAMA)
    short = make_locator(thing("ぬばたま川", "river", Level.SECTION, 900.0)).locate(said, context)[0]
    assert (short.level, short.radius_m) == (Level.SECTION, 900.0)
    long = make_locator(thing("ぬばたま川", "river", Level.SECTION, 9000.0)).locate(said, context)[0]
    assert (long.level, long.lat) == (Level.MUNICIPALITY, None)


def test_one_hall_of_two_lists_is_the_only_one_of_the_nation() -> None:
    halls = [thing("ぬばたま会館", "hall", Level.FACILITY, 100.0, source, 34.45) for source in ("a", "b")]
    found = make_locator(*halls).locate([mention("facility:ぬばたま会館")], Context())[0]
    assert (found.level, found.radius_m) == (Level.FACILITY, 100.0)
