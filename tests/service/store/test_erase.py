from service.report import EVERYTHING, Photo, Waiting
from service.store import changes, inbox, incidents, save
from service.store.database import Database
from service.store.incidents import IncidentQuery
from tests.service.store.samples import NearestOfType, deliver, holders, message, observation, read, store

CANARY = "かなりあ"
SENDER = "U-canary-sender"


def erase(database: Database, key: str) -> bool:
    with database.transaction() as conn:
        return inbox.erase(conn, "test", key, NearestOfType())


def save_canary(database: Database, key: str) -> Waiting:
    words = f"{CANARY}橋のたもとが冠水"
    sent = message(key, words, sender=SENDER, reply_to="token", photo=Photo(b"jpeg", 1, 1))
    waiting = deliver(database, sent)[0]
    seen = observation(
        waiting.report_id, place_text=f"{CANARY}橋", why=f"{CANARY}橋の点", quantities=(CANARY,)
    )
    store(database, read(waiting, seen, reply=f"冠水 {CANARY}橋付近"))
    return waiting


def test_nothing_of_an_erased_report_remains_anywhere(database: Database) -> None:
    other = deliver(database, message("other"))[0]
    store(database, read(other, observation(other.report_id)))
    erased = save_canary(database, "canary")
    assert {"reports", "readings"} <= holders(database, CANARY)
    assert erase(database, "canary")
    assert holders(database, CANARY) == holders(database, SENDER) == set()
    with database.transaction() as conn:
        (left,) = incidents.page(conn, IncidentQuery(), EVERYTHING).incidents
        assert (left.report_count, left.place_text, left.version) == (1, "松永町", 3)
        assert incidents.photo(conn, erased.report_id, EVERYTHING) is None
        assert inbox.receipt(conn, erased.report_id) == inbox.ReceiptState("erased", None)
        assert changes.since(conn, 2, 10, EVERYTHING)[0].incident == left


def test_an_incident_known_from_the_erased_report_alone_is_a_removed_change(database: Database) -> None:
    save_canary(database, "canary")
    assert erase(database, "canary")
    assert holders(database, CANARY) == set()
    with database.transaction() as conn:
        assert incidents.page(conn, IncidentQuery(), EVERYTHING).incidents == ()
        made, gone = changes.since(conn, 0, 10, EVERYTHING)
    assert (made.removed, gone.removed) == (False, True)
    assert gone.incident.id == made.incident.id
    assert (made.incident.place_text, made.incident.lat) == ("", None)


def test_erased_before_or_while_it_is_read_and_never_back_by_redelivery(database: Database) -> None:
    early, late = deliver(database, message("early", CANARY), message("late", CANARY))
    assert erase(database, "early")
    result = store(database, read(early, observation(early.report_id)), read(late))
    assert result == save.SaveResult(None, 1)
    assert erase(database, "late")
    assert erase(database, "late")
    with database.transaction() as conn:
        assert not inbox.put(conn, message("early", CANARY)).created
        assert inbox.claim(conn, 0, 10) == []
    assert holders(database, CANARY) == set()
    assert not erase(database, "unknown")
