"""Messages a second and memory of the whole reading beside a plain ja_ginza loop, in one run on one core.

    python -m tests.measure.reading [MESSAGES]

Run with OPENBLAS_NUM_THREADS=1 to hold both sides to one BLAS thread.
"""

import json
import resource
import sys
import time
from itertools import cycle, islice
from pathlib import Path

import spacy

from geo.gazetteer.memory import MemoryGazetteer
from geo.names import FOLD
from nlp.pipeline import Reader

STORIES = Path(__file__).parent.parent / "nlp" / "stories"


def messages(count: int) -> list[str]:
    """`count` texts, the stories over and over."""
    texts = [
        json.loads(line)["text"]
        for path in sorted(STORIES.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return list(islice(cycle(texts), count))


def main() -> None:
    """Print both speeds, their ratio, load times and peak memory."""
    texts = messages(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
    names = MemoryGazetteer.load().names()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started = time.perf_counter()
    reader = Reader(names, FOLD)
    load = time.perf_counter() - started
    reader.read(texts[0])
    started = time.perf_counter()
    for _ in reader.pipe(texts):
        pass
    ours = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    plain_nlp = spacy.load("ja_ginza")
    plain_nlp(texts[0])
    started = time.perf_counter()
    for text in texts:
        plain_nlp(text)
    plain = time.perf_counter() - started
    print(f"messages              {len(texts)}")
    print(f"reader load           {load:.1f} s, {len(names)} names")
    print(f"peak memory           {peak:.0f} MB ({before:.0f} MB of it before the reader)")
    print(f"reading (pipe, 64)    {len(texts) / ours:.0f} messages/s")
    print(f"plain ja_ginza loop   {len(texts) / plain:.0f} messages/s")
    print(f"ratio                 {plain / ours:.1f}")


if __name__ == "__main__":
    main()
