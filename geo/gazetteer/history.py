"""pygeonlp's geoshape-city.csv: municipalities since 1920, each at the office that serves its ground now.

Source: 歴史的行政区域データセットβ版地名辞書 (CODH, CC BY 4.0), points from 国土数値情報 (市町村役場等及び
公的集会施設, 公共施設, 郵便局). A blank `valid_to` there does not mean that the municipality still exists:
that is judged by the current codes, and the current municipality of an old one by its point.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SOURCE: Final = "codh-city-2021"
HALL: Final = "1"
BRANCH: Final = "2"
CENTROID: Final = "9"
_SUFFIXES: Final = frozenset("市町村区")
_CLOSED: Final = re.compile(r"[（(].*?[）)]$")
_RANKS: Final = {HALL: 0, BRANCH: 1, "3": 2, "4": 3, "5": 4}


@dataclass(frozen=True, slots=True)
class Past:
    """A municipality of 1920 to 2020; `facility` is the building whose point stands for it.

    `own_code` is False where `code` is the one of the municipality that took it in before codes began.

    `rank` orders how well the point fits: 0 the hall of today, 1 a branch, 2 to 4 public halls,
    5 post offices, 9 the centroid of the old polygon.
    """

    code: str
    own_code: bool
    name: str
    prefecture: str
    county: str
    facility: str
    address: str
    rank: int
    lat: float
    lon: float


def rows(path: Path) -> Iterator[Past]:
    """Every 市町村区 of the table; 島庁, unassigned ground and sums of wards are left out."""
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["suffix"] not in _SUFFIXES or not row["latitude"]:
                continue
            kind, facility, address = [*row["source"].split("/"), "", ""][:3]
            centroid = kind == CENTROID
            yield Past(
                code=row["code"][:5],
                own_code=row["entry_id"].startswith(row["code"][:5] + "A"),
                name=row["body"] + row["suffix"],
                prefecture=row["prefname"],
                county=row["countyname"],
                facility="" if centroid else _CLOSED.sub("", facility),
                address="" if centroid else address,
                rank=9 if centroid else _RANKS.get(kind, 5),
                lat=float(row["latitude"]),
                lon=float(row["longitude"]),
            )


def prefectures(path: Path) -> Iterator[tuple[str, str, str, float, float]]:
    """(2-digit code, name, kana, lat, lon) of the 47 prefectures, at their offices."""
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            kana = row["body_kana"] + row["suffix_kana"].rstrip("/")
            yield (
                row["entry_id"][:2],
                row["fullname"],
                kana,
                float(row["latitude"]),
                float(row["longitude"]),
            )
