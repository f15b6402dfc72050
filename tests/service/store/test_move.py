from uuid import UUID, uuid4

import pytest

from service.report import EVERYTHING
from service.store import changes, incidents, save
from service.store.database import Database
from service.store.incidents import IncidentQuery
from tests.service.store.samples import NearestOfType, deliver, message, observation, read, store


def move(database: Database, report_id: UUID, to: UUID | None) -> save.SaveResult:
    with database.transaction() as conn:
        return save.move(conn, report_id, 0, to, NearestOfType())


def counts(database: Database) -> dict[UUID, int]:
    with database.transaction() as conn:
        return {
            one.id: one.report_count for one in incidents.page(conn, IncidentQuery(), EVERYTHING).incidents
        }


def test_every_move_is_undone_by_another(database: Database) -> None:
    first, second = deliver(database, message("a"), message("b"))
    store(
        database,
        read(first, observation(first.report_id)),
        read(second, observation(second.report_id)),
    )
    ((together, _),) = counts(database).items()
    apart = uuid4()
    assert move(database, second.report_id, apart).seq == 3
    assert counts(database) == {together: 1, apart: 1}
    move(database, first.report_id, None)
    assert counts(database) == {apart: 1}
    with database.transaction() as conn:
        removed = changes.since(conn, 3, 10, EVERYTHING)
    assert [(one.removed, one.incident.id, one.incident.version) for one in removed] == [(True, together, 3)]
    move(database, first.report_id, together)
    move(database, second.report_id, together)
    assert counts(database) == {together: 2}
    with database.transaction() as conn:
        whole = incidents.one(conn, together, EVERYTHING)
        assert whole is not None
        assert whole.version == 5
        assert {one.report_id for one in incidents.reports_behind(conn, together)} == {
            first.report_id,
            second.report_id,
        }


def test_a_move_to_where_it_is_changes_nothing_and_an_unknown_one_is_refused(database: Database) -> None:
    waiting = deliver(database, message("a"))[0]
    store(database, read(waiting, observation(waiting.report_id)))
    (incident,) = counts(database)
    assert move(database, waiting.report_id, incident) == save.SaveResult(None)
    with pytest.raises(LookupError):
        move(database, uuid4(), None)
