"""House numbers: the house, else its block, else nothing; and through the locator, as people say them."""

from dataclasses import replace

import pytest

from geo.coverage import Coverage
from geo.gazetteer.areas import MunicipalityAreas
from geo.gazetteer.houses import CompactHouses, NoHouses, house_at, town_key
from geo.gazetteer.layers import LayeredGazetteer
from geo.gazetteer.memory import MemoryGazetteer
from geo.locator import Locator
from geo.place import Context, Level, Location, Place, PlaceMention, PlacePart
from geo.sphere import metres_between
from tests.geo.locating import FUKUYAMA, PLACES, outlines

TOWN = Place("t", "松永町", "", "town", Level.TOWN, FUKUYAMA, 34.45, 133.25, 700.0, "a")
CHOME = replace(TOWN, place_id="c", name="松永町三丁目", level=Level.CHOME)
ROWS = [
    (FUKUYAMA, town_key("松永町３丁目"), "4", house, 34.4500 + number / 1e4, 133.25)
    for number, house in enumerate(("1", "2", "3", "5", "5-2", "18"))
] + [(FUKUYAMA, town_key("大字神村町"), "12", "3", 34.46, 133.24)]
HOUSES = CompactHouses(ROWS, "registry")


@pytest.mark.parametrize(
    ("town", "numbers", "level", "name"),
    [
        (CHOME, ("4", "5"), Level.HOUSE, "松永町三丁目4番5号"),
        (CHOME, ("4", "5", "2"), Level.HOUSE, "松永町三丁目4番5号"),
        (CHOME, ("04", "18"), Level.HOUSE, "松永町三丁目4番18号"),
        (CHOME, ("4",), Level.BLOCK, "松永町三丁目4番"),
        (CHOME, ("4", "77"), Level.BLOCK, "松永町三丁目4番"),
        (TOWN, ("3", "4", "5"), Level.HOUSE, "松永町3丁目4番5号"),
    ],
)
def test_the_house_else_its_block(town: Place, numbers: tuple[str, ...], level: Level, name: str) -> None:
    found = house_at(HOUSES, town, numbers)
    assert found is not None
    assert (found.level, found.name, found.municipality) == (level, name, FUKUYAMA)
    assert found.source == "registry"


def test_a_branch_number_is_its_own_house_where_it_is_known() -> None:
    with_branch, without = house_at(HOUSES, CHOME, ("4", "5", "2")), house_at(HOUSES, CHOME, ("4", "5", "9"))
    assert with_branch is not None
    assert without is not None
    assert (with_branch.lat, without.lat) == (34.4504, 34.4503)


def test_a_block_holds_its_houses() -> None:
    block = house_at(HOUSES, CHOME, ("4",))
    assert block is not None
    away = [metres_between(block.lat, block.lon, row[4], row[5]) for row in ROWS[:6]]
    assert max(away) <= block.radius_m <= max(away) + 30


@pytest.mark.parametrize("numbers", [(), ("9",), ("9", "5")])
def test_an_unknown_number_is_no_house(numbers: tuple[str, ...]) -> None:
    assert house_at(HOUSES, CHOME, numbers) is None
    assert house_at(NoHouses(), CHOME, ("4", "5")) is None
    assert MemoryGazetteer([]).house(CHOME, ("4", "5")) is None


def test_a_nation_of_houses_is_packed_small() -> None:
    rows = (
        (FUKUYAMA, f"町{n // 500}", str(n // 20 % 25), str(n % 20), 34.0 + n / 1e6, 133.0)
        for n in range(5000)
    )
    many = CompactHouses(rows, "registry")
    assert len(many.block(FUKUYAMA, "町3", "7")) == 20


GAZETTEER = LayeredGazetteer(MemoryGazetteer((*PLACES, TOWN, CHOME)), {}, HOUSES)
LOCATOR = Locator(GAZETTEER, MunicipalityAreas(GAZETTEER, Coverage(outlines())))


def locate(*texts: str, sender: str | None = None) -> Location:
    parts = tuple(PlacePart(text, "block" if text[0] in "0123456789三" else "area") for text in texts)
    return LOCATOR.locate([PlaceMention("".join(texts), parts)], Context(sender))[0]


@pytest.mark.parametrize(
    ("texts", "level"),
    [
        (("福山市", "松永町3丁目", "4-5"), Level.HOUSE),
        (("福山市", "松永町三丁目", "4番5号"), Level.HOUSE),
        (("福山市", "松永町", "3-4-5"), Level.HOUSE),
        (("福山市", "松永町", "3ー4ー5"), Level.HOUSE),
        (("福山市", "松永町三丁目", "4番"), Level.BLOCK),
        (("福山市", "松永町三丁目", "4番地"), Level.BLOCK),
        (("福山市", "神村町", "12の3"), Level.HOUSE),
    ],
)
def test_an_address_as_it_is_said(texts: tuple[str, ...], level: Level) -> None:
    found = locate(*texts)
    assert found.level is level
    assert found.radius_m is not None
    assert found.radius_m <= 100
    assert "住居表示の台帳" in found.why


def test_an_address_without_its_city_is_the_senders() -> None:
    assert locate("松永町三丁目", "4-5", sender=FUKUYAMA).level is Level.HOUSE


def test_kanji_numbers_are_numbers() -> None:
    assert locate("福山市", "松永町三丁目", "三番五号").level is Level.CHOME
    found = LOCATOR.locate(
        [PlaceMention("x", (PlacePart("松永町三丁目", "area"), PlacePart("四番五号", "block")))],
        Context(FUKUYAMA),
    )[0]
    assert found.level is Level.HOUSE


def test_an_unknown_number_stays_with_its_town() -> None:
    found = locate("福山市", "松永町三丁目", "9-5")
    assert found.level is Level.CHOME
    assert "『9-5』の位置は地名表にない" in found.why
