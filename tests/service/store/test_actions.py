from uuid import UUID

import pytest
from sqlalchemy import text

from service.report import EVERYTHING, Scope
from service.store import actions
from service.store.actions import Action
from service.store.database import Database, StoreError

INCIDENT = UUID(int=7)


def verified(**given: object) -> Action:
    return Action("desk.verify", UUID(int=1), "officer", ("34", "34207"), incident_id=INCIDENT, **given)  # type: ignore[arg-type]


def test_an_action_is_read_as_it_was_written_by_those_who_may(database: Database) -> None:
    with database.transaction() as conn:
        first = actions.record(
            conn, verified(reason="消防署が確認", body={"before": None, "after": "verified"})
        )
        second = actions.record(conn, verified(undoes=first.id))
    with database.transaction() as conn:
        assert actions.one(conn, first.id) == first
        assert actions.of_incident(conn, INCIDENT, EVERYTHING) == [first, second]
        assert actions.of_incident(conn, INCIDENT, Scope(frozenset({"34207"}))) == [first, second]
        assert actions.of_incident(conn, INCIDENT, Scope(frozenset({"34202"}))) == []


def test_an_action_is_undone_once(database: Database) -> None:
    with database.transaction() as conn:
        first = actions.record(conn, verified())
        actions.record(conn, verified(undoes=first.id))
    with pytest.raises(StoreError), database.transaction() as conn:
        actions.record(conn, verified(undoes=first.id))


@pytest.mark.parametrize(
    "change", ["UPDATE actions SET reason = ''", "DELETE FROM actions", "TRUNCATE actions CASCADE"]
)
def test_what_was_done_cannot_be_changed(database: Database, change: str) -> None:
    with database.transaction() as conn:
        first = actions.record(conn, verified())
    with pytest.raises(StoreError), database.transaction() as conn:
        conn.execute(text(change))
    with database.transaction() as conn:
        assert actions.one(conn, first.id) == first
