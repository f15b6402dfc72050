"""Writing into the chronology by hand: appended, never edited; a wrong entry is struck by a later one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text

from service.report import Organization
from service.store import ledger, loglines
from service.store.loglines import EntryLine
from service.store.placing import Author


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry as it is sent. `key` is made by the browser: the same key again is the same entry."""

    key: UUID
    at: datetime
    category: str
    origin: str
    recipient: str
    text: str
    response: str
    municipality: str | None
    incident_id: UUID | None
    strikes: int | None
    drill: bool


class StruckError(Exception):
    """The entry that was to be struck has been struck by another one."""


def write(
    conn: Connection,
    draft: Draft,
    author: Author,
    organization: Organization | None,
    audience: Collection[str],
) -> tuple[EntryLine, bool]:
    """Append an entry; the entry, and whether it is new (a retry with the same key is not).

    Raises StruckError, and LookupError for a key that somebody else has used.
    """
    # One writer at a time, so that of two that strike one entry the second is told.
    ledger.lock(conn)
    known = loglines.entry_of_key(conn, draft.key)
    if known is not None:
        if known.author != author.account:
            raise LookupError("a key of somebody else")
        return known, False
    if (
        draft.strikes is not None
        and conn.execute(
            text("SELECT 1 FROM chronology_entries WHERE strikes = :id"), {"id": draft.strikes}
        ).first()
    ):
        raise StruckError
    conn.execute(
        text(
            "INSERT INTO chronology_entries (key, at, category, origin, recipient, text, response, author, "
            "author_name, organization, organization_name, audience, municipality, incident_id, strikes, "
            "drill) VALUES (:key, :at, :category, :origin, :recipient, :text, :response, :author, "
            ":author_name, :organization, :organization_name, :audience, :municipality, :incident_id, "
            ":strikes, :drill)"
        ),
        {
            **{name: getattr(draft, name) for name in Draft.__slots__},
            "author": author.account,
            "author_name": author.name,
            "organization": None if organization is None else organization.id,
            "organization_name": author.organization,
            "audience": sorted(audience),
        },
    )
    made = loglines.entry_of_key(conn, draft.key)
    if made is None:
        raise LookupError("the entry is gone")
    return made, True


def one(conn: Connection, entry_id: int) -> EntryLine | None:
    """The entry with this number."""
    return loglines.entries(conn, [entry_id]).get(entry_id)
