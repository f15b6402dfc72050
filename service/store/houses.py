"""House numbers (住居表示) in the database: loaded source by source, asked one block at a time."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, text

from geo.gazetteer.houses import HousePoint
from geo.official.found import House
from service.store import sources
from service.store.database import Database
from service.store.sources import SourceInfo

PROGRESS_EVERY = 5000


def load(
    conn: Connection, source: SourceInfo, rows: Iterable[House], progress: Callable[[int], None] | None = None
) -> int:
    """Replace all houses of one source; other sources' rows stay. Returns how many were loaded.

    `progress` is called with the number of rows so far.
    """
    sources.begin(conn, source)
    count = 0
    driver: Any = conn.connection.driver_connection
    statement = "COPY houses (source, municipality, town, block, house, lat, lon) FROM STDIN"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(
                (source.source, row.municipality, row.town, row.block, row.house, row.lat, row.lon)
            )
            count += 1
            if progress is not None and count % PROGRESS_EVERY == 0:
                progress(count)
    conn.execute(text("ANALYZE houses"))
    sources.finish(conn, source.source, count)
    return count


def are_loaded(conn: Connection) -> bool:
    """Whether any house number is known."""
    return bool(conn.execute(text("SELECT EXISTS (SELECT FROM houses)")).scalar_one())


class StoredHouses:
    """`geo.gazetteer.houses.Houses` over the database: one index probe a question."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def block(self, municipality: str, town: str, block: str) -> Sequence[HousePoint]:
        """All houses of one 街区, from the source that was loaded last. Raises StoreUnavailable."""
        with self._database.transaction() as conn:
            found = conn.execute(
                text(
                    "SELECT house, lat, lon, source FROM houses JOIN place_sources USING (source) "
                    "WHERE municipality = :municipality AND town = :town AND block = :block "
                    "ORDER BY version DESC, house"
                ),
                {"municipality": municipality, "town": town, "block": block},
            ).all()
        return [HousePoint(*row) for row in found if row.source == found[0].source]
