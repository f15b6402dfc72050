"""The second fence alone before what headquarters read: every table and view, every read of the store."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from geo.place import Level
from service.fuse import Fusing
from service.report import EVERYTHING, NOTHING, UNASSIGNED, Scope
from service.store import (
    assignees,
    chronology,
    erase,
    fence,
    incidents,
    ledger,
    migrate,
    questions,
    save,
    taught,
    tray,
)
from service.store.chronology import LogQuery, Source
from service.store.database import Connection, Database
from service.store.evacuation import decisions, facts, said, units
from service.store.evacuation.units import BoardRow
from service.store.loglines import ReportLine
from service.store.tray import Tab
from tests.service.evacuation.samples import NOON
from tests.service.headquarters import FUKUYAMA, HIROSHIMA, KURE, Held, held_by
from tests.service.store.samples import deliver, message, observation, read

A, B = Scope(frozenset({FUKUYAMA})), Scope(frozenset({KURE}))
PREFECTURE = Scope(frozenset({HIROSHIMA, UNASSIGNED}))
OKAYAMA = Scope(frozenset({"33", UNASSIGNED}))
FENCED = sorted(set(fence.READABLE) - set(fence.OPEN))
AGAIN = timedelta(hours=1)


def rows_of(conn: Connection, table: str) -> list[str]:
    columns = fence.READABLE[table] or "*"
    return list(
        conn.execute(text(f"SELECT t::text FROM (SELECT {columns} FROM {table}) t")).scalars()  # noqa: S608
    )


def traces(held: Held, code: str, table: str) -> list[str]:
    """What stands in the rows of one headquarters and in nobody else's."""
    if table == "places":
        return [str(held.lesson)]  # the rest of the gazetteer is everybody's
    ids = (held.placed, held.unplaced, held.settled, held.unread, held.incident, held.decision, held.lesson)
    return [held.word, code, str(held.organization.id), *map(str, ids)]


def test_every_table_shows_each_headquarters_its_own(database: Database) -> None:
    held = {code: held_by(database, code) for code in (FUKUYAMA, KURE)}
    for scope, mine, foreign in ((A, FUKUYAMA, KURE), (B, KURE, FUKUYAMA)):
        with database.transaction(scope) as conn:
            for table in FENCED:
                shown = rows_of(conn, table)
                assert shown, table
                found = "\n".join(shown)
                assert any(trace in found for trace in traces(held[mine], mine, table)), table
                assert not any(trace in found for trace in traces(held[foreign], foreign, table)), table
    with database.transaction(PREFECTURE) as conn:
        for table in FENCED:
            found = "\n".join(rows_of(conn, table))
            assert all(any(trace in found for trace in traces(held[code], code, table)) for code in held), (
                table
            )
    for scope in (NOTHING, OKAYAMA):
        with database.transaction(scope) as conn:
            assert [table for table in FENCED if rows_of(conn, table)] == ["places"]
            assert "taught:" not in "".join(rows_of(conn, "places"))
    with database.transaction(A) as conn:
        conn.execute(text("SELECT set_config('hansho.audience', '', true)"))
        assert [table for table in FENCED if rows_of(conn, table)] == ["places"]


def test_what_people_may_read_is_fenced_or_is_known_to_be_open(database: Database) -> None:
    """Whoever makes a table readable and forgets its policy fails here."""
    with database.transaction() as conn:
        tables = conn.execute(
            text(
                "SELECT relname FROM pg_class WHERE relname = ANY(:names) AND relkind = 'r' "
                "AND NOT relrowsecurity"
            ),
            {"names": list(fence.READABLE)},
        ).scalars()
        assert set(tables) <= set(fence.OPEN)
        views = conn.execute(
            text("SELECT viewname FROM pg_views WHERE viewname = ANY(:names) AND definition NOT LIKE :fence"),
            {"names": list(fence.READABLE), "fence": "%row_security_active%hansho.audience%"},
        ).scalars()
        assert set(views) <= set(fence.OPEN)


def test_nobody_reads_who_sent_a_report_nor_what_opens_an_account(database: Database) -> None:
    held_by(database, FUKUYAMA)
    for column in (
        "reports.sender",
        "reports.address",
        "questions.sender",
        "users.password_hash",
        "users.subject",
        "relocations.before",
        "evacuation_decisions.actor",
    ):
        table, name = column.split(".")
        with database.transaction(A) as conn:
            allowed = conn.execute(
                text("SELECT has_column_privilege(:table, :name, 'SELECT')"), {"table": table, "name": name}
            ).scalar()
        assert allowed is False, column


Read = Callable[[Connection, Scope], Any]


