"""What waits at the desk, with what supports it: how many voices, photos, and words of a growing danger."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from nlp.reading import DamageType
from service.report import Incident, Scope
from service.store import visible
from service.store.rows import INCIDENT_COLUMNS, incident_from_row

# Types that may kill by themselves; the map's list (web/static/js/words.js) has the same.
DEADLY: Final = frozenset(
    {
        DamageType.CASUALTY,
        DamageType.RESCUE_REQUEST,
        DamageType.ISOLATION,
        DamageType.TSUNAMI,
        DamageType.RIVER_OVERFLOW,
        DamageType.INUNDATION,
        DamageType.LANDSLIDE,
        DamageType.PRECURSOR,
        DamageType.VOLCANIC,
        DamageType.FIRE,
        DamageType.GAS_LEAK,
        DamageType.HAZMAT,
        DamageType.BUILDING_DAMAGE,
        DamageType.WIND,
    }
)
RESCUE: Final = frozenset({DamageType.RESCUE_REQUEST})
WATER: Final = frozenset(
    {
        DamageType.INUNDATION,
        DamageType.ROAD_FLOODING,
        DamageType.RIVER_OVERFLOW,
        DamageType.TSUNAMI,
        DamageType.PRECURSOR,
    }
)
OFFICIAL_CHANNEL: Final = "api"  # systems of other organizations, each with a key of its own
# Words of a danger that grows: POSIX regular expressions over the reports.
RISING: Final = (
    "増水|(水位|水かさ|水嵩)[がはも]?[^。]{0,8}(上が|上昇|増え|増し)|"
    "水が[^。]{0,8}(増え|上がって|迫って|来て)"
)
SPREADING: Final = "延焼|燃え(広|移)|火[がの][^。]{0,8}(広が|回|勢い)|飛び火"
MOST_WEIGHED: Final = 1_000  # of the gravest so many the evidence is weighed

_OPEN = "(i.contradicted OR i.status IN ('present', 'feared', 'hearsay'))"
STATES: Final = {
    "waiting": f"(i.contradicted OR (i.verification = 'unverified' AND {_OPEN}))",
    "working": f"(i.verification = 'verified' AND {_OPEN})",
    "closed": "(i.verification = 'rejected' OR (i.status IN ('resolved', 'denied') AND NOT i.contradicted))",
    "all": "true",
}


@dataclass(frozen=True, slots=True)
class Support:
    """What an incident rests on: different senders, photos, whether an official system reports it, whether
    its words say that it grows, and how many reports came `since` the last decision about it."""

    senders: int = 1
    photos: int = 0
    official: bool = False
    rising: bool = False
    spreading: bool = False
    since: int = 0


@dataclass(frozen=True, slots=True)
class QueueQuery:
    """What to list; None means: no restriction. `state` is a key of STATES, `assigned` the id of a person or
    unit, `unassigned` keeps what nobody looks after, `same_sender_as` what those who reported this incident
    reported, too; "" among `municipalities` is 市町村不明."""

    state: str = "waiting"
    types: frozenset[str] | None = None
    municipalities: frozenset[str] | None = None
    assigned: UUID | None = None
    unassigned: bool = False
    drill: bool | None = None
    same_sender_as: UUID | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """How many incidents each choice holds with the other parts of the filter as they are ("" is
    市町村不明), and how many `hidden` ones there are besides what the query lists."""

    types: Mapping[str, int]
    municipalities: Mapping[str, int]
    drills: Mapping[bool, int]
    hidden: int


@dataclass(frozen=True, slots=True)
class Queued:
    """An incident and what supports it."""

    incident: Incident
    support: Support


def _any(kinds: Collection[DamageType]) -> str:
    return "i.type IN (" + ", ".join(f"'{kind.value}'" for kind in sorted(kinds)) + ")"


def _told(words: str) -> str:
    # OFFSET 0: the planner would rather look at the words of all reports than at those of a few incidents.
    return (
        "EXISTS (SELECT FROM reading_keys r JOIN reports p ON p.id = r.report_id "
        f"WHERE r.incident_id = i.id AND p.text ~ :{words} OFFSET 0)"
    )


_OVER = "(i.verification = 'rejected' OR i.status IN ('resolved', 'denied'))"
# NULL where nobody counted: then the type decides alone.
_CAUGHT = (
    "(coalesce((i.people->>'trapped')::int, 0) > 0 OR coalesce((i.people->>'missing')::int, 0) > 0 "
    f"OR {_any(RESCUE)})"
)
# The ranks of service/overview/danger.py; the reports' words are looked at only where they decide.
DANGER: Final = f"""CASE
    WHEN {_OVER} THEN 9
    WHEN i.urgent THEN CASE WHEN {_CAUGHT} THEN 0 ELSE 1 END
    WHEN {_CAUGHT} THEN 2
    WHEN {_any(WATER)} AND {_told("rising")} OR i.type = 'fire' AND {_told("spreading")} THEN 3
    WHEN (i.people->>'dead')::int > 0 OR (i.people->>'injured')::int > 0 OR i.type = 'casualty' THEN 4
    ELSE CASE WHEN {_any(DEADLY)} THEN 5 ELSE 7 END + CASE i.status WHEN 'present' THEN 0 ELSE 1 END
    END"""

SUPPORT: Final = f"""
    SELECT voices_of(i.id) AS senders,
        count(DISTINCT f.report_id) AS photos, coalesce(bool_or(p.channel = :official), false) AS official,
        coalesce(bool_or({_any(WATER)} AND p.text ~ :rising), false) AS rising,
        coalesce(bool_or(i.type = 'fire' AND p.text ~ :spreading), false) AS spreading,
        count(DISTINCT p.id) FILTER (WHERE p.received_at > (
            SELECT max(a.at) FROM actions a
            WHERE a.body ? 'edits'
            AND a.body -> 'edits' @> jsonb_build_array(jsonb_build_object('id', i.id::text)))) AS since
    FROM reading_keys r JOIN reports p ON p.id = r.report_id LEFT JOIN photos f ON f.report_id = p.id
    WHERE r.incident_id = i.id
