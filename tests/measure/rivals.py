"""What reading is measured against, each in a process of its own: texts in, seconds out, one JSON line each.

    python tests/measure/rivals.py ginza | pygeonlp

Runs under any Python that has the rival installed; imports nothing of this project.
"""

import importlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Self


class Rival:
    """A rival that is loaded and waits; use as a context manager."""

    def __init__(self, name: str, python: str = sys.executable) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [python, __file__, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        self._asked(["停電"])
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def seconds(self, texts: Sequence[str]) -> float:
        """How long it works on `texts`, one by one; RuntimeError when it has died."""
        return self._asked(texts)

    def _asked(self, texts: Sequence[str]) -> float:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(texts) + "\n")
        stdin.flush()
        answer = stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.name} gave no answer; its own words are above")
        return float(answer)


def ginza() -> Callable[[str], Any]:
    """The plain loop: stock ja_ginza, all its components."""
    nlp: Callable[[str], Any] = importlib.import_module("spacy").load("ja_ginza")
    return nlp


def pygeonlp() -> Callable[[str], Any]:
    """Its geoparser with its base dictionaries."""
    api = importlib.import_module("pygeonlp.api")
    try:
        api.init()
    except RuntimeError:  # no database yet
        api.setup_basic_database()
        api.init()
    geoparse: Callable[[str], Any] = api.geoparse
    return geoparse


def main() -> None:
    """Load the rival named on the command line and answer until the input ends."""
    read = {"ginza": ginza, "pygeonlp": pygeonlp}[sys.argv[1]]()
    for line in sys.stdin:
        texts = json.loads(line)
        started = time.process_time()
        for text in texts:
            read(text)
        print(time.process_time() - started, flush=True)


if __name__ == "__main__":
    main()
