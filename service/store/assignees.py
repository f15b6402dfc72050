"""Who incidents can be given to: people who work at the desk, and units (分団)."""

from uuid import UUID

from sqlalchemy import Connection, text

from service.report import Assignee, Scope

# A unit's code is its municipality's; a prefecture answers for all of its municipalities'.
OWN = "(o.code = ANY(:own) OR left(o.code, 2) = ANY(:own))"


def assignees(conn: Connection, own: Scope) -> list[Assignee]:
    """People and units of the organizations that `own` answers for, people first, by name."""
    rows = conn.execute(
        text(
            "SELECT 'person' AS kind, u.id, u.name FROM users u LEFT JOIN organizations o "  # noqa: S608
            f"ON o.id = u.organization WHERE u.role <> 'viewer' AND (:all OR {OWN}) "
            "UNION ALL SELECT 'unit', o.id, o.name FROM organizations o "
            f"WHERE o.kind = 'brigade' AND (:all OR {OWN}) ORDER BY 1, 3, 2"
        ),
        {"all": own.audience is None, "own": sorted(own.audience or ())},
    )
    return [Assignee(row[0], row[1], row[2]) for row in rows]


def assignee(conn: Connection, own: Scope, kind: str, who: UUID) -> Assignee | None:
    """One of them, None when there is none such."""
    return next((one for one in assignees(conn, own) if (one.kind, one.id) == (kind, who)), None)
