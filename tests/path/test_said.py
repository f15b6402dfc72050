"""Places as people say them, on the whole gazetteer: tests/geo/fixtures/said.tsv."""

from pathlib import Path

from geo.gazetteer.memory import MemoryGazetteer
from service.pipeline import Pipeline
from tests.measure.places import measured, said_rows

SAID = Path(__file__).parents[1] / "geo" / "fixtures" / "said.tsv"


def test_places_as_said_are_found_and_never_in_another_municipality(pipeline: Pipeline) -> None:
    figures = measured(pipeline, list(said_rows(SAID, MemoryGazetteer.load())))
    missed = [(miss.cause, miss.wanted["place_text"]) for miss in figures.misses]
    assert figures.count["wrong"] == 0, missed
    assert figures.count["said right"] >= 0.95 * figures.count["said"], missed
