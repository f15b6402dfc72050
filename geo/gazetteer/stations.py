"""Railway stations of 国土数値情報 N02 (2020) from pygeonlp: one place for all lines at one station."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo.sphere import metres_between

SOURCE: Final = "ksj-n02-2020"
SAME_STATION_M: Final = 600.0  # 渋谷, 東京: platforms of one name lie up to so far apart


@dataclass(frozen=True, slots=True)
class Station:
    """A station or tram stop; `lines` are (operator, line), sorted; `reach_m` to its farthest platform."""

    name: str
    lat: float
    lon: float
    reach_m: float
    lines: tuple[tuple[str, str], ...]


def rows(path: Path) -> Iterator[Station]:
    """Every station once, in order of name, north to south."""
    by_name: dict[str, list[tuple[float, float, str, str]]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            operator, _, line = row["hypernym"].partition("/")
            name = row["body"] + "駅" if not row["body"].endswith("駅") else row["body"]
            by_name[name].append((float(row["latitude"]), float(row["longitude"]), operator, line))
    for name, platforms in sorted(by_name.items()):
        for group in _clusters(platforms):
            lat = sum(platform[0] for platform in group) / len(group)
            lon = sum(platform[1] for platform in group) / len(group)
            reach = max(metres_between(lat, lon, platform[0], platform[1]) for platform in group)
            lines_here = tuple(sorted({(platform[2], platform[3]) for platform in group}))
            yield Station(name, lat, lon, reach, lines_here)


def _clusters(platforms: list[tuple[float, float, str, str]]) -> list[list[tuple[float, float, str, str]]]:
    """Platforms of one name, joined while one lies within SAME_STATION_M of another."""
    clusters: list[list[tuple[float, float, str, str]]] = []
    for platform in sorted(platforms, reverse=True):
        near = [
            cluster
            for cluster in clusters
            if any(metres_between(*platform[:2], *other[:2]) <= SAME_STATION_M for other in cluster)
        ]
        merged = [platform, *(other for cluster in near for other in cluster)]
        clusters = [cluster for cluster in clusters if cluster not in near] + [merged]
    return clusters
