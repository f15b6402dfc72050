from pathlib import Path

import pytest

from geo.coverage import Coverage
from geo.gazetteer.assemble import assemble
from geo.gazetteer.facilities import published
from geo.gazetteer.inputs import InputError, Inputs
from geo.place import Place


@pytest.fixture
def places(inputs: Inputs, shelters: Path) -> dict[str, Place]:
    ground = Coverage(assemble(inputs, lambda _: None).outlines)
    return {place.place_id: place for place in published(shelters, ground)}


def test_what_people_would_name_is_kept_and_all_else_left_out(places: dict[str, Place]) -> None:
    assert sorted(places) == [
        "facility:22203:八幡神社",
        "facility:22203:八幡神社:2",
        "hospital:22203:沼津中央病院",
        "school:22138:三方原小学校",
    ]


def test_a_school_is_one_thing_without_founder_and_part_in_its_ward(places: dict[str, Place]) -> None:
    school = places["school:22138:三方原小学校"]
    assert (school.name, school.municipality, school.lat) == ("三方原小学校", "22138", 34.781)


def test_namesakes_apart_stay_apart(places: dict[str, Place]) -> None:
    first, second = places["facility:22203:八幡神社"], places["facility:22203:八幡神社:2"]
    assert first.name == second.name == "八幡神社"
    assert (first.lat, second.lat) == (35.101, 35.121)


def test_a_folder_without_them_is_refused_with_what_to_do(inputs: Inputs, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="フォルダを確かめてください"):
        published(tmp_path / "empty", Coverage({}))


@pytest.mark.parametrize("content", ["{", "[]", '{"features": [{"geometry": null}]}'])
def test_a_file_that_is_no_geojson_is_named(shelters: Path, content: str) -> None:
    (shelters / "odd.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"odd\.json をGeoJSONとして読めません"):
        published(shelters, Coverage({}))
