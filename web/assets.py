"""Which files the pages may load, under which path, and one digest of them all."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
NODE_MODULES = ROOT.parent / "node_modules"

SERVED_SUFFIXES = frozenset({".css", ".svg", ".json", ".webmanifest"})

# Path under /static/ → file of a package that package-lock.json pins.
VENDOR = {
    "vendor/leaflet/leaflet.js": "leaflet/dist/leaflet.js",
    "vendor/leaflet/leaflet.css": "leaflet/dist/leaflet.css",
    "vendor/leaflet/LICENSE": "leaflet/LICENSE",
    "vendor/markercluster/leaflet.markercluster.js": "leaflet.markercluster/dist/leaflet.markercluster.js",
    "vendor/markercluster/LICENSE": "leaflet.markercluster/MIT-LICENCE.txt",
}


def static_files(node_modules: Path = NODE_MODULES) -> Mapping[str, Path]:
    """The paths that `/static/` answers with a file as it is; beside these only what `web.bundle` makes of
    our modules is served.

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


def version(contents: Mapping[str, bytes]) -> str:
    """Twelve hex digits that change when any of `contents` (path under /static/ → bytes) does, for addresses
    that may be cached for ever."""
    digest = hashlib.sha256()
    for served in sorted(contents):
        digest.update(served.encode())
        digest.update(contents[served])
    return digest.hexdigest()[:12]
