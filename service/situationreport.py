"""What a situation report holds: the incidents of an area that somebody sees, drill and reality apart."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from geo.gazetteer.memory import data_folder
from geo.gazetteer.tables import OUTLINES
from service.lifetimes import PACKAGED, Lifetimes
from service.publish.geojson import feature
from service.report import PREFECTURE_DIGITS, Incident, Scope
from service.store import incidents
from service.store.database import Connection
from service.store.incidents import IncidentQuery
from web.paper import Situation
from web.situation import NOT_DAMAGE, PEOPLE, TYPE_ORDER

PAGE: Final = 5000
EVERYWHERE: Final = "全域"
JsonObject = dict[str, Any]


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
    return Situation(_each_person_once(conn, features), outlines(), at, name, wanted.drill)


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


def _each_person_once(conn: Connection, features: Sequence[JsonObject]) -> list[JsonObject]:
    """The Features, those that tell of people with what they add to a sum (`counted`).

    Where one message became several incidents, one counts its people, and each other one only what it tells
    of beyond those that it shares a report with. Confirmed ones come first, then those of the fewest reports:
    the people of two messages that meet in one incident are not taken for the same.
    """
    telling = {UUID(str(one["id"])): one for one in features if _tells_of_people(one)}
    reports_of: dict[UUID, list[UUID]] = {each: [] for each in telling}
    for incident, report in incidents.report_ids_of(conn, list(telling)):
        reports_of[incident].append(report)
    counted: dict[UUID, dict[str, int]] = {}
    counted_of: dict[UUID, set[UUID]] = {}
    for each in sorted(telling, key=lambda one: _order(telling[one], len(reports_of[one]))):
        before = set().union(*(counted_of.setdefault(report, set()) for report in reports_of[each]))
        told = telling[each]["properties"]
        counted[each] = {
            kind: max(0, int(told.get(kind) or 0) - sum(counted[other][kind] for other in before))
            for kind in PEOPLE
        }
        for report in reports_of[each]:
            counted_of[report].add(each)
    shown = {str(each): people for each, people in counted.items()}
    return [{**one, "counted": shown[str(one["id"])]} if str(one["id"]) in shown else one for one in features]


def _tells_of_people(one: JsonObject) -> bool:
    properties = one["properties"]
    damage = properties["verification"] != "rejected" and properties["status"] not in NOT_DAMAGE
    return damage and any(properties.get(kind) for kind in PEOPLE)


def _order(one: JsonObject, reports: int) -> tuple[bool, int, int, str]:
    properties = one["properties"]
    place = TYPE_ORDER.get(str(properties["type"]), len(TYPE_ORDER))
    return properties["verification"] != "verified", reports, place, str(one["id"])


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
