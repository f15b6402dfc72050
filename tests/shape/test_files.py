"""Sizes, names, hosts and paths of the tracked files."""

import ast
import re
from pathlib import Path

import pytest

from tests.shape.tree import PACKAGES, text, tracked, under

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "base", "common", "misc"}
# Written in pieces, so that this file does not name them either.
REGISTRY_HOSTS = re.compile(
    r"(pypi\."
    r"org|pythonhosted\."
    r"org|registry\.npmjs|npmjs\."
    r"org|deb\.debian\."
    r"org"
    r"|archive\.ubuntu|proxy\.golang|crates\."
    r"io)"
)
MACHINE_PATHS = re.compile(
    r"(?<![\w.])/(work/[a-z]|tmp/(?!hansho\b)[a-z]|root/|home/[a-z])"
)
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


def test_no_registry_and_no_path_of_one_machine_is_named() -> None:
    found = []
    for path in readable():
        for number, line in enumerate(text(path).splitlines(), 1):
            if REGISTRY_HOSTS.search(line) or MACHINE_PATHS.search(line):
                found.append(f"{path}:{number}: {line.strip()[:80]}")
    assert not found


def test_pages_load_nothing_from_third_parties() -> None:
    found = []
    for path in under("web", suffixes=(".html", ".js", ".css", ".svg")):
        for number, line in enumerate(text(path).splitlines(), 1):
            hosts = set(URL_HOST.findall(line)) - NAMESPACES
            found += [f"{path}:{number} names {host}" for host in sorted(hosts)]
    assert not found


def test_only_the_map_module_uses_leaflet() -> None:
    users = [
        path.name
        for path in under("web", suffixes=(".js",))
        if re.search(r"\bL\.[a-zA-Z]+\(|from ['\"].*leaflet", text(path))
    ]
    assert set(users) <= {"map.js"}


def test_no_work_is_left_undone() -> None:
    marks = re.compile(r"\b(" + "TO" + "DO|FIX" + "ME|XX" + r"X)\b")
    assert not [path for path in code() if marks.search(text(path))]
