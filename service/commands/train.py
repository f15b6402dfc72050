"""`hansho train`: trains the reader's network on labelled phrases and messages, and writes its weights."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geo.gazetteer.memory import MemoryGazetteer
from geo.names import FOLD
from nlp.learned import packed_weights
from nlp.network import STATUSES, TYPES, Floats
from nlp.pipeline import Reader
from nlp.reading import DamageType, Status
from nlp.training import Course, Example, fit

CORPUS = Path(__file__).parents[2] / "nlp" / "corpus"
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


def train(
    corpus: Path,
    output: Path,
    course: Course,
    progress: Callable[[int, float], None] | None = None,
    leave_out: Sequence[str] = (),
) -> tuple[int, int]:
    """Train on `corpus` (phrases/*.tsv, messages/*.tsv, messages/*.jsonl; files whose stem is in `leave_out`
    are not read) and write the weights to `output`. Returns how many phrases and messages there were.

    Raises CorpusError for a line that cannot be used, and when there is nothing to train on.
    """
    phrases = [
        each
        for path in _files(corpus / "phrases", "*.tsv", leave_out)
        for each in lines_of(path, whole=False)
    ]
    folder = corpus / "messages"
    messages = [each for path in _files(folder, "*.jsonl", leave_out) for each in gold_of(path)]
    messages += [each for path in _files(folder, "*.tsv", leave_out) for each in lines_of(path, whole=True)]
    if not phrases or not messages:
        raise CorpusError(f"{corpus}に学習用のphrases/*.tsvとmessages/*が必要です")
    reader = Reader(MemoryGazetteer.load().names(), FOLD)
    model, prior = fit(_examples(reader, phrases), _examples(reader, messages), course, progress)
    output.write_bytes(packed_weights(model, prior))
    return len(phrases), len(messages)


def _files(folder: Path, pattern: str, leave_out: Sequence[str]) -> list[Path]:
    return sorted(path for path in folder.glob(pattern) if path.stem not in leave_out)


def _examples(reader: Reader, labelled: Sequence[Labelled]) -> list[Example]:
    inputs = reader.features(each.text for each in labelled)
    return [Example(tokens, _both(each), each.urgent) for tokens, each in zip(inputs, labelled, strict=True)]


def _both(labelled: Labelled) -> Floats:
    both = np.zeros((len(TYPES), len(STATUSES)), np.float32)
    for kind, status in labelled.says:
        both[TYPES.index(kind), STATUSES.index(status)] = 1.0
    return both
