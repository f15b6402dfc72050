"""Who else sees an incident: one incident shared by an officer, or all of an organization's by agreement.

Both end up in the incident's ruling and audience, so that lists, streams and row-level security need not ask.
An agreement's part is kept apart (`Ruling.standing`): it ends with the agreement.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Connection, text

from geo import codes
from service.report import PREFECTURE_DIGITS, Incident, Organization, Scope
from service.store import visible

_SELECT = (
    "SELECT s.id, o.id, o.kind, o.name, o.code, r.id, r.kind, r.name, r.code FROM standing_shares s "
    "JOIN organizations o ON o.id = s.owner JOIN organizations r ON r.id = s.receiver"
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """What `owner` answers for is shown to `receiver`."""

    id: UUID
    owner: Organization
    receiver: Organization


def agreements(conn: Connection) -> list[Agreement]:
    """Every agreement in force."""
    rows = conn.execute(text(_SELECT + " ORDER BY o.code, r.code"))
    return [Agreement(row[0], Organization(*row[1:5]), Organization(*row[5:9])) for row in rows]


def agree(conn: Connection, owner: UUID, receiver: UUID) -> UUID:
    """Put an agreement in force; the same again is the same."""
    conn.execute(
        text(
            "INSERT INTO standing_shares (owner, receiver) VALUES (:owner, :receiver) ON CONFLICT DO NOTHING"
        ),
        {"owner": owner, "receiver": receiver},
    )
    made: UUID = conn.execute(
        text("SELECT id FROM standing_shares WHERE owner = :owner AND receiver = :receiver"),
        {"owner": owner, "receiver": receiver},
    ).scalar_one()
    return made


def end(conn: Connection, agreement_id: UUID) -> None:
    """End an agreement."""
    conn.execute(text("DELETE FROM standing_shares WHERE id = :id"), {"id": agreement_id})


def codes_of(organization: Organization) -> frozenset[str]:
    """The codes that an organization answers for: a city's with its wards'."""
    if len(organization.code) == PREFECTURE_DIGITS:
        return frozenset({organization.code})
    return codes.with_wards(organization.code)


def applied(conn: Connection, incidents: Iterable[Incident]) -> list[Incident]:
    """The incidents as the agreements in force show them."""
    shown = [(codes_of(each.owner), each.receiver.code) for each in agreements(conn)]
    return [_applied(one, shown) for one in incidents]


def _applied(incident: Incident, shown: Sequence[tuple[frozenset[str], str]]) -> Incident:
    ruling, owners = incident.ruling, incident.owners
    # A place that was corrected may have made an owner of whom it was shared with.
    place = {incident.municipality, (incident.municipality or "")[:PREFECTURE_DIGITS]} - {None, ""}
    if not shown and not ruling.standing and place.isdisjoint(ruling.shared):
        return incident
    owners = owners | {code for code in place if code}
    singly = set(ruling.shared) - set(ruling.standing) - owners
    wanted = {receiver for mine, receiver in shown if not owners.isdisjoint(mine)}
    standing = wanted - owners - singly
    ruling = replace(ruling, shared=tuple(sorted(singly | standing)), standing=tuple(sorted(standing)))
    return replace(incident, ruling=ruling, audience=tuple(sorted(owners | set(ruling.shared))))


def shown_to(incident: Incident, singly: Iterable[str]) -> Incident:
    """The incident shown to its owners, by agreement, and to the codes `singly`."""
    standing = set(incident.ruling.standing)
    shared = (set(singly) | standing) - incident.owners
    ruling = replace(
        incident.ruling, shared=tuple(sorted(shared)), standing=tuple(sorted(standing - set(singly)))
    )
    return replace(incident, ruling=ruling, audience=tuple(sorted(incident.owners | shared)))


def not_as_agreed(conn: Connection, agreement: Agreement, limit: int, *, ended: bool) -> list[UUID]:
    """Incidents of the owner that do not show yet that the agreement is in force (or has `ended`)."""
    mine, values = visible.owning(Scope(codes_of(agreement.owner)))
    still = "jsonb_exists(coalesce(i.ruling->'standing', '[]'), :code)"
    state = still if ended else "NOT i.audience && ARRAY[CAST(:code AS text)]"
    rows = conn.execute(
        text(f"SELECT i.id FROM incidents i WHERE {mine} AND {state} ORDER BY i.id LIMIT :limit"),  # noqa: S608
        {**values, "code": agreement.receiver.code, "limit": limit},
    )
    return list(rows.scalars())
