"""The corpus of the reader's network: labelled phrases and messages (nlp/corpus/README.md)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nlp.reading import DamageType, Status

NOTHING = "-"
URGENT = "urgent"


class CorpusError(Exception):
    """A line of the corpus that cannot be used; the text names the file and the line."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and what it says: (type, status) pairs, and whether life is in danger where that was judged."""

    text: str
    says: tuple[tuple[DamageType, Status], ...]
    urgent: bool | None = None


def lines_of(path: Path, *, whole: bool) -> Iterator[Labelled]:
    """The lines of a TSV file: text, TAB, `type:status` pairs or `-`; ⏎ stands for a line break. In a file of
    `whole` messages the word `urgent` among the labels says that life is in danger. Raises CorpusError."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            text, labels = line.split("\t")
            words = [label for label in labels.split() if label != NOTHING]
            pairs = [label.split(":") for label in words if label != URGENT]
            says = tuple((DamageType(kind), Status(status)) for kind, status in pairs)
        except ValueError as wrong:
            message = f"{path.name}の{number}行目：本文、タブ、type:statusの順に書いてください"
            raise CorpusError(message) from wrong
        yield Labelled(text.replace("⏎", "\n"), says, (URGENT in words) if whole else None)


def gold_of(path: Path) -> Iterator[Labelled]:
    """The gold messages of a JSON Lines file. Raises CorpusError."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            says = tuple((DamageType(each["type"]), Status(each["status"])) for each in row["incidents"])
            yield Labelled(row["text"], says, bool(row["urgent"]))
        except (ValueError, KeyError, TypeError) as wrong:
            message = f"{path.name}の{number}行目：text、incidents、urgentが必要です"
            raise CorpusError(message) from wrong


def phrases_of(corpus: Path) -> list[Labelled]:
    """Every phrase of a corpus folder, file by file. Raises CorpusError."""
    return [each for path in sorted(corpus.glob("phrases/*.tsv")) for each in lines_of(path, whole=False)]


def messages_of(corpus: Path) -> list[Labelled]:
    """Every whole message of a corpus folder, file by file. Raises CorpusError."""
    gold = [each for path in sorted(corpus.glob("messages/*.jsonl")) for each in gold_of(path)]
    lines = [each for path in sorted(corpus.glob("messages/*.tsv")) for each in lines_of(path, whole=True)]
    return gold + lines
