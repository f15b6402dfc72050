"""Sources above the packaged places: found together, taken away alone."""

from geo.gazetteer.layers import LayeredGazetteer
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
CITY = MemoryGazetteer(
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
    assert [row.source for row in both.rows_of("17204")] == ["test"] * 3 + ["city"] * 3


def test_without_layers_there_is_only_the_base() -> None:
    alone = LayeredGazetteer(BASE)
    assert list(alone.names()) == list(BASE.names())
    assert alone.further_names() == []
    assert alone.find("鳳至小") == []
    only_above = LayeredGazetteer(MemoryGazetteer([]), {"city": CITY})
    found = only_above.municipality("17204")
    assert found is not None
    assert [row.source for row in only_above.find("輪島市")] == ["city"]
