"""Sources above the packaged places: found together, taken away alone."""

from geo.gazetteer.layers import Layer, LayeredGazetteer, distinct
from geo.gazetteer.memory import MemoryGazetteer
from geo.place import Gazetteer, Level, Place


def place(name: str, kind: str, level: Level, code: str = "17204", source: str = "test") -> Place:
    return Place(f"{source}:{kind}:{name}", name, "", kind, level, code, 37.0, 136.9, 500.0, source)


BASE = MemoryGazetteer(
    [
        place("輪島市", "municipality", Level.MUNICIPALITY),
        place("門前町", "former_municipality", Level.FORMER_MUNICIPALITY),
        place("河井町", "town", Level.TOWN),
    ]
)
CITY = Layer(
    [
        place("輪島市", "municipality", Level.MUNICIPALITY, source="city"),
        place("門前町小山", "town", Level.TOWN, source="city"),
        place("鳳至小学校", "school", Level.FACILITY, source="city"),
    ],
    BASE.formers,
)


def test_all_layers_are_found_and_a_municipality_is_one() -> None:
    both: Gazetteer = LayeredGazetteer(BASE, {"city": CITY})
    assert [row.source for row in both.find("輪島市")] == ["test"]
    assert [row.name for row in both.find("鳳至小")] == ["鳳至小学校"]
    assert [row.name for row in both.find("河井")] == ["河井町"]
    assert {"鳳至小", "鳳至小学校", "河井町", "河井"} <= set(both.names())


def test_a_layer_knows_the_former_towns_of_the_base() -> None:
    both = LayeredGazetteer(BASE, {"city": CITY})
    assert [row.name for row in both.find("小山")] == ["門前町小山"]
    assert "小山" in both.further_names()
    assert [row.source for row in both.rows_of("17204")] == ["test"] * 3 + ["city"] * 2


def test_without_layers_there_is_only_the_base() -> None:
    alone = LayeredGazetteer(BASE)
    assert list(alone.names()) == list(BASE.names())
    assert alone.further_names() == []
    assert alone.find("鳳至小") == []
    only_above = LayeredGazetteer(MemoryGazetteer([]), {"city": CITY})
    found = only_above.municipality("17204")
    assert found is not None
    assert [row.source for row in only_above.find("輪島市")] == ["city"]


def at(name: str, level: Level, source: str, lat: float, radius_m: float) -> Place:
    return Place(f"{source}:{name}", name, "", "town", level, "30201", lat, 135.0, radius_m, source)


def test_a_town_of_several_sources_is_the_one_known_best() -> None:
    rows = [at("大字三ヶ所", Level.TOWN, "a", 34.0, 900.0), at("三ケ所", Level.TOWN, "b", 34.05, 700.0)]
    assert [row.source for row in distinct(rows)] == ["b"]


def test_two_towns_of_one_name_in_one_source_stay_two() -> None:
    rows = [at("大谷", Level.TOWN, "a", 34.0, 900.0), at("大谷", Level.TOWN, "a", 34.2, 700.0)]
    assert distinct(rows) == rows


def test_a_thing_of_several_sources_is_one_only_where_its_points_lie_together() -> None:
    school = at("八木中学校", Level.FACILITY, "a", 34.0, 100.0)
    same = at("八木中学校", Level.FACILITY, "b", 34.001, 150.0)
    other = at("八木中学校", Level.FACILITY, "b", 34.1, 150.0)
    assert distinct([school, same, other]) == [school, other]
