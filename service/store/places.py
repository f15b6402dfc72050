"""The gazetteer and the municipalities' areas in the database, loaded source by source."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from sys import intern
from typing import Any

from sqlalchemy import Connection, text

from geo.place import Level, Place
from service.store.codec import dumps, ewkt_point

PROGRESS_EVERY = 5000
STREAMED_ROWS = 5000

_COLUMNS = "place_id, name, kana, kind, level, municipality, geom, radius_m, source"


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Where rows come from: its name, the checksum of the table, its licence and date as published."""

    source: str
    checksum: str
    licence: str
    dated: str


def load(
    conn: Connection, source: SourceInfo, rows: Iterable[Place], progress: Callable[[int], None] | None = None
) -> int:
    """Replace all rows of one source; other sources' rows stay. Returns how many were loaded.

    `progress` is called with the number of rows so far.
    """
    values = {
        "source": source.source,
        "checksum": source.checksum,
        "licence": source.licence,
        "dated": source.dated,
    }
    conn.execute(text("DELETE FROM place_sources WHERE source = :source"), values)
    conn.execute(
        text(
            "INSERT INTO place_sources (source, checksum, licence, dated, rows) "
            "VALUES (:source, :checksum, :licence, :dated, 0)"
        ),
        values,
    )
    count = _copy(conn, source.source, rows, progress)
    conn.execute(
        text("UPDATE place_sources SET rows = :count WHERE source = :source"), {**values, "count": count}
    )
    return count


def _copy(
    conn: Connection, source: str, rows: Iterable[Place], progress: Callable[[int], None] | None
) -> int:
    count = 0
    driver: Any = conn.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY places ({_COLUMNS}) FROM STDIN") as copy:
        for place in rows:
            copy.write_row(
                (
                    place.place_id,
                    place.name,
                    place.kana,
                    place.kind,
                    place.level.value,
                    place.municipality,
                    ewkt_point(place.lat, place.lon),
                    place.radius_m,
                    source,
                )
            )
            count += 1
            if progress is not None and count % PROGRESS_EVERY == 0:
                progress(count)
    if progress is not None:
        progress(count)
    return count


def loaded(conn: Connection) -> dict[str, str]:
    """Checksum of each loaded source."""
    return {row[0]: row[1] for row in conn.execute(text("SELECT source, checksum FROM place_sources"))}


def rows(conn: Connection) -> Iterator[Place]:
    """Every place, streamed, so that a nation's places never lie twice in memory."""
    found = conn.execution_options(yield_per=STREAMED_ROWS).execute(
        text(
            "SELECT place_id, name, kana, kind, level, municipality, ST_Y(geom), ST_X(geom), radius_m, "
            "source FROM places ORDER BY id"
        )
    )
    levels = {level.value: level for level in Level}
    for row in found:
        # A few thousand words stand in a quarter of a million rows: one copy of each saves 40 MB.
        kind, code, source = intern(row[3]), intern(row[5]), intern(row[9])
        yield Place(row[0], row[1], row[2], kind, levels[row[4]], code, row[6], row[7], row[8], source)


def load_municipalities(conn: Connection, features: Iterable[Mapping[str, Any]]) -> int:
    """Replace the municipalities by GeoJSON features (EPSG:4326, lon lat) with the properties `code`
    (5-digit text), `name`, `kana` and `prefecture`; Polygon or MultiPolygon. Returns how many.

    Invalid rings are repaired as GEOS does (make_valid, areas only).
    """
    conn.execute(text("DELETE FROM municipalities"))
    batch = [
        {
            "code": feature["properties"]["code"],
            "name": feature["properties"]["name"],
            "kana": feature["properties"].get("kana") or "",
            "prefecture": feature["properties"].get("prefecture") or "",
            "geometry": dumps(feature["geometry"]),
        }
        for feature in features
    ]
    if batch:
        conn.execute(
            text(
                "INSERT INTO municipalities (code, name, kana, prefecture, geom) "
                "VALUES (:code, :name, :kana, :prefecture, ST_Multi(ST_CollectionExtract("
                "ST_MakeValid(ST_SetSRID(ST_GeomFromGeoJSON(:geometry), 4326)), 3)))"
            ),
            batch,
        )
    return len(batch)


def municipality_at(conn: Connection, lat: float, lon: float) -> str | None:
    """5-digit code of the municipality that covers a point (EPSG:4326); None at sea or abroad."""
    code: str | None = conn.execute(
        text(
            "SELECT code FROM municipalities "
            "WHERE ST_Covers(geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) ORDER BY code LIMIT 1"
        ),
        {"lat": lat, "lon": lon},
    ).scalar()
    return code
