"""Bring the gazetteer that the program carries into the database, when it is not there in this form yet."""

import gzip
import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from geo.gazetteer.memory import data_folder, load
from geo.gazetteer.tables import MANIFEST, OUTLINES_FINE, PLACES
from geo.place import Place
from service.store import places
from service.store.database import Database
from service.store.sources import SourceInfo

LICENCES = "geo/data/SOURCES.md"  # one page names publisher, licence and date of every source


def packaged_checksum() -> str:
    """SHA-256 of the packaged table of places, as the manifest states it."""
    return str(_manifest(data_folder())[PLACES])


def install_gazetteer(database: Database, console: Console) -> None:
    """Load places and municipalities unless the database has this very table; one transaction.

    Rows of other sources (a municipality's own names) stay.
    """
    checksum = packaged_checksum()
    with database.transaction() as conn:
        known = places.loaded(conn)
    by_source: dict[str, list[Place]] = defaultdict(list)
    if checksum in known.values():
        return
    with console.status("地名辞書を入れています…（数秒から数十秒）") as status:
        for place in load():
            by_source[place.source].append(place)
        total, before = sum(map(len, by_source.values())), 0
        with database.transaction() as conn:
            for source, rows in sorted(by_source.items()):
                done = before

                def progress(count: int, done: int = done) -> None:
                    status.update(f"地名辞書を入れています… {done + count:,} / {total:,} 件")

                dated = source.rpartition("-")[2]
                places.load(conn, SourceInfo(source, checksum, LICENCES, dated), rows, progress)
                before += len(rows)
            places.load_municipalities(conn, _outlines(data_folder())["features"])
    console.print(f"地名辞書：{total:,} 件を入れました。")


def _manifest(folder: Path) -> Mapping[str, str]:
    listed = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return {each["file"]: each["sha256"] for each in listed["files"]}


def _outlines(folder: Path) -> dict[str, Any]:
    packed = (folder / OUTLINES_FINE).read_bytes()
    return dict(json.loads(gzip.decompress(packed)))
