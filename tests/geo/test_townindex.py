"""How people shorten and spell the names of towns, each way with a name that needs it."""

from dataclasses import replace
from statistics import fmean

import pytest

from geo.place import Context, Level
from tests.geo.locating import (
    AKITA,
    DIVIDED_M,
    FUKUYAMA,
    NOBEOKA,
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


def test_a_town_said_without_its_chome_is_all_of_them() -> None:
    found = locate("久木", sender=ZUSHI)
    chome = [p for p in PLACES if p.name.startswith("久木") and p.level is Level.CHOME]
    assert found.level is Level.TOWN
    assert len(chome) == 9
    assert found.lat == pytest.approx(fmean(block.lat for block in chome), abs=0.001)
    assert found.lon == pytest.approx(fmean(block.lon for block in chome), abs=0.001)
    assert sum(at(found, block, found.radius_m or 0) for block in chome) >= 8


@pytest.mark.parametrize(
    ("said", "meant"), [("松永", "松永町"), ("大字神村町", "神村町"), ("芳養", "芳養町")]
)
def test_town_suffixes_may_be_left_out(said: str, meant: str) -> None:
    sender = TANABE if meant == "芳養町" else FUKUYAMA
    assert at(locate(said, sender=sender), row(meant, sender, Level.TOWN), DIVIDED_M)


def test_a_town_suffix_may_be_said_where_none_is() -> None:
    assert at(locate("新宿町", sender=ZUSHI), row("新宿", ZUSHI, Level.TOWN), DIVIDED_M)


def test_an_exact_town_beats_names_that_contain_it() -> None:
    assert at(locate("八橋", sender=AKITA), row("八橋", AKITA))
    assert at(locate("東町", sender=FUKUYAMA), row("東町", FUKUYAMA))


def test_the_former_town_before_a_name_may_be_left_out() -> None:
    assert at(locate("近露", sender=TANABE), row("中辺路町近露", TANABE))
    assert at(locate("相方", sender=FUKUYAMA), row("新市町大字相方", FUKUYAMA))


def test_a_former_village_marks_what_may_be_left_out() -> None:
    near = row("神村町", FUKUYAMA)
    village = replace(
        near, place_id="f", name="沼元村", kind="former_municipality", level=Level.FORMER_MUNICIPALITY
    )
    town = replace(near, place_id="t", name="沼元大原", kind="town")
    said, context = [mention("大原")], Context(FUKUYAMA)
    assert at(make_locator(village, town).locate(said, context)[0], town)
    assert make_locator(town).locate(said, context)[0].lat is None


def test_the_former_town_may_be_said_as_people_say_it() -> None:
    assert at(locate("塩江", "安原上", sender=TAKAMATSU), row("塩江町安原上", TAKAMATSU))
    assert at(locate("中辺路", "近露"), row("中辺路町近露", TANABE))
    assert at(locate("新市", "相方", sender=FUKUYAMA), row("新市町大字相方", FUKUYAMA))


def test_an_area_called_by_its_station_is_around_it() -> None:
    found = locate("水尻", sender=SAKA)
    assert at(found, row("水尻駅", SAKA))
    assert found.radius_m is not None
    assert found.radius_m >= 1500


@pytest.mark.parametrize("said", ["ととろ", "トトロ", "ﾄﾄﾛ", "トトロマチ"])
def test_a_name_written_as_it_is_read(said: str) -> None:
    assert at(locate(said, sender=NOBEOKA), row("土々呂町", NOBEOKA, Level.TOWN), DIVIDED_M)


def test_two_names_that_contain_it_are_for_a_person_to_choose() -> None:
    found = locate("竹田", sender=TANBA)
    assert (found.ambiguous, found.lat) == (True, None)
    assert {c.place.name for c in found.candidates} == {"市島町上竹田", "市島町中竹田", "市島町下竹田"}


def test_two_names_side_by_side_that_contain_it_are_one_place() -> None:
    found = locate("鴨阪", sender=TANBA)
    for name in ("市島町上鴨阪", "市島町下鴨阪"):
        assert at(found, row(name, TANBA), found.radius_m or 0)


def test_a_name_that_only_its_eastern_part_bears_is_there() -> None:
    assert at(locate("手城", sender=FUKUYAMA), row("東手城町", FUKUYAMA))


def test_a_former_village_is_where_its_towns_are() -> None:
    found = locate("中辺路", sender=TANABE)
    towns = [p for p in PLACES if p.name.startswith("中辺路町") and p.level is Level.TOWN]
    assert found.level is Level.FORMER_MUNICIPALITY
    assert found.radius_m is not None
    inside = [t for t in towns if at(found, t, found.radius_m)]
    assert len(inside) >= 0.85 * len(towns)


def test_a_village_named_after_its_chief_hamlet_is_not_ambiguous() -> None:
    found = locate("龍神", sender=TANABE)
    assert (found.ambiguous, found.municipality) == (False, TANABE)
    assert found.lat is not None


def test_a_name_with_which_a_district_begins_is_the_whole_district() -> None:
    found = locate("土崎", sender=AKITA)
    towns = [p for p in PLACES if p.name.startswith("土崎港") and p.level is Level.TOWN]
    assert found.lat is not None
    assert sum(at(found, town, found.radius_m or 0) for town in towns) >= 0.8 * len(towns)
    assert len(towns) > 4


def test_two_towns_of_one_name_in_the_municipality_are_for_a_person_to_choose() -> None:
    found = locate("大谷", sender=TANBA)
    assert found.ambiguous
    assert (found.lat, found.lon) == (None, None)
    assert found.municipality == TANBA
    assert {c.place.name for c in found.candidates} == {"山南町大谷", "氷上町大谷"}
    assert "複数ある" in found.why
