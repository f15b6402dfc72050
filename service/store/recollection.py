"""What one worker remembers between its batches, so that the hundredth report about a flood does not read
the other ninety-nine again."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from service.report import Incident, Observation

MOST_OBSERVATIONS: Final = 20_000  # about 20 MB

Members = list[Observation]


class Recollection:
    """The members of the incidents written last, each good for exactly the version that was written.

    Whatever changes an incident's members gives it a new change number and time (service/store/ledger.py), so
    what another process, an officer or an erasure did since is never overlooked; of a transaction that failed
    the number never comes back.
    """

    def __init__(self, most: int = MOST_OBSERVATIONS) -> None:
        self._most = most
        self._held: OrderedDict[UUID, tuple[Incident, Members]] = OrderedDict()
        self._count = 0

    def take(self, incident: Incident) -> Members | None:
        """The members of the incident as it is in the database, to be changed by the caller; None when they
        have to be read. They are forgotten here until `keep`."""
        written, members = self._held.pop(incident.id, (None, []))
        self._count -= len(members)
        if written is None or (written.seq, written.updated_at) != (incident.seq, incident.updated_at):
            return None
        return members

    def keep(self, written: Incident, members: Sequence[Observation]) -> None:
        """Remember the members of an incident as `ledger.write` returned it; the oldest are forgotten."""
        self.take(written)
        self._held[written.id] = (written, list(members))
        self._count += len(members)
        while self._count > self._most:
            _, (_, forgotten) = self._held.popitem(last=False)
            self._count -= len(forgotten)
