"""What incidents were before headquarters ruled: so that a report that would have joined one still does.

An incident that got another type or place is found as what its reports say, too; one that was merged is found
as itself, and what it was merged into is joined.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

from service.report import Incident
from service.store import codec

# Merged incidents are merged again: the living one at the end of the chain is what is joined. A point of the
# municipality stands for itself only, as among incidents.
NEAR = """
    WITH RECURSIVE found AS (
        SELECT a.target, a.body FROM aliases a WHERE EXISTS (
            SELECT FROM jsonb_to_recordset(CAST(:boxes AS jsonb)) AS s(
                west float8, south float8, east float8, north float8)
            WHERE a.geom && ST_MakeEnvelope(s.west, s.south, s.east, s.north, 4326))
        UNION ALL
        SELECT a.target, a.body FROM aliases a WHERE a.geom IS NULL AND a.municipality = ANY(:municipalities)
    ), chain(start, at) AS (
        SELECT target, target FROM found
        UNION
        SELECT chain.start, a.target FROM chain JOIN aliases a ON a.id = chain.at AND a.target <> a.id
    )
    SELECT chain.at, found.body FROM found JOIN chain ON chain.start = found.target
    WHERE EXISTS (SELECT FROM incidents i WHERE i.id = chain.at)
    ORDER BY chain.at, found.body->>'id'
"""


@dataclass(frozen=True, slots=True)
class Alias:
    """A report that would have joined `was` joins `target`."""

    target: UUID
    was: Incident


def near(
    conn: Connection, boxes: Sequence[dict[str, Any]], municipalities: Collection[str]
) -> tuple[Alias, ...]:
    """The aliases with a point in one of `boxes` (west, south, east, north in degrees), and those without a
    point in `municipalities`; each with the living incident that it stands for."""
    rows = conn.execute(text(NEAR), {"boxes": codec.dumps(boxes), "municipalities": sorted(municipalities)})
    return tuple(Alias(row[0], codec.incident_from_json(row[1])) for row in rows)


def keep(conn: Connection, was: Incident, target: UUID) -> None:
    """From now on whoever would join `was` joins `target`."""
    conn.execute(
        text(
            "INSERT INTO aliases (id, target, municipality, geom, body) "
            "VALUES (:id, :target, :municipality, CAST(:geom AS geometry), CAST(:body AS jsonb)) "
            "ON CONFLICT (id, target) DO UPDATE SET municipality = excluded.municipality, "
            "geom = excluded.geom, body = excluded.body"
        ),
        {
            "id": was.id,
            "target": target,
            "municipality": was.municipality,
            "geom": codec.ewkt_point(was.lat, was.lon),
            "body": codec.dumps(codec.incident_to_json(was)),
        },
    )


def forget(conn: Connection, incident_id: UUID, target: UUID) -> None:
    """Take `keep` back."""
    conn.execute(
        text("DELETE FROM aliases WHERE id = :id AND target = :target"),
        {"id": incident_id, "target": target},
    )


def forget_all(conn: Connection, targets: Collection[UUID]) -> set[UUID]:
    """Forget what `targets` were, and all that was merged into them: it may come from a report that is taken
    back. Returns the ids of those that were merged."""
    gone = conn.execute(
        text(
            "WITH RECURSIVE gone(id) AS (SELECT unnest(CAST(:ids AS uuid[])) "
            "UNION SELECT a.id FROM aliases a JOIN gone ON a.target = gone.id) "
            "DELETE FROM aliases WHERE target IN (SELECT id FROM gone) RETURNING id"
        ),
        {"ids": list(targets)},
    )
    return set(gone.scalars()) - set(targets)
