"""Messages, observations and a simple fusion for the store's tests."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from geo.place import Level
from geo.sphere import metres_between
from nlp.reading import DamageType, Status
from service.fuse import audience_of
from service.report import (
    Evidence,
    Incident,
    Message,
    Observation,
    PlaceChoice,
    ReadReport,
    Ruling,
    Waiting,
)
from service.store import inbox, save
from service.store.database import Connection, Database
from service.store.recollection import Recollection

NOON = datetime(2026, 7, 29, 3, 0, tzinfo=UTC)
MATSUNAGA = (34.4479, 133.2556)


def message(key: str, text: str = "松永町で道路が冠水しています", **given: object) -> Message:
    plain = Message(channel="test", key=key, text=text, posted_at=NOON, sender_municipality="34207")
    return replace(plain, **given)  # type: ignore[arg-type]


def observation(report_id: UUID, ordinal: int = 0, **given: object) -> Observation:
    lat, lon = MATSUNAGA
    plain = Observation(
        report_id=report_id,
        ordinal=ordinal,
        type=DamageType.ROAD_FLOODING,
        status=Status.PRESENT,
        place_text="松永町",
        municipality="34207",
        lat=lat,
        lon=lon,
        radius_m=700.0,
        level=Level.TOWN,
        shape=None,
        ambiguous=False,
        candidates=(
            PlaceChoice(
                "松永町", "34207", lat, lon, Level.TOWN, 3.5, {"name": 2.5, "sender": 1.0}, "送信者の市"
            ),
        ),
        why="福山市松永町の代表点",
        evidence=(Evidence(0, 3, "松永町", "gazetteer"), Evidence(7, 9, "冠水", "lexicon")),
        quantities=("膝",),
        urgent=False,
        people={},
        said_at=NOON,
        drill=False,
    )
    return replace(plain, **given)  # type: ignore[arg-type]


def read(
    waiting: Waiting, *observations: Observation, reply: str = "道路冠水（発生中）松永町付近"
) -> ReadReport:
    return ReadReport(
        waiting=waiting,
        relevant=True,
        urgent=False,
        people={},
        drill=waiting.message.drill,
        observations=observations,
        reply=reply,
    )


class NearestOfType:
    """Same type within 500 m and an hour: the nearest; the incident stands at its members' mean."""

    def search_radius_m(self, observation: Observation) -> float:
        return 500.0

    def window(self, observation: Observation) -> timedelta:
        return timedelta(hours=1)

    def match(self, observation: Observation, nearby: Sequence[Incident]) -> UUID | None:
        same = [one for one in nearby if one.type == observation.type]
        if observation.lat is None or observation.lon is None:
            return same[0].id if same else None
        here = (observation.lat, observation.lon)
        far = [(metres_between(*here, one.lat or 0.0, one.lon or 0.0), one.id) for one in same]
        return min(far)[1] if far else None

    def summarize(self, incident_id: UUID, members: Sequence[Observation], ruling: Ruling) -> Incident:
        first, last = members[0], members[-1]
        lats = [one.lat for one in members if one.lat is not None]
        lons = [one.lon for one in members if one.lon is not None]
        return Incident(
            id=incident_id,
            type=first.type,
            status=last.status,
            verification=ruling.verification,
            place_text=first.place_text,
            municipality=first.municipality,
            lat=sum(lats) / len(lats) if lats else None,
            lon=sum(lons) / len(lons) if lons else None,
            radius_m=first.radius_m,
            level=first.level,
            shape=first.shape,
            ambiguous=first.ambiguous,
            urgent=any(one.urgent for one in members),
            people=first.people,
            report_count=len({one.report_id for one in members}),
            first_reported_at=first.said_at,
            last_reported_at=last.said_at,
            drill=first.drill,
            audience=audience_of(first.municipality, members, ruling),
            ruling=ruling,
        )


def deliver(database: Database, *messages: Message) -> list[Waiting]:
    """Put the messages and claim what waits."""
    with database.transaction() as conn:
        inbox.put_many(conn, messages)
    with database.transaction() as conn:
        return inbox.claim(conn, worker=0, limit=len(messages))


def store(
    database: Database, *reports: ReadReport, recollection: Recollection | None = None
) -> save.SaveResult:
    with database.transaction() as conn:
        return save.save(conn, reports, NearestOfType(), recollection)


def holders(database: Database, words: str) -> set[str]:
    """The tables that hold `words` in any column of any row."""
    with database.transaction() as conn:
        names = conn.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars()
        return {name for name in names.all() if _holds(conn, name, words)}


def _holds(conn: Connection, table: str, words: str) -> bool:
    found = text(f"SELECT EXISTS (SELECT FROM {table} WHERE strpos({table}::text, :words) > 0)")  # noqa: S608
    return bool(conn.execute(found, {"words": words}).scalar())
