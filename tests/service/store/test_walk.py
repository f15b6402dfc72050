"""The thinnest path: a message put, claimed, saved, listed and followed."""

from service.report import EVERYTHING
from service.store import changes, inbox, incidents
from service.store.database import Database
from service.store.incidents import IncidentQuery
from tests.service.store.samples import deliver, message, observation, read, store


def test_words_become_an_incident_with_a_change(database: Database) -> None:
    waiting = deliver(database, message("a"))[0]
    result = store(database, read(waiting, observation(waiting.report_id)))
    with database.transaction() as conn:
        page = incidents.page(conn, IncidentQuery(), EVERYTHING)
        history = changes.since(conn, 0, 10, EVERYTHING)
        behind = incidents.reports_behind(conn, page.incidents[0].id)
        counted = inbox.counts(conn)
    assert (page.matched, page.next_after, page.seq) == (1, None, result.seq)
    assert [change.incident for change in history] == list(page.incidents)
    assert [report.text for report in behind] == [waiting.message.text]
    assert behind[0].observations == (observation(waiting.report_id),)
    assert (counted.waiting, counted.done) == (0, 1)
