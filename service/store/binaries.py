"""Where PostgreSQL's programs are, whether PostGIS is beside them, and what to install when not."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OLDEST_MAJOR = 15
DEBIAN_FOLDER = Path("/usr/lib/postgresql")


class ClusterError(RuntimeError):
    """The private cluster cannot be made, started or stopped; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installed PostgreSQL: its folder of programs, major version, and whether PostGIS is there."""

    folder: Path
    major: int
    has_postgis: bool

    def program(self, name: str) -> str:
        """Full path of `initdb`, `pg_ctl` or another program."""
        return str(self.folder / name)


def _ask(pg_config: Path, option: str) -> str:
    asked = subprocess.run(  # noqa: S603 - the path is a found pg_config
        [str(pg_config), option], capture_output=True, text=True, check=False, timeout=10
    )
    return asked.stdout.strip()


def _folders() -> Iterator[Path]:
    if DEBIAN_FOLDER.is_dir():
        yield from sorted(DEBIAN_FOLDER.glob("*/bin"), reverse=True)
    for name in ("pg_config", "postgres"):
        if found := shutil.which(name):
            yield Path(found).resolve().parent
            if name == "pg_config" and (told := _ask(Path(found), "--bindir")):
                yield Path(told)


def _inspect(folder: Path) -> Binaries | None:
    if not all(os.access(folder / name, os.X_OK) for name in ("initdb", "pg_ctl", "postgres")):
        return None
    asked = subprocess.run(  # noqa: S603 - the path is a found postgres
        [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=False, timeout=10
    )
    version = re.search(r"(\d+)", asked.stdout)
    if version is None:
        return None
    major = int(version.group(1))
    shares = [
        Path(f"/usr/share/postgresql/{major}"),
        folder.parent / "share",
        folder.parent / "share/postgresql",
    ]
    if (folder / "pg_config").exists():
        shares.append(Path(_ask(folder / "pg_config", "--sharedir")))
    has_postgis = any((share / "extension/postgis.control").exists() for share in shares)
    return Binaries(folder, major, has_postgis)


def installed() -> list[Binaries]:
    """Every PostgreSQL server of this machine, with PostGIS first, then newest first."""
    folders = dict.fromkeys(_folders())
    found = [binaries for folder in folders if (binaries := _inspect(folder)) is not None]
    return sorted(found, key=lambda one: (one.has_postgis, one.major), reverse=True)


def find(major: int | None = None) -> Binaries:
    """A server with PostGIS, of exactly version `major` when given (that of existing data).

    Raises ClusterError naming what to install.
    """
    for binaries in installed():
        if binaries.has_postgis and binaries.major >= OLDEST_MAJOR and major in (None, binaries.major):
            return binaries
    raise ClusterError(
        "PostgreSQL with PostGIS is not installed. On Debian or Ubuntu: "
        f"apt-get install -y {' '.join(missing(major)) or 'postgresql-postgis'}; "
        f"elsewhere: PostgreSQL {OLDEST_MAJOR} or newer with PostGIS 3.3 or newer; or set DATABASE_URL."
    )


def missing(major: int | None = None) -> list[str]:
    """Debian packages to install before a cluster can start; empty when all is there.

    The first server found without PostGIS gets its own PostGIS package; with no server at all the
    distribution's own version is asked for by Debian's metapackage.
    """
    servers = [one for one in installed() if one.major >= OLDEST_MAJOR and major in (None, one.major)]
    if any(one.has_postgis for one in servers):
        return []
    if servers or major is not None:
        return [f"postgresql-{major or servers[0].major}-postgis-3"]
    return ["postgresql-postgis"]