def reads(held: Held) -> dict[str, Read]:
    """Every read of the store that a scope narrows."""

    def lying(tab: Tab) -> Read:
        return lambda conn, scope: tray.page(conn, tab, scope, None, 100)

    return {
        # What is elsewhere hangs on who asks: of it a test of its own.
        **{f"tray {tab.value}": lying(tab) for tab in Tab if tab is not Tab.ELSEWHERE},
        "tray count": tray.count,
        "tray one": lambda conn, scope: tray.one(conn, held.unplaced, scope),
        "chronology": lambda conn, scope: chronology.page(conn, LogQuery(), scope, scope),
        "chronology of words": lambda conn, scope: chronology.page(
            conn, LogQuery(words=held.word), scope, scope
        ),
        "chronology of an incident": lambda conn, scope: chronology.page(
            conn, LogQuery(incident=held.incident), scope, scope
        ),
        "taught": lambda conn, scope: taught.standing(conn, None, 100, scope),
        "assignees": assignees.assignees,
        "unplaced": lambda conn, scope: incidents.unplaced_reports(conn, 100, scope),
    }


@pytest.mark.parametrize("shared", [False, True])
def test_the_second_fence_alone_shows_what_the_first_alone_shows(database: Database, shared: bool) -> None:
    held = {code: held_by(database, code) for code in (FUKUYAMA, KURE)}
    if shared:
        share_first(database, held[KURE], FUKUYAMA)
    for scope in (A, B, PREFECTURE, OKAYAMA):
        for one in held.values():
            for name, asked in reads(one).items():
                with database.transaction() as conn:
                    first, both_down = asked(conn, scope), asked(conn, EVERYTHING)
                with database.transaction(scope) as conn:
                    second, both = asked(conn, EVERYTHING), asked(conn, scope)
                assert first == second == both, (name, scope)
                assert scope is not OKAYAMA or first != both_down or not both_down, name


def test_what_lies_elsewhere_is_told_to_its_senders_alone_by_either_fence(database: Database) -> None:
    for code in (FUKUYAMA, KURE):
        held_by(database, code)
    [waiting] = deliver(database, message("sent", sender_municipality=FUKUYAMA))
    there = observation(waiting.report_id, municipality=KURE, home=KURE, lat=34.6, lon=132.9)
    with database.transaction() as conn:
        save.save(conn, [read(waiting, there)], Fusing())
    for scope, expected in (
        (A, [waiting.report_id]),
        (B, []),
        (PREFECTURE, []),
        (OKAYAMA, []),
        (NOTHING, []),
    ):
        for behind in (EVERYTHING, scope):
            with database.transaction(behind) as conn:
                found = tray.page(conn, Tab.ELSEWHERE, scope, None, 100)
            assert [one.report.report_id for one in found.items] == expected, (scope, behind)


def share_first(database: Database, held: Held, code: str) -> None:
    """The placed incident, shared with another municipality."""
    with database.transaction() as conn:
        ledger.lock(conn)
        [mine] = ledger.incidents_by_id(conn, [held.incident]).values()
        audience = tuple(sorted({*mine.audience, code}))
        ledger.write(conn, [replace(mine, ruling=replace(mine.ruling, shared=(code,)), audience=audience)])


def test_what_knows_no_scope_is_held_by_the_fence(database: Database) -> None:
    """Boards, decisions, lessons and questions are asked for by municipality or id."""
    theirs = held_by(database, KURE)
    asked: dict[str, Callable[[Connection], Any]] = {
        "boards": units.municipalities,
        "board": lambda conn: units.board(conn, KURE).edition,
        "units": lambda conn: units.features(conn, KURE, 1),
        "criteria": lambda conn: said.criteria(conn, KURE),
        "ticks": lambda conn: said.ticks(conn, KURE, drill=False),
        "calls": lambda conn: said.calls(conn, KURE, NOON - timedelta(days=900), drill=False),
        "decisions": lambda conn: decisions.listed(conn, KURE, 100, drill=False),
        "decision": lambda conn: decisions.one(conn, theirs.decision),
        "frozen": lambda conn: decisions.frozen(conn, theirs.decision),
        "standing": lambda conn: decisions.standing(conn, KURE, drill=False),
        "lesson": lambda conn: taught.one(conn, theirs.lesson),
        "progress": lambda conn: taught.progress(conn, theirs.lesson).waiting,
        "questions": lambda conn: questions.of_incident(conn, theirs.incident),
        "askable": lambda conn: questions.askable(conn, theirs.incident, AGAIN),
    }
    for name, function in asked.items():
        shown = {}
        for scope in (EVERYTHING, PREFECTURE, B, A, NOTHING):
            with database.transaction(scope) as conn:
                shown[scope] = function(conn)
        assert shown[EVERYTHING], name
        assert shown[EVERYTHING] == shown[PREFECTURE] == shown[B], name
        assert not shown[A], name
        assert not shown[NOTHING], name


