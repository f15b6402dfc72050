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

# A name as it was typed before longer ones, at home before elsewhere, towns before what bears their name.
FOUND: Final = """
SELECT place_id, name, kana, kind, level, municipality, ST_Y(geom) AS lat, ST_X(geom) AS lon, radius_m, source
FROM places
WHERE (CAST(:codes AS text[]) IS NULL OR municipality = ANY(:codes)) AND level <> 'prefecture'
  AND (name ~ :name OR (:reading <> '' AND kana ~ :reading))
  AND (left(source, 7) <> 'taught:' OR {own})
ORDER BY (name = :typed OR name ~ ('^' || :name || '$')) DESC, ({own}) IS TRUE DESC,
  (name ~ ('^' || :name)) DESC, length(name), (level IN ('facility', 'section')), municipality, place_id
LIMIT :most
"""


def by_name(
    conn: Connection, words: str, codes: Collection[str] | None, own: Scope, limit: int
) -> list[Place]:
    """At most `limit` places whose name holds `words`, or is read as they begin; the likeliest first.

    `codes` are the municipalities to look in (5 digits), None for all; what officers taught is found by those
    of `own` only.
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
        **values,
    }
    rows = conn.execute(text(FOUND.format(own=mine)), given)
    found = [Place(**{**row, "level": Level(row["level"])}) for row in rows.mappings()]
    order = {place.place_id: at for at, place in enumerate(found)}
    return sorted(distinct(found), key=lambda place: order[place.place_id])[:limit]
