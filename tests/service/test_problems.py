"""The table of problems: documented, in Japanese, without what a sender wrote."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from service.problems import KINDS, ProblemError, field_errors, invalid

DOCS = Path(__file__).resolve().parents[2] / "docs" / "problems.md"


def test_every_slug_is_documented_with_its_status() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\d+) \| (.+?) \| (.+?) \|$", DOCS.read_text(), re.M)
    assert {slug: (int(status), title, detail) for slug, status, title, detail in rows} == {
        kind.slug: (kind.status, kind.title, kind.detail) for kind in KINDS.values()
    }


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_problem_speaks_japanese_and_says_what_to_do(kind: object) -> None:
    body = ProblemError(kind).body()  # type: ignore[arg-type]
    assert re.search(r"[ぁ-ん]", body["title"] + body["detail"])
    assert body["detail"].endswith("。")
    assert body["type"] == f"/problems/{kind.slug}"  # type: ignore[attr-defined]


class Sample(BaseModel):
    count: int
    name: str


def test_field_errors_never_repeat_the_value() -> None:
    with pytest.raises(ValidationError) as refused:
        Sample.model_validate({"count": "CANARY", "name": ["CANARY"]})
    found = field_errors(refused.value.errors())
    assert [error.field for error in found] == ["count", "name"]
    assert found[0].message == "整数で書いてください。"
    assert "CANARY" not in repr(found)


def test_headers_say_when_to_come_back() -> None:
    problem = ProblemError(KINDS["too-many-requests"], retry_after_s=7)
    assert problem.headers()["Retry-After"] == "7"
    assert invalid("lat", "数値で書いてください。").body()["errors"] == [
        {"field": "lat", "message": "数値で書いてください。"}
    ]
