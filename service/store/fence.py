"""The second fence: what is read for people is read as a role that row-level security shows only their own.

The first fence are the conditions of service/store/visible.py. A query that lacks them still shows nothing
foreign, because `Database.transaction(scope)` reads as ROLE with the scope in the setting `hansho.audience`:
the policies compare the two, and without the setting they show nothing. The program's own user owns the
tables and is not held back; nothing that works for everybody (fusing, the feed) reads as ROLE.

A new table that is read for people needs a policy in its migration (`guard`) and a row in READABLE. Where
people may know less of a row than its owners do, a view with a fence of its own tells them that part.
"""

import json
from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from service.store import visible

ROLE: Final = "hansho_reader"
# What `hansho.audience` holds, as an array; empty without the setting, so that nothing overlaps it.
AUDIENCE: Final = "string_to_array(coalesce(current_setting('hansho.audience', true), ''), ',')"
# The cities of the wards among them: a ward's people see what belongs to their city.
CITIES: Final = "string_to_array(coalesce(current_setting('hansho.cities', true), ''), ',')"
# For a row with a column `municipality`, as visible.municipal.
MUNICIPAL: Final = (
    f"municipality = ANY({AUDIENCE}) OR left(municipality, 2) = ANY({AUDIENCE}) "
    f"OR municipality = ANY({CITIES})"
)

# Read whole by everybody: official outlines and names of municipalities; numbers and times of changes without
# what changed; ids of reports, readings and incidents that belong together.
OPEN: Final = ("municipalities", "change_times", "reading_keys")
# What ROLE may read: a table (None: all of it) or some of its columns. Who sent a report is nobody's to read.
READABLE: Final[dict[str, str | None]] = {
    "incidents": None,
    "readings": None,
    "reports": (
        "id, inbox_id, channel, text, reply, sender_municipality, posted_at, received_at, read_at, position, "
        "position_accuracy_m, relevant, urgent, people, drill, erased_at, about, settled_at"
    ),
    "photos": None,
    "changes": None,
    "actions": None,
    "chronology_entries": None,
    "questions": (
        "id, incident_id, report_id, ordinal, channel, state, last_error, asked_at, sent_at, answer, "
        "answered_at"
    ),
    "evacuation_boards": None,
    "evacuation_units": None,
    "evacuation_criteria": None,
    "evacuation_ticks": None,
    "evacuation_shelters": None,
    "evacuation_calls": None,
    "evacuation_decisions": (
        "id, number, municipality, kind, level, codes, units, decided_at, recorded_at, reason, actor_name, "
        "organization_name, drill, edition, frozen, hash, by_proxy"
    ),
    "taught_places": None,
    "relocations": "id, taught_id, report_id, state",
    "places": None,
    "organizations": "id, kind, name, code",
    "users": "id, name, role, organization",
    # Views with a fence of their own.
    "told_reports": None,
    "told_readings": None,
    "report_observations": None,
    "reporters_behind": None,
    **dict.fromkeys(OPEN),
}

# Without LEAKPROOF the planner asks the policies of every row before it asks the spatial index.
LEAKPROOF: Final = "geometry_overlaps(geometry, geometry)"


def guard(table: str, condition: str) -> list[str]:
    """The statements of a migration that let ROLE see the rows of `table` that fit `condition` (SQL)."""
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY seen ON {table} FOR SELECT USING ({condition})",
    ]


def step_behind(conn: Connection, audience: Collection[str]) -> None:
    """Read as ROLE what `audience` sees, until this transaction ends."""
    conn.execute(
        text(
            "SELECT set_config('role', :role, true), set_config('hansho.audience', :audience, true), "
            "set_config('hansho.cities', :cities, true)"
        ),
        {
            "role": ROLE,
            "audience": ",".join(sorted(audience)),
            "cities": ",".join(sorted(visible.cities_of(audience))),
        },
    )


def is_usable(conn: Connection) -> bool:
    """Whether ROLE exists, may be taken, and may read what it has to."""
    return is_held(conn) and not unreadable(conn)


def is_held(conn: Connection) -> bool:
    """Whether ROLE exists and may be taken."""
    held: bool = conn.execute(
        text("SELECT coalesce(pg_has_role(current_user, to_regrole(:role)::oid, 'MEMBER'), false)"),
        {"role": ROLE},
    ).scalar_one()
    return held


def unreadable(conn: Connection) -> list[str]:
    """The tables and views of which ROLE, which exists, may not read what it has to."""
    asked = [
        {"name": table, "part": column}
        for table, columns in READABLE.items()
        for column in (columns.split(", ") if columns else [None])
    ]
    rows = conn.execute(
        text(
            "SELECT DISTINCT name FROM jsonb_to_recordset(CAST(:asked AS jsonb)) AS w(name text, part text), "
            "LATERAL (SELECT to_regrole(:role)::oid AS role, to_regclass(w.name)::oid AS id) o "
            "WHERE o.id IS NULL OR NOT CASE WHEN part IS NULL THEN has_table_privilege(role, id, 'SELECT') "
            "ELSE has_column_privilege(role, id, part, 'SELECT') END ORDER BY name"
        ),
        {"role": ROLE, "asked": json.dumps(asked)},
    )
    return list(rows.scalars())


def is_indexed(conn: Connection) -> bool:
    """Whether the spatial index serves readers behind the fence."""
    leakproof: bool = conn.execute(
        text("SELECT proleakproof FROM pg_proc WHERE oid = to_regprocedure(:function)"),
        {"function": LEAKPROOF},
    ).scalar_one()
    return leakproof


def put_up(conn: Connection) -> None:
    """Make ROLE, let it read, and let it use the spatial index, as far as this user may; again does no harm.

    Roles belong to the whole server and are in no backup of one database: this runs after every migration.
    """
    _try(conn, f"CREATE ROLE {ROLE} NOLOGIN", unless=f"to_regrole('{ROLE}') IS NOT NULL")
    _try(
        conn,
        f"GRANT {ROLE} TO CURRENT_USER",
        unless=f"pg_has_role(current_user, to_regrole('{ROLE}')::oid, 'MEMBER')",
    )
    for table, columns in READABLE.items():
        which = "" if columns is None else f" ({columns})"
        _try(conn, f"GRANT SELECT{which} ON {table} TO {ROLE}")
    _try(
        conn,
        f"ALTER FUNCTION {LEAKPROOF} LEAKPROOF",
        unless=f"(SELECT proleakproof FROM pg_proc WHERE oid = to_regprocedure('{LEAKPROOF}'))",  # noqa: S608
    )


def _try(conn: Connection, statement: str, unless: str = "false") -> None:
    """Run `statement` unless it is done; without the right to, leave it: `hansho check` tells."""
    if conn.execute(text(f"SELECT coalesce({unless}, false)")).scalar_one():
        return
    try:
        with conn.begin_nested():
            conn.execute(text(statement))
    except DBAPIError:
        return
