"""The second fence: what is read for people is read as a role that row-level security shows only their own.

The first fence are the conditions of service/store/visible.py. A query that lacks them still shows nothing
foreign, because `Database.transaction(scope)` reads as ROLE with the scope in the setting `hansho.audience`:
the policies compare the two, and without the setting they show nothing. The program's own user owns the
tables and is not held back; nothing that works for everybody (fusing, the feed) reads as ROLE.

A new table that is read for people needs a policy in its migration (`guard`) and a row in READABLE.
"""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

ROLE: Final = "hansho_reader"
# What `hansho.audience` holds, as an array; empty without the setting, so that nothing overlaps it.
AUDIENCE: Final = "string_to_array(coalesce(current_setting('hansho.audience', true), ''), ',')"

# What ROLE may read: a table (None: all of it) or some of its columns. Who sent a report is nobody's to read.
READABLE: Final[dict[str, str | None]] = {
    "incidents": None,
    "readings": None,
    "reports": (
        "id, inbox_id, channel, text, reply, sender_municipality, posted_at, received_at, read_at, position, "
        "position_accuracy_m, relevant, urgent, people, drill, erased_at"
    ),
    "photos": None,
    "changes": None,
    "change_times": None,
    "actions": None,
    "chronology_entries": None,
    "municipalities": None,
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
        text("SELECT set_config('role', :role, true), set_config('hansho.audience', :audience, true)"),
        {"role": ROLE, "audience": ",".join(sorted(audience))},
    )


def is_usable(conn: Connection) -> bool:
    """Whether ROLE exists, may be taken, and may read what it has to."""
    usable: bool = conn.execute(
        text(
            "SELECT coalesce(pg_has_role(current_user, to_regrole(:role)::oid, 'MEMBER') "
            "AND has_table_privilege(to_regrole(:role)::oid, 'change_times', 'SELECT'), false)"
        ),
        {"role": ROLE},
    ).scalar_one()
    return usable


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
