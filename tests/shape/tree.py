"""The tracked tree: what every test of shape looks at."""

import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("service", "nlp", "geo", "web")


@cache
def tracked() -> tuple[Path, ...]:
    """Files of the repository which exist now, relative to ROOT; files not committed yet are included."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = [name for name in listed.stdout.decode("utf-8").split("\0") if name]
    return tuple(sorted({Path(name) for name in names if (ROOT / name).is_file()}))


def under(*tops: str, suffixes: Iterable[str] = ("",)) -> list[Path]:
    """Tracked files whose first folder is one of `tops` and whose name ends in one of `suffixes`."""
    return [path for path in tracked() if path.parts[0] in tops and path.name.endswith(tuple(suffixes))]


def text(path: Path) -> str:
    """Content of a tracked text file."""
    return (ROOT / path).read_text(encoding="utf-8")
