"""Damage F1, type-and-status F1 and false alarms of the reader on a file of stories, with its misses.

    python -m tests.measure.stories FILE.jsonl [--show]

FILE has one JSON object a line with text, urgent, people and incidents (type, status). A type counts
once a message; no place is looked up, so the figures are those of the reader alone.
"""

import argparse
import json
from pathlib import Path

from geo.gazetteer.memory import MemoryGazetteer
from geo.names import FOLD
from nlp.pipeline import Reader


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--show", action="store_true", help="print every message that was misread")
    options = parser.parse_args()
    rows = [json.loads(line) for line in options.file.read_text(encoding="utf-8").splitlines()]
    reader = Reader(MemoryGazetteer.load().names(), FOLD)
    sums = dict.fromkeys(("hit", "told", "true", "both", "said", "gold", "alarms", "quiet"), 0)
    people = urgent = 0
    for row, reading in zip(rows, reader.pipe(row["text"] for row in rows), strict=True):
        got = {(o.type.value, o.status.value) for o in reading.observations} if not reading.drill else set()
        want = {(i["type"], i["status"]) for i in row["incidents"]}
        present = {kind for kind, status in got if status == "present"}
        wanted = {kind for kind, status in want if status == "present"}
        others = {kind for kind, _ in want} - wanted - {"none"}
        sizes = (present & wanted, present, wanted), (got & want, got, want), (present & others, others)
        counts = [len(each) for group in sizes for each in group]
        for name, count in zip(sums, counts, strict=True):
            sums[name] += count
        people += dict(reading.people) == row["people"]
        urgent += reading.urgent == row["urgent"]
        if options.show and (got != want or dict(reading.people) != row["people"]):
            print(
                row["id"], row["text"], f"\n    lost {want - got}  added {got - want}  {dict(reading.people)}"
            )
        if options.show and reading.urgent != row["urgent"]:
            print(row["id"], row["text"], f"\n    urgent read as {reading.urgent}")
    print(f"messages            {len(rows)}")
    print(f"damage F1           {2 * sums['hit'] / (sums['told'] + sums['true']):.3f}")
    print(f"precision, recall   {sums['hit'] / sums['told']:.3f}, {sums['hit'] / sums['true']:.3f}")
    print(f"type and status F1  {2 * sums['both'] / (sums['said'] + sums['gold']):.3f}")
    print(f"false alarms        {sums['alarms']}/{sums['quiet']} not present")
    print(f"people right        {people}/{len(rows)}")
    print(f"urgent right        {urgent}/{len(rows)}")


if __name__ == "__main__":
    main()
