"""The documents say what is so: commands, targets, settings, routes, decisions, problems."""

import json
import re
import shlex
import subprocess
from functools import cache
from pathlib import Path

import pytest
import typer.main
from pydantic import SecretStr
from typer.core import TyperGroup

from geo.gazetteer.memory import data_folder
from geo.gazetteer.tables import OUTLINES
from service import problems
from service.api import readiness, serve
from service.api.app import create_app
from service.api.pages import load_site
from service.cli import app as cli
from service.collect.api import ReportIn
from service.settings import Settings
from tests.shape.tree import ROOT, text, tracked
from web import assets

README = Path("README.md")
READMES = (README, Path("README.ja.md"))
DECISIONS = [path for path in tracked() if path.parts[:2] == ("docs", "decisions")]
# What other programs say: pip, uv, npm, pydantic.
FOREIGN = {
    "invalid peer certificate",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "Hash mismatch",
    "THESE PACKAGES DO NOT MATCH THE HASHES",
    "validation error for Settings",
}
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")


def blocks(path: Path) -> list[str]:
    """The fenced sh blocks of a document."""
    return re.findall(r"```sh\n(.*?)```", text(path), re.DOTALL)


def commands() -> list[str]:
    return [line for block in blocks(README) for line in block.splitlines() if line.strip()]


@cache
def targets() -> frozenset[str]:
    found = re.findall(r"^([a-z][a-z-]*):(?!=)", text(Path("Makefile")), re.MULTILINE)
    return frozenset(found)


def subcommands() -> TyperGroup:
    group = typer.main.get_command(cli)
    assert isinstance(group, TyperGroup)
    return group


def run(command: str, folder: Path = ROOT) -> str:
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def first_cell(row: str) -> str:
    return row.split("|")[1] if row.startswith("|") else ""


def test_both_readmes_show_the_same_commands() -> None:
    assert blocks(README)
    assert blocks(READMES[0]) == blocks(READMES[1])


def test_every_make_target_is_in_the_readme_or_in_help() -> None:
    listed = set(re.findall(r"^  make ([a-z-]+) ", run("make help"), re.MULTILINE))
    assert listed == targets()
    assert {"run", "test", "help"} <= listed
    for line in commands():
        if line.startswith("make "):
            assert shlex.split(line)[1] in listed, line


def test_every_subcommand_is_in_both_readmes_and_only_real_ones() -> None:
    real = set(subcommands().commands)
    for readme in READMES:
        assert set(re.findall(r"`hansho ([a-z]+)", text(readme))) == real, readme
    for path in (*READMES, Path("docs/operations.md")):
        shown = set(re.findall(r"hansho ([a-z]+)(?![\w.])", text(path))) - {"hansho"}
        assert {word for word in shown if f"`hansho {word}" in text(path)} <= real


def test_remedies_name_only_real_commands() -> None:
    real = set(subcommands().commands)
    wrong = []
    for path in tracked():
        if path.parts[0] == "service" and path.suffix == ".py":
            for first, second in re.findall(r"`?hansho ([a-z]+)(?: ([a-z]+)\b)?", text(path)):
                group = subcommands().commands.get(first)
                nested = isinstance(group, TyperGroup) and second and second not in group.commands
                if first not in real or nested:
                    wrong.append(f"{path}: hansho {first} {second}")
    assert not wrong


