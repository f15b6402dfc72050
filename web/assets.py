"""Which files the pages may load, under which path, and one digest of them all."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
NODE_MODULES = ROOT.parent / "node_modules"

SERVED_SUFFIXES = frozenset({".js", ".css", ".svg", ".json", ".webmanifest"})

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
