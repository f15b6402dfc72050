"""How fast official files are loaded, and what a worker's memory makes of them.

    python -m tests.measure.loading FILE… [--houses 1000000]

FILE are files as published (`hansho gazetteer load`). `--houses` adds that many invented house numbers.
Everything happens in a private cluster that is removed afterwards.
"""

import argparse
import gc
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from geo.coverage import Coverage
from geo.official.formats import plan
from geo.official.found import House
from service.commands import gazetteer
from service.pipeline import build_pipeline
from service.refresh import Refresh
from service.store import houses, migrate
from service.store.database import Database
from service.store.embedded import EmbeddedCluster
from service.store.houses import StoredHouses
from service.store.sources import SourceInfo

LOOKUPS = 500


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--houses", type=int, default=0, metavar="N")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hansho-") as name:
        Path(name).chmod(0o755)
        cluster = EmbeddedCluster(Path(name) / "state", durable=False)
        database = Database(cluster.start())
        try:
            migrate.upgrade(cluster.url())
            measure(database, options.files, options.houses)
        finally:
            database.dispose()
            cluster.stop(immediate=True)


def measure(database: Database, files: list[Path], number: int) -> None:
    """Load the files and the houses, then let a pipeline follow."""
    pipeline = build_pipeline()
    gc.collect()
    print(f"packaged places: {resident_mb()} MB")
    started = time.monotonic()
    reports = gazetteer.load(
        database, plan(files), gazetteer.Wish(), Coverage.of_package(), Console(quiet=True)
    )
    taken = sum(report.taken for report in reports)
    if taken:
        seconds = time.monotonic() - started
        print(f"{len(reports)} files: {taken:,} rows in {seconds:.1f} s, {taken / seconds:,.0f} a second")
    if number:
        measure_houses(database, number)
    with database.transaction() as conn:
        news = Refresh(pipeline, database)(conn)
    gc.collect()
    print(f"followed: {news}; {resident_mb()} MB, peak {resident_mb('VmHWM')} MB")


def measure_houses(database: Database, number: int) -> None:
    """Invented house numbers: rows a second, and milliseconds a question."""
    started = time.monotonic()
    with database.transaction() as conn:
        houses.load(conn, SourceInfo("invented", "", "", "", "abr-rsdt"), invented(number))
    seconds = time.monotonic() - started
    print(f"{number:,} houses in {seconds:.1f} s, {number / seconds:,.0f} a second")
    stored, started = StoredHouses(database), time.monotonic()
    for at in range(LOOKUPS):
        stored.block("30207", f"町{at % 100}", str(at % 50))
    print(f"{(time.monotonic() - started) / LOOKUPS * 1000:.2f} ms a question")


def invented(number: int) -> Iterator[House]:
    """Towns of 50 blocks with 20 houses each."""
    for at in range(number):
        town, block, house = at // 1000, at // 20 % 50, at % 20
        yield House(at, "30207", f"町{town}", str(block), str(house), 33.7 + at / 1e8, 135.9)


def resident_mb(name: str = "VmRSS") -> int:
    """This process's memory in MB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith(f"{name}:"))


if __name__ == "__main__":
    main()
