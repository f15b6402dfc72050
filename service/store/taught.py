"""What headquarters taught: a place of one municipality, who taught it and when, and who took it back.

Teaching and taking back are one transaction under the writer lock: the gazetteer's row, the audit row and
the reports to be located again (service/store/relocations.py) are there together or not at all.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection, text

from geo.names import normal_form
from geo.place import TAUGHT_SOURCE, Place
from geo.taught import KIND, level_of
from service.report import Scope
from service.store import ledger, places, relocations, sources, visible
from service.store.sources import SourceInfo

FORMAT = "taught"
LICENCE = "本部が画面から教えた場所"
BY_UNLOAD = "hansho gazetteer unload"  # stands as `removed_by` when the source was taken out as a whole


@dataclass(frozen=True, slots=True)
class Lesson:
    """「この名前はここ」: WGS 84 in degrees, the radius in metres, the municipality's 5-digit code."""

    municipality: str
    name: str
    lat: float
    lon: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class TaughtPlace:
    """A lesson as stored: by whom and when."""

    id: UUID
    lesson: Lesson
    taught_by: str
    taught_at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """How many reports still wait to be located again, were, or could not be read."""

    waiting: int
    located: int
    failed: int


class AlreadyTaughtError(Exception):
    """The municipality has another place of this name, which `standing` tells."""

    def __init__(self, standing: TaughtPlace) -> None:
        super().__init__("a place of this name is taught already")
        self.standing = standing


def teach(
    conn: Connection,
    lesson: Lesson,
    by: str,
    codes: Collection[str],
    incident: UUID | None = None,
    replaces: UUID | None = None,
) -> TaughtPlace:
    """Store a lesson of the account `by`, and queue the reports that it may place.

    `codes` are the municipality with its city or wards: reports of these are looked through. `incident` is
    the one from which it is taught: its reports move even when they have a point. `replaces` is the taught
    place that its author has seen and wants to put this one in the place of. The same lesson of the same
    account again is answered with the first. Raises AlreadyTaughtError.
    """
    ledger.lock(conn)
    take_back_unloaded(conn)
    key = normal_form(lesson.name)
    old = _standing(conn, lesson.municipality, key)
    if old is not None:
        if (old.lesson, old.taught_by) == (lesson, by):
            return old
        if old.id != replaces:
            raise AlreadyTaughtError(old)
        _close(conn, old, by)
    made = _store(conn, lesson, key, by, None if old is None else old.id)
    if old is not None:
        relocations.take_over(conn, old.id, made.id)
        relocations.queue_read_with(conn, made.id, old.lesson.municipality, old.lesson.name)
    relocations.queue_unplaced(conn, made.id, codes, lesson.name, incident)
    _change_gazetteer(conn, made, old)
    return made


def take_back(conn: Connection, taught_id: UUID, by: str) -> TaughtPlace | None:
    """Remove a taught place; the reports that it placed are queued to go back. None when it is not there."""
    ledger.lock(conn)
    found = one(conn, taught_id)
    if found is None:
        return None
    _close(conn, found, by)
    _queue_undoing(conn, found)
    _change_gazetteer(conn, None, found)
    return found


def one(conn: Connection, taught_id: UUID) -> TaughtPlace | None:
    """The standing taught place of this id."""
    return next(iter(_select(conn, "id = :id AND removed_at IS NULL", {"id": taught_id})), None)


def standing(
    conn: Connection, codes: Collection[str] | None, limit: int, own: Scope
) -> list[tuple[TaughtPlace, Progress]]:
    """The taught places of some municipalities (None: of all) that `own` answers for, newest first, each with
    its progress."""
    allowed, values = visible.municipal(own)
    found = _select(
        conn,
        "removed_at IS NULL AND (CAST(:codes AS text[]) IS NULL OR municipality = ANY(:codes)) "
        f"AND {allowed} ORDER BY taught_at DESC, id LIMIT :limit",
        {**values, "codes": None if codes is None else sorted(codes), "limit": limit},
    )
    counted = relocations.counts(conn, [each.id for each in found])
    return [(each, Progress(*counted.get(each.id, (0, 0, 0)))) for each in found]


