"""Names are found in the reader's prefecture, at home first; what officers taught only at home."""

import pytest

from geo.place import Level, Place
from service.access import Role
from service.store import places
from service.store.sources import SourceInfo
from tests.service.api.world import World

KURE, ELSEWHERE = "34202", "33202"


def row(name: str, code: str = "34207", level: Level = Level.TOWN, kana: str = "") -> Place:
    return Place(f"{code}:{name}", name, kana, "town", level, code, 34.45, 133.25, 300.4, "towns")


ROWS = [
    row("南松永町四丁目", level=Level.CHOME, kana="ミナミマツナガチョウ4チョウメ"),
    row("松永町", kana="マツナガチョウ"),
    row("松永小学校", level=Level.FACILITY),
    row("松永町", KURE, kana="マツナガチョウ"),
    row("三ケ尻", KURE, kana="ミカジリ"),
    row("松永", ELSEWHERE, kana="マツナガ"),
]


@pytest.fixture
def named(world: World) -> World:
    taught = f"taught:{KURE}"
    with world.services.database.transaction() as conn:
        places.load(conn, SourceInfo("towns", "sum", "licence", "2026"), ROWS)
        secret = Place("rock", "天狗岩", "", "taught", Level.FACILITY, KURE, 34.2, 132.5, 100.0, taught)
        places.load(conn, SourceInfo(taught, "sum", "licence", "2026"), [secret])
    return world


def found(world: World, words: str, jurisdiction: str | None = "34207") -> list[tuple[str, str]]:
    answer = world.signed_in(Role.VIEWER, jurisdiction).get("/places", params={"q": words})
    assert answer.status_code == 200, answer.text
    return [(place["name"], place["municipality"]) for place in answer.json()["places"]]


def test_the_name_itself_at_home_comes_first(named: World) -> None:
    assert found(named, "松永町") == [
        ("松永町", "34207"),
        ("松永町", KURE),
        ("南松永町四丁目", "34207"),
    ]
    assert found(named, "松永町", KURE)[0] == ("松永町", KURE)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("まつなが", ("松永町", "34207")),
        ("呉市松永町", ("松永町", KURE)),
        ("三が尻", ("三ケ尻", KURE)),
        ("南松永町４丁目", ("南松永町四丁目", "34207")),
        ("松永小", ("松永小学校", "34207")),
    ],
)
def test_as_it_is_typed(named: World, words: str, first: tuple[str, str]) -> None:
    assert found(named, words)[0] == first


def test_what_lies_where_somebody_looks_comes_first(named: World) -> None:
    far = Place("far", "松永町", "", "town", Level.TOWN, ELSEWHERE, 34.8, 134.4, 300.0, "far")
    with named.services.database.transaction() as conn:
        places.load(conn, SourceInfo("far", "sum", "licence", "2026"), [far])
    ask = {"q": "松永", "lat": "34.8", "lon": "134.4"}
    found = named.signed_in(Role.VIEWER).get("/places", params=ask).json()["places"]
    assert (found[0]["name"], found[0]["municipality"]) == ("松永町", ELSEWHERE)


def test_only_in_the_prefecture_and_what_was_taught_only_at_home(named: World) -> None:
    assert ("松永", ELSEWHERE) not in found(named, "松永")
    assert ("松永", ELSEWHERE) in found(named, "松永", None)
    assert found(named, "天狗岩") == []
    assert found(named, "天狗岩", KURE) == found(named, "天狗岩", "34") == [("天狗岩", KURE)]


def test_an_answer_says_where_and_how_exact(named: World) -> None:
    [place] = named.reader().get("/places", params={"q": "松永小学校"}).json()["places"]
    assert place == {
        "name": "松永小学校",
        "municipality": "34207",
        "municipality_name": "福山市",
        "level": "facility",
        "lat": 34.45,
        "lon": 133.25,
        "radius_m": 300,
    }


@pytest.mark.parametrize("words", ["' OR 1=1 --", "%", "\x00", "(((", "[", "😀", "a{9999}", "\u202e松"])
def test_nonsense_finds_nothing_and_breaks_nothing(named: World, words: str) -> None:
    answer = named.signed_in(Role.VIEWER, "34207").get("/places", params={"q": words})
    assert answer.status_code in {200, 400}
    assert answer.status_code == 400 or answer.json()["places"] == []
