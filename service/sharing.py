"""Incidents follow the agreements between organizations, some at a time: others write in between."""

from typing import Final

from service.store import ledger, shares
from service.store.database import Database

AT_ONCE: Final = 500  # incidents shown anew in one transaction; streams follow at once


def settle(database: Database) -> int:
    """Show every incident as the agreements in force say; how many were not.

    Whoever makes or ends an agreement calls it, and the worker's clock, for those who died over it.
    """
    settled = 0
    while True:
        with database.transaction() as conn:
            if not shares.not_as_agreed(conn, 1):
                return settled
            ledger.lock(conn)
            ids = shares.not_as_agreed(conn, AT_ONCE)
            ledger.write(conn, list(ledger.incidents_by_id(conn, ids).values()))
        settled += len(ids)
