"""Shelters of the loaded official files and of the municipalities' own tables, for the map."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, text

MOST: Final = 2_000  # in one view; the nation has 120,000

WITHIN: Final = (
    "SELECT p.source || '/' || p.place_id AS id, p.name, p.municipality, ST_Y(p.geom) AS lat, "
    "ST_X(p.geom) AS lon, p.properties->>'shelter' AS use, "
    "coalesce(p.properties->>'address', '') AS address, p.properties->'disasters' AS disasters, "
    "p.source FROM places p "
    "WHERE p.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326) "
    "AND (p.kind = 'shelter' OR p.properties ? 'shelter') ORDER BY p.name, id LIMIT :rows"
)


@dataclass(frozen=True, slots=True)
class Shelter:
    """指定緊急避難場所 (`use` emergency), 指定避難所 (evacuation), or of a municipality's own table (None).

    `disasters` names the kinds from which it is a refuge, None where the source does not say.
    """

    id: str
    name: str
    municipality: str
    lat: float
    lon: float
    use: str | None
    address: str
    disasters: tuple[str, ...] | None
    source: str


def within(
    conn: Connection, bbox: tuple[float, float, float, float], limit: int = MOST
) -> tuple[list[Shelter], bool]:
    """Shelters in west, south, east, north (degrees, EPSG:4326), by name; and whether there are more."""
    west, south, east, north = bbox
    rows = conn.execute(
        text(WITHIN),
        {"west": west, "south": south, "east": east, "north": north, "rows": limit + 1},
    ).all()
    return [_shelter(row) for row in rows[:limit]], len(rows) > limit


def _shelter(row: Row[Any]) -> Shelter:
    words = None if row.disasters is None else tuple(row.disasters)
    return Shelter(
        row.id, row.name, row.municipality, row.lat, row.lon, row.use, row.address, words, row.source
    )
