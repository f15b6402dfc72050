"""What turns the status of a damage round: each line of wording.tsv reads as it says."""

from pathlib import Path

import pytest

from nlp.pipeline import Reader

LINES = [
    line.split("\t")
    for line in Path(__file__).with_name("wording.tsv").read_text(encoding="utf-8").splitlines()[1:]
    if not line.startswith("#")
]


@pytest.mark.parametrize(("text", "reads"), LINES, ids=[text for text, _ in LINES])
def test_wording_reads_as_an_officer_would_log_it(reader: Reader, text: str, reads: str) -> None:
    found = {f"{each.type.value}:{each.status.value}" for each in reader.read(text).observations}
    assert found == set(reads.split())


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("柳津町 けが人2名、死者なし", {"injured": 2}),
        ("今津町 死者なし。負傷者2名。", {"injured": 2}),
        ("神村町 負傷者2名、行方不明者なし", {"injured": 2}),
        ("柳津町で死者1、行方不明2、けが4", {"dead": 1, "missing": 2, "injured": 4}),
        ("今津町でけが人が3人、10時に搬送", {"injured": 3}),
    ],
)
def test_people_are_counted_under_what_became_of_them(
    reader: Reader, text: str, counted: dict[str, int]
) -> None:
    people = reader.read(text).people
    assert {kind: count for kind, count in people.items() if count} == counted
