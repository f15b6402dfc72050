"""Places alone: found as said, resolved, and linked, whatever the reading says of damage.

    python -m tests.measure.places FILE... [--show N] [--cause CAUSE]

Each FILE has one gold message a line (tests/nlp/stories/README.md), or is a table like
tests/geo/fixtures/said.tsv. A place that no mention covers lies where the unsaid lies.
"""

import argparse
import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from geo.gazetteer.memory import MemoryGazetteer
from geo.place import Level, Location
from geo.sphere import metres_between
from nlp.reading import Mention
from service.pipeline import Pipeline, Understood, build_pipeline
from tests.measure.scoring import Row, place_right
from tests.measure.stories import message_of, rows_of

CAUSES = ("link", "not found", "cut", "refused", "open", "wrong", "off", "coarse", "too fine", "not flagged")
SHOWN_CANDIDATES = 3


@dataclass(frozen=True, slots=True)
class Miss:
    """A gold place that was not placed as an officer would; `mention` None where no words were found."""

    cause: str
    gold: Row
    wanted: Row
    mention: Mention | None
    place: Location


@dataclass
class PlaceFigures:
    """Sums over gold places; `table` has the figures."""

    count: Counter[str] = field(default_factory=Counter)
    errors_m: list[float] = field(default_factory=list)
    radii_m: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    misses: list[Miss] = field(default_factory=list)

    def add(self, gold: Row, understood: Understood) -> None:
        """Count one message."""
        mentions = understood.reading.mentions
        covered: set[int] = set()
        for wanted in _distinct(gold["incidents"]):
            at = _covering(wanted, gold["text"], understood)
            covered |= _overlapping(wanted["place_text"], gold["text"], mentions).keys()
            place = understood.place_of(at)
            self._judge(gold, wanted, None if at is None else mentions[at], place)
        self.count["mentions"] += len(mentions)
        self.count["beyond"] += len(mentions) - len(covered)
        for wanted in gold["incidents"]:
            self._link(gold, wanted, understood)

    def _judge(self, gold: Row, wanted: Row, mention: Mention | None, place: Location) -> None:
        got = as_row(place)
        right = place_right(wanted, got)
        kind = "said" if wanted["place_text"] else "unsaid"
        self.count[kind] += 1
        self.count[f"{kind} right"] += right
        self.count["found"] += mention is not None and kind == "said"
        if not right:
            self.misses.append(Miss(_cause(wanted, mention, place), gold, wanted, mention, place))
        if wanted["ambiguous"]:
            self.count["ambiguous"] += 1
            self.count["flagged"] += place.ambiguous
            return
        self.count["settled"] += 1
        self.count["flagged in vain"] += place.ambiguous
        if wanted["municipality"]:
            code = place.municipality
            self.count["based"] += 1
            self.count["silent" if not code else "right" if code == wanted["municipality"] else "wrong"] += 1
        if wanted["lat"] is not None:
            self._distance(wanted, place)

    def _distance(self, wanted: Row, place: Location) -> None:
        self.count["pointed"] += 1
        error = _away(wanted, place)
        if error is None:
            return
        self.errors_m.append(error)
        self.count["within"] += error <= wanted["tol_m"]
        self.count["held"] += error <= (place.radius_m or 0)
        self.radii_m[place.level.value].append(place.radius_m or 0)

    def _link(self, gold: Row, wanted: Row, understood: Understood) -> None:
        """Whether an observation of the gold's type stands at the gold's words, where both were read."""
        same = [said for said in understood.reading.observations if said.type.value == wanted["type"]]
        meant = _overlapping(wanted["place_text"], gold["text"], understood.reading.mentions)
        if not same or bool(wanted["place_text"]) != bool(meant):
            return
        self.count["links"] += 1
        linked = any(said.mention in meant or (not meant and said.mention is None) for said in same)
        self.count["linked"] += linked
        if not linked:
            at = same[0].mention
            mention = None if at is None else understood.reading.mentions[at]
            self.misses.append(Miss("link", gold, wanted, mention, understood.place_of(at)))

    def table(self) -> dict[str, float]:
        """The figures by name, as shares of their own base."""
        n = self.count

        def share(part: str, whole: str) -> float:
            return n[part] / max(1, n[whole])

        return {
            "places said": float(n["said"]),
            "found": share("found", "said"),
            "said and right": share("said right", "said"),
            "unsaid and right": share("unsaid right", "unsaid"),
            "municipality right": share("right", "based"),
            "municipality wrong": share("wrong", "based"),
            "municipality silent": share("silent", "based"),
            "point within tolerance": share("within", "pointed"),
            "point median error, m": median(self.errors_m) if self.errors_m else 0.0,
            "radius holds truth": n["held"] / max(1, len(self.errors_m)),
            "ambiguous flagged": share("flagged", "ambiguous"),
            "flagged in vain": share("flagged in vain", "settled"),
            "mentions beyond the gold": share("beyond", "mentions"),
            "linked, both read": share("linked", "links"),
        }


