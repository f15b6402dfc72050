"""What the server says in whole Japanese sentences has its English on an English page: lines of the
chronology, summaries of evacuation units, errors of fields."""

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from geo.place import Level
from nlp.reading import DamageType, Status
from service import problems, sentences
from service.api.people import AREA_FAULTS
from service.report import Incident, Verification
from service.store.actions import Action
from web import assets, words

ROOT = Path(problems.__file__).parent
TABLE = assets.STATIC / "data" / "sentences.json"
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
HOLE = re.compile(r"\{(\w+?)_?(?:\|[^{}]*)?\}")
SAYS = {"invalid", "FieldError", "ProblemError", "append"}
WHERE = ("api", "access", "evacuation", "collect/clean.py", "desk.py", "teaching.py", "problems.py")
# Said to whoever loads a file or a table, by the command or in a list of its own.
ELSEWHERE = re.compile(r"番目：|OIDC_")
NOON = datetime(2026, 7, 29, 3, 0, tzinfo=UTC)
NAMES = {"34207": "Fukuyama", "34202": "Kure"}
FLOOD = Incident(
    UUID(int=1), DamageType.ROAD_FLOODING, Status.PRESENT, Verification.UNVERIFIED, "Matsunaga", "34207",
    34.4, 133.2, 700.0, Level.TOWN, None, False, False, {}, 1, NOON, NOON, False,
)  # fmt: skip
BODIES: tuple[dict[str, object], ...] = (
    {},
    {"level": 4, "units": [{"name": "A"}], "decided_at": "2026-07-29T14:32:00+09:00", "by_proxy": True},
    {"name": "Rock", "receiver": "34202", "before": ["34202"], "after": ["34202", "34207"]},
    {
        "line": "x",
        "met": True,
        "unit_names": ["A"],
        "unit_name": "A",
        "after": "full",
        "units": 3,
        "reporter": "B",
    },
    {"edits": [{"after": {"type": "fire", "status": {"status": "feared"}}}, {}]},
    {"edits": [{"after": {"status": {"status": "resolved"}, "assigned": {"kind": "unit", "name": "A"}}}]},
    {"edits": [{"after": {"assigned": {"kind": "person", "name": "A"}}}], "after": {"type": "fire"}},
    {
        "provider": "id.example",
        "before": {"role": "officer"},
        "after": {"role": "viewer"},
        "organizations": ["A", "B"],
    },
)


VERIFIED = Action("desk.verify", None, "x", ("34207",), owner="34207")


def in_english(japanese: list[str]) -> list[str | None]:
    """As the page's own module says it, None where it has no English for all of it."""
    script = f"""
import {{ readFileSync }} from "node:fs";
import {{ patternsOf, translator }} from "{assets.STATIC}/js/sentences.js";
import {{ filled }} from "{assets.STATIC}/js/i18n.js";
const {{ table, words, said }} = JSON.parse(readFileSync(0, "utf8"));
const translate = translator(patternsOf(table), words, filled);
console.log(JSON.stringify(said.map(translate)));"""
    given = {"table": table(), "words": words.english(), "said": japanese}
    command = ["node", "--input-type=module", "-e", script]
    done = subprocess.run(
        command, input=json.dumps(given), capture_output=True, text=True, check=True, timeout=60
    )
    found: list[str | None] = json.loads(done.stdout)
    return found


def table() -> dict[str, str]:
    found: dict[str, str] = json.loads(TABLE.read_text(encoding="utf-8"))
    return found


def messages() -> Iterator[str]:
    """Every text of an error or a unit's summary that stands in the program, its holes filled."""
    yield from AREA_FAULTS.values()
    for template in problems.MESSAGES.values():
        yield template.format_map(dict.fromkeys(re.findall(r"(?<!\{)\{(\w+)\}", template), "5"))
    for path in sorted(file for name in WHERE for file in _files(ROOT / name)):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in SAYS:
                for argument in node.args[:2]:
                    text = _text(argument)
                    if JAPANESE.search(text) and text.endswith("。") and not ELSEWHERE.search(text):
                        yield text


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else list(path.rglob("*.py"))


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return ""
    return "".join(str(one.value) if isinstance(one, ast.Constant) else _hole(one) for one in node.values)


def _hole(node: ast.expr) -> str:
    value = node.value if isinstance(node, ast.FormattedValue) else None
    return "、うち緊急5件" if isinstance(value, ast.Name) and value.id == "urgent" else "5"


@pytest.mark.parametrize("incident", [None, FLOOD], ids=["alone", "about an incident"])
def test_every_line_about_an_action_has_its_english(incident: Incident | None) -> None:
    said = [
        sentences.sentence(
            Action(kind, None, "x", ("34207",), owner="34207", body=body, reason=reason, undoes=undoes),
            incident,
            NAMES,
            undone=undone,
        )
        for kind in (*sentences.RENDERERS, "future.deed")
        for undone in (None, VERIFIED)
        for body in BODIES
        for reason, undoes in (("", None), ("because", 3))
    ]
    known = in_english(said)
    assert [
        one for one, english in zip(said, known, strict=True) if not english or JAPANESE.search(english)
    ] == []


def test_every_error_and_every_summary_has_its_english() -> None:
    said = sorted(set(messages()))
    assert len(said) > 90
    known = in_english(said)
    assert [
        one for one, english in zip(said, known, strict=True) if not english or JAPANESE.search(english)
    ] == []


def test_what_people_wrote_stays_in_their_words_and_half_a_translation_is_none() -> None:
    said = [
        "「道路冠水（松永町）」を確認済とした。理由：消防署の話。再度確認",
        "道路冠水（発生中）松永町、停電（おそれ）今津町（2026-07-29 10:30 投稿）",
        "道路冠水（発生中）松永町。ほかの話",
        "誰かが書いた文。",
    ]
    assert in_english(said) == [
        "Marked “Flooded road (松永町)” as verified. Reason: 消防署の話。再度確認",
        "Flooded road (Happening) 松永町, Power cut (Feared) 今津町 (posted 2026-07-29 10:30)",
        None,
        None,
    ]


def test_the_english_fills_the_same_holes_and_holds_no_japanese() -> None:
    for japanese, english in table().items():
        assert set(HOLE.findall(japanese)) == set(HOLE.findall(english)), japanese
        assert english.strip()
        assert not JAPANESE.search(english), japanese
