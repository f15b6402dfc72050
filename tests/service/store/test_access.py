from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from service.report import Organization
from service.store import access
from service.store.database import Database, StoreError


def test_a_key_opens_until_it_is_revoked_or_expires(database: Database) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    with database.transaction() as conn:
        key_id = access.add_key(conn, "消防本部", b"one", {"reports:write", "incidents:read"}, "34207", soon)
        access.add_key(conn, "old", b"two", [], None, datetime.now(UTC) - timedelta(seconds=1))
    with database.transaction() as conn:
        stored = access.key(conn, b"one")
        assert stored is not None
        assert stored.scopes == {"reports:write", "incidents:read"}
        assert (stored.id, stored.municipality, stored.expires_at) == (key_id, "34207", soon)
        assert access.key(conn, b"two") is None
        assert access.key(conn, b"three") is None
        assert access.revoke_key(conn, key_id)
        assert not access.revoke_key(conn, key_id)
        assert access.key(conn, b"one") is None
    with pytest.raises(StoreError), database.transaction() as conn:
        access.add_key(conn, "twin", b"one", [])


def test_a_session_shows_its_user_s_present_role_and_ends(database: Database) -> None:
    soon = datetime.now(UTC) + timedelta(hours=8)
    with database.transaction() as conn:
        user_id = access.add_user(conn, "officer", "hash", "officer")
        access.add_session(conn, b"a", user_id, "csrf", soon)
        access.add_session(conn, b"b", user_id, "csrf", soon)
        access.add_session(conn, b"late", user_id, "csrf", datetime.now(UTC) - timedelta(seconds=1))
        town = access.ensure_organization(conn, "34207")
        assert access.ensure_organization(conn, "34207") == town
        assert access.add_user(conn, "officer", "hash2", "viewer", town) == user_id
        found = access.session(conn, b"a")
        assert found == access.StoredSession(
            user_id, "officer", "viewer", Organization(town, "municipality", "34207", "34207"), "csrf", soon
        )
        assert access.session(conn, b"late") is None
        access.end_session(conn, b"a")
        assert access.session(conn, b"a") is None
        access.add_session(conn, b"c", user_id, "csrf", soon)
        assert conn.execute(text("SELECT count(*) FROM sessions")).scalar() == 2, "expired ones are swept"
        access.end_all_sessions(conn, user_id)
        assert access.session(conn, b"b") is None
        known = access.user(conn, "officer")
        assert known is not None
        assert known.password_hash == "hash2"
        assert access.user(conn, "nobody") is None
    with pytest.raises(StoreError), database.transaction() as conn:
        access.add_user(conn, "x", "hash", "king")
