"""What headquarters taught: it wins in its municipality, and is nobody else's place."""

from dataclasses import replace

import pytest

from geo.gazetteer.layers import Layer, LayeredGazetteer
from geo.gazetteer.memory import MemoryGazetteer
from geo.locator import Locator
from geo.place import Context, Level, Location, Place, Position
from geo.taught import THING_UP_TO_M, Official, Unfit, level_of, unfit
from tests.geo.locating import (
    FUKUYAMA,
    KUMAMOTO,
    KUMAMOTO_CENTRAL,
    ONOMICHI,
    PLACES,
    at,
    locate,
    make_locator,
    mention,
)


def taught(name: str, code: str = FUKUYAMA, *, lat: float = 34.50, lon: float = 133.36) -> Place:
    return Place(f"t-{name}", name, "", "taught", Level.FACILITY, code, lat, lon, 50.0, f"taught:{code}")


def ask(locator: Locator, *parts: str, context: Context) -> Location:
    return locator.locate([mention(*parts)], context)[0]


def test_a_taught_name_is_found_by_the_sender_and_says_so() -> None:
    here = taught("てんぐ岩")
    found = ask(make_locator(here), "てんぐ岩", context=Context(FUKUYAMA))
    assert at(found, here)
    assert (found.level, found.municipality, found.radius_m) == (Level.FACILITY, FUKUYAMA, 50.0)
    assert "本部が教えた場所" in found.why
    assert found.candidates[0].scores["taught_here"] > 0


@pytest.mark.parametrize("kind", ["area", "bridge", "river", "facility", "junction"])
def test_it_is_found_whatever_kind_of_thing_the_reader_takes_it_for(kind: str) -> None:
    here = taught("鬼岩橋")
    assert at(ask(make_locator(here), f"{kind}:鬼岩橋", context=Context(FUKUYAMA)), here)


def test_the_name_of_the_municipality_is_enough_without_a_sender() -> None:
    here = taught("てんぐ岩")
    assert at(ask(make_locator(here), "福山市", "てんぐ岩", context=Context()), here)


def test_it_counts_nowhere_else() -> None:
    locator = make_locator(taught("てんぐ岩"))
    assert ask(locator, "てんぐ岩", context=Context(ONOMICHI)).lat is None
    assert ask(locator, "てんぐ岩", context=Context()).lat is None
    assert ask(locator, "尾道市", "てんぐ岩", context=Context(FUKUYAMA)).municipality == ONOMICHI


def test_elsewhere_the_word_stays_a_word_and_the_phone_counts() -> None:
    phone = Position(34.41, 133.20, 10.0)
    found = ask(make_locator(taught("てんぐ岩")), "てんぐ岩", context=Context(ONOMICHI, phone))
    assert (found.level, found.lat, found.lon) == (Level.POSITION, phone.lat, phone.lon)


def test_the_officers_word_wins_over_a_town_of_the_name() -> None:
    here = taught("松永町")
    found = ask(make_locator(here), "松永町", context=Context(FUKUYAMA))
    assert at(found, here)
    assert not found.ambiguous
    assert len(found.candidates) > 1  # what else it might have been stays visible
    assert at(ask(make_locator(here), "福山市", "松永町", context=Context(ONOMICHI)), here)


def test_an_official_place_inside_a_town_that_is_said_stays() -> None:
    locator = make_locator(taught("四丁目", lat=34.70, lon=133.30))
    said = locate("松永町", "四丁目", sender=FUKUYAMA)
    found = ask(locator, "松永町", "四丁目", context=Context(FUKUYAMA))
    assert (found.lat, found.lon) == (said.lat, said.lon)
    assert said.lat is not None


def test_a_town_said_beside_a_name_that_only_headquarters_know() -> None:
    here = taught("てんぐ岩")
    assert at(ask(make_locator(here), "松永町", "てんぐ岩", context=Context(FUKUYAMA)), here)


def test_a_finer_part_is_placed_at_the_taught_one() -> None:
    here = taught("天神谷")
    found = ask(make_locator(here), "天神谷", "facility:公民館", context=Context(FUKUYAMA))
    assert at(found, here)
    assert "『公民館』の位置は地名表にない" in found.why


def test_a_city_knows_what_was_taught_for_its_ward_and_the_other_way_round() -> None:
    ward = taught("てんぐ岩", KUMAMOTO_CENTRAL, lat=32.80, lon=130.71)
    assert at(ask(make_locator(ward), "てんぐ岩", context=Context(KUMAMOTO)), ward)
    city = taught("てんぐ岩", KUMAMOTO, lat=32.80, lon=130.71)
    assert at(ask(make_locator(city), "てんぐ岩", context=Context(KUMAMOTO_CENTRAL)), city)


def test_a_taught_name_makes_no_other_name_less_sure() -> None:
    other = taught("本町", ONOMICHI, lat=34.40, lon=133.20)
    for sender in (FUKUYAMA, None):
        before = locate("福山市", "松永町", sender=sender)
        assert ask(make_locator(other), "福山市", "松永町", context=Context(sender)) == before
    assert ask(make_locator(other), "本町", context=Context(FUKUYAMA)) == locate("本町", sender=FUKUYAMA)


def test_beside_an_official_row_of_a_loaded_source_it_is_neither_silenced_nor_silences() -> None:
    here = taught("ぬばたま会館")
    hall = replace(here, place_id="hall", source="city", kind="hall", radius_m=20.0)
    layers = {"city": Layer([hall]), "taught:34207": Layer([here])}
    gazetteer = LayeredGazetteer(MemoryGazetteer(PLACES), layers)
    assert {row.source for row in gazetteer.find("ぬばたま会館")} == {"city", "taught:34207"}
    assert {row.source for row in Official(gazetteer).find("ぬばたま会館")} == {"city"}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", Unfit.EMPTY),
        (" 　", Unfit.EMPTY),
        ("岩", Unfit.TOO_SHORT),
        ("町", Unfit.TOO_SHORT),
        ("橋", Unfit.KIND_ONLY),
        ("公民館", Unfit.KIND_ONLY),
        ("小学校", Unfit.KIND_ONLY),
        ("裏山", Unfit.COMMON),
        ("道路", Unfit.COMMON),
        ("集会所", Unfit.KIND_ONLY),
        ("12-3", Unfit.NUMBER),
        ("広島県", Unfit.PREFECTURE),
        ("てんぐ岩で道路が冠水。", Unfit.SENTENCE),
        ("てんぐ\u202e岩", Unfit.SENTENCE),
        ("て" * 61, Unfit.TOO_LONG),
    ],
)
def test_names_that_cannot_be_taught(name: str, why: Unfit) -> None:
    assert unfit(name) is why


@pytest.mark.parametrize(
    "name", ["てんぐ岩", "天神谷", "鬼岩橋", "松永町", "下組公民館", "ヤマト屋", "旧役場跡"]
)
def test_names_that_can(name: str) -> None:
    assert unfit(name) is None


def test_a_small_circle_is_a_thing_and_a_large_one_an_area() -> None:
    assert (level_of(THING_UP_TO_M), level_of(300.0)) == (Level.FACILITY, Level.TOWN)
