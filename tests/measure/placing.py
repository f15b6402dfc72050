"""How many messages of a file are placed, how finely, and how far from the truth where the file knows it.

    python -m tests.measure.placing FILE.jsonl [--worst 5]

FILE has one JSON object a line: id, text, sender_municipality?, posted_at?, truth_lat?, truth_lon?.
The truth is compared with the answer and never given to the reader or the locator.
"""

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from geo.place import Location
from geo.sphere import metres_between
from service.pipeline import Understood, build_pipeline
from service.report import Message
from service.words import LEVEL_JA


@dataclass(frozen=True, slots=True)
class Placed:
    """One line of the file and the most exact place that was found for it."""

    row: dict[str, object]
    place: Location | None
    error_m: float | None


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--worst", type=int, default=5, metavar="N")
    options = parser.parse_args()
    lines = options.file.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line.strip()]
    pipeline = build_pipeline()
    understood = pipeline.understand([_message(row) for row in rows])
    placed = [_placed(row, each) for row, each in zip(rows, understood, strict=True)]
    _report(placed, options.worst)


def _message(row: dict[str, str]) -> Message:
    town = row.get("sender_municipality")
    return Message("file", row["id"], row["text"], datetime.now(UTC), sender_municipality=town)


def _placed(row: dict[str, object], understood: Understood) -> Placed:
    places = [understood.place_of(said.mention) for said in understood.reading.observations]
    places += [] if places else list(understood.places)
    known = [place for place in places if place.lat is not None]
    best = min(known or places, key=lambda place: place.radius_m or 0.0, default=None)
    truth = row.get("truth_lat"), row.get("truth_lon")
    error = None
    if best and best.lat is not None and best.lon is not None and truth[0] is not None:
        error = metres_between(best.lat, best.lon, float(str(truth[0])), float(str(truth[1])))
    return Placed(row, best, error)


def _report(placed: list[Placed], worst: int) -> None:
    pointed = [each for each in placed if each.place and each.place.lat is not None]
    print(f"messages            {len(placed)}")
    print(f"placed at a point   {len(pointed)} ({len(pointed) / len(placed):.0%})")
    print(f"to be chosen        {sum(bool(each.place and each.place.ambiguous) for each in placed)}")
    levels = Counter(LEVEL_JA[each.place.level] if each.place else "読み取りなし" for each in placed)
    print("levels              " + "、".join(f"{level} {n}" for level, n in levels.most_common()))
    with_truth = [each for each in placed if each.row.get("truth_lat") is not None]
    if not with_truth:
        return
    errors = [each.error_m for each in with_truth if each.error_m is not None]
    for limit in (1000, 5000):
        within = sum(error <= limit for error in errors)
        print(
            f"within {limit / 1000:g} km         {within}/{len(with_truth)} ({within / len(with_truth):.0%})"
        )
    inside = sum(
        e.error_m <= (e.place.radius_m or 0) for e in with_truth if e.error_m is not None and e.place
    )
    print(f"median error        {median(errors):.0f} m")
    print(f"truth inside radius {inside}/{len(errors)} ({inside / len(errors):.0%})")
    print(f"median radius       {median(e.place.radius_m or 0 for e in pointed if e.place):.0f} m")
    print(f"worst {worst}")
    for each in sorted(with_truth, key=lambda e: -(float("inf") if e.error_m is None else e.error_m))[:worst]:
        far = "no point" if each.error_m is None else f"{each.error_m:,.0f} m"
        print(f"  {far}  {each.row['text']}\n      {each.place.why if each.place else '読み取りなし'}")


if __name__ == "__main__":
    main()
