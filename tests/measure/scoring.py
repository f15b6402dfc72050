"""Readings against gold, message by message: what was found, what was wrong, and how far from the truth.

Both are lines of `hansho read`'s contract (docs/reading.md); a gold incident also has `tol_m`, the distance
within which an officer would accept a point. A gold incident without the key `municipality` has no place to
score: only its type and status count.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from geo.sphere import metres_between

Row = Mapping[str, Any]
# A point of a smaller radius, where the message names no place, pretends to know.
FALSE_PRECISION_M = 3000.0


@dataclass(frozen=True, slots=True)
class Miss:
    """What a reading got wrong; `cause` is lost, added, status, place, urgent or people."""

    cause: str
    gold: Row
    wanted: Row | None
    got: Row | None


@dataclass
class Figures:
    """Sums over messages; the properties are the figures that the project quotes."""

    messages: int = 0
    hit: Counter[str] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    true: Counter[str] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)
    quiet: Counter[str] = field(default_factory=Counter)
    where: Counter[str] = field(default_factory=Counter)
    joint: Counter[str] = field(default_factory=Counter)
    urgent: Counter[tuple[bool, bool]] = field(default_factory=Counter)
    errors_m: list[float] = field(default_factory=list)
    inside: list[bool] = field(default_factory=list)
    radii_m: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    people_right: int = 0
    misses: list[Miss] = field(default_factory=list)

    def add(self, gold: Row, got: Row) -> None:
        """Count one message."""
        self.messages += 1
        wanted, found = gold["incidents"], got["incidents"]
        self._damage(gold, wanted, found)
        self.urgent[bool(gold["urgent"]), bool(got["urgent"])] += 1
        if bool(gold["urgent"]) != bool(got["urgent"]):
            self.misses.append(Miss("urgent", gold, None, None))
        same_people = {k: v for k, v in got["people"].items() if v} == _stated(gold)
        self.people_right += same_people
        if not same_people:
            self.misses.append(Miss("people", gold, None, None))
        self.joint["said"] += len(found)
        self.joint["true"] += len(wanted)
        paired = list(_pairs(wanted, found))
        for want, pair in paired:
            self._one(gold, want, pair)
        taken = [id(pair) for _, pair in paired if pair is not None]
        self.misses += [Miss("added", gold, None, each) for each in found if id(each) not in taken]
        for each in found:
            if each["radius_m"] is not None and each["lat"] is not None:
                self.radii_m[each["level"]].append(each["radius_m"])

    def _damage(self, gold: Row, wanted: Sequence[Row], found: Sequence[Row]) -> None:
        present, truly = _present(found), _present(wanted)
        self.said.update(present)
        self.true.update(truly)
        self.hit.update(present & truly)
        for want in wanted:
            if want["status"] != "present" and want["type"] != "none" and want["type"] not in truly:
                self.quiet[want["status"]] += 1
                self.alarms[want["status"]] += want["type"] in present
        if not gold["relevant"]:
            self.quiet["irrelevant"] += 1
            self.alarms["irrelevant"] += bool(present)

    def _one(self, gold: Row, want: Row, pair: Row | None) -> None:
        placed = pair is not None and place_right(want, pair)
        alike = pair is not None and pair["type"] == want["type"]
        right = alike and placed and pair is not None and pair["status"] == want["status"]
        self.joint["hit"] += right
        if pair is None or not alike:
            self.misses.append(Miss("lost", gold, want, pair))
        elif not right:
            self.misses.append(Miss("place" if not placed else "status", gold, want, pair))
        if "municipality" not in want:
            return
        if want["ambiguous"]:
            self.where["open"] += 1
            self.where["flagged"] += bool(pair and pair["ambiguous"])
            return
        if want["municipality"]:
            mine = pair["municipality"] if pair else None
            self.where["silent" if not mine else "right" if mine == want["municipality"] else "wrong"] += 1
        if want["lat"] is not None:
            self.where["pointed"] += 1
            if pair is not None and pair["lat"] is not None:
                error = metres_between(want["lat"], want["lon"], pair["lat"], pair["lon"])
                self.errors_m.append(error)
                self.where["within"] += error <= want["tol_m"]
                self.inside.append(error <= (pair["radius_m"] or 0))

    def table(self) -> dict[str, float]:
        """The figures by name, in the order in which they are quoted."""
        micro = _f1(self.hit.total(), self.said.total(), self.true.total())
        types = self.per_type()
        quiet = sum(n for kind, n in self.quiet.items() if kind != "irrelevant")
        alarms = sum(n for kind, n in self.alarms.items() if kind != "irrelevant")
        based = self.where["right"] + self.where["wrong"] + self.where["silent"]
        urgent_said = self.urgent[True, True] + self.urgent[False, True]
        urgent_true = self.urgent[True, True] + self.urgent[True, False]
        return {
            "damage F1 micro": micro[0],
            "damage precision": micro[1],
            "damage recall": micro[2],
            "damage F1 macro": sum(f1[0] for f1 in types.values()) / max(1, len(types)),
            "false alarms, not present": alarms / max(1, quiet),
            "false alarms, irrelevant": self.alarms["irrelevant"] / max(1, self.quiet["irrelevant"]),
            "municipality right": self.where["right"] / max(1, based),
            "municipality wrong": self.where["wrong"] / max(1, based),
            "point within tolerance": self.where["within"] / max(1, self.where["pointed"]),
            "point median error, m": median(self.errors_m) if self.errors_m else 0.0,
            "radius holds truth": sum(self.inside) / max(1, len(self.inside)),
            "incident F1": _f1(self.joint["hit"], self.joint["said"], self.joint["true"])[0],
            "ambiguous flagged": self.where["flagged"] / max(1, self.where["open"]),
            "urgent F1": _f1(self.urgent[True, True], urgent_said, urgent_true)[0],
            "people right": self.people_right / max(1, self.messages),
        }

    def per_type(self) -> dict[str, tuple[float, float, float]]:
        """F1, precision and recall of every type that the gold has as present."""
        return {kind: _f1(self.hit[kind], self.said[kind], n) for kind, n in sorted(self.true.items())}

    def median_radius_m(self) -> dict[str, tuple[float, int]]:
        """Median radius in metres and count of placed incidents by level of their place."""
        return {level: (median(radii), len(radii)) for level, radii in sorted(self.radii_m.items())}


def place_right(want: Row, got: Row) -> bool:
    """Whether an officer would accept the place of `got` for the gold incident `want`."""
    if "municipality" not in want:
        return True
    if want["ambiguous"]:
        return bool(got["ambiguous"])
    if want["lat"] is not None:
        if got["lat"] is None:
            return False
        return metres_between(want["lat"], want["lon"], got["lat"], got["lon"]) <= float(want["tol_m"])
    if got["lat"] is not None and (got["radius_m"] or 0) < FALSE_PRECISION_M:
        return False
    return want["municipality"] is None or got["municipality"] == want["municipality"]


def _pairs(wanted: Sequence[Row], found: Sequence[Row]) -> Iterator[tuple[Row, Row | None]]:
    """Each gold incident with the reading's nearest incident, one to one."""
    free = list(found)
    for want in wanted:
        best = max(
            free,
            key=lambda each: (
                each["type"] == want["type"],
                each["status"] == want["status"] and place_right(want, each),
                place_right(want, each),
                each["status"] == want["status"],
            ),
            default=None,
        )
        if best is not None and (best["type"] == want["type"] or place_right(want, best)):
            free = [each for each in free if each is not best]
            yield want, best
        else:
            yield want, None


def _present(incidents: Sequence[Row]) -> set[str]:
    return {each["type"] for each in incidents if each["status"] == "present" and each["type"] != "none"}


def _stated(gold: Row) -> dict[str, int]:
    return {kind: count for kind, count in (gold.get("people") or {}).items() if count}


def _f1(hit: int, said: int, true: int) -> tuple[float, float, float]:
    precision, recall = hit / said if said else 0.0, hit / true if true else 0.0
    return (2 * precision * recall / (precision + recall) if hit else 0.0), precision, recall
