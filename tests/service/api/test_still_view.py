"""Old information in the view of very many incidents: counted, hidden or shown alone as asked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from nlp.reading import Status
from service.api.services import Services
from service.store import still
from tests.service.api.world import World, report


@pytest.fixture
def services(services: Services) -> Services:
    return replace(services, clock=lambda: datetime(2026, 7, 29, 6, 30, tzinfo=UTC))


def test_old_information_is_counted_and_found_or_hidden(world: World) -> None:
    noon = datetime(2026, 7, 29, 3, 0, tzinfo=UTC)
    report(world.services, "old", said_at=noon)
    report(world.services, "new", lat=34.6, said_at=noon + timedelta(hours=3))
    report(world.services, "over", lat=34.8, said_at=noon, status=Status.RESOLVED)
    client = world.reader()
    whole = client.get("/situation").json()
    assert (whole["shown"], whole["counts"]["hidden"]) == (2, 1)
    assert whole["counts"]["stale"] == {"all": 2, "hide": 1, "only": 1}
    old = client.get("/situation?old=only").json()
    assert (old["shown"], old["counts"]["hidden_stale"]) == (1, 0)
    fresh = client.get("/situation?old=hide").json()
    assert (fresh["shown"], fresh["counts"]["hidden"], fresh["counts"]["hidden_stale"]) == (1, 2, 1)
    assert client.get("/situation?old=perhaps").status_code == 400
    with world.services.database.transaction() as conn:
        [feature] = old["features"]
        assert still.confirm(conn, UUID(feature["id"]), noon + timedelta(hours=3))
    assert client.get("/situation?old=only").json()["shown"] == 0
    then = client.get("/situation?old=only&at=2026-07-29T15:00:00%2B09:00")
    assert then.status_code == 200
