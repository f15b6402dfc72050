"""Headquarters say that an incident goes on: its information is fresh again, its words stay."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from service.report import Incident
from service.store import ledger


def confirm(conn: Connection, incident_id: UUID, at: datetime) -> Incident | None:
    """Note that headquarters knew the incident to go on at `at`, as a change; the incident before it.

    None when there is no such incident (any more).
    """
    ledger.lock(conn)
    before = ledger.incidents_by_id(conn, [incident_id]).get(incident_id)
    if before is None:
        return None
    ledger.write(conn, [replace(before, ruling=replace(before.ruling, confirmed_at=at))])
    return before
