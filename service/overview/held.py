"""The columns kept at the state of the database: brought up to date before each answer, so that none is
older than its question, whichever process gives it."""

import threading
from dataclasses import dataclass
from typing import Final

from service.lifetimes import PACKAGED, Lifetimes
from service.overview.columns import Past, Present
from service.overview.timeline import Timeline, timeline
from service.overview.view import Question, View, view
from service.report import Scope
from service.store import changes, columns
from service.store.database import Connection, Database

READ_AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True)
class Answer:
    """A view and the change at which it is true."""

    seq: int
    view: View


class Held:
    """What is there now. One thread at a time reads or writes the columns; a turn takes milliseconds."""

    def __init__(self, database: Database, lifetimes: Lifetimes = PACKAGED) -> None:
        self._database = database
        self._lifetimes = lifetimes
        self._turn = threading.Lock()
        self._present: Present | None = None
        self._seq = 0

    def warm(self) -> None:
        """Read the columns before anybody asks; raises StoreError."""
        self.seq()

    def seq(self) -> int:
        """The newest change, which the columns hold from now on; raises StoreError."""
        with self._turn:
            self._refreshed()
            return self._seq

    def view(self, question: Question, scope: Scope, now: float) -> Answer:
        """What is to be seen at `now` (seconds since 1970) by `scope`.

        Raises StoreError.
        """
        with self._turn:
            present = self._refreshed()
            rows = present.columns.seen(present.rows(), scope)
            return Answer(self._seq, view(present.columns, rows, question, now))

    def _refreshed(self) -> Present:
        with self._database.transaction() as conn:
            latest = changes.latest(conn)
            # A smaller number than before: the database was restored and has another history.
            if self._present is None or latest < self._seq:
                # The number is read before the rows, which may then be newer, never older.
                self._present, self._seq = _read_present(conn, self._lifetimes), latest
            while self._seq < latest:
                for fact in columns.changed(conn, self._seq, READ_AT_ONCE):
                    self._present.take(fact)
                    self._seq = fact.seq
        return self._present


class Replay:
    """What was there at any moment. It is read when first asked for: most days nobody looks back."""

    def __init__(self, database: Database, lifetimes: Lifetimes = PACKAGED) -> None:
        self._database = database
        self._lifetimes = lifetimes
        self._turn = threading.Lock()
        self._past = Past(lifetimes)

    def view(self, question: Question, scope: Scope, moment: float) -> Answer:
        """The view as of `moment` (seconds since 1970); raises StoreError."""
        with self._turn:
            past = self._refreshed()
            rows = past.columns.seen(past.rows(moment), scope)
            return Answer(past.seq, view(past.columns, rows, question, moment))

    def timeline(self, scope: Scope, since: float, until: float) -> Timeline:
        """How much came when, between two moments (seconds since 1970); raises StoreError."""
        with self._turn:
            return timeline(self._refreshed(), scope, since, until)

    def _refreshed(self) -> Past:
        with self._database.transaction() as conn:
            if changes.latest(conn) < self._past.seq:
                self._past = Past(self._lifetimes)
            before = self._past.seq
            known: set[str] = set()
            while found := columns.changed(conn, self._past.seq, READ_AT_ONCE):
                known |= {fact.id for fact in found if before and self._past.knows(fact.id)}
                self._past.append(found)
            # Erasing a report rewrites the older versions of its incident together with a new one.
            for fact in columns.history_of(conn, sorted(known), before) if known else ():
                self._past.correct(fact)
        return self._past


def _read_present(conn: Connection, lifetimes: Lifetimes) -> Present:
    present = Present(lifetimes)
    for facts in columns.current(conn):
        present.fill(facts)
    return present
