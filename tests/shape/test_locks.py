"""The locks: hashes and no addresses; production installs what the tests ran with."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.shape.tree import text

LOCKS = ("requirements.lock", ".ci/locks/production.txt", ".ci/locks/uv.txt", ".ci/locks/node.txt")
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*(?:\[[a-z,-]+\])?==[^ \\]+(?: ; [^\\]+?)?) *\\?$", re.MULTILINE)


def pinned(lock: str) -> set[str]:
    return {found.strip() for found in PINNED.findall(text(Path(lock)))}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_is_pinned_with_hashes_and_names_no_address(lock: str) -> None:
    content = text(Path(lock))
    assert pinned(lock)
    assert "://" not in content
    for block in re.split(r"\n(?=[a-z0-9])", content.partition("\n")[2].partition("\n")[2]):
        assert "--hash=sha256:" in block, block[:60]


def test_production_installs_exactly_what_was_tested() -> None:
    names = {entry.partition("==")[0] for entry in pinned("requirements.lock")}
    assert {"pytest", "ruff", "spacy"} <= names
    production = pinned(".ci/locks/production.txt")
    assert production < pinned("requirements.lock")
    assert not {entry for entry in production if entry.startswith(("pytest==", "ruff==", "hypothesis=="))}


def test_every_direct_dependency_is_locked() -> None:
    project = tomllib.loads(text(Path("pyproject.toml")))
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    names = {re.split(r"[^a-zA-Z0-9._-]", each)[0].lower() for each in wanted}
    locked = {re.split(r"[\[=]", entry)[0] for entry in pinned("requirements.lock")}
    assert names <= locked


def test_npm_lock_has_integrity_and_no_addresses() -> None:
    packages = json.loads(text(Path("package-lock.json")))["packages"]
    outside = {name: entry for name, entry in packages.items() if name}
    assert "node_modules/leaflet" in outside
    for name, entry in outside.items():
        assert entry["integrity"].startswith("sha512-"), name
        assert "resolved" not in entry, name


def test_bootstrap_looks_for_the_pythons_that_the_project_takes() -> None:
    project = tomllib.loads(text(Path("pyproject.toml")))["project"]
    bounds = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", project["requires-python"])
    assert bounds
    script = text(Path(".ci/bootstrap"))
    assert f"(3, {bounds[1]}) <= sys.version_info[:2] < (3, {bounds[2]})" in script
    for minor in range(int(bounds[1]), int(bounds[2])):
        assert f"python3.{minor}" in script
