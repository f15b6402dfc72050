"""Agreements between organizations, and whoever dies while incidents follow them."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from service import sharing
from service.report import Incident, Scope
from service.store import access, changes, incidents, ledger, shares
from service.store.database import Connection, Database
from service.store.incidents import IncidentQuery
from tests.measure.crowd import fill, invented
from tests.service.store.samples import NOON

FUKUYAMA, KURE = "34207", "34202"
COUNT = 12


class Died(Exception):  # noqa: N818 - not an error of ours
    """The process ends here."""


def filled(database: Database) -> None:
    """Incidents of one municipality, one of them shared with the other by itself."""
    home = ("34", FUKUYAMA)
    made = [replace(one, municipality=FUKUYAMA, audience=home) for one in invented(COUNT, NOON)]
    singly = replace(made[0].ruling, shared=(KURE,))
    fill(database, [replace(made[0], ruling=singly, audience=(*home, KURE)), *made[1:]])


def agree(database: Database) -> UUID:
    with database.transaction() as conn:
        owner, receiver = (access.ensure_organization(conn, code) for code in (FUKUYAMA, KURE))
        return shares.agree(conn, owner, receiver)


def end(database: Database, agreement: UUID) -> None:
    with database.transaction() as conn:
        shares.end(conn, agreement)


def seen(database: Database, code: str = KURE) -> int:
    scope = Scope(frozenset({code}))
    with database.transaction(scope) as conn:
        return len(incidents.page(conn, IncidentQuery(limit=100), scope).incidents)


def dies_after(monkeypatch: pytest.MonkeyPatch, pieces: int) -> None:
    """Three incidents at a time; then the process ends in the middle of a transaction."""
    monkeypatch.setattr(sharing, "AT_ONCE", 3)
    really, left = ledger.write, [None] * pieces

    def write(conn: Connection, changed: Sequence[Incident]) -> int | None:
        done = really(conn, changed)
        if not left:
            raise Died
        left.pop()
        return done

    monkeypatch.setattr(ledger, "write", write)


def test_who_dies_while_a_share_ends_leaves_nothing_visible(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(database)
    assert seen(database) == 1
    agreement = agree(database)
    assert sharing.settle(database) == COUNT - 1
    assert seen(database) == COUNT
    end(database, agreement)
    with monkeypatch.context() as patch:
        dies_after(patch, 2)
        with pytest.raises(Died):
            sharing.settle(database)
    assert seen(database) == COUNT - 6
    assert sharing.settle(database) == COUNT - 1 - 6
    assert seen(database) == 1, "what was shared by itself stays"
    assert seen(database, FUKUYAMA) == COUNT
    assert sharing.settle(database) == 0


def test_who_dies_while_a_share_begins_is_followed_by_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(database)
    agree(database)
    with monkeypatch.context() as patch:
        dies_after(patch, 1)
        with pytest.raises(Died):
            sharing.settle(database)
    assert seen(database) == 1 + 3
    sharing.settle(database)
    assert seen(database) == COUNT
    with database.transaction() as conn:
        before = changes.latest(conn)
    assert sharing.settle(database) == 0
    with database.transaction() as conn:
        assert changes.latest(conn) == before, "nothing is written twice"


def test_what_cannot_be_brought_in_line_ends_the_attempt(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(database)
    agree(database)
    monkeypatch.setattr(ledger, "write", lambda conn, changed: None)
    with capture_logs() as logged:
        assert sharing.settle(database) == COUNT - 1
    assert [line["event"] for line in logged] == ["shares_unsettled"]
