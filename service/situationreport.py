"""What a situation report holds: the incidents of an area that somebody sees, drill and reality apart."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Final

from geo.gazetteer.memory import data_folder
from geo.gazetteer.tables import OUTLINES
from service.lifetimes import PACKAGED, Lifetimes
from service.publish.geojson import feature
from service.report import PREFECTURE_DIGITS, Incident, Scope
from service.store import incidents
from service.store.database import Connection
from service.store.incidents import IncidentQuery
from web.paper import Situation

PAGE: Final = 5000
EVERYWHERE: Final = "全域"


class UnknownAreaError(ValueError):
    """No municipality or prefecture has this code."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which incidents: of `municipality` (5 digits, 2 for a prefecture, None: all that is seen), and whether
    those of a drill or the real ones."""

    municipality: str | None
    drill: bool


def gather(
    conn: Connection,
    wanted: Wanted,
    scope: Scope,
    at: datetime,
    names: Mapping[str, str],
    lifetimes: Lifetimes = PACKAGED,
    area: str | None = None,
) -> Situation:
    """The situation at `at` as `scope` sees it; `area` is its name, where it is not that of the municipality.

    Raises UnknownAreaError, ValueError for a naive time.
    """
    name = area_name(wanted.municipality) if area is None else area
    codes = None if wanted.municipality is None else frozenset({wanted.municipality})
    query = IncidentQuery(limit=PAGE, municipalities=codes, drill=wanted.drill)
    features = [feature(one, names, lifetimes) for one in _all(conn, query, scope)]
    return Situation(features, outlines(), at, name, wanted.drill)


def matching(conn: Connection, wanted: Wanted, scope: Scope) -> int:
    """How many incidents there are."""
    codes = None if wanted.municipality is None else frozenset({wanted.municipality})
    query = IncidentQuery(limit=1, municipalities=codes, drill=wanted.drill)
    return incidents.page(conn, query, scope).matched


def area_name(code: str | None) -> str:
    """「広島県福山市」, 「広島県」, 「全域」. Raises UnknownAreaError."""
    if code is None:
        return EVERYWHERE
    for outline in outlines():
        known = outline["properties"]
        if known["code"] == code:
            return f"{known['prefecture']}{known['name']}"
        if len(code) == PREFECTURE_DIGITS and known["code"].startswith(code):
            return str(known["prefecture"])
    raise UnknownAreaError(code)


@cache
def outlines() -> list[dict[str, Any]]:
    """All municipalities' outlines as GeoJSON Features; read once a process."""
    features: list[dict[str, Any]] = json.loads((data_folder() / OUTLINES).read_text(encoding="utf-8"))[
        "features"
    ]
    return features


def _all(conn: Connection, query: IncidentQuery, scope: Scope) -> list[Incident]:
    found: list[Incident] = []
    while True:
        page = incidents.page(conn, query, scope)
        found += page.incidents
        if page.next_after is None:
            return found
        query = replace(query, after=page.next_after)
