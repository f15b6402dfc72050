"""Our modules as the browser gets them: joined by esbuild, so that a page asks for a few files and not for
sixty. Six at a time is all that a browser asks of one host, and each turn costs a round trip."""

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from web.assets import NODE_MODULES, STATIC

# What a template names; everything else is imported by these.
ENTRIES: Final = tuple(
    f"js/{name}.js"
    for name in (
        "chronology",
        "desk",
        "device",
        "evacuation",
        "main",
        "people",
        "printing",
        "report",
        "signin",
        "theme",
        "tray",
    )
)
# Names stay as they are written, so that an error's trace can be read.
OPTIONS: Final = (
    "--bundle",
    "--splitting",
    "--format=esm",
    "--minify-whitespace",
    "--minify-syntax",
    "--chunk-names=js/shared-[hash]",
    "--log-level=warning",
)
WITHIN_S: Final = 60


@dataclass(frozen=True, slots=True)
class Bundle:
    """`files`: path under /static/ → contents. `imports`: for each entry every other file that it needs,
    which a page names beforehand, so that they are asked for at once and not level by level."""

    files: Mapping[str, bytes]
    imports: Mapping[str, tuple[str, ...]]


def bundle(
    node_modules: Path = NODE_MODULES, static: Path = STATIC, entries: Sequence[str] = ENTRIES
) -> Bundle:
    """Join the modules under `static` that `entries` reach.

    Raises FileNotFoundError when `npm ci` has not been run, ValueError with esbuild's words when a module
    has a fault, imports what is not there or holds what esbuild warns of.
    """
    with tempfile.TemporaryDirectory(prefix="hansho-bundle-") as folder:
        command = [
            str(_esbuild(node_modules)),
            *(str(static / entry) for entry in entries),
            *OPTIONS,
            f"--outbase={static}",
            "--outdir=made",
            "--metafile=made.json",
        ]
        done = subprocess.run(  # noqa: S603 - the locked package, our own arguments
            command, cwd=folder, capture_output=True, text=True, timeout=WITHIN_S, check=False
        )
        if done.returncode or done.stderr:
            raise ValueError(f"the browser's modules cannot be joined:\n{done.stderr}")
        made = Path(folder) / "made"
        files = {path.relative_to(made).as_posix(): path.read_bytes() for path in sorted(made.rglob("*.js"))}
        outputs = json.loads((Path(folder) / "made.json").read_text(encoding="utf-8"))["outputs"]
    direct = {
        name.removeprefix("made/"): tuple(one["path"].removeprefix("made/") for one in output["imports"])
        for name, output in outputs.items()
    }
    return Bundle(files, {entry: _reached(entry, direct) for entry in entries})


def _esbuild(node_modules: Path) -> Path:
    """The program itself, which runs without Node; npm installs the one package of this machine's kind."""
    for path in sorted(node_modules.glob("@esbuild/*/bin/esbuild")):
        return path
    raise FileNotFoundError(f"{node_modules / '@esbuild'} is missing: run `npm ci` in the project's folder")


def _reached(start: str, direct: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    waiting = [start]
    while waiting:
        for path in direct[waiting.pop()]:
            if path not in found and path != start:
                found[path] = None
                waiting.append(path)
    return tuple(found)
