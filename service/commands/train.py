"""`hansho train`: trains the reader's network on labelled phrases and messages, and writes its weights."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import Progress

import nlp
from geo.gazetteer.memory import MemoryGazetteer
from geo.names import FOLD
from nlp.learned import WEIGHTS, packed_weights
from nlp.network import STATUSES, TYPES, Floats
from nlp.pipeline import Reader
from nlp.training import Course, Example, fit
from service.commands.corpus import CorpusError, Labelled, messages_of, phrases_of

PACKAGE = Path(nlp.__file__).parent
CORPUS = PACKAGE / "corpus"


def weights_file() -> Path:
    """Where the packaged weights lie."""
    return PACKAGE / WEIGHTS


def reader_to_train() -> Reader:
    """A reader with the packaged names of places, whose network is not needed."""
    return Reader(MemoryGazetteer.load().names(), FOLD)


def train(
    reader: Reader,
    corpus: Path,
    output: Path,
    course: Course,
    progress: Callable[[int, float], None] | None = None,
) -> tuple[int, int]:
    """Train on `corpus` (phrases/*.tsv, messages/*.tsv, messages/*.jsonl) and write the weights to `output`.
    Returns how many phrases and messages there were; `progress` is called with each step and its loss.

    Raises CorpusError for a line that cannot be used, and when there is nothing to train on.
    """
    phrases, messages = phrases_of(corpus), messages_of(corpus)
    if not phrases or not messages:
        raise CorpusError(f"{corpus}に学習用のphrases/*.tsvとmessages/*が必要です")
    inputs, spellings = reader.features(each.text for each in (*phrases, *messages))
    examples = [
        Example(tokens, _both(each), each.urgent)
        for tokens, each in zip(inputs, (*phrases, *messages), strict=True)
    ]
    parts = examples[: len(phrases)], examples[len(phrases) :]
    model, prior = fit(*parts, spellings, course, progress)
    output.write_bytes(packed_weights(model, prior))
    return len(phrases), len(messages)


@contextmanager
def shown(console: Console, steps: int) -> Iterator[Callable[[int, float], None]]:
    """A progress bar over the steps of a training, with the loss."""
    with Progress(console=console) as bar:
        task = bar.add_task("例文を読んでいます…", total=steps)

        def update(step: int, loss: float) -> None:
            bar.update(task, completed=step + 1, description=f"学習しています（損失 {loss:.2f}）")

        yield update


def _both(labelled: Labelled) -> Floats:
    both = np.zeros((len(TYPES), len(STATUSES)), np.float32)
    for kind, status in labelled.says:
        both[TYPES.index(kind), STATUSES.index(status)] = 1.0
    return both