def test_a_board_of_another_municipality_is_empty(database: Database) -> None:
    held_by(database, KURE)
    known = {}
    for scope in (EVERYTHING, B, A):
        with database.transaction(scope) as conn:
            known[scope] = facts.read(conn, BoardRow(KURE, 1, 1, 60), "", {KURE}, NOON, drill=False)
    assert known[EVERYTHING] == known[B]
    assert known[B].sightings
    assert known[B].shelters
    assert known[B].unplaced
    mine, nothing = known[A], (known[A].units, known[A].criteria, known[A].ticks, known[A].calls)
    assert not any(nothing)
    assert not any((mine.sightings, mine.inside, mine.near, mine.shelters, mine.standing))
    assert (mine.unplaced, mine.other_mode) == (0, 0)


def test_a_shared_incident_is_on_the_board_and_in_the_log_without_its_words(database: Database) -> None:
    theirs = held_by(database, KURE)
    share_first(database, theirs, FUKUYAMA)
    with database.transaction(A) as conn:
        known = facts.read(conn, BoardRow(FUKUYAMA, 0, 0, 60), "", {FUKUYAMA}, NOON, drill=False)
        [sighting] = known.sightings.values()
        assert [report for report, _ in sighting.reports] == [theirs.placed]
        log = chronology.page(conn, LogQuery(sources=frozenset({Source.REPORT})), EVERYTHING, EVERYTHING)
        [line] = log.lines
        assert isinstance(line, ReportLine)
        assert (line.report_id, line.words, len(line.said)) == (theirs.placed, None, 1)
        assert rows_of(conn, "reports") == rows_of(conn, "report_observations") == []
        assert rows_of(conn, "reporters_behind") == rows_of(conn, "questions") == []


def test_a_wards_people_read_what_is_their_citys(database: Database) -> None:
    city, ward, other = "34100", "34101", "34102"
    with database.transaction() as conn:
        for code in (city, other):
            units.board(conn, code, lock=True)
    with database.transaction(Scope(frozenset({ward}))) as conn:
        assert units.municipalities(conn) == [city]
    with database.transaction(Scope(frozenset({FUKUYAMA}))) as conn:
        assert units.municipalities(conn) == []


def test_what_nobody_of_a_municipality_sent_is_its_owners_or_every_prefectures(database: Database) -> None:
    """Readings elsewhere are hidden: a report that stands there must not seem to stand nowhere."""
    stands, unread = deliver(
        database, message("stands", sender_municipality=None), message("unread", sender_municipality=None)
    )
    nowhere: dict[str, Any] = {"lat": None, "lon": None, "level": Level.MUNICIPALITY, "candidates": ()}
    there = observation(stands.report_id, municipality=KURE, home=None, **nowhere)
    with database.transaction() as conn:
        save.save(conn, [read(stands, there), replace(read(unread), relevant=False)], Fusing())
    for scope, seen in ((B, {stands.report_id}), (OKAYAMA, {unread.report_id}), (A, set())):
        with database.transaction(scope) as conn:
            assert {row[0] for row in conn.execute(text("SELECT id FROM reports"))} == seen
            unplaced = incidents.unplaced_reports(conn, 10, scope)
            assert {one.report_id for one in unplaced} == seen - {unread.report_id}
            lying = tray.page(conn, Tab.IRRELEVANT, scope, None, 10).items
            assert {one.report.report_id for one in lying} == seen - {stands.report_id}


def test_whoever_may_read_the_words_sees_all_that_was_read_from_them(database: Database) -> None:
    """One report of Fukuyama about a place in each of two municipalities."""
    [waiting] = deliver(database, message("both"))
    nowhere: dict[str, Any] = {"lat": None, "lon": None, "level": Level.MUNICIPALITY, "candidates": ()}
    said_there = [
        observation(waiting.report_id, 0, home=FUKUYAMA),
        observation(waiting.report_id, 1, home=FUKUYAMA, municipality=KURE, place_text="橋", **nowhere),
    ]
    with database.transaction() as conn:
        save.save(conn, [read(waiting, *said_there)], Fusing())
    for scope in (A, B, PREFECTURE):
        with database.transaction(scope) as conn:
            [item] = tray.page(conn, Tab.UNPLACED, scope, None, 10).items
            assert [one.municipality for one in item.report.observations] == [FUKUYAMA, KURE]
            assert [item.standing[number].on_map for number in (0, 1)] == [True, False]
            # Elsewhere a reading is for whoever answers for its incident.
            assert len(rows_of(conn, "readings")) == (2 if scope is PREFECTURE else 1)


