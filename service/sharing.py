"""Incidents follow the agreements between organizations, some at a time: others write in between."""

from typing import Final
from uuid import UUID

import structlog

from service.store import ledger, shares
from service.store.database import Database

log: Final = structlog.get_logger("sharing")

AT_ONCE: Final = 500  # incidents shown anew in one transaction; streams follow at once


def settle(database: Database) -> int:
    """Show every incident as the agreements in force say; how many were not.

    Whoever makes or ends an agreement calls it, and the worker's clock, for those who died over it.
    """
    settled: set[UUID] = set()
    while True:
        with database.transaction() as conn:
            if not shares.not_as_agreed(conn, 1):
                return len(settled)
            ledger.lock(conn)
            ids = shares.not_as_agreed(conn, AT_ONCE)
            # Whatever writing does not bring in line must not keep the clock from all else.
            if settled.issuperset(ids):
                log.warning("shares_unsettled", incidents=len(ids))
                return len(settled)
            ledger.write(conn, list(ledger.incidents_by_id(conn, ids).values()))
        settled.update(ids)
