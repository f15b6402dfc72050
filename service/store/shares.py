"""Who else sees an incident: one incident shared by an officer, or all of an organization's by agreement.

Both end up in the incident's ruling and audience, so that lists, streams and row-level security need not ask.
An agreement's part is kept apart (`Ruling.standing`): it ends with the agreement.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Connection, text

from geo import codes
from service.report import PREFECTURE_DIGITS, Incident, Organization

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


def not_as_agreed(conn: Connection, limit: int) -> list[UUID]:
    """Incidents that are shown otherwise than the agreements in force say, at most `limit`."""
    pairs = {(code, one.receiver.code) for one in agreements(conn) for code in codes_of(one.owner)}
    agreed = "SELECT FROM unnest(CAST(:owners AS text[]), CAST(:receivers AS text[])) a (owner, receiver)"
    owns = "a.owner = ANY(i.audience) AND NOT jsonb_exists(coalesce(i.ruling->'shared', '[]'), a.owner)"
    rows = conn.execute(
        text(
            "SELECT i.id FROM incidents i WHERE jsonb_exists(i.ruling, 'standing') AND EXISTS ("  # noqa: S608
            "SELECT FROM jsonb_array_elements_text(i.ruling->'standing') code "
            f"WHERE NOT EXISTS ({agreed} WHERE {owns} AND a.receiver = code)) "
            f"OR EXISTS ({agreed} WHERE {owns} AND NOT a.receiver = ANY(i.audience)) LIMIT :limit"
        ),
        {
            "owners": [owner for owner, _ in pairs],
            "receivers": [receiver for _, receiver in pairs],
            "limit": limit,
        },
    )
    return list(rows.scalars())
