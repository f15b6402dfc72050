"""Sizes, names, hosts and paths of the tracked files."""

import ast
import hashlib
import re
from pathlib import Path

import pytest

from tests.shape.tree import PACKAGES, text, tracked, under

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "base", "common", "misc"}
# SHA-256 of the hosts of package registries, so that this file does not name them either: a closed network
# installs from its own mirror (docs/decisions/0001-lock-file.md).
REGISTRY_DIGESTS = {
    *("a4aa2ac280bb8d1a", "8b5bb5eb9d758455", "8743857e3ea00fd1", "3ca29e55be4befa4"),
    *("e680c440a2e92079", "a0f007d863a0ed19", "00a7dc5a0cc38858", "789e46d79514e280"),
}
DOTTED = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(work/[a-z]|tmp/(?!hansho\b)[a-z]|root/|home/[a-z])")
URL_HOST = re.compile(r"(?:https?:)?//([a-z0-9][a-z0-9.-]*\.[a-z]{2,})", re.IGNORECASE)
# Namespaces are names, not addresses: no browser fetches them.
NAMESPACES = {"www.w3.org"}
TEXT_SUFFIXES = {
    *(".py", ".js", ".css", ".html", ".mako", ".svg", ".sh"),
    *(".md", ".toml", ".yml", ".yaml", ".json", ".ini", ".lock", ".txt", ".in", ".example", ".tsv"),
}
PLAIN_NAMES = {"Makefile", "Dockerfile", ".dockerignore", ".gitignore", "bootstrap", "run", "compose-check"}


def readable() -> list[Path]:
    return [path for path in tracked() if path.suffix in TEXT_SUFFIXES or path.name in PLAIN_NAMES]


def code() -> list[Path]:
    return under(*PACKAGES, "tests", suffixes=(".py",))


def test_the_tree_is_seen() -> None:
    assert len(code()) > 50
    assert Path("Makefile") in readable()


@pytest.mark.parametrize("path", under(*PACKAGES, "tests", suffixes=(".py", ".js", ".css")), ids=str)
def test_a_file_is_short(path: Path) -> None:
    assert len(text(path).splitlines()) <= MAX_FILE_LINES


def test_functions_are_short() -> None:
    long = []
    for path in code():
        for node in ast.walk(ast.parse(text(path))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                lines = node.end_lineno - node.lineno + 1
                if lines > MAX_FUNCTION_LINES:
                    long.append(f"{path}:{node.lineno} {node.name} has {lines} lines")
    assert not long


def test_names_say_what_a_module_is_for() -> None:
    assert not [
        path for path in tracked() if VAGUE_NAMES & {part.lower() for part in (*path.parts, path.stem)}
    ]


def names_a_registry(content: str) -> bool:
    """Whether a dotted name, or its last two or three labels, is a registry's host."""
    names = {name.lower() for name in DOTTED.findall(content)}
    tails = {".".join(name.split(".")[-labels:]) for name in names for labels in (2, 3)}
    return any(hashlib.sha256(tail.encode()).hexdigest()[:16] in REGISTRY_DIGESTS for tail in tails)


def test_no_registry_is_named() -> None:
    assert names_a_registry("see https://" + bytes.fromhex("707970692e6f7267").decode())
    assert not [path for path in readable() if names_a_registry(text(path))]


def test_no_path_of_one_machine_is_named() -> None:
    found = []
    for path in readable():
        for number, line in enumerate(text(path).splitlines(), 1):
            if MACHINE_PATHS.search(line):
                found.append(f"{path}:{number}: {line.strip()[:80]}")
    assert not found


def test_pages_load_nothing_from_third_parties() -> None:
    found = []
    for path in under("web", suffixes=(".html", ".js", ".css", ".svg")):
        for number, line in enumerate(text(path).splitlines(), 1):
            hosts = set(URL_HOST.findall(line)) - NAMESPACES
            found += [f"{path}:{number} names {host}" for host in sorted(hosts)]
    assert not found


def test_only_the_map_module_and_its_parts_use_leaflet() -> None:
    users = [
        "map.js" if path.parent.name == "map" else path.name
        for path in under("web", suffixes=(".js",))
        if re.search(r"\bL\.[a-zA-Z]+\(|from ['\"].*leaflet", text(path))
    ]
    assert set(users) <= {"map.js"}


def test_no_work_is_left_undone() -> None:
    marks = re.compile(r"\b(" + "TO" + "DO|FIX" + "ME|XX" + r"X)\b")
    assert not [path for path in code() if marks.search(text(path))]
