"""Everything that a board is made of, read in one transaction by a handful of indexed statements."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from nlp.reading import DamageType, Status
from service.evacuation.criteria import depth_cm
from service.evacuation.model import (
    LOOK_BACK_HOURS,
    SILENCE_LOOK_BACK_HOURS,
    WATERS,
    Facts,
    Shelter,
    Sighting,
)
from service.report import Scope
from service.store import visible
from service.store.evacuation import decisions, said, units
from service.store.evacuation.units import BoardRow

# A circle of uncertainty wider than this would put a report into every unit of a small town.
FARTHEST_REACH_M = 3000

_WHICH = "i.drill = :drill AND i.verification <> 'rejected' AND i.last_reported_at >= :since"
_WHERE = (
    "here AS (SELECT i.id, coalesce(i.shape, i.geom) AS g, "
    "CASE WHEN i.shape IS NULL THEN least(coalesce(i.radius_m, 0), :farthest) / 100000.0 ELSE 0 END AS reach "
    "FROM incidents i WHERE {allowed} AND {which} AND i.geom IS NOT NULL), "
    # A box of its own: behind row-level security the index answers only to `&&` between two columns.
    "boxes AS MATERIALIZED (SELECT id, g, reach, ST_Expand(g, reach) AS box FROM here)"
)


def read(
    conn: Connection, board: BoardRow, name: str, codes: Collection[str], at: datetime, *, drill: bool
) -> Facts:
    """The facts of a board at the time `at`, by what its municipality (with its wards, `codes`) may see.

    Who looks makes no difference: the prefecture sees the board that the municipality has.
    """
    scope = Scope(frozenset(codes))
    since = at - timedelta(hours=LOOK_BACK_HOURS)
    municipality = board.municipality
    sightings = _sightings(conn, scope, since, drill=drill)
    # Another transaction may have committed an incident between the two statements.
    inside, near = _members(conn, board, scope, since, sightings, drill=drill)
    found = units.of_edition(conn, municipality, board.edition)
    return Facts(
        municipality=municipality,
        name=name,
        at=at,
        drill=drill,
        version=board.version,
        edition=board.edition,
        automatic=any(unit.automatic for unit in found),
        interval_min=board.interval_min,
        units=found,
        criteria=said.criteria(conn, municipality),
        sightings=sightings,
        inside=inside,
        near=near,
        ticks=said.ticks(conn, municipality, drill=drill),
        calls=said.calls(conn, municipality, at - timedelta(hours=SILENCE_LOOK_BACK_HOURS), drill=drill),
        shelters=_shelters(conn, board, codes, drill=drill),
        standing=decisions.standing(conn, municipality, drill=drill),
        unplaced=_count(conn, scope, since, "i.geom IS NULL", drill=drill),
        other_mode=_count(conn, scope, since, "true", drill=not drill),
    )


def fingerprint(conn: Connection, codes: Collection[str]) -> tuple[int, int]:
    """Changes whenever an incident that these municipalities may see does: for who keeps a summary."""
    allowed, values = visible.condition(Scope(frozenset(codes)))
    row = conn.execute(
        text(f"SELECT coalesce(max(i.seq), 0), count(*) FROM incidents i WHERE {allowed}"),  # noqa: S608
        values,
    ).one()
    return row[0], row[1]


def _sightings(conn: Connection, scope: Scope, since: datetime, *, drill: bool) -> dict[UUID, Sighting]:
    allowed, values = visible.condition(scope)
    values |= {"since": since, "drill": drill}
    rows = conn.execute(
        text(
            "SELECT i.id, i.version, i.type, i.status, i.verification, i.place_text, ST_Y(i.geom), "  # noqa: S608
            "ST_X(i.geom), i.radius_m, i.urgent, i.people, i.report_count, i.first_reported_at, "
            f"i.last_reported_at FROM incidents i WHERE {allowed} AND {_WHICH} AND i.geom IS NOT NULL"
        ),
        values,
    ).all()
    reports: dict[UUID, list[tuple[UUID, datetime]]] = defaultdict(list)
    said_of: dict[UUID, list[str]] = defaultdict(list)
    readings = conn.execute(
        text(
            "SELECT incident_id, report_id, said_at, "
            "CASE WHEN quantities <> '[]' THEN quantities END FROM told_readings "
            "WHERE incident_id = ANY(:ids) ORDER BY said_at, report_id, ordinal"
        ),
        {"ids": [row[0] for row in rows]},
    )
    for incident, report, said_at, quantities in readings:
        reports[incident].append((report, said_at))
        said_of[incident] += quantities or ()
    return {row[0]: _sighting(row, reports[row[0]], said_of[row[0]]) for row in rows}


def _sighting(row: Any, reports: list[tuple[UUID, datetime]], quantities: list[str]) -> Sighting:
    return Sighting(
        id=row[0],
        version=row[1],
        type=DamageType(row[2]),
        status=Status(row[3]),
        verified=row[4] == "verified",
        place_text=row[5],
        lat=row[6],
        lon=row[7],
        radius_m=row[8],
        urgent=row[9],
        people=row[10],
        report_count=row[11],
        first_reported_at=row[12],
        last_reported_at=row[13],
        depth_cm=depth_cm(quantities) if quantities and row[2] in WATERS else None,
        reports=tuple(reports),
    )


Members = Mapping[str, tuple[UUID, ...]]


def _members(
    conn: Connection,
    board: BoardRow,
    scope: Scope,
    since: datetime,
    known: Collection[UUID],
    *,
    drill: bool,
) -> tuple[Members, Members]:
    """Which incidents lie in which unit, and which may: their circle of uncertainty reaches it."""
    statement, values = members_statement(board, scope, since, drill=drill)
    inside: dict[str, list[UUID]] = defaultdict(list)
    near: dict[str, list[UUID]] = defaultdict(list)
    for code, incident, within in conn.execute(text(statement), values):
        if incident in known:
            (inside if within else near)[code].append(incident)
    return (
        {code: tuple(ids) for code, ids in inside.items()},
        {code: tuple(ids) for code, ids in near.items()},
    )


def members_statement(
    board: BoardRow, scope: Scope, since: datetime, *, drill: bool
) -> tuple[str, dict[str, Any]]:
    """The spatial join and its values: the box of each incident asks the index of the units."""
    allowed, values = visible.condition(scope)
    where = _WHERE.format(allowed=allowed, which=_WHICH)
    statement = (
        f"WITH {where} SELECT u.code, h.id, ST_Intersects(u.geom, h.g) FROM boxes h "  # noqa: S608
        "JOIN evacuation_units u ON u.geom && h.box AND u.municipality = :municipality "
        "AND u.edition = :edition AND ST_DWithin(u.geom, h.g, h.reach) ORDER BY u.code, h.id"
    )
    return statement, {
        **values,
        "since": since,
        "drill": drill,
        "farthest": FARTHEST_REACH_M,
        "municipality": board.municipality,
        "edition": board.edition,
    }


def _shelters(
    conn: Connection, board: BoardRow, codes: Collection[str], *, drill: bool
) -> dict[str, tuple[Shelter, ...]]:
    rows = conn.execute(
        text(
            "SELECT u.code, p.place_id, p.name, p.properties->>'shelter', p.properties->'disasters', "
            "s.state, s.note, s.at FROM places p "
            "JOIN evacuation_units u ON u.geom && p.geom AND u.municipality = :municipality "
            "AND u.edition = :edition AND ST_Covers(u.geom, p.geom) "
            "LEFT JOIN evacuation_shelters s ON s.municipality = :municipality "
            "AND s.place_id = p.place_id AND s.drill = :drill "
            "WHERE p.municipality = ANY(:codes) "
            "AND (p.kind = 'shelter' OR jsonb_exists(p.properties, 'shelter')) "
            "ORDER BY u.code, p.name, p.place_id"
        ),
        {
            "municipality": board.municipality,
            "edition": board.edition,
            "codes": sorted(codes),
            "drill": drill,
        },
    )
    found: dict[str, list[Shelter]] = defaultdict(list)
    for code, place, name, use, disasters, state, note, at in rows:
        fit = None if disasters is None else tuple(disasters)
        found[code].append(Shelter(place, name, use or "own", fit, state or "unknown", note or "", at))
    return {code: tuple(shelters) for code, shelters in found.items()}


def shelter_name(conn: Connection, place_id: str, codes: Collection[str]) -> str | None:
    """The name of a shelter that the gazetteer has in one of these municipalities, None for what is none."""
    found: str | None = conn.execute(
        text(
            "SELECT p.name FROM places p WHERE p.place_id = :place AND p.municipality = ANY(:codes) "
            "AND (p.kind = 'shelter' OR jsonb_exists(p.properties, 'shelter')) LIMIT 1"
        ),
        {"place": place_id, "codes": sorted(codes)},
    ).scalar_one_or_none()
    return found


def _count(conn: Connection, scope: Scope, since: datetime, condition: str, *, drill: bool) -> int:
    """Open incidents that fulfil a condition."""
    allowed, values = visible.condition(scope)
    found: int = conn.execute(
        text(
            f"SELECT count(*) FROM incidents i WHERE {allowed} AND {_WHICH} AND {condition} "  # noqa: S608
            "AND i.status IN ('present', 'feared', 'hearsay') AND i.type <> 'none'"
        ),
        {**values, "since": since, "drill": drill},
    ).scalar_one()
    return found
