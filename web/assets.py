"""Which files the pages may load, under which path, and one digest of them all."""

import hashlib
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
NODE_MODULES = ROOT.parent / "node_modules"

SERVED_SUFFIXES = frozenset({".js", ".css", ".svg", ".json", ".webmanifest"})

IMPORT = re.compile(r'^(?:.* from|import) "(\.{1,2}/[^"]+)";$', re.MULTILINE)

# Path under /static/ → file of a package that package-lock.json pins.
VENDOR = {
    "vendor/leaflet/leaflet.js": "leaflet/dist/leaflet.js",
    "vendor/leaflet/leaflet.css": "leaflet/dist/leaflet.css",
    "vendor/leaflet/LICENSE": "leaflet/LICENSE",
    "vendor/markercluster/leaflet.markercluster.js": "leaflet.markercluster/dist/leaflet.markercluster.js",
    "vendor/markercluster/LICENSE": "leaflet.markercluster/MIT-LICENCE.txt",
}


def static_files(node_modules: Path = NODE_MODULES) -> Mapping[str, Path]:
    """Every path that `/static/` answers, and its file; nothing outside this table is served.

    Raises FileNotFoundError, naming the package, when `npm ci` has not been run.
    """
    files = {
        path.relative_to(STATIC).as_posix(): path
        for path in sorted(STATIC.rglob("*"))
        if path.is_file() and path.suffix in SERVED_SUFFIXES
    }
    for served, source in VENDOR.items():
        path = node_modules / source
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing: run `npm ci` in the project's folder")
        files[served] = path
    return files


def version(files: Mapping[str, Path]) -> str:
    """Twelve hex digits that change when any of `files` does, for addresses that may be cached for ever."""
    digest = hashlib.sha256()
    for served in sorted(files):
        digest.update(served.encode())
        digest.update(files[served].read_bytes())
    return digest.hexdigest()[:12]


def imports(files: Mapping[str, Path]) -> Mapping[str, tuple[str, ...]]:
    """For every module of `files` (served path → file), the served paths of all modules that it needs.

    A page names them beforehand, so that the browser asks for all of them at once and not level by level.
    """
    own = {
        served: [
            posixpath.normpath(posixpath.join(posixpath.dirname(served), path))
            for path in IMPORT.findall(file.read_text(encoding="utf-8"))
        ]
        for served, file in files.items()
        if served.startswith("js/")
    }
    return {served: _reached(served, own) for served in own}


def _reached(start: str, own: Mapping[str, list[str]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    waiting = [start]
    while waiting:
        for path in own[waiting.pop()]:
            if path not in found and path != start:
                found[path] = None
                waiting.append(path)
    return tuple(found)
