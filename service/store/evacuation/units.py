"""発令単位 in the database: editions that are never changed, and the row of each municipality's board."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from geo.districts import Town, around_towns
from geo.place import TAUGHT_SOURCE, Level
from geo.townindex import CHOME
from service.evacuation.model import Unit
from service.store.codec import dumps
from service.store.sources import PACKAGED

CHANNEL = "changes"
SIGNAL = "evacuation"  # the payload by which the stream learns of a change of any board
AUTOMATIC_SOURCE = "大字・町の代表点から自動作成"
_COLUMNS = "id, code, name, households, population, reporters, automatic"


@dataclass(frozen=True, slots=True)
class BoardRow:
    """`version` grows with every write, `edition` with every import; 0: there are no units yet."""

    municipality: str
    version: int
    edition: int
    interval_min: int


@dataclass(frozen=True, slots=True)
class DrawnUnit:
    """A unit to be stored: its area lon lat in EPSG:4326."""

    code: str
    name: str
    area: MultiPolygon
    households: int | None = None
    population: int | None = None
    reporters: tuple[str, ...] = ()


def board(conn: Connection, municipality: str, *, lock: bool = False) -> BoardRow:
    """The row of a municipality's board; `lock` makes every other writer of it wait until this commits."""
    if lock:
        conn.execute(
            text("INSERT INTO evacuation_boards (municipality) VALUES (:code) ON CONFLICT DO NOTHING"),
            {"code": municipality},
        )
    asked = "SELECT version, edition, interval_min FROM evacuation_boards WHERE municipality = :code"
    row = conn.execute(text(f"{asked} FOR UPDATE" if lock else asked), {"code": municipality}).first()
    return BoardRow(municipality, 0, 0, 60) if row is None else BoardRow(municipality, *row)


def touch(conn: Connection, municipality: str) -> int:
    """Count one write of a board, whose row exists, and tell the streams with the commit; the new version."""
    version: int = conn.execute(
        text(
            "UPDATE evacuation_boards SET version = version + 1, updated_at = clock_timestamp() "
            "WHERE municipality = :code RETURNING version"
        ),
        {"code": municipality},
    ).scalar_one()
    conn.execute(text("SELECT pg_notify(:channel, :signal)"), {"channel": CHANNEL, "signal": SIGNAL})
    return version


def writes(conn: Connection) -> int:
    """How often any board was written: what the pulse of the stream tells."""
    found: int = conn.execute(
        text("SELECT coalesce(sum(version), 0)::bigint FROM evacuation_boards")
    ).scalar_one()
    return found


def municipalities(conn: Connection) -> list[str]:
    """The codes of the municipalities that have a board or in which an incident lies."""
    rows = conn.execute(
        text(
            "SELECT municipality FROM evacuation_boards UNION "
            "SELECT municipality FROM incidents WHERE municipality IS NOT NULL ORDER BY 1"
        )
    )
    return list(rows.scalars())


def set_interval(conn: Connection, municipality: str, minutes: int) -> None:
    """How often each unit is to be heard of."""
    conn.execute(
        text("UPDATE evacuation_boards SET interval_min = :minutes WHERE municipality = :code"),
        {"minutes": minutes, "code": municipality},
    )


def of_edition(conn: Connection, municipality: str, edition: int) -> tuple[Unit, ...]:
    """The units of one edition by code, without their areas."""
    rows = conn.execute(
        text(
            f"SELECT {_COLUMNS} FROM evacuation_units "  # noqa: S608 - constants
            "WHERE municipality = :code AND edition = :edition ORDER BY code"
        ),
        {"code": municipality, "edition": edition},
    )
    return tuple(map(_unit, rows))


def edition_at(conn: Connection, municipality: str, at: datetime) -> int:
    """The edition that was in force at a moment, 0 before there was one. Units made of 大字 have always been
    there, and so have those of before this was noted."""
    found = conn.execute(
        text(
            "SELECT max(edition) FROM evacuation_units WHERE municipality = :code "
            "AND (made_at IS NULL OR made_at <= :at OR (automatic AND edition = 1))"
        ),
        {"code": municipality, "at": at},
    ).scalar()
    return int(found or 0)


def features(conn: Connection, municipality: str, edition: int) -> list[tuple[Unit, str, str]]:
    """Each unit of an edition with its area as GeoJSON text (lon lat) and where it comes from."""
    rows = conn.execute(
        text(
            f"SELECT {_COLUMNS}, ST_AsGeoJSON(geom, 6), source FROM evacuation_units "  # noqa: S608
            "WHERE municipality = :code AND edition = :edition ORDER BY code"
        ),
        {"code": municipality, "edition": edition},
    )
    return [(_unit(row), row[7], row[8]) for row in rows]


