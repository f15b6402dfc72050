"""The gazetteer and the municipalities' areas in the database, loaded source by source."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from sys import intern
from typing import Any

from sqlalchemy import Connection, bindparam, text

from geo.place import Level, Place
from service.store import sources
from service.store.codec import dumps, ewkt_point
from service.store.sources import PACKAGED, SourceInfo

PROGRESS_EVERY = 5000
STREAMED_ROWS = 5000

_COLUMNS = "place_id, name, kana, kind, level, municipality, geom, radius_m, source, properties"

# What a place is besides its name and point: the kinds of disaster that a shelter serves, a bridge's note.
Described = tuple[Place, Mapping[str, Any] | None]


def load(
    conn: Connection, source: SourceInfo, rows: Iterable[Place], progress: Callable[[int], None] | None = None
) -> int:
    """Replace all rows of one source; other sources' rows stay. Returns how many were loaded.

    `progress` is called with the number of rows so far.
    """
    return load_described(conn, source, ((row, None) for row in rows), progress)


def load_described(
    conn: Connection,
    source: SourceInfo,
    rows: Iterable[Described],
    progress: Callable[[int], None] | None = None,
) -> int:
    """`load`, with each place's further properties (JSON)."""
    sources.begin(conn, source)
    count = _copy(conn, source.source, rows, progress)
    sources.finish(conn, source.source, count)
    return count


def add(conn: Connection, source: SourceInfo, rows: Iterable[Place]) -> int:
    """Add rows to a source, which is made if it is new; a row of the same place_id is replaced.

    Returns how many rows the source has then.
    """
    added = list(rows)
    conn.execute(
        text(
            "INSERT INTO place_sources (source, checksum, licence, dated, format, file, rows) "
            "VALUES (:source, :checksum, :licence, :dated, :format, :file, 0) ON CONFLICT (source) "
            "DO UPDATE SET checksum = :checksum, dated = :dated, loaded_at = now()"
        ),
        {name: getattr(source, name) for name in SourceInfo.__slots__},
    )
    conn.execute(
        text("DELETE FROM places WHERE source = :source AND place_id IN :ids").bindparams(
            bindparam("ids", expanding=True)
        ),
        {"source": source.source, "ids": [row.place_id for row in added]},
    )
    _copy(conn, source.source, ((row, None) for row in added), None)
    count: int = conn.execute(
        text("SELECT count(*) FROM places WHERE source = :source"), {"source": source.source}
    ).scalar_one()
    sources.finish(conn, source.source, count)
    return count


def _copy(
    conn: Connection, source: str, rows: Iterable[Described], progress: Callable[[int], None] | None
) -> int:
    count = 0
    driver: Any = conn.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY places ({_COLUMNS}) FROM STDIN") as copy:
        for place, properties in rows:
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
                    None if properties is None else dumps(properties),
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


def rows(conn: Connection, wanted: Collection[str] | None = None) -> Iterator[Place]:
    """Every place (of the `wanted` sources, None for all), streamed, so that a nation's places never lie
    twice in memory."""
    found = conn.execute(
        text(
            "SELECT place_id, name, kana, kind, level, municipality, ST_Y(geom), ST_X(geom), radius_m, "
            "source FROM places WHERE (CAST(:wanted AS text[]) IS NULL OR source = ANY(:wanted)) ORDER BY id"
        ),
        {"wanted": None if wanted is None else list(wanted)},
        execution_options={"yield_per": STREAMED_ROWS},
    )
    levels = {level.value: level for level in Level}
    for row in found:
        # A few thousand words stand in a quarter of a million rows: one copy of each saves 40 MB.
        kind, code, source = intern(row[3]), intern(row[5]), intern(row[9])
        yield Place(row[0], row[1], row[2], kind, levels[row[4]], code, row[6], row[7], row[8], source)


def load_municipalities(
    conn: Connection, features: Iterable[Mapping[str, Any]], source: str = PACKAGED
) -> int:
    """Replace the municipalities of one source by GeoJSON features (EPSG:4326, lon lat) with the properties
    `code` (5-digit text), `name`, `kana` and `prefecture`; Polygon or MultiPolygon. Returns how many.

    Invalid rings are repaired as GEOS does (make_valid, areas only).
    """
    conn.execute(text("DELETE FROM municipalities WHERE source = :source"), {"source": source})
    batch = [
        {
            "code": feature["properties"]["code"],
            "source": source,
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
                "INSERT INTO municipalities (code, source, name, kana, prefecture, geom) "
                "VALUES (:code, :source, :name, :kana, :prefecture, ST_Multi(ST_CollectionExtract("
                "ST_MakeValid(ST_SetSRID(ST_GeomFromGeoJSON(:geometry), 4326)), 3)))"
            ),
            batch,
        )
    sources.touch(conn)
    return len(batch)


def area_sources(conn: Connection) -> dict[str, int]:
    """The sources that bring areas of municipalities, each with its version."""
    found = conn.execute(
        text("SELECT DISTINCT source, version FROM municipalities JOIN place_sources USING (source)")
    )
    return {row[0]: row[1] for row in found}


def replaced_areas(conn: Connection) -> dict[str, bytes]:
    """The areas (WKB, EPSG:4326) that stand in the place of the packaged ones, by 5-digit code; of several
    sources that know a code, the one loaded last."""
    found = conn.execute(
        text(
            "SELECT DISTINCT ON (code) code, ST_AsBinary(geom) FROM municipalities "
            "JOIN place_sources USING (source) ORDER BY code, place_sources.version DESC"
        )
    )
    return {row[0]: bytes(row[1]) for row in found}


def municipality_at(conn: Connection, lat: float, lon: float) -> str | None:
    """5-digit code of the municipality that covers a point (EPSG:4326), official areas before our own;
    None at sea or abroad."""
    code: str | None = conn.execute(
        text(
            "SELECT code FROM municipalities WHERE ST_Covers(geom, "
            "ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) ORDER BY source = :packaged, code LIMIT 1"
        ),
        {"lat": lat, "lon": lon, "packaged": PACKAGED},
    ).scalar()
    return code


def metres_outside(conn: Connection, codes: Collection[str], lat: float, lon: float) -> float | None:
    """Metres from a point (EPSG:4326) to the area of these municipalities, 0 inside; None when none of
    them has an area."""
    metres: float | None = conn.execute(
        text(
            "SELECT min(ST_Distance(geom::geography, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)::geography)) "
            "FROM municipalities WHERE code = ANY(:codes)"
        ),
        {"codes": sorted(codes), "lat": lat, "lon": lon},
    ).scalar()
    return metres
