"""What the pages are made of: nothing foreign, nothing missing, nothing that could run a stranger's text."""

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from nlp.reading import DamageType
from service.api.pages import Site, load_site
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


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(assets.NODE_MODULES, POLYGONS)


def test_every_file_a_page_asks_for_is_served(site: Site) -> None:
    for page in PAGES:
        text = with_its_frame(page)
        asked = {
            *re.findall(r'\{\{ static_url \}\}/([^"{]+)"', text),
            *re.findall(r'entry = "([^"]+)"', text),
        }
        assert asked
        assert asked <= set(site.static), page.name


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"leaflet.*npm ci"):
        assets.static_files(tmp_path)


def test_the_version_follows_the_files() -> None:
    before = assets.version({"js/a.js": b"1"})
    assert assets.version({"js/a.js": b"2"}) != before
    assert assets.version({"js/b.js": b"1"}) != before


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


def test_the_form_stays_light(site: Site) -> None:
    """The form and all it loads: under 60 kB compressed and few files, for one bar of signal."""
    page = with_its_frame(assets.TEMPLATES / "report.html")
    asked = set(re.findall(r'\{\{ static_url \}\}/([^"{]+)"', page))
    wanted = {*asked, "js/report.js", *site.imports["js/report.js"], *site.imports["js/theme.js"]}
    weight = sum(len(site.static[served].packed or site.static[served].body) for served in wanted)
    assert weight + len(gzip.compress(page.encode())) < 60_000
    assert len(wanted) <= 10, wanted


def test_the_pure_modules_in_node() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.fail("node is missing: `make test` installs it", pytrace=False)
    tests = [str(path) for path in sorted((PROJECT / "tests" / "web" / "js").glob("*.test.js"))]
    done = subprocess.run([node, "--test", *tests], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
