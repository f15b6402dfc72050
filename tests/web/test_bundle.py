"""Our modules joined: each entry runs by itself, what pages share is loaded once, a fault stops the start."""

import re
from pathlib import Path

import pytest

from web import assets
from web.bundle import ENTRIES, bundle

IMPORTED = re.compile(r"""(?:from|import) ?"\./([^"]+)";""")


def written(folder: Path, modules: dict[str, str]) -> Path:
    for name, text in modules.items():
        path = folder / "js" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_each_page_names_all_that_its_entry_imports() -> None:
    made = bundle()
    assert set(made.imports) == set(ENTRIES)
    for entry in ENTRIES:
        reached, waiting = set(), [entry]
        while waiting:
            text = made.files[waiting.pop()].decode()
            waiting += [f"js/{name}" for name in IMPORTED.findall(text) if f"js/{name}" not in reached]
            reached |= {f"js/{name}" for name in IMPORTED.findall(text)}
        assert set(made.imports[entry]) == reached - {entry}


def test_a_page_asks_for_a_dozen_files_and_not_for_each_module() -> None:
    made = bundle()
    modules = len(list((assets.STATIC / "js").rglob("*.js")))
    assert max(len(made.imports[entry]) for entry in ENTRIES) <= 12 < modules / 5


def test_no_module_is_left_over() -> None:
    scripts = assets.STATIC / "js"
    reached: set[Path] = set()
    waiting = [assets.STATIC / entry for entry in ENTRIES]
    while waiting:
        script = waiting.pop()
        reached.add(script)
        found = re.findall(r'(?:from|^import) "([^"]+)";', script.read_text(encoding="utf-8"), re.MULTILINE)
        waiting += [path for name in found if (path := (script.parent / name).resolve()) not in reached]
    assert reached == set(scripts.rglob("*.js"))


def test_what_two_pages_share_is_one_file(tmp_path: Path) -> None:
    state = "export const seen = new Set();\n"
    use = 'import { seen } from "./state.js";\nseen.add("%s");\n'
    made = bundle(
        static=written(tmp_path, {"state.js": state, "main.js": use % "main", "theme.js": use % "theme"}),
        entries=("js/main.js", "js/theme.js"),
    )
    assert sum(b"new Set" in body for body in made.files.values()) == 1
    assert made.imports["js/main.js"] == made.imports["js/theme.js"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('import { gone } from "./gone.js";\ngone();\n', "gone.js"),
        ("const a = {\n", "main.js:2"),
        ("export const a = { b: 1, b: 2 };\n", "Duplicate key"),
    ],
)
def test_a_fault_stops_the_start_and_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        bundle(static=written(tmp_path, {"main.js": text}), entries=("js/main.js",))


def test_a_page_without_its_module_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"desk\.js"):
        bundle(static=written(tmp_path, {"main.js": "1;"}), entries=("js/main.js", "js/desk.js"))


def test_a_missing_esbuild_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"esbuild.*npm ci"):
        bundle(tmp_path)
