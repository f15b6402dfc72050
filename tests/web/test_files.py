"""What the pages are made of: nothing foreign, nothing missing, nothing that could run a stranger's text."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from nlp.reading import DamageType
from web import assets, chooser

PROJECT = assets.ROOT.parent
SCRIPTS = sorted((assets.STATIC / "js").glob("*.js"))
FRAMES = [assets.TEMPLATES / "part" / name for name in ("headquarters.html", "sheet.html")]
PAGES = [*sorted(assets.TEMPLATES.glob("*.html")), *FRAMES]
FRAME = re.compile(r'{% extends "([^"]+)" %}\n')
POLYGONS = PROJECT / "geo" / "data" / "municipalities.geojson"


def with_its_frame(page: Path) -> str:
    """What a page is made of: its own text, and the frame's that it extends."""
    text = page.read_text(encoding="utf-8")
    frame = FRAME.match(text)
    return text if frame is None else (assets.TEMPLATES / frame[1]).read_text(encoding="utf-8") + text


def test_the_lock_names_no_host() -> None:
    lock = (PROJECT / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in lock
    assert '"node_modules/leaflet"' in lock


def test_every_file_a_page_asks_for_is_served() -> None:
    files = assets.static_files()
    for page in PAGES:
        asked = re.findall(r'\{\{ static_url \}\}/([^"]+)"', with_its_frame(page))
        assert asked
        assert set(asked) <= set(files), page.name
    for needed in assets.imports(files).values():
        assert set(needed) <= set(files)


def test_a_page_names_all_that_its_module_imports(tmp_path: Path) -> None:
    for name, text in {
        "js/main.js": 'import { a } from "./a.js";\nimport "./map/b.js";\n',
        "js/a.js": '/** @param {import("./note.js").Note} note */\nexport { c } from "./map/c.js";\n',
        "js/map/b.js": 'import {\n  c,\n  d,\n} from "./c.js";\nimport { a } from "../a.js";\n',
        "js/map/c.js": 'import { main } from "../main.js";\n',
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    files = {path.relative_to(tmp_path).as_posix(): path for path in tmp_path.rglob("*.js")}
    needed = assets.imports(files)
    assert set(needed["js/main.js"]) == {"js/a.js", "js/map/b.js", "js/map/c.js"}
    assert set(needed["js/map/b.js"]) == {"js/a.js", "js/main.js", "js/map/c.js"}


def test_every_import_of_our_modules_is_found() -> None:
    for script in sorted((assets.STATIC / "js").rglob("*.js")):
        text = script.read_text(encoding="utf-8")
        assert len(assets.IMPORT.findall(text)) == len(re.findall(r' from "|^import "', text, re.M)), script


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"leaflet.*npm ci"):
        assets.static_files(tmp_path)


def test_the_version_follows_the_files(tmp_path: Path) -> None:
    one = tmp_path / "a.js"
    one.write_text("1")
    before = assets.version({"js/a.js": one})
    one.write_text("2")
    assert assets.version({"js/a.js": one}) != before
    assert assets.version({"js/b.js": one}) != assets.version({"js/a.js": one})


def test_every_damage_type_has_an_icon_and_a_word() -> None:
    sprite = (assets.STATIC / "icons" / "damage.svg").read_text(encoding="utf-8")
    words = (assets.STATIC / "js" / "words.js").read_text(encoding="utf-8")
    codes = {kind.value for kind in DamageType}
    assert set(re.findall(r'<symbol id="([a-z_]+)"', sprite)) == codes
    assert (
        set(re.findall(r'^  \["([a-z_]+)", t\("[^"]+"\), "[a-z]+", (?:true|false)\]', words, re.M)) == codes
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_builds_markup_from_strings(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text
    )
    assert len(text.splitlines()) < 400
    assert "://" not in re.sub(r'"http://www\.w3\.org/2000/svg"', "", text)
    if script.name != "map.js":
        assert "globalThis.L" not in text
        assert not re.search(r"\bL\.", text)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_no_page_holds_script_or_style_of_its_own(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    frame = FRAME.match(text)
    assert frame is None or assets.TEMPLATES / frame[1] in FRAMES
    assert (frame is not None) != ('<html lang="{{ lang }}">' in text)
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|https?://", text)


def test_the_chooser_offers_the_municipalities_of_the_map() -> None:
    names = chooser.by_prefecture(json.loads(POLYGONS.read_text(encoding="utf-8")))
    assert json.loads(chooser.NAMES.read_text(encoding="utf-8")) == names


def test_the_form_stays_light() -> None:
    """The form and all it loads: under 60 kB compressed, for one bar of signal."""
    import gzip

    page = with_its_frame(assets.TEMPLATES / "report.html")
    files = assets.static_files()
    wanted = set(re.findall(r'\{\{ static_url \}\}/([^"]+)"', page))
    while True:
        more = {
            f"js/{name}"
            for served in wanted
            if served.endswith(".js")
            for name in re.findall(r'from "\./([^"]+)"', files[served].read_text(encoding="utf-8"))
        }
        if more <= wanted:
            break
        wanted |= more
    weight = sum(len(gzip.compress(files[served].read_bytes())) for served in wanted)
    assert weight + len(gzip.compress(page.encode())) < 60_000


def test_the_pure_modules_in_node() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.fail("node is missing: `make test` installs it", pytrace=False)
    tests = [str(path) for path in sorted((PROJECT / "tests" / "web" / "js").glob("*.test.js"))]
    done = subprocess.run([node, "--test", *tests], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