def said_rows(path: Path, gazetteer: MemoryGazetteer) -> Iterator[Row]:
    """The gold messages of a table: text, sender, place as said, `code:row` or `code` or `?code`, metres."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(csv.DictReader(lines, delimiter="\t")):
            code, _, name = line["where"].lstrip("?").partition(":")
            rows = [row for row in gazetteer.rows_of(code) if row.name == name] if name else []
            row = min(rows, key=lambda row: row.level is Level.FORMER_MUNICIPALITY, default=None)
            incident: dict[str, Any] = {
                "type": "",
                "status": "present",
                "place_text": line["place_text"],
                "municipality": code or None,
                "lat": row.lat if row else None,
                "lon": row.lon if row else None,
                "tol_m": float(line["tol_m"] or 0) or (max(500.0, row.radius_m) if row else None),
                "ambiguous": line["where"].startswith("?"),
            }
            sender = line["sender"] or None
            yield {
                "id": f"{path.stem}-{number}",
                "text": line["text"],
                "sender_municipality": sender,
                "incidents": [incident],
            }


def measured(pipeline: Pipeline, rows: Sequence[Row]) -> PlaceFigures:
    """The figures of a pipeline over gold messages."""
    figures = PlaceFigures()
    for row, understood in zip(rows, pipeline.understand([message_of(row) for row in rows]), strict=True):
        figures.add(row, understood)
    return figures


def as_row(place: Location) -> Row:
    """A location in the words of the reading contract."""
    return {
        "municipality": place.municipality,
        "lat": place.lat,
        "lon": place.lon,
        "radius_m": place.radius_m,
        "ambiguous": place.ambiguous,
    }


def _distinct(incidents: Iterable[Row]) -> list[Row]:
    """One incident for every place of a message."""
    return list(
        {(each["place_text"], each["lat"], each["municipality"]): each for each in incidents}.values()
    )


def _overlapping(words: str, text: str, mentions: Sequence[Mention]) -> dict[int, int]:
    """Mentions that share characters with an occurrence of `words`, with how many they share."""
    shared: dict[int, int] = {}
    start = text.find(words) if words else -1
    while start >= 0:
        for at, mention in enumerate(mentions):
            both = min(mention.span.end, start + len(words)) - max(mention.span.start, start)
            if both > 0:
                shared[at] = max(both, shared.get(at, 0))
        start = text.find(words, start + 1)
    if words and words not in text:
        shared = {at: len(m.span.text) for at, m in enumerate(mentions) if m.span.text in words}
    return shared


def _covering(wanted: Row, text: str, understood: Understood) -> int | None:
    """The mention that stands for the gold's words: a right one if there is, else the one sharing most."""
    shared = _overlapping(wanted["place_text"], text, understood.reading.mentions)
    return max(
        shared, key=lambda at: (place_right(wanted, as_row(understood.places[at])), shared[at]), default=None
    )


def _away(wanted: Row, place: Location) -> float | None:
    if place.lat is None or place.lon is None or wanted["lat"] is None:
        return None
    return metres_between(wanted["lat"], wanted["lon"], place.lat, place.lon)


def _cause(wanted: Row, mention: Mention | None, place: Location) -> str:
    if wanted["place_text"] and mention is None:
        return "not found"
    if wanted["ambiguous"]:
        return "not flagged"
    if place.ambiguous:
        return "open"
    if place.municipality is not None and place.municipality != wanted["municipality"]:
        return "wrong"
    if wanted["lat"] is None:
        return "too fine" if place.lat is not None else "refused"
    if mention is not None and wanted["place_text"] not in mention.span.text:
        return "cut"
    if place.lat is not None:
        return "off"
    return "coarse" if any(c.place.level is Level.MUNICIPALITY for c in place.candidates) else "refused"


def _shown(miss: Miss) -> str:
    wanted, place = miss.wanted, miss.place
    said = (
        None
        if miss.mention is None
        else (
            miss.mention.span.text,
            [(part.text, part.kind) for part in miss.mention.parts],
            miss.mention.relation and miss.mention.relation.kind,
            [(part.text, part.kind) for part in miss.mention.until],
        )
    )
    away = _away(wanted, place)
    best = [
        f"{c.place.municipality} {c.place.name} {c.score:.2f}" for c in place.candidates[:SHOWN_CANDIDATES]
    ]
    gold, open_ = miss.gold, " open" if place.ambiguous else ""
    lines = [f"- {miss.cause}: {gold['id']} ({gold.get('sender_municipality')}) {gold['text']!r}"]
    want = (
        wanted["type"],
        wanted["place_text"],
        wanted["municipality"],
        wanted["lat"],
        wanted["lon"],
        wanted["tol_m"],
    )
    lines.append(f"    want {want}{' open' if wanted['ambiguous'] else ''}")
    got = (place.municipality, place.level.value, away and round(away), place.radius_m)
    lines.append(f"    got  {said} {got}{open_} {best}")
    return "\n".join(lines)


def _gold(paths: Iterable[Path], gazetteer: MemoryGazetteer) -> list[Row]:
    rows: list[Row] = []
    for path in paths:
        rows += said_rows(path, gazetteer) if path.suffix == ".tsv" else rows_of([path])
    return rows


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N misses")
    parser.add_argument("--cause", choices=CAUSES, help="print only misses of this cause")
    options = parser.parse_args()
    gazetteer = MemoryGazetteer.load()
    figures = measured(build_pipeline(gazetteer), _gold(options.files, gazetteer))
    for name, value in figures.table().items():
        print(f"{name:26} {value:.3f}" if value < 2 else f"{name:26} {value:.0f}")
    radii = {level: f"{median(radii):.0f} ({len(radii)})" for level, radii in sorted(figures.radii_m.items())}
    print("median radius by level, m ", radii)
    print("misses by cause           ", dict(Counter(miss.cause for miss in figures.misses).most_common()))
    shown = [miss for miss in figures.misses if options.cause in (None, miss.cause)]
    for miss in shown[: options.show]:
        print(_shown(miss))


if __name__ == "__main__":
    main()
