"""Every kind of action that the program records has a plain Japanese sentence, whatever its body."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import pytest
from pydantic import BaseModel

from geo.place import Level
from nlp.reading import DamageType, Status
from service import actionwords, sentences
from service.api import desk_orders
from service.api.deskview import KINDS_JA
from service.desk import KIND
from service.evacuation.model import Decided
from service.report import Incident, RuledStatus, Ruling, Verification
from service.store.actions import Action
from service.store.desk import Deed, Edit, body_of

NAMES = {"34207": "福山市", "34202": "呉市"}
NOON = datetime(2026, 7, 29, 3, 0, tzinfo=UTC)
DOTTED = re.compile(r'"([a-z]+\.[a-z_]+)"')
RECORDS = re.compile(r"\b(?:Action|_?action|record)\(")
FLOOD = Incident(
    UUID(int=1), DamageType.ROAD_FLOODING, Status.PRESENT, Verification.UNVERIFIED, "松永町", "34207", 34.4,
    133.2, 700.0, Level.TOWN, None, False, False, {}, 1, NOON, NOON, False,
)  # fmt: skip


def recorded_kinds() -> set[str]:
    """The kinds that stand in the program, and those made of an order's or a decision's own."""
    folder = Path(sentences.__file__).parent
    sources = [
        path.read_text(encoding="utf-8")
        for path in folder.rglob("*.py")
        if path.name not in {"actionwords.py", "sentences.py", "deskview.py"}
    ]
    known = tuple({f"{kind.partition('.')[0]}." for kind in sentences.RENDERERS})
    # Where actions are recorded each dotted name is a kind; elsewhere one that begins like a known kind.
    literal = {
        kind
        for source in sources
        for kind in DOTTED.findall(source)
        if RECORDS.search(source) or kind.startswith(known)
    }
    orders = {
        kind
        for order in vars(desk_orders).values()
        if isinstance(order, type) and issubclass(order, BaseModel) and "kind" in order.model_fields
        for kind in get_args(order.model_fields["kind"].annotation)
    } - {"person", "unit"}
    decided = {f"evacuation.{one.value}" for one in Decided}
    return (
        {kind for kind in literal if not kind.endswith((".html", ".id"))}
        | {KIND + one for one in orders}
        | decided
    )


def said(
    kind: str, body: dict[str, Any] | None = None, incident: Incident | None = FLOOD, **given: Any
) -> str:
    action = Action(kind, None, "職員", ("34207",), owner="34207", body=body or {}, **given)
    return sentences.sentence(action, incident, NAMES)


def decided(*after: Ruling) -> dict[str, Any]:
    return body_of(Deed(tuple(Edit(UUID(int=n), Ruling(), one, False) for n, one in enumerate(after)), ()))


def test_every_recorded_kind_has_its_sentence_and_its_words() -> None:
    kinds = recorded_kinds()
    assert {"desk.verify", "desk.split", "evacuation.lift", "people.create", "tray.pull"} <= kinds
    assert {"organization.create", "organization.change"} <= kinds
    assert kinds - set(sentences.RENDERERS) == set()
    assert set(sentences.RENDERERS) == set(actionwords.KIND_JA)
    # What is done about one incident stands in its own record, too.
    assert {kind for kind in kinds if kind.startswith(("desk.", "incident.", "taught.", "tray."))} == set(
        KINDS_JA
    )


@pytest.mark.parametrize("kind", sorted({*sentences.RENDERERS, "future.deed"}))
@pytest.mark.parametrize(
    "body",
    [
        {},
        {
            "edits": None,
            "units": "x",
            "level": "4",
            "before": 1,
            "after": [1],
            "receiver": 3,
            "decided_at": 1,
        },
        {"edits": [{}], "units": [{}, 1], "after": {"type": None}, "level": 9, "receiver": "99"},
        {"edits": [1, {"after": {"status": 3, "assigned": "x"}}], "after": ["99", "00"], "receiver": "x"},
    ],
)
def test_it_bears_with_any_body(kind: str, body: dict[str, Any]) -> None:
    for incident in (None, FLOOD):
        words = said(kind, body, incident)
        assert words.endswith("。")
        assert "None" not in words


def test_the_desk() -> None:
    flood = "「道路冠水（松永町）」"
    assert said("desk.verify", decided(Ruling(Verification.VERIFIED)), reason="消防署") == (
        f"{flood}を確認済とした。理由：消防署"
    )
    assert said("desk.verify", decided(Ruling(), Ruling(), Ruling()), None) == "事案3件を確認済とした。"
    assert (
        said("desk.type", decided(Ruling(type=DamageType.FIRE))) == f"{flood}の種別を「火災・煙」に直した。"
    )
    resolved = Ruling(status=RuledStatus(Status.RESOLVED, NOON))
    assert said("desk.status", decided(resolved)) == f"{flood}を解消とした。"
    assert said("desk.status", decided(Ruling())) == f"{flood}の状態を通報のとおりに戻した。"
    assert (
        said("desk.merge", decided(Ruling(), Ruling(), Ruling())) == f"{flood}に、ほかの事案2件をまとめた。"
    )
    for kind, to in (("unit", "第3分団"), ("person", "職員")):
        body = {"edits": [{"after": {"assigned": {"kind": kind, "id": "x", "name": "第3分団"}}}]}
        assert said("desk.assign", body) == f"{flood}を{to}に割り当てた。"
    assert said("desk.undo", undoes=3) == f"{flood}への操作を取り消した。"


def test_what_was_taken_back_is_named_to_those_who_may_know_of_it() -> None:
    back = Action("desk.undo", None, "職員", ("34207",), undoes=3, reason="誤り")
    undone = Action("desk.verify", None, "職員", ("34207",))
    assert sentences.sentence(back, FLOOD, NAMES, undone=undone) == (
        "「道路冠水（松永町）」を確認済とした操作を取り消した。理由：誤り"
    )
    again = Action("desk.undo", None, "職員", ("34207",), undoes=4)
    assert sentences.sentence(again, FLOOD, NAMES, undone=back) == (
        "「道路冠水（松永町）」への操作を取り消した操作を取り消した。"
    )


def test_whom_a_call_came_from_is_named_at_home_alone() -> None:
    body = {"reporter": "第1分団", "unit_name": "松永"}
    call = Action("evacuation.heard", None, "職員", ("34207",), owner="34207", body=body)
    assert sentences.sentence(call, None, NAMES) == "福山市の松永（第1分団）から報告を受けた。"
    assert sentences.sentence(call, None, NAMES, ours=False) == "福山市の松永から報告を受けた。"


def test_evacuation_and_sharing() -> None:
    body = {
        "level": 4,
        "units": [{"code": "1", "name": "松永"}, {"code": "2", "name": "今津"}],
        "decided_at": "2026-07-29T14:32:00+09:00",
    }
    assert said("evacuation.order", body, None, reason="水位") == (
        "福山市松永、今津に避難指示（警戒レベル4）を発令した（14:32 決定）。理由：水位"
    )
    assert said("evacuation.lift", {**body, "level": 3}, None) == (
        "福山市松永、今津の高齢者等避難（警戒レベル3）を解除した（14:32 決定）。"
    )
    assert said("evacuation.dismiss", {**body, "level": 5}, None, reason="小康") == (
        "福山市松永、今津への緊急安全確保（警戒レベル5）の発令を見送った（14:32 決定）。理由：小康"
    )
    assert said("evacuation.lift", {**body, "by_proxy": True}, None) == (
        "知事の代行として、福山市松永、今津の避難指示（警戒レベル4）を解除した（14:32 決定）。"
    )
    nowhere = [
        sentences.sentence(Action(f"evacuation.{kind}", None, "職員", ()), None, {})
        for kind in ("order", "lift", "dismiss")
    ]
    assert nowhere == ["避難情報を発令した。", "避難情報を解除した。", "避難情報の発令を見送った。"]
    assert said("organization.create", {"organization": "1"}, None) == "組織を登録した。"
    assert said("organization.change", {"organization": "1"}, None) == "組織の名前や区域を変えた。"
    assert said("evacuation.shelter", {"after": "full"}, None) == (
        "福山市の避難場所・避難所1か所を「満員」と記録した。"
    )
    assert said("evacuation.shelter", {"after": "full", "name": "松永小学校"}, None) == (
        "福山市の松永小学校を「満員」と記録した。"
    )
    assert said("evacuation.heard", {"unit_name": "松永地区"}, None, reason="異常なし") == (
        "福山市の松永地区から報告を受けた。理由：異常なし"
    )
    met = {"line": "土砂キキクルが警戒", "met": True, "unit_names": ["松永", "今津", "神村", "本郷"]}
    assert said("evacuation.line", met, None) == (
        "福山市松永、今津、神村 などの発令基準「土砂キキクルが警戒」を満たすと判断した。"
    )
    shared = {"before": ["34202"], "after": ["33", "34202"]}
    assert said("incident.share", shared, replace(FLOOD, place_text="")) == (
        "「道路冠水（場所の記載なし）」を岡山県と共有した。"
    )
    assert said("share.agree", {"receiver": "34202"}, None) == ("呉市に、すべての事案を共有することにした。")


def test_a_search_finds_kinds_by_their_words() -> None:
    assert "evacuation.order" in actionwords.kinds_saying("避難指示")
    assert actionwords.kinds_saying("発令を見送った") == {"evacuation.dismiss"}
    assert actionwords.kinds_saying("組織を登録") == {"organization.create"}
    assert actionwords.kinds_saying("まとめた") == {"desk.merge"}
    assert actionwords.types_saying("冠水") == {"road_flooding"}
