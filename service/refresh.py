"""Keeps a pipeline equal to the gazetteer in the database while it works.

The packaged places are read once; every other source is a layer that is read again only when it changed.
"""

import time
from dataclasses import dataclass

import shapely

from geo.gazetteer.layers import Layer
from service.pipeline import Pipeline, build_pipeline
from service.store import houses, places, sources
from service.store.database import Connection, Database
from service.store.houses import StoredHouses
from service.store.sources import PACKAGED


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh brought: the gazetteer's version, how many sources and rows lie above the packaged ones,
    and how long it took."""

    version: int
    sources: int
    rows: int
    seconds: float


class Refresh:
    """Call it in a transaction between two batches: when the gazetteer changed, the next batch knows.

    A change of the packaged tables themselves (a newer program's migration) needs a restart, as the program
    itself does.
    """

    def __init__(self, pipeline: Pipeline, database: Database) -> None:
        """`pipeline` was built from the packaged places; the first call adds all other sources.

        House numbers are asked of `database` message by message.
        """
        self._pipeline = pipeline
        self._houses = StoredHouses(database)
        self._version = -1
        self._layers: dict[str, tuple[int, Layer]] = {}
        self._areas: dict[str, int] = {}

    def __call__(self, conn: Connection) -> Refreshed | None:
        """Bring the pipeline up to date; None, after one index probe, when nothing had changed."""
        version = sources.version(conn)
        if version == self._version:
            return None
        started = time.monotonic()
        layers = self._current_layers(conn)
        area_sources = places.area_sources(conn)
        areas = None
        if area_sources != self._areas:
            areas = {code: shapely.from_wkb(area) for code, area in places.replaced_areas(conn).items()}
        asked = self._houses if houses.are_loaded(conn) else None
        self._pipeline.renew({name: layer for name, (_, layer) in layers.items()}, areas, asked)
        self._layers, self._areas, self._version = layers, area_sources, version
        rows = sum(len(layer) for _, layer in layers.values())
        return Refreshed(version, len(layers), rows, round(time.monotonic() - started, 3))

    def _current_layers(self, conn: Connection) -> dict[str, tuple[int, Layer]]:
        formers = self._pipeline.gazetteer.base.formers
        layers: dict[str, tuple[int, Layer]] = {}
        for each in sources.loaded(conn):
            if each.info.format == PACKAGED:
                continue
            name = each.info.source
            known = self._layers.get(name)
            if known is None or known[0] != each.version:
                known = each.version, Layer(places.rows(conn, [name]), formers)
            layers[name] = known
        return layers

    def is_current(self, conn: Connection) -> bool:
        """Whether the gazetteer is the one of the last call: one index probe."""
        return sources.version(conn) == self._version


def open_pipeline(database: Database) -> tuple[Pipeline, Refresh]:
    """A pipeline with all places of the database (5 to 10 s), and what keeps it so."""
    with database.transaction() as conn:
        packaged = [each.info.source for each in sources.loaded(conn) if each.info.format == PACKAGED]
        pipeline = build_pipeline(places.rows(conn, packaged))
        refresh = Refresh(pipeline, database)
        refresh(conn)
    return pipeline, refresh