def test_every_option_shown_in_the_readme_is_real() -> None:
    shown = [line for line in commands() if "bin/hansho" in line]
    assert shown
    for line in shown:
        words = shlex.split(line.rpartition("bin/hansho ")[2])
        if words == ["--help"]:
            continue
        options = {option for each in subcommands().commands[words[0]].params for option in each.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


def test_the_readmes_report_is_one_that_the_api_takes() -> None:
    (line,) = [line for line in commands() if "/reports" in line]
    words = shlex.split(line)
    report = ReportIn.model_validate_json(words[words.index("-d") + 1])
    assert report.drill
    assert report.key


def test_the_readmes_message_is_one_that_reading_takes() -> None:
    (line,) = [line for line in commands() if line.startswith("echo")]
    message = json.loads(shlex.split(line)[1])
    assert {"id", "text"} <= set(message)


def test_the_readme_finds_the_key_where_up_keeps_it(tmp_path: Path) -> None:
    (line,) = [line for line in commands() if line.startswith("KEY=")]
    (tmp_path / ".state").mkdir()
    (tmp_path / ".state/credentials.json").write_text(json.dumps({"key": "hansho-key"}))
    said = run(line.replace(".venv/bin/python", "python3") + '\nprintf %s "$KEY"', tmp_path)
    assert said == "hansho-key"
    assert '"credentials.json"' in text(Path("service/commands/up.py"))


@pytest.mark.parametrize("path", [path for path in tracked() if path.suffix == ".md"], ids=str)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    for link in LINK.findall(text(path)):
        if "://" not in link:
            assert (ROOT / path.parent / link).exists(), link


@pytest.mark.parametrize("path", DECISIONS, ids=str)
def test_a_decision_has_its_three_parts_on_one_page(path: Path) -> None:
    lines = text(path).splitlines()
    assert lines[0].startswith(f"# {path.name[:4]} ")
    headings = [line for line in lines if line.startswith("## ")]
    parts = ["## Context", "## Decision", "## Consequences"]
    assert [heading for heading in headings if heading in parts] == parts
    assert len(text(path)) < 5_000, "one page"


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = [path.name[:4] for path in DECISIONS]
    assert len(numbers) >= 6
    assert len(set(numbers)) == len(numbers)
    assert all(number.isdecimal() for number in numbers)


def test_every_setting_is_in_the_operators_page() -> None:
    page = text(Path("docs/operations.md"))
    assert not [name for name in Settings.model_fields if f"`{name.upper()}`" not in page]


def test_every_readiness_check_and_every_problem_is_in_the_operators_page() -> None:
    page = text(Path("docs/operations.md"))
    assert not [name for name, _, _ in readiness.CHECKS if f"| `{name}` |" not in page]
    assert not [slug for slug in problems.KINDS if f"`{slug}`" not in page]


def test_errors_shown_in_the_operators_page_are_still_said() -> None:
    section = text(Path("docs/operations.md")).partition("## Errors on the terminal")[2].partition("## ")[0]
    ours = [
        path for path in tracked() if path.parts[0] in {"service", "geo", "web", ".ci", "docker-compose.yml"}
    ]
    said = "".join(text(path) for path in ours if path.suffix in {"", ".py", ".yml"}).replace("`", "")
    shown = [words for row in section.splitlines() for words in re.findall(r"`([^`]+)`", first_cell(row))]
    assert len(shown) > 15
    assert not [
        words for words in shown if words.removeprefix("bootstrap: ") not in said and words not in FOREIGN
    ]


def test_promises_name_tests_that_exist() -> None:
    for row in text(Path("docs/promises.md")).splitlines():
        for path in re.findall(r"`(tests/[^`]+)`", row):
            assert (ROOT / path).exists(), path


def test_every_route_is_in_the_architecture_and_only_real_ones(tmp_path: Path) -> None:
    settings = Settings(
        database_url="postgresql://nobody@127.0.0.1:1/none", secret_key=SecretStr("x" * 32), state=tmp_path
    )
    site = load_site(assets.NODE_MODULES, data_folder() / OUTLINES)
    paths = create_app(serve.compose(settings), site).openapi()["paths"]
    real = {re.sub(r"\{[^}]*\}", "{}", path) for path in paths}
    interface = text(Path("docs/architecture.md")).partition("## Public interface")[2]
    address = r"(?:`|GET |POST |PATCH |DELETE |\()(/[a-z{][^` ?]*|/)(?=`)"
    shown = re.findall(address, interface.partition("### Feature")[0])
    documented = {re.sub(r"\{[^}]*\}|<[^>]*>|…", "{}", path) for path in shown}
    assert real <= documented
    assert documented <= real | {"/openapi.json"}