"""  # noqa: S608 - constants


def queue(conn: Connection, query: QueueQuery, own: Scope) -> tuple[list[Queued], int]:
    """What `own` answers for and the query asks for, in no order; of more than MOST_WEIGHED the gravest, of
    equals the oldest. And how many there are in all."""
    where, values = _conditions(query, own)
    rows = conn.execute(
        text(
            "WITH gravest AS MATERIALIZED (SELECT i.id, count(*) OVER () AS matched FROM incidents i "  # noqa: S608
            f"WHERE {where} ORDER BY {_OVER}, NOT {_OVER} AND i.drill, {DANGER}, "
            "i.first_reported_at, i.id LIMIT :most) "
            f"SELECT matched, {INCIDENT_COLUMNS}, s.* FROM gravest JOIN incidents i USING (id) "
            f"CROSS JOIN LATERAL ({SUPPORT}) s"
        ),
        {**values, **_words(), "most": MOST_WEIGHED},
    ).all()
    return [_queued(row[1:]) for row in rows], rows[0].matched if rows else 0


def choices(conn: Connection, query: QueueQuery, own: Scope) -> Choices:
    """What the filter by type, municipality and drill may be set to, within the rest of the query."""
    where, values = _conditions(replace(query, types=None, municipalities=None, drill=None), own)
    rows = conn.execute(
        text(
            "SELECT i.type, coalesce(i.municipality, '') AS municipality, i.drill, count(*) AS many "  # noqa: S608
            f"FROM incidents i WHERE {where} GROUP BY 1, 2, 3"
        ),
        values,
    ).all()
    types, municipalities = Counter[str](), Counter[str]()
    drills, hidden = Counter[bool](), 0
    for kind, municipality, drill, many in rows:
        of_type = query.types is None or kind in query.types
        there = query.municipalities is None or municipality in query.municipalities
        asked = query.drill is None or drill == query.drill
        types[kind] += many if there and asked else 0
        municipalities[municipality] += many if of_type and asked else 0
        drills[drill] += many if of_type and there else 0
        hidden += 0 if of_type and there and asked else many
    return Choices(types, municipalities, drills, hidden)


def support_of(conn: Connection, incident_id: UUID) -> Support:
    """What one incident rests on."""
    row = conn.execute(
        text(f"SELECT s.* FROM incidents i CROSS JOIN LATERAL ({SUPPORT}) s WHERE i.id = :id"),  # noqa: S608
        {**_words(), "id": incident_id},
    ).first()
    return Support(0) if row is None else Support(*row)


def _words() -> dict[str, str]:
    return {"official": OFFICIAL_CHANNEL, "rising": RISING, "spreading": SPREADING}


def _queued(row: Any) -> Queued:
    return Queued(incident_from_row(row), Support(*row[-6:]))


def _conditions(query: QueueQuery, own: Scope) -> tuple[str, dict[str, Any]]:
    mine, values = visible.owning(own)
    parts = [mine, STATES[query.state]]
    if query.types is not None:
        parts.append("i.type = ANY(:types)")
        values["types"] = sorted(query.types)
    if query.municipalities is not None:
        unknown = " OR i.municipality IS NULL" if "" in query.municipalities else ""
        parts.append(f"(i.municipality = ANY(:municipalities){unknown})")
        values["municipalities"] = sorted(query.municipalities)
    if query.assigned is not None:
        parts.append("i.ruling->'assigned'->>'id' = :assigned")
        values["assigned"] = str(query.assigned)
    if query.unassigned:
        parts.append("NOT jsonb_exists(i.ruling, 'assigned')")
    if query.drill is not None:
        parts.append("i.drill = :drill")
        values["drill"] = query.drill
    if query.same_sender_as is not None:
        parts.append("i.id IN (SELECT told_by_the_same(:same))")
        values["same"] = query.same_sender_as
    return " AND ".join(parts), values


def nearby(conn: Connection, incident: Incident, own: Scope, metres: float, limit: int) -> list[Incident]:
    """Other incidents that may be the same thing, nearest first: within `metres`, or without a point in the
    same municipality when this one has none; drill with drill, rejected ones left out."""
    mine, values = visible.owning(own)
    if incident.lat is None or incident.lon is None:
        near, order = "i.geom IS NULL AND i.municipality = :municipality", "i.last_reported_at DESC"
        values["municipality"] = incident.municipality
    else:
        here = "ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)"
        near = (
            f"i.geom && ST_Envelope(ST_Buffer({here}::geography, :metres)::geometry) "
            f"AND ST_DWithin(i.geom::geography, {here}::geography, :metres)"
        )
        order = f"i.geom::geography <-> {here}::geography"
        values |= {"lat": incident.lat, "lon": incident.lon, "metres": metres}
    rows = conn.execute(
        text(
            f"SELECT {INCIDENT_COLUMNS} FROM incidents i WHERE {mine} AND {near} AND i.id <> :id "  # noqa: S608
            f"AND i.drill = :drill AND i.verification <> 'rejected' ORDER BY {order}, i.id LIMIT :limit"
        ),
        {**values, "id": incident.id, "drill": incident.drill, "limit": limit},
    )
    return list(map(incident_from_row, rows))
