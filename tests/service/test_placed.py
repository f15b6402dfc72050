"""What is read where: each line of placed.tsv, over the packaged places."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.pipeline import Pipeline
from service.report import Message

NOW = datetime(2026, 7, 10, 9, 0, tzinfo=UTC)
LINES = [
    line.split("\t")
    for line in Path(__file__).with_name("placed.tsv").read_text(encoding="utf-8").splitlines()[1:]
    if not line.startswith("#")
]


@pytest.mark.parametrize(("sender", "text", "reads"), LINES, ids=[text for _, text, _ in LINES])
def test_each_damage_is_at_its_own_place(pipeline: Pipeline, sender: str, text: str, reads: str) -> None:
    message = Message("file", "1", text.replace("\\n", "\n"), NOW, sender_municipality=sender or None)
    [understood] = pipeline.understand([message])
    found = set()
    for said in understood.reading.observations:
        place = understood.place_of(said.mention)
        name = "" if said.mention is None else understood.reading.mentions[said.mention].span.text
        found.add(f"{said.type.value}:{said.status.value}@{place.municipality}:{name}")
    assert found == set(reads.split(" "))
