"""Places by their names, for whoever points one out on the map."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Connection, text

from geo.gazetteer.layers import distinct
from geo.namesearch import name_pattern, reading_pattern, typed
from geo.place import Level, Place
from service.report import Scope
from service.store import visible

MOST_READ: Final = 200  # rows of several sources for one place are made one afterwards

NEAR_DEGREES: Final = 0.5  # some 50 km: where whoever asks looks at the map

# Near before far, the name as typed before longer ones, home before elsewhere, towns before what bears it.
FOUND: Final = """
SELECT place_id, name, kana, kind, level, municipality, ST_Y(geom) AS lat, ST_X(geom) AS lon, radius_m, source
FROM places
WHERE (CAST(:codes AS text[]) IS NULL OR municipality = ANY(:codes)) AND level <> 'prefecture'
  AND (name ~ :name OR (:reading <> '' AND kana ~ :reading))
  AND (left(source, 7) <> 'taught:' OR {own})
ORDER BY
  (geom && ST_Expand(ST_SetSRID(ST_MakePoint(CAST(:lon AS float8), CAST(:lat AS float8)), 4326), :degrees))
    IS TRUE DESC,
  (name = :typed OR name ~ ('^' || :name || '$')) DESC, ({own}) IS TRUE DESC, (name ~ ('^' || :name)) DESC,
  length(name), (level IN ('facility', 'section')), municipality, place_id
LIMIT :most
"""


def by_name(
    conn: Connection,
    words: str,
    codes: Collection[str] | None,
    own: Scope,
    limit: int,
    near: tuple[float, float] | None = None,
) -> list[Place]:
    """At most `limit` places whose name holds `words`, or is read as they begin; the likeliest first.

    `codes` are the municipalities to look in (5 digits), None for all; what officers taught is found by those
    of `own` only. What lies around `near` (lat, lon; WGS 84) comes first.
    """
    pattern = name_pattern(words)
    if not pattern:
        return []
    mine, values = visible.municipal(own)
    given: dict[str, Any] = {
        "codes": None if codes is None else sorted(codes),
        "name": pattern,
        "reading": reading_pattern(words),
        "typed": typed(words),
        "most": MOST_READ,
        "lat": None if near is None else near[0],
        "lon": None if near is None else near[1],
        "degrees": NEAR_DEGREES,
        **values,
    }
    rows = conn.execute(text(FOUND.format(own=mine)), given)
    found = [Place(**{**row, "level": Level(row["level"])}) for row in rows.mappings()]
    order = {place.place_id: at for at, place in enumerate(found)}
    return sorted(distinct(found), key=lambda place: order[place.place_id])[:limit]
