"""The incidents that one batch of observations touches, each with its members so far."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid4

from sqlalchemy import Connection

from service.report import NO_RULING, Incident, Observation
from service.store import ledger
from service.store.ledger import Fusion
from service.store.nearby import Neighbourhood, Search
from service.store.recollection import Recollection

# Beyond this many members one more report moves nothing that the next match of the same batch would
# notice; the incident is then summed up once, at the end of the batch.
SUMMED_UP_AT_ONCE = 50


class Gathering:
    """Places observations one by one; each sees what the ones before it made of the incidents."""

    def __init__(
        self,
        conn: Connection,
        neighbourhood: Neighbourhood,
        fuse: Fusion,
        recollection: Recollection | None = None,
    ) -> None:
        self._conn = conn
        self._recollection = recollection or Recollection()
        self._fuse = fuse
        self._neighbourhood = neighbourhood
        self._members: dict[UUID, list[Observation]] = {}
        self._expected: dict[UUID, list[Observation]] = {}
        self._before: dict[UUID, Incident | None] = {}
        self._stale: set[UUID] = set()

    def expect(self, searches: Sequence[Search]) -> None:
        """Have the members of the incidents at hand that these searches find as things stand: remembered, or
        read in one question. What the batch makes of the incidents may lead a few searches elsewhere."""
        found = {self._fuse.match(one.observation, self._neighbourhood.near(one)) for one in searches}
        incidents = [one for each in found if each is not None and (one := self._neighbourhood.get(each))]
        remembered = {one.id: self._recollection.take(one) for one in incidents}
        self._expected = {each: members for each, members in remembered.items() if members is not None}
        self._expected |= ledger.members(self._conn, sorted(remembered.keys() - self._expected.keys()))

    def resume(self, incident_id: UUID, before: Incident | None, members: list[Observation]) -> None:
        """Take up an incident whose members changed by other means; without members nobody joins it.

        `before` is its last known state, None when it never was.
        """
        self._before[incident_id], self._members[incident_id] = before, members
        if members:
            self._sum_up(incident_id)
        else:
            self._neighbourhood.drop(incident_id)

    def place(self, search: Search, vacated: UUID | None = None) -> UUID:
        """The incident that the observation now belongs to; later searches of the batch see it.

        `vacated` is the resumed incident that it left: when nothing else matches and nobody is left in it,
        it goes on at the observation's place instead of ending while a new one begins.
        """
        near = self._neighbourhood.near(search)
        matched = self._fuse.match(search.observation, near)
        if matched is None and vacated is not None and self._members.get(vacated) == []:
            matched = vacated
        if matched is None:
            matched = uuid4()
            self._before[matched], self._members[matched] = None, []
        elif matched not in self._members:
            before = self._neighbourhood.get(matched)
            if before is None:
                raise LookupError(f"incident {matched} is none of those nearby")
            self._before[matched] = before
            self._members[matched] = self._members_of(matched)
        ledger.add_member(self._members[matched], search.observation)
        if len(self._members[matched]) <= SUMMED_UP_AT_ONCE:
            self._sum_up(matched)
        else:
            self._stale.add(matched)
        return matched

    def changed(self) -> list[Incident]:
        """Every touched incident as it is after the batch, with the version it had before."""
        for incident_id in self._stale:
            self._sum_up(incident_id)
        incidents = [(self._neighbourhood.get(one), before) for one, before in self._before.items()]
        return [
            replace(now, version=0 if before is None else before.version)
            for now, before in incidents
            if now is not None
        ]

    def remember(self, written: Sequence[Incident]) -> None:
        """What `ledger.written` stored of the changed incidents need not be read for the next batch."""
        for incident in written:
            self._recollection.keep(incident, self._members[incident.id])

    def ended(self) -> list[UUID]:
        """The resumed incidents in which nobody is left."""
        return [incident_id for incident_id, said in self._members.items() if not said]

    def _members_of(self, incident_id: UUID) -> list[Observation]:
        if incident_id in self._expected:
            return self._expected.pop(incident_id)
        return ledger.members(self._conn, [incident_id])[incident_id]

    def _sum_up(self, incident_id: UUID) -> None:
        before = self._before[incident_id]
        ruling = NO_RULING if before is None else before.ruling
        self._neighbourhood.put(self._fuse.summarize(incident_id, self._members[incident_id], ruling))
