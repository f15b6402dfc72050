"""The pipeline of commands that read messages without the service: with the rows that were loaded, if any."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from rich.console import Console

from service.commands.local import migrated_database
from service.pipeline import Pipeline, build_pipeline
from service.refresh import Refresh
from service.settings import Settings
from service.store import sources
from service.store.binaries import ClusterError
from service.store.database import StoreError
from service.store.embedded import EmbeddedCluster
from service.store.sources import PACKAGED


@contextmanager
def known_places(settings: Settings, console: Console) -> Iterator[Pipeline]:
    """The packaged places, and above them what `hansho gazetteer load` brought into the database.

    Without a database the packaged places alone; with one that does not answer, too, and that is said.
    """
    with ExitStack() as held:
        with console.status("読み取りの準備をしています…"):
            pipeline = build_pipeline()
            if settings.database_url or EmbeddedCluster(settings.state).data.exists():
                _add_loaded(pipeline, settings, console, held)
        yield pipeline


def _add_loaded(pipeline: Pipeline, settings: Settings, console: Console, held: ExitStack) -> None:
    try:
        database = held.enter_context(migrated_database(settings))
        if database is None:
            console.print("データベースの形が古いため、同梱の地名辞書だけで読みます（hansho migrate）。")
            return
        with database.transaction() as conn:
            if any(each.info.format != PACKAGED for each in sources.loaded(conn)):
                Refresh(pipeline, database)(conn)
    except (ClusterError, StoreError) as away:
        console.print(f"データベースを使えないため、同梱の地名辞書だけで読みます（{away}）。", markup=False)
