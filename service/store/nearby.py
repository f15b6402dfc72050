"""Incidents near a batch's observations: fetched once by the spatial index, then kept up to date in memory.

The same distance rule serves incidents from the database and those made earlier in the same batch.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from geo.sphere import METRES_A_DEGREE, metres_between
from service.report import Incident, Observation
from service.store import aliases
from service.store.aliases import Alias
from service.store.codec import dumps, time_to_json
from service.store.rows import INCIDENT_COLUMNS, incident_from_row

SIDES = ("west", "south", "east", "north")
CELL_DEGREES = 0.02  # about 2 km: most search radii touch a few cells


@dataclass(frozen=True, slots=True)
class Search:
    """Where and when an observation looks for incidents."""

    observation: Observation
    radius_m: float
    window: timedelta

    @property
    def since(self) -> datetime:
        """Incidents whose last report is older do not count."""
        return self.observation.said_at - self.window

    @property
    def until(self) -> datetime:
        """Incidents whose first report is newer do not count."""
        return self.observation.said_at + self.window

    def box(self) -> tuple[float, float, float, float] | None:
        """West, south, east, north in degrees (EPSG:4326) around the search; None without a point."""
        lat, lon = self.observation.lat, self.observation.lon
        if lat is None or lon is None:
            return None
        # A hair more than the radius: the box may only let too much in, never too little.
        high = self.radius_m / METRES_A_DEGREE * 1.001
        wide = high / max(0.01, math.cos(math.radians(min(89.0, abs(lat) + high))))
        return (lon - wide, lat - high, lon + wide, lat + high)

    def finds(self, incident: Incident) -> bool:
        """Whether `incident` is close enough in space and time, and drill or real like the observation.

        Without a point only incidents without a point in the same municipality are close.
        """
        seen = self.observation
        if incident.drill != seen.drill:
            return False
        if incident.last_reported_at < self.since or incident.first_reported_at > self.until:
            return False
        if seen.lat is None or seen.lon is None or incident.lat is None or incident.lon is None:
            placeless = seen.lat is None and incident.lat is None
            return placeless and seen.municipality is not None and seen.municipality == incident.municipality
        return metres_between(seen.lat, seen.lon, incident.lat, incident.lon) <= self.radius_m


def _keys(incident: Incident) -> Any:
    if incident.lat is None or incident.lon is None:
        return incident.municipality
    return (math.floor(incident.lat / CELL_DEGREES), math.floor(incident.lon / CELL_DEGREES))


class Neighbourhood:
    """The incidents that a batch may touch, by grid cell and, without a point, by municipality."""

    def __init__(self, incidents: Sequence[Incident], known_as: Sequence[Alias] = ()) -> None:
        self._incidents: dict[UUID, Incident] = {}
        self._cells: dict[Any, dict[UUID, None]] = defaultdict(dict)
        self._known_as: dict[Any, list[Alias]] = defaultdict(list)
        for incident in incidents:
            self.put(incident)
        for alias in known_as:
            self._known_as[_keys(alias.was)].append(alias)

    def put(self, incident: Incident) -> None:
        """Add an incident, or put a newer version in the place of the older one."""
        older = self._incidents.get(incident.id)
        if older is not None:
            self._cells[_keys(older)].pop(incident.id, None)
        self._incidents[incident.id] = incident
        self._cells[_keys(incident)][incident.id] = None

    def drop(self, incident_id: UUID) -> None:
        """Forget an incident: nobody finds it any more."""
        held = self._incidents.pop(incident_id, None)
        if held is not None:
            self._cells[_keys(held)].pop(incident_id, None)

    def get(self, incident_id: UUID) -> Incident | None:
        """The incident as it is now, None when it is none of the batch's."""
        return self._incidents.get(incident_id)

    def near(self, search: Search) -> list[Incident]:
        """Incidents that `search` finds, by id, so that the order never depends on the batch."""
        keys = self._cells_of(search)
        found = [one for key in keys for one in [*self._at(key), *self._was_at(key)] if search.finds(one)]
        return sorted(found, key=lambda one: one.id)

    def _at(self, key: Any) -> list[Incident]:
        return [self._incidents[one] for one in self._cells.get(key, ())]

    def _was_at(self, key: Any) -> list[Incident]:
        """What was at `key` before a ruling, by the name and as old as what it is now."""
        present = [(one.was, self._incidents.get(one.target)) for one in self._known_as.get(key, ())]
        return [
            replace(
                was,
                id=now.id,
                verification=now.verification,
                first_reported_at=min(was.first_reported_at, now.first_reported_at),
                last_reported_at=max(was.last_reported_at, now.last_reported_at),
            )
            for was, now in present
            if now is not None
        ]

    def _cells_of(self, search: Search) -> list[Any]:
        box = search.box()
        if box is None:
            return [search.observation.municipality]
        west, south, east, north = (math.floor(side / CELL_DEGREES) for side in box)
        if (east - west + 1) * (north - south + 1) > len(self._cells):
            return [key for key in {*self._cells, *self._known_as} if isinstance(key, tuple)]
        return [(row, column) for row in range(south, north + 1) for column in range(west, east + 1)]


NEAR_POINTS = f"""
    SELECT DISTINCT ON (i.id) {INCIDENT_COLUMNS}
    FROM jsonb_to_recordset(CAST(:searches AS jsonb)) AS s(
        west float8, south float8, east float8, north float8,
        since timestamptz, until timestamptz, drill boolean)
    JOIN incidents i ON i.geom && ST_MakeEnvelope(s.west, s.south, s.east, s.north, 4326)
        AND i.drill = s.drill AND i.last_reported_at >= s.since AND i.first_reported_at <= s.until
    ORDER BY i.id
"""  # noqa: S608 - constants

NEAR_MUNICIPALITIES = f"""
    SELECT DISTINCT ON (i.id) {INCIDENT_COLUMNS}
    FROM jsonb_to_recordset(CAST(:searches AS jsonb)) AS s(
        municipality text, since timestamptz, until timestamptz, drill boolean)
    JOIN incidents i ON i.municipality = s.municipality AND i.geom IS NULL
        AND i.drill = s.drill AND i.last_reported_at >= s.since AND i.first_reported_at <= s.until
    ORDER BY i.id
"""  # noqa: S608 - constants

BY_ID = f"SELECT {INCIDENT_COLUMNS} FROM incidents i WHERE i.id = ANY(:ids)"  # noqa: S608 - constants


def fetch(conn: Connection, searches: Sequence[Search]) -> Neighbourhood:
    """All incidents that any of `searches` may find, by one indexed query for points and one without."""
    points, placeless = [], []
    for search in searches:
        box = search.box()
        row: dict[str, Any] = {
            "since": time_to_json(search.since),
            "until": time_to_json(search.until),
            "drill": search.observation.drill,
        }
        if box is not None:
            points.append(row | dict(zip(SIDES, box, strict=True)))
        elif search.observation.municipality is not None:
            placeless.append(row | {"municipality": search.observation.municipality})
    found: list[Incident] = []
    for statement, rows in ((NEAR_POINTS, points), (NEAR_MUNICIPALITIES, placeless)):
        if rows:
            found += map(incident_from_row, conn.execute(text(statement), {"searches": dumps(rows)}))
    boxes = [{side: row[side] for side in SIDES} for row in points]
    known_as = aliases.near(conn, boxes, {row["municipality"] for row in placeless})
    far = {alias.target for alias in known_as} - {one.id for one in found}
    if far:
        found += map(incident_from_row, conn.execute(text(BY_ID), {"ids": list(far)}))
    return Neighbourhood(found, known_as)
