"""People at the desk and what they do there, for tests on a real database."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from geo.place import Level
from service import desk
from service.access import ROLE_PERMISSIONS, Principal, Role, scope_of
from service.desk import Done, Merge, Order, Seen, Split
from service.fuse import Fusing
from service.report import EVERYTHING, Incident, Verification
from service.store import inbox, incidents, save
from service.store.database import Database
from service.store.incidents import IncidentQuery
from tests.service.store.samples import message, observation, read

NOW = datetime.now(UTC) - timedelta(minutes=5)
FUSE = Fusing()
FAR = 0.02  # degrees of latitude, about 2 km: another incident


def officer(jurisdiction: str | None = "34207", number: int = 1) -> Principal:
    scope = scope_of(jurisdiction)
    return Principal(
        kind="user",
        subject=f"user:{number}",
        permissions=ROLE_PERMISSIONS[Role.OFFICER],
        name=f"職員{number}",
        role=Role.OFFICER,
        jurisdiction=jurisdiction,
        scope=scope,
        own=scope,
        account=UUID(int=number),
        csrf="x",
    )


def told(database: Database, key: str, words: str = "松永町で道路が冠水しています", **given: Any) -> UUID:
    """One report of one reading through the real rules; the report's id."""
    sent = {name: given.pop(name) for name in ("sender", "channel", "photo") if name in given}
    with database.transaction() as conn:
        inbox.put_many(conn, [message(key, words, **sent)])
    with database.transaction() as conn:
        [waiting] = inbox.claim(conn, worker=0, limit=1)
    given = {"said_at": NOW, "level": Level.FACILITY, "radius_m": 50.0, **given}
    with database.transaction() as conn:
        save.save(conn, [read(waiting, observation(waiting.report_id, **given))], FUSE)
    return waiting.report_id


def all_incidents(database: Database) -> list[Incident]:
    with database.transaction() as conn:
        page = incidents.page(conn, IncidentQuery(limit=10_000), EVERYTHING)
    return sorted(page.incidents, key=lambda one: (one.first_reported_at, str(one.id)))


def of(database: Database, incident_id: UUID) -> Incident:
    with database.transaction() as conn:
        found = incidents.one(conn, incident_id, EVERYTHING)
    assert found is not None
    return found


def seen(*those: Incident) -> tuple[Seen, ...]:
    return tuple(Seen(one.id, one.ruling.version) for one in those)


def decide(
    database: Database,
    those: Iterable[Incident],
    who: Principal | None = None,
    reason: str = "",
    **change: Any,
) -> Done:
    [kind] = change
    order = Order(kind, seen(*those), change, reason)
    with database.transaction() as conn:
        return desk.decide(conn, who or officer(), order, FUSE)


def verify(database: Database, *those: Incident) -> Done:
    return decide(database, those, verification=Verification.VERIFIED)


def merge(database: Database, into: Incident, *others: Incident) -> Done:
    with database.transaction() as conn:
        return desk.merge(conn, officer(), Merge(seen(into)[0], seen(*others)), FUSE)


def split(database: Database, one: Incident, *reports: UUID) -> Done:
    order = Split(seen(one)[0], frozenset((report, 0) for report in reports))
    with database.transaction() as conn:
        return desk.split(conn, officer(), order, FUSE)


def undo(database: Database, done: Done | int) -> Done:
    number = done if isinstance(done, int) else done.recorded.id
    with database.transaction() as conn:
        return desk.undo(conn, officer(), number, "", FUSE)


def state(database: Database) -> Any:
    """Everything but numbers and times of versions: incidents, rulings, who is where, what finds what."""
    with database.transaction() as conn:
        parts = (
            "SELECT to_jsonb(i) - '{version,seq,updated_at,ruling}'::text[] FROM incidents i ORDER BY i.id",
            "SELECT i.ruling - 'version' FROM incidents i ORDER BY i.id",
            "SELECT to_jsonb(r) FROM readings r ORDER BY report_id, ordinal",
            "SELECT jsonb_build_object('id', id, 'target', target) FROM aliases ORDER BY id, target",
        )
        return [list(conn.execute(text(part)).scalars()) for part in parts]
