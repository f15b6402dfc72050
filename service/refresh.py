"""Keeps a pipeline equal to the gazetteer in the database while it works.

The packaged places are read once; every other source is a layer that is read again only when it changed.
"""

import time

import shapely
import structlog

from geo.gazetteer.memory import MemoryGazetteer
from service.pipeline import Pipeline, build_pipeline
from service.store import places, sources
from service.store.database import Connection
from service.store.sources import PACKAGED

log = structlog.get_logger("gazetteer")


class Refresh:
    """Call it in a transaction between two batches: when the gazetteer changed, the next batch knows.

    A change of the packaged tables themselves (a newer program's migration) needs a restart, as the program
    itself does.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        """`pipeline` was built from the packaged places; the first call adds all other sources."""
        self._pipeline = pipeline
        self._version = -1
        self._layers: dict[str, tuple[int, MemoryGazetteer]] = {}
        self._areas: frozenset[str] = frozenset()

    def __call__(self, conn: Connection) -> bool:
        """Bring the pipeline up to date; whether anything had changed. Costs one index probe if not."""
        version = sources.version(conn)
        if version == self._version:
            return False
        started = time.monotonic()
        base = self._pipeline.gazetteer.base
        layers: dict[str, tuple[int, MemoryGazetteer]] = {}
        for each in sources.loaded(conn):
            if each.info.format == PACKAGED:
                continue
            name, known = each.info.source, self._layers.get(each.info.source)
            if known is None or known[0] != each.version:
                known = each.version, MemoryGazetteer(places.rows(conn, [name]), base.formers)
            layers[name] = known
        areas = {code: shapely.from_wkb(area) for code, area in places.replaced_areas(conn).items()}
        changed = areas if areas or self._areas else None
        self._pipeline.renew({name: layer for name, (_, layer) in layers.items()}, changed)
        self._layers, self._areas, self._version = layers, frozenset(areas), version
        log.info(
            "gazetteer_refreshed",
            version=version,
            sources=len(layers),
            rows=sum(len(layer) for _, layer in layers.values()),
            seconds=round(time.monotonic() - started, 3),
        )
        return True

    def is_current(self, conn: Connection) -> bool:
        """Whether the gazetteer is the one of the last call: one index probe."""
        return sources.version(conn) == self._version


def open_pipeline(conn: Connection) -> tuple[Pipeline, Refresh]:
    """A pipeline with all places of the database (5 to 10 s), and what keeps it so."""
    packaged = [each.info.source for each in sources.loaded(conn) if each.info.format == PACKAGED]
    pipeline = build_pipeline(places.rows(conn, packaged))
    refresh = Refresh(pipeline)
    refresh(conn)
    return pipeline, refresh
