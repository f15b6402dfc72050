"""What lies in the tray, for whom, and that placing, pulling in and settling are taken back to the letter."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from geo.place import Level
from nlp.reading import DamageType, Status
from service.fuse import Fusing
from service.report import EVERYTHING, Scope, Verification
from service.store import actions, erase, ledger, placing, save, tray
from service.store.database import Database
from service.store.placing import Author, ChangedError, Spot
from service.store.tray import Tab
from tests.service.learning import readings, replayed, situation
from tests.service.store.samples import MATSUNAGA, deliver, holders, message, observation, read

OFFICER = Author(UUID(int=1), "福山 花子", "福山市")
FUKUYAMA, KURE = Scope(frozenset({"34207"})), Scope(frozenset({"34202"}))
HIROSHIMA = Scope(frozenset({"34", "unassigned"}))
UNPLACED: dict[str, Any] = {
    "lat": None,
    "lon": None,
    "radius_m": None,
    "level": Level.MUNICIPALITY,
    "place_text": "てんぐ橋",
    "candidates": (),
    "home": "34207",
}
SPOT = Spot(34.45, 133.26, 50.0, "34207")


def put(database: Database, key: str, *said: dict[str, Any], sent: dict[str, Any] | None = None) -> UUID:
    """A report with these observations (none: read as irrelevant), all the way through fusing."""
    [waiting] = deliver(database, message(key, **(sent or {})))
    seen = [observation(waiting.report_id, at, **given) for at, given in enumerate(said)]
    urgent = any(one.urgent for one in seen)
    report = replace(read(waiting, *seen), relevant=bool(seen), urgent=urgent)
    with database.transaction() as conn:
        save.save(conn, [report], Fusing())
    return waiting.report_id


def lying(database: Database, own: Scope = EVERYTHING, tab: Tab = Tab.UNPLACED) -> list[UUID]:
    with database.transaction() as conn:
        return [one.report.report_id for one in tray.page(conn, tab, own, None, 100).items]


def place(database: Database, report_id: UUID, ordinal: int = 0, spot: Spot = SPOT) -> int:
    with database.transaction() as conn:
        return placing.place(conn, report_id, ordinal, spot, OFFICER, Fusing()).id


def undo(database: Database, action: int) -> int:
    with database.transaction() as conn:
        return placing.undo(conn, action, OFFICER, Fusing()).id


def erase_one(database: Database, key: str) -> None:
    with database.transaction() as conn:
        erase.erase(conn, "test", key, Fusing())


def test_urgent_first_then_newest_and_only_what_no_map_shows(database: Database) -> None:
    put(database, "on the map", {})
    plain = put(database, "plain", UNPLACED)
    urgent = put(database, "urgent", UNPLACED | {"urgent": True, "place_text": "別の橋"})
    half = put(database, "half", {}, UNPLACED | {"type": DamageType.FIRE})
    nothing = put(database, "nothing")
    assert lying(database) == [urgent, half, plain]
    assert lying(database, tab=Tab.IRRELEVANT) == [nothing]
    with database.transaction() as conn:
        assert tray.count(conn, EVERYTHING) == (3, 1)
        [first, *_] = tray.page(conn, Tab.UNPLACED, EVERYTHING, None, 1).items
        assert first.urgent
        [_, second, _] = tray.page(conn, Tab.UNPLACED, EVERYTHING, None, 3).items
        assert [standing.on_map for standing in second.standing.values()] == [True, False]


def test_pages_follow_each_other_without_gap(database: Database) -> None:
    put_all = [put(database, str(n), UNPLACED | {"urgent": n % 3 == 0}) for n in range(7)]
    seen: list[UUID] = []
    after: str | None = None
    while True:
        with database.transaction() as conn:
            found = tray.page(conn, Tab.UNPLACED, EVERYTHING, after, 2)
        seen += [one.report.report_id for one in found.items]
        after = found.next_after
        if after is None:
            break
    assert seen == lying(database)
    assert sorted(seen) == sorted(put_all)
    for wrong in ("", "1", "2_2026-01-01T00:00:00+00:00_x", "1_2026-01-01_" + str(UUID(int=1))):
        with pytest.raises(ValueError, match=r"cursor|isoformat|unpack|UUID"), database.transaction() as conn:
            tray.page(conn, Tab.UNPLACED, EVERYTHING, wrong, 2)


def test_each_sees_its_own_and_prefectures_what_is_nobodys(database: Database) -> None:
    ours = put(database, "ours", UNPLACED)
    theirs = put(
        database,
        "theirs",
        UNPLACED | {"municipality": "34202", "home": "34202"},
        sent={"sender_municipality": "34202"},
    )
    nobodys = put(
        database,
        "nobody",
        UNPLACED | {"municipality": None, "home": None, "level": Level.UNKNOWN},
        sent={"sender_municipality": None},
    )
    unread = put(database, "unread", sent={"sender_municipality": None})
    assert lying(database, FUKUYAMA) == [ours]
    assert lying(database, KURE) == [theirs]
    assert lying(database, HIROSHIMA) == [nobodys, theirs, ours]
    assert lying(database, Scope(frozenset({"33"}))) == []
    assert lying(database, FUKUYAMA, Tab.IRRELEVANT) == []
    assert lying(database, HIROSHIMA, Tab.IRRELEVANT) == [unread]
    with database.transaction() as conn:
        assert tray.one(conn, theirs, FUKUYAMA) is None
        assert tray.one(conn, theirs, KURE) is not None
        assert tray.count(conn, FUKUYAMA) == (1, 0)


def test_a_report_about_another_area_is_shown_to_its_senders_headquarters(database: Database) -> None:
    kure = {"municipality": "34202", "home": "34202", "lat": 34.249, "lon": 132.566}
    sent = put(database, "sent", kure)
    both = put(database, "both", {}, kure | {"type": DamageType.FIRE})
    put(database, "at home", {})
    put(database, "theirs", kure, sent={"sender_municipality": "34202"})
    put(database, "unplaced", UNPLACED)
    put(database, "nothing")
    assert lying(database, FUKUYAMA, Tab.ELSEWHERE) == [both, sent]
    for own in (KURE, HIROSHIMA, EVERYTHING, Scope(frozenset({"33"}))):
        assert lying(database, own, Tab.ELSEWHERE) == []
    erase_one(database, "sent")
    assert lying(database, FUKUYAMA, Tab.ELSEWHERE) == [both]


def test_placing_moves_the_pin_of_this_report_and_undoing_restores_it_to_the_letter(
    database: Database,
) -> None:
    report = put(database, "one", UNPLACED | {"why": "該当なし"})
    [before] = situation(database).values()
    written = readings(database)
    action = place(database, report)
    [placed] = situation(database).values()
    assert (placed.lat, placed.lon, placed.id) == (34.45, 133.26, before.id)
    assert lying(database) == []
    assert readings(database)[0]["moved_at"] is not None
    assert "該当なし" in readings(database)[0]["why"]
    with database.transaction() as conn:
        recorded = actions.one(conn, action)
    assert recorded is not None
    assert (recorded.action.kind, recorded.action.incident_id) == ("tray.place", before.id)
    assert (recorded.action.actor_name, recorded.action.organization_name) == ("福山 花子", "福山市")
    assert set(recorded.action.audience) >= {"34", "34207"}
    undo(database, action)
    [back] = situation(database).values()
    assert replace(back, version=0, seq=0, updated_at=None) == replace(
        before, version=0, seq=0, updated_at=None
    )
    assert readings(database) == written
    assert lying(database) == [report]
    assert replayed(database) == situation(database)
    with pytest.raises(ChangedError):
        undo(database, action)


def test_a_placed_report_joins_what_is_there_and_leaves_its_neighbours(database: Database) -> None:
    put(database, "there", {"radius_m": 100.0, "level": Level.FACILITY})
    first = put(database, "first", UNPLACED)
    second = put(database, "second", UNPLACED)
    assert len(situation(database)) == 2
    near = Spot(MATSUNAGA[0] + 0.0003, MATSUNAGA[1], 50.0, "34207")
    action = place(database, first, spot=near)
    counts = sorted((one.report_count, one.lat is None) for one in situation(database).values())
    assert counts == [(1, True), (2, False)]
    assert lying(database) == [second]
    undo(database, action)
    counts = sorted((one.report_count, one.lat is None) for one in situation(database).values())
    assert counts == [(1, False), (2, True)]
    assert replayed(database) == situation(database)


def test_what_somebody_else_has_placed_is_not_placed_again(database: Database) -> None:
    report = put(database, "one", UNPLACED)
    action = place(database, report)
    with pytest.raises(ChangedError):
        place(database, report)
    with pytest.raises(LookupError):
        place(database, report, ordinal=7)
    [incident] = situation(database).values()
    with database.transaction() as conn:
        ledger.lock(conn)
        ledger.write(conn, [replace(incident, verification=Verification.VERIFIED)])
        # Somebody moved the reading on: the undoing is not to fall on what is no longer as it was made.
        conn.execute(text("UPDATE readings SET geom = ST_SetSRID(ST_MakePoint(133.3, 34.5), 4326)"))
    with pytest.raises(ChangedError):
        undo(database, action)


def test_a_report_read_as_none_is_pulled_in_and_taken_back(database: Database) -> None:
    report = put(database, "one")
    with database.transaction() as conn:
        done = placing.pull(conn, report, DamageType.FIRE, Status.PRESENT, OFFICER, Fusing(), urgent=True)
    [made] = situation(database).values()
    assert (made.type, made.status, made.municipality, made.lat) == (
        DamageType.FIRE,
        Status.PRESENT,
        "34207",
        None,
    )
    assert made.urgent
    assert lying(database, FUKUYAMA) == [report]
    assert lying(database, tab=Tab.IRRELEVANT) == []
    with pytest.raises(ChangedError), database.transaction() as conn:
        placing.pull(conn, report, DamageType.FIRE, Status.PRESENT, OFFICER, Fusing())
    placed = place(database, report)
    with pytest.raises(ChangedError):
        undo(database, done.id)
    undo(database, placed)
    undo(database, done.id)
    assert situation(database) == {}
    assert lying(database, tab=Tab.IRRELEVANT) == [report]
    assert replayed(database) == {}


def test_settled_reports_leave_the_tray_and_are_not_lost(database: Database) -> None:
    report = put(database, "one", UNPLACED)
    with database.transaction() as conn:
        done = placing.settle(conn, report, "市内全域の停電", OFFICER)
    assert done.action.reason == "市内全域の停電"
    assert lying(database) == []
    assert lying(database, FUKUYAMA, Tab.SETTLED) == [report]
    with pytest.raises(ChangedError), database.transaction() as conn:
        placing.settle(conn, report, "", OFFICER)
    undo(database, done.id)
    assert lying(database) == [report]


def test_no_action_keeps_what_was_said(database: Database) -> None:
    report = put(database, "one", UNPLACED | {"place_text": "ひみつの谷", "why": "ひみつの理由"})
    undo(database, place(database, report))
    place(database, report)
    erase_one(database, "one")
    assert holders(database, "ひみつ") == set()
