"""The second fence alone: queries that forget who is asking, run as they are for people."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import make_url, text

from service.report import EVERYTHING, NOTHING, Photo, Scope
from service.store import actions, changes, fence, incidents, ledger, migrate, queue
from service.store.actions import Action
from service.store.database import Connection, Database, StoreError
from service.store.incidents import IncidentQuery
from service.store.queue import QueueQuery
from tests.service.store.samples import deliver, message, observation, read, store

FUKUYAMA, KURE, HIROSHIMA = "34207", "34202", "34"
A, B, PREFECTURE = (Scope(frozenset({code})) for code in (FUKUYAMA, KURE, HIROSHIMA))
# The others are tried in test_fence_headquarters.py.
FENCED = ["actions", "changes", "incidents", "photos", "readings", "reports"]


def told(database: Database) -> None:
    """One report with a photo, its incident and an action of each of two municipalities."""
    photo = Photo(b"\xff\xd8", 1, 1)
    waiting = deliver(
        database,
        message("a", photo=photo),
        message("b", photo=photo, sender_municipality=KURE),
    )
    store(
        database,
        read(waiting[0], observation(waiting[0].report_id)),
        read(
            waiting[1],
            observation(waiting[1].report_id, municipality=KURE, lat=34.2, lon=132.5, candidates=()),
        ),
    )
    with database.transaction() as conn:
        for code in (FUKUYAMA, KURE):
            actions.record(conn, Action("test.seen", None, "test", (HIROSHIMA, code)))


def counted(conn: Connection, table: str) -> int:
    number: int = conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608
    return number


def share(database: Database, code: str, *with_codes: str) -> UUID:
    """The incident of `code`, shared with others."""
    with database.transaction() as conn:
        ledger.lock(conn)
        query = IncidentQuery(municipalities=frozenset({code}))
        [mine] = incidents.page(conn, query, EVERYTHING).incidents
        audience = tuple(sorted({*mine.audience, *with_codes}))
        ledger.write(conn, [replace(mine, ruling=replace(mine.ruling, shared=with_codes), audience=audience)])
    return mine.id


@pytest.mark.parametrize("table", FENCED)
@pytest.mark.parametrize(("scope", "seen"), [(NOTHING, 0), (A, 1), (B, 1), (PREFECTURE, 2), (EVERYTHING, 2)])
def test_a_query_that_forgets_to_ask_shows_nothing_foreign(
    database: Database, table: str, scope: Scope, seen: int
) -> None:
    told(database)
    with database.transaction(scope) as conn:
        assert counted(conn, table) == seen
        if scope in (A, B):
            columns = fence.READABLE[table] or "*"
            whole = f"SELECT string_agg(t::text, '') FROM (SELECT {columns} FROM {table}) t"  # noqa: S608
            body = conn.execute(text(whole))
            foreign = KURE if scope is A else FUKUYAMA
            assert table == "photos" or foreign not in body.scalar_one()


@pytest.mark.parametrize("table", FENCED)
def test_without_the_setting_nothing_is_shown(database: Database, table: str) -> None:
    told(database)
    with database.transaction(A) as conn:
        conn.execute(text("SELECT set_config('hansho.audience', '', true)"))
        assert counted(conn, table) == 0
    with database.transaction() as conn:
        conn.execute(text(f"SET LOCAL ROLE {fence.ROLE}"))
        assert counted(conn, table) == 0


def test_what_is_shared_is_seen_and_its_words_are_not(database: Database) -> None:
    told(database)
    shared = share(database, KURE, FUKUYAMA)
    with database.transaction(A) as conn:
        assert counted(conn, "incidents") == 2
        for table in ("readings", "reports", "photos"):
            assert counted(conn, table) == 1, table
        assert incidents.reports_behind(conn, shared) == []
        assert {one.incident.id for one in changes.since(conn, 0, 10, EVERYTHING)} >= {shared}


def test_the_desk_counts_voices_behind_the_fence_and_hears_of_none_elsewhere(database: Database) -> None:
    """One sender about two municipalities, and a second one about the first."""
    waiting = deliver(
        database, message("a", sender="one"), message("b", sender="one"), message("c", sender="two")
    )
    elsewhere: dict[str, Any] = {"municipality": KURE, "lat": 34.2, "lon": 132.5, "candidates": ()}
    for claimed, place in zip(waiting, ({}, elsewhere, {}), strict=True):
        store(database, read(claimed, observation(claimed.report_id, **place)))
    with database.transaction(A) as conn:
        [[queued], matched] = queue.queue(conn, QueueQuery(), A)
        assert (matched, queued.support.senders) == (1, 2)
        [[same], _] = queue.queue(conn, QueueQuery(same_sender_as=queued.incident.id), A)
        assert same.incident.id == queued.incident.id
    with database.transaction(PREFECTURE) as conn:
        [_, matched] = queue.queue(conn, QueueQuery(same_sender_as=queued.incident.id), PREFECTURE)
        assert matched == 2


def test_a_reader_behind_the_fence_writes_nothing_and_sees_no_secret(database: Database) -> None:
    told(database)
    for statement in (
        "UPDATE incidents SET urgent = true",
        "DELETE FROM readings",
        "INSERT INTO changes SELECT * FROM changes",
        "SELECT hash FROM api_keys",
        "SELECT password_hash FROM users",
        "SELECT message FROM inbox",
        "SELECT sender FROM reports",
    ):
        with pytest.raises(StoreError) as refused, database.transaction(A) as conn:
            conn.execute(text(statement))
        assert refused.value.sqlstate == "42501", statement


def test_the_next_transaction_of_the_same_connection_is_its_own(database: Database) -> None:
    told(database)
    for scope, seen in ((A, 1), (EVERYTHING, 2), (B, 1), (NOTHING, 0), (EVERYTHING, 2)):
        with database.transaction(scope) as conn:
            assert counted(conn, "incidents") == seen


def test_a_table_with_the_audience_in_it_is_fenced(database: Database) -> None:
    """Whoever adds a table of this kind and forgets the fence fails here."""
    with database.transaction() as conn:
        unfenced = conn.execute(
            text(
                "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
                "WHERE a.attname = 'audience' AND c.relkind = 'r' AND NOT c.relrowsecurity"
            )
        ).scalars()
        assert list(unfenced) == []


def test_the_spatial_index_serves_a_box_behind_the_fence(database: Database) -> None:
    with database.transaction() as conn:
        conn.execute(
            text(
                "INSERT INTO incidents (id, type, status, place_text, municipality, geom, radius_m, level, "
                "ambiguous, urgent, people, report_count, first_reported_at, last_reported_at, drill, "
                "audience, version, seq, updated_at) SELECT gen_random_uuid(), 'fire', 'present', '', "
                "'34207', "
                "ST_SetSRID(ST_MakePoint(132 + (n % 200) * 0.01, 33 + (n / 200) * 0.01), 4326), 100, 'town', "
                "false, false, '{}', 1, now(), now(), false, '{34,34207}', 1, n, now() "
                "FROM generate_series(1, 20000) n"
            )
        )
    with database.transaction() as conn:
        conn.execute(text("ANALYZE incidents"))
    query = IncidentQuery(bbox=(132.5, 33.2, 132.52, 33.22), limit=100)
    statement, values = incidents.page_statement(query, A)
    with database.transaction(A) as conn:
        plan = json.dumps(conn.execute(text(f"EXPLAIN (FORMAT JSON) {statement}"), values).scalar())
        assert len(incidents.page(conn, query, A).incidents) == 9
    assert "ix_incidents_geom" in plan
    assert "Seq Scan" not in plan
    assert "hansho.audience" in plan, "the policy is part of it"


@pytest.fixture
def plain_owner(server_url: str, new_database_url: object) -> Iterator[str]:
    """URL of a database whose owner is no superuser and may make no roles."""
    plain = make_url(server_url).set(drivername="postgresql", database="postgres")
    address = plain.render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as conn:
        conn.execute("DROP DATABASE IF EXISTS plainly")
        conn.execute("DROP ROLE IF EXISTS plain_owner")
        conn.execute("CREATE ROLE plain_owner LOGIN NOSUPERUSER NOCREATEROLE PASSWORD 'plain'")
        conn.execute("CREATE DATABASE plainly OWNER plain_owner")
    with psycopg.connect(plain.set(database="plainly").render_as_string(hide_password=False)) as conn:
        conn.execute("CREATE EXTENSION postgis")
    yield (
        make_url(server_url)
        .set(database="plainly", username="plain_owner", password="plain")
        .render_as_string(hide_password=False)
    )
    with psycopg.connect(address, autocommit=True) as conn:
        conn.execute("DROP DATABASE plainly WITH (FORCE)")
        conn.execute("DROP ROLE plain_owner")


def test_an_owner_without_rights_gets_the_first_fence_and_is_told_of_the_second(plain_owner: str) -> None:
    migrate.upgrade(plain_owner)
    database = Database(plain_owner)
    try:
        told(database)
        with database.transaction(A) as conn:
            # The role is there (the server's other databases made it), but this owner may not take it.
            assert conn.execute(text("SELECT current_user")).scalar() == "plain_owner"
            assert incidents.page(conn, IncidentQuery(), A).matched == 1
            assert not fence.is_usable(conn)
    finally:
        database.dispose()


def test_the_fence_is_put_up_again_by_every_migration(database: Database, database_url: str) -> None:
    told(database)
    with database.transaction() as conn:
        conn.execute(text("REVOKE SELECT ON change_times FROM hansho_reader"))
        assert not fence.is_usable(conn)
    migrate.upgrade(database_url)
    with database.transaction() as conn:
        assert fence.is_usable(conn)
        assert fence.is_indexed(conn)
