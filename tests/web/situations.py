"""Situations for the snapshot's tests: made-up incidents around 福山市."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from web.paper import Situation
from web.situation import SECTION_OF

NOON = datetime(2026, 7, 29, 3, 0, tzinfo=UTC)
POLYGONS = Path(__file__).resolve().parents[2] / "geo" / "data" / "municipalities.geojson"
OUTLINES = json.loads(POLYGONS.read_text(encoding="utf-8"))["features"]
TYPES = tuple(SECTION_OF)
STATUSES = (("present", "発生中"), ("feared", "おそれ"), ("hearsay", "未確認情報"), ("resolved", "解消"))


def incident(number: int, *, placed: bool = True, **given: Any) -> dict[str, Any]:
    """A Feature of the public API; `given` replaces properties."""
    status, status_ja = STATUSES[number % 4]
    code, name = (("34207", "福山市"), ("34205", "尾道市"), ("34204", "三原市"))[number % 3]
    lon, lat = 133.05 + number * 7 % 100 / 250, 34.35 + number * 13 % 101 / 500
    properties: dict[str, Any] = {
        "type": TYPES[number % len(TYPES)],
        "type_ja": f"種別{number % len(TYPES)}",
        "status": status,
        "status_ja": status_ja,
        "verification": "verified" if number % 5 == 0 else "unverified",
        "place_text": f"松永町{number}付近",
        "municipality": code,
        "municipality_name": name,
        "level": "town",
        "radius_m": 400.0 + number % 7 * 150,
        "ambiguous": False,
        "urgent": number % 9 == 0,
        "injured": 0,
        "missing": 0,
        "trapped": 0,
        "dead": 0,
        "report_count": 1 + number % 4,
        "first_reported_at": "2026-07-29T10:30:00+09:00",
        "last_reported_at": "2026-07-29T11:00:00+09:00",
        "drill": False,
        "shape": None,
    }
    point = {"type": "Point", "coordinates": [lon, lat]}
    return {
        "type": "Feature",
        "id": f"{number:08d}",
        "geometry": point if placed else None,
        "properties": properties | given,
    }


def of(*features: dict[str, Any], drill: bool = False, area: str = "全域") -> Situation:
    """A situation of these incidents at noon in Japan."""
    return Situation(features, OUTLINES, NOON, area, drill)