def test_what_was_erased_leaves_a_line_without_words_and_nothing_in_the_tray(database: Database) -> None:
    theirs = held_by(database, KURE)
    with database.transaction() as conn:
        for key in ("placed", "unplaced"):
            assert erase.erase(conn, "test", f"{KURE}-{key}", Fusing())
    with database.transaction(B) as conn:
        log = chronology.page(conn, LogQuery(sources=frozenset({Source.REPORT})), EVERYTHING, EVERYTHING)
        erased = [line for line in log.lines if isinstance(line, ReportLine) and line.erased]
        assert {line.report_id for line in erased} == {theirs.placed, theirs.unplaced}
        assert [line.words for line in erased] == [None, None]
        assert tray.page(conn, Tab.UNPLACED, EVERYTHING, None, 10).items == ()
        assert questions.of_incident(conn, theirs.incident) == []
    with database.transaction(A) as conn:
        assert chronology.page(conn, LogQuery(), EVERYTHING, EVERYTHING).lines == ()


def test_one_right_that_is_missing_is_named(database: Database, database_url: str) -> None:
    with database.transaction() as conn:
        conn.execute(text("REVOKE SELECT ON evacuation_units FROM hansho_reader"))
        conn.execute(text("REVOKE SELECT (settled_at) ON reports FROM hansho_reader"))
        assert fence.unreadable(conn) == ["evacuation_units", "reports"]
        assert not fence.is_usable(conn)
    migrate.upgrade(database_url)
    with database.transaction() as conn:
        assert fence.unreadable(conn) == []
        assert fence.is_usable(conn)


def test_the_tray_and_the_log_ask_their_indexes_behind_the_fence(database: Database) -> None:
    held_by(database, FUKUYAMA)
    # 20,000 incidents of a report each, one in a hundred without a point; 400 units.
    with database.transaction() as conn:
        for statement in MANY.split(";"):
            conn.execute(text(statement))
    with database.transaction(A) as conn:
        tray_plan = plan(conn, tray.UNPLACED, {})
        assert "ix_incidents_unplaced" in tray_plan
        assert "ix_readings_incident_id" in tray_plan
        log_plan = plan(conn, "SELECT id FROM told_reports ORDER BY received_at DESC LIMIT 200", {})
        assert "ix_reports_received_at" in log_plan
        since = NOON - timedelta(hours=72)
        board = units.board(conn, FUKUYAMA)
        members = plan(conn, *facts.members_statement(board, A, since, drill=False))
        assert "ix_evacuation_units_geom" in members
        assert "hansho.audience" in tray_plan
        assert "hansho.audience" in log_plan
        assert "hansho.audience" in members


def plan(conn: Connection, statement: str, values: dict[str, Any]) -> str:
    return json.dumps(conn.execute(text(f"EXPLAIN (FORMAT JSON) {statement}"), values).scalar())


MANY = """
    INSERT INTO inbox (channel, key, state) SELECT 'many', n, 'done' FROM generate_series(1, 20000) n;
    INSERT INTO incidents (id, type, status, place_text, municipality, geom, radius_m, level, ambiguous,
        urgent, people, report_count, first_reported_at, last_reported_at, drill, audience, version, seq,
        updated_at)
    SELECT gen_random_uuid(), 'fire', 'present', '', '34' || 201 + n % 40,
        CASE WHEN n % 100 > 0 THEN
            ST_SetSRID(ST_MakePoint(133 + (n % 200) * 0.005, 34 + n * 0.00005), 4326) END,
        50, 'town', false, false, '{}', 1, now(), now(), false, ARRAY['34', '34' || 201 + n % 40], 1,
        1000 + n, now()
    FROM generate_series(1, 20000) n;
    INSERT INTO reports (id, inbox_id, channel, text, sender_municipality, posted_at, received_at, relevant,
        urgent, people, drill)
    SELECT report_id, id, channel, '', '34' || 201 + id % 40, now(), now() - id * interval '1 second', true,
        false, '{}', false
    FROM inbox WHERE channel = 'many';
    INSERT INTO readings (report_id, ordinal, incident_id, type, status, place_text, municipality, geom,
        level, ambiguous, candidates, why, evidence, quantities, urgent, people, said_at, drill, retracts)
    SELECT r.id, 0, i.id, i.type, i.status, '', i.municipality, i.geom, 'town', false, '[]', '', '[]', '[]',
        false, '{}', now(), false, false
    FROM (SELECT id, row_number() OVER () AS n FROM reports WHERE channel = 'many') r
    JOIN (SELECT *, row_number() OVER () AS n FROM incidents WHERE seq > 1000) i USING (n);
    INSERT INTO evacuation_units (municipality, edition, code, name, geom, automatic, source)
    SELECT '34207', 1, 'u' || n, 'u', ST_Multi(ST_MakeEnvelope(133 + (n % 20) * 0.05, 34 + n * 0.0025,
        133.05 + (n % 20) * 0.05, 34.05 + n * 0.0025, 4326)), false, 'test'
    FROM generate_series(1, 400) n;
    ANALYZE incidents, reports, readings, evacuation_units
"""
