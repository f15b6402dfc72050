"""Messages a second of the whole reading and locating beside a plain ja_ginza loop, in one run on one core.

    python -m tests.measure.reading [--messages 1000] [--peer PYTHON]

Ours and its rivals take turns over the same slices of messages, so that a noisy machine is noisy for all,
and processor time is what counts. All have read one other batch before; the first message of a municipality
pays for its index. `--peer` is a Python that has pygeonlp. Last, every message is read again with every
sentence parsed, and the readings are compared.
"""

import argparse
import os
import resource
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack

from geo.gazetteer.memory import MemoryGazetteer, load
from geo.names import FOLD
from geo.place import Place
from nlp.pipeline import Reader
from service.pipeline import Pipeline, build_pipeline
from service.report import Message
from tests.measure.reports import invented_reports
from tests.measure.rivals import Rival

SLICES = 10
BATCH = 64  # what a worker claims at once


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--messages", type=int, default=1_000)
    parser.add_argument("--peer", metavar="PYTHON", help="a Python that has pygeonlp")
    options = parser.parse_args()
    _on_one_core()
    rows = list(load())
    messages = invented_reports(rows, options.messages)
    first = invented_reports(rows, BATCH, seed=1)
    started = time.perf_counter()
    pipeline = build_pipeline(rows)
    print(f"messages                {len(messages)}, of {_lengths(messages)} characters")
    print(f"load                    {time.perf_counter() - started:.1f} s", flush=True)
    with ExitStack() as stack:
        rivals = [stack.enter_context(Rival("ginza"))]
        if options.peer:
            rivals.append(stack.enter_context(Rival("pygeonlp", options.peer)))
        _race(pipeline, first, rivals)
        ours, theirs = _race(pipeline, messages, rivals)
        warm, _ = _race(pipeline, messages, [])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"reading and locating    {len(messages) / ours:.0f} messages/s, batches of {BATCH}")
    print(
        f"the same again          {len(messages) / warm:.0f} messages/s, every municipality's index at hand"
    )
    for rival, seconds in zip(rivals, theirs, strict=True):
        speed = len(messages) / seconds
        print(f"{rival.name:<23} {speed:.0f} messages/s, one by one")
        print(f"{'  beside it ours is':<23} {seconds / ours:.1f} times as fast, {seconds / warm:.1f} again")
    print(f"peak memory of a worker {peak:.0f} MB")
    differing = _differing(_names(rows), [message.text for message in messages])
    print(f"every sentence parsed   {differing} of {len(messages)} readings differ", flush=True)


def _on_one_core() -> None:
    """One cpu and one BLAS thread, for us and for the rivals that we start."""
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _race(
    pipeline: Pipeline, messages: Sequence[Message], rivals: Sequence[Rival]
) -> tuple[float, list[float]]:
    ours, theirs = 0.0, [0.0] * len(rivals)
    size = -(-len(messages) // SLICES)
    for begin in range(0, len(messages), size):
        part = messages[begin : begin + size]
        started = time.process_time()
        for at in range(0, len(part), BATCH):
            for _ in pipeline.understand(part[at : at + BATCH]):
                pass
        ours += time.process_time() - started
        for number, rival in enumerate(rivals):
            theirs[number] += rival.seconds([message.text for message in part])
    return ours, theirs


def _names(rows: Sequence[Place]) -> Sequence[str]:
    return MemoryGazetteer(rows).names()


def _differing(names: Sequence[str], texts: Sequence[str]) -> int:
    """How many readings are another when GiNZA parses every sentence of every text."""
    on_demand = Reader(names, FOLD).pipe(texts)
    always = Reader(names, FOLD, parse_all=True).pipe(texts)
    return sum(one != other for one, other in zip(on_demand, always, strict=True))


def _lengths(messages: Sequence[Message]) -> str:
    sizes = sorted(len(message.text) for message in messages)
    return f"{sizes[0]} to {sizes[-1]} (median {sizes[len(sizes) // 2]})"


if __name__ == "__main__":
    main()