def replace(
    conn: Connection, now: BoardRow, drawn: Sequence[DrawnUnit], source: str, *, automatic: bool = False
) -> int:
    """Store `drawn` as the next edition of a board whose row is locked; returns the edition."""
    edition = now.edition + 1
    conn.execute(
        text(
            "INSERT INTO evacuation_units (municipality, edition, code, name, geom, automatic, source, "
            "households, population, reporters) SELECT :municipality, :edition, u.code, u.name, "
            "ST_SetSRID(ST_GeomFromWKB(decode(u.wkb, 'hex')), 4326), :automatic, :source, u.households, "
            "u.population, u.reporters FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS u(code text, "
            "name text, wkb text, households int, population int, reporters text[])"
        ),
        {
            "municipality": now.municipality,
            "edition": edition,
            "automatic": automatic,
            "source": source,
            "rows": dumps([_row(unit) for unit in drawn]),
        },
    )
    conn.execute(
        text("UPDATE evacuation_boards SET edition = :edition WHERE municipality = :code"),
        {"edition": edition, "code": now.municipality},
    )
    return edition


def ensure(conn: Connection, municipality: str, codes: Collection[str]) -> BoardRow:
    """The municipality's board, with units made of its 大字 where it has none of its own.

    `codes` are the municipality with its wards. Without towns or an outline it stays without units.
    """
    now = board(conn, municipality)
    if now.edition:
        return now
    now = board(conn, municipality, lock=True)
    if now.edition:
        return now
    ground = ground_of(conn, codes)
    towns = _towns(conn, codes)
    if ground is None or not towns:
        return now
    made = [DrawnUnit(one.key, one.name, one.area) for one in around_towns(towns, ground)]
    if not made:
        return now
    replace(conn, now, made, AUTOMATIC_SOURCE, automatic=True)
    touch(conn, municipality)
    return board(conn, municipality)


def ground_of(conn: Connection, codes: Collection[str]) -> BaseGeometry | None:
    """The area of these municipalities together (lon lat), official ones before our own; None: unknown."""
    rows = conn.execute(
        text(
            "SELECT DISTINCT ON (code) ST_AsBinary(geom) FROM municipalities WHERE code = ANY(:codes) "
            "ORDER BY code, source = :packaged"
        ),
        {"codes": sorted(codes), "packaged": PACKAGED},
    ).scalars()
    shapes = [shapely.make_valid(shapely.from_wkb(bytes(row))) for row in rows]
    return shapely.union_all(shapes) if shapes else None


def _towns(conn: Connection, codes: Collection[str]) -> list[Town]:
    """大字・町 of these municipalities with the points of their 丁目, which alone make a town, too; a name
    that two wards share says which."""
    rows = conn.execute(
        text(
            "SELECT DISTINCT ON (p.municipality, p.name) p.municipality, p.name, p.level, "
            "ST_Y(p.geom), ST_X(p.geom), m.name FROM places p "
            "LEFT JOIN municipalities m ON m.code = p.municipality AND m.source = :packaged "
            "WHERE p.municipality = ANY(:codes) AND p.level IN ('town', 'chome') "
            "AND p.source NOT LIKE :taught ORDER BY p.municipality, p.name, p.radius_m, p.source"
        ),
        {"codes": sorted(codes), "packaged": PACKAGED, "taught": f"{TAUGHT_SOURCE}%"},
    ).all()
    points: dict[tuple[str, str, str | None], list[tuple[float, float]]] = {}
    for code, name, level, lat, lon, ward in rows:
        chome = CHOME.fullmatch(name) if level == Level.CHOME else None
        known = points.setdefault((code, chome["town"] if chome else name, ward), [])
        known.insert(len(known) if chome else 0, (lat, lon))
    names = Counter(name for _, name, _ in points)
    return [
        Town(
            f"{code}:{name}", f"{name}（{ward}）" if names[name] > 1 and ward else name, *first, tuple(parts)
        )
        for (code, name, ward), (first, *parts) in points.items()
    ]


def _row(unit: DrawnUnit) -> dict[str, Any]:
    return {
        "code": unit.code,
        "name": unit.name,
        "wkb": shapely.to_wkb(unit.area, hex=True),
        "households": unit.households,
        "population": unit.population,
        "reporters": list(unit.reporters),
    }


def _unit(row: Sequence[Any]) -> Unit:
    return Unit(row[0], row[1], row[2], row[3], row[4], tuple(row[5]), row[6])