def progress(conn: Connection, taught_id: UUID) -> Progress:
    """How far the reports of one taught place have come."""
    return Progress(*relocations.counts(conn, [taught_id]).get(taught_id, (0, 0, 0)))


def take_back_unloaded(conn: Connection) -> int:
    """Take back what was removed from the gazetteer as a whole source; returns how many there were.

    Without any it costs one look at a small table and takes no lock.
    """
    gone = (
        "removed_at IS NULL AND NOT EXISTS (SELECT FROM places "
        "WHERE places.place_id = taught_places.id::text "
        f"AND places.source = '{TAUGHT_SOURCE}' || taught_places.municipality)"
    )
    if not _select(conn, gone, {}):
        return 0
    ledger.lock(conn)
    found = _select(conn, gone, {})
    for each in found:
        _close(conn, each, BY_UNLOAD)
        _queue_undoing(conn, each)
    return len(found)


def _store(conn: Connection, lesson: Lesson, key: str, by: str, replaces: UUID | None) -> TaughtPlace:
    taught_id = uuid4()
    at = conn.execute(
        text(
            "INSERT INTO taught_places "
            "(id, municipality, key, name, lat, lon, radius_m, taught_by, replaces) "
            "VALUES (:id, :municipality, :key, :name, :lat, :lon, :radius_m, :by, :replaces) "
            "RETURNING taught_at"
        ),
        {
            **{name: getattr(lesson, name) for name in Lesson.__slots__},
            "id": taught_id,
            "key": key,
            "by": by,
            "replaces": replaces,
        },
    ).scalar_one()
    return TaughtPlace(taught_id, lesson, by, at)


def _close(conn: Connection, place: TaughtPlace, by: str) -> None:
    conn.execute(
        text("UPDATE taught_places SET removed_by = :by, removed_at = clock_timestamp() WHERE id = :id"),
        {"id": place.id, "by": by},
    )


def _queue_undoing(conn: Connection, place: TaughtPlace) -> None:
    relocations.queue_undoing(conn, place.id)
    relocations.queue_read_with(conn, place.id, place.lesson.municipality, place.lesson.name, undo=True)


def _change_gazetteer(conn: Connection, made: TaughtPlace | None, gone: TaughtPlace | None) -> None:
    """Bring the source of the municipality up to date; last, because others wait for its version."""
    either = made or gone
    if either is None:
        return
    source = TAUGHT_SOURCE + either.lesson.municipality
    if gone is not None:
        conn.execute(
            text("DELETE FROM places WHERE source = :source AND place_id = :id"),
            {"source": source, "id": str(gone.id)},
        )
    if made is not None:
        info = SourceInfo(source, str(made.id), LICENCE, f"{made.taught_at:%Y-%m-%d}", FORMAT)
        places.add(conn, info, [_row(made, source)])
        return
    left: int = conn.execute(
        text("SELECT count(*) FROM places WHERE source = :source"), {"source": source}
    ).scalar_one()
    if left:
        sources.finish(conn, source, left)
    else:
        sources.remove(conn, source)


def _row(made: TaughtPlace, source: str) -> Place:
    lesson = made.lesson
    level = level_of(lesson.radius_m)
    place_id, code = str(made.id), lesson.municipality
    return Place(
        place_id, lesson.name, "", KIND, level, code, lesson.lat, lesson.lon, lesson.radius_m, source
    )


def _standing(conn: Connection, municipality: str, key: str) -> TaughtPlace | None:
    values = {"municipality": municipality, "key": key}
    found = _select(conn, "municipality = :municipality AND key = :key AND removed_at IS NULL", values)
    return next(iter(found), None)


def _select(conn: Connection, where: str, values: Mapping[str, object]) -> Sequence[TaughtPlace]:
    rows = conn.execute(
        text(
            "SELECT id, municipality, name, lat, lon, radius_m, taught_by, taught_at "  # noqa: S608 - constants
            f"FROM taught_places WHERE {where}"
        ),
        values,
    )
    return [TaughtPlace(row[0], Lesson(*row[1:6]), row[6], row[7]) for row in rows]
