"""The whole reading and locating against gold messages: figures, types, radii by level, and the misses.

    python -m tests.measure.stories FILE.jsonl... [--show N] [--cause CAUSE]

Each FILE has one gold message a line (tests/nlp/stories/README.md). The figures are of all files together.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from service.pipeline import Pipeline, build_pipeline, reading_contract
from service.report import Message
from tests.measure.scoring import Figures, Miss, Row

SHOWN = ("type", "status", "place_text", "municipality", "lat", "lon", "radius_m", "level", "ambiguous")


def rows_of(paths: Iterable[Path]) -> list[Row]:
    """The gold messages of several files, in order."""
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    return [json.loads(line) for line in lines if line.strip()]


def measured(pipeline: Pipeline, rows: Sequence[Row]) -> Figures:
    """The figures of a pipeline over gold messages."""
    figures = Figures()
    for row, understood in zip(rows, pipeline.understand([_message(row) for row in rows]), strict=True):
        figures.add(row, reading_contract(row["id"], understood))
    return figures


def _message(row: Row) -> Message:
    posted_at = datetime.fromisoformat(row.get("posted_at") or "2026-07-10T14:00:00+09:00")
    return Message(
        channel="file",
        key=row["id"],
        text=row["text"],
        posted_at=posted_at,
        sender_municipality=row.get("sender_municipality"),
    )


def _words(incident: Row | None) -> str:
    if incident is None:
        return "-"
    return json.dumps(
        {k: incident[k] for k in SHOWN if incident.get(k) not in (None, False)}, ensure_ascii=False
    )


def _shown(miss: Miss) -> str:
    lines = [
        f"- {miss.cause}: {miss.gold['id']} ({miss.gold.get('sender_municipality')}) {miss.gold['text']!r}"
    ]
    if miss.wanted is not None or miss.got is not None:
        lines += [f"    want {_words(miss.wanted)}", f"    got  {_words(miss.got)}"]
    else:
        lines.append(f"    want urgent {miss.gold['urgent']}, people {miss.gold.get('people')}")
    return "\n".join(lines)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N misses")
    parser.add_argument("--cause", help="print only misses of this cause")
    options = parser.parse_args()
    figures = measured(build_pipeline(), rows_of(options.files))
    print(f"{'messages':26} {figures.messages}")
    for name, value in figures.table().items():
        print(f"{name:26} {value:.3f}" if value < 2 else f"{name:26} {value:.0f}")
    print("false alarms by status    ", {k: f"{figures.alarms[k]}/{n}" for k, n in figures.quiet.items()})
    print(
        "per type F1, P, R         ",
        {k: tuple(round(x, 2) for x in v) for k, v in figures.per_type().items()},
    )
    print(
        "median radius by level, m ", {k: f"{m:.0f} ({n})" for k, (m, n) in figures.median_radius_m().items()}
    )
    print("misses by cause           ", dict(Counter(miss.cause for miss in figures.misses)))
    shown = [miss for miss in figures.misses if options.cause in (None, miss.cause)]
    for miss in shown[: options.show]:
        print(_shown(miss))


if __name__ == "__main__":
    main()
