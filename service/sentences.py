"""What people did, as one plain Japanese sentence a kind of action.

RENDERERS is the one table. A part of the program that records a new kind adds its row here; a kind without a
row is still shown, plainly. A renderer gets the action and the words for what it is about; it must bear with
any body, because actions of older versions are read as they were written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from geo import codes
from nlp.reading import DamageType, Status
from service.actionwords import KIND_JA
from service.evacuation.model import SHELTER_JA
from service.report import Incident
from service.store.actions import Action
from service.words import ROLE_JA, STATUS_JA, TYPE_JA

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "type": {kind.value: words for kind, words in TYPE_JA.items()},
    "status": {kind.value: words for kind, words in STATUS_JA.items()},
}
BEFORE_AND_AFTER: Final = 2
NAMED: Final = 3  # units of a line; more are too many to read
LEVEL_JA: Final[Mapping[int, str]] = {
    3: "高齢者等避難（警戒レベル3）",
    4: "避難指示（警戒レベル4）",
    5: "緊急安全確保（警戒レベル5）",
}


@dataclass(frozen=True, slots=True)
class Said:
    """An action and what it is about: `subject` in words (道路冠水（松永町）), empty when there is none;
    `names` gives municipalities by code; `ours`: the reader is of the same headquarters; `undone`: the
    action that it takes back, where the reader may know of it."""

    action: Action
    subject: str
    names: Mapping[str, str]
    ours: bool = True
    undone: Action | None = None

    @property
    def body(self) -> Mapping[str, Any]:
        """What the action was recorded with."""
        return self.action.body

    @property
    def about(self) -> str:
        """The subject as the beginning of a sentence's object."""
        return self.subject or "事案"

    def text(self, *names: str) -> str:
        """The first of these members of the body that holds words or a number, else an empty text."""
        for name in names:
            value = self.body.get(name)
            if isinstance(value, str | int) and not isinstance(value, bool):
                return str(value)
        return ""


Renderer = Callable[[Said], str]


def subject_of(incident: Incident | None) -> str:
    """An incident in words: what and where, no names of people."""
    if incident is None:
        return ""
    place = f"（{incident.place_text}）" if incident.place_text else "（場所の記載なし）"
    return f"「{TYPE_JA[incident.type]}{place}」"


def sentence(
    action: Action,
    incident: Incident | None,
    names: Mapping[str, str],
    *,
    ours: bool = True,
    undone: Action | None = None,
) -> str:
    """What was done, in one sentence; with its reason, and whom a call came from, for those of the same
    headquarters (`ours`). `undone` is the action that it takes back, where the reader may know of it."""
    said = Said(action, subject_of(incident), names, ours, undone)
    words = _words(said)
    if action.undoes is not None and action.kind not in _UNDOINGS:
        words = f"{words}（先の操作の取り消し）"
    return f"{words}。理由：{action.reason}" if action.reason and ours else f"{words}。"


def _words(said: Said) -> str:
    return RENDERERS.get(said.action.kind, _plain)(said)


def _plain(said: Said) -> str:
    label = KIND_JA.get(said.action.kind, f"操作（{said.action.kind}）")
    return f"{said.subject}に{label}を行った" if said.subject else f"{label}を行った"


def _edits(said: Said) -> list[Mapping[str, Any]]:
    found = said.body.get("edits")
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _after(said: Said, name: str) -> Any:
    """What the desk decided for `name` (of Ruling's fields) in the first incident of the action."""
    edits = _edits(said)
    after = edits[0].get("after") if edits else None
    return after.get(name) if isinstance(after, Mapping) else None


def _about(said: Said) -> str:
    """The incidents of a desk action: the one in words, or how many."""
    many = len(_edits(said))
    return f"事案{many}件" if many > 1 and not said.subject else said.about


def _desk(done: str) -> Renderer:
    """A sentence about the incidents alone: `done` follows them."""
    return lambda said: f"{_about(said)}{done}"


def _desk_type(said: Said) -> str:
    return f"{_about(said)}の種別を「{_word('type', _after(said, 'type'))}」に直した"


def _desk_status(said: Said) -> str:
    decided = _after(said, "status")
    code = decided.get("status") if isinstance(decided, Mapping) else None
    if code == Status.RESOLVED.value:
        return f"{_about(said)}を解消とした"
    if code is None:
        return f"{_about(said)}の状態を通報のとおりに戻した"
    return f"{_about(said)}の状態を「{_word('status', code)}」とした"


def _desk_assign(said: Said) -> str:
    who = _after(said, "assigned")
    name = who.get("name") if isinstance(who, Mapping) else None
    if not isinstance(name, str):
        return f"{_about(said)}の担当を外した"
    # A person's name is for those of the same headquarters: a line is read by others, too.
    to = name if isinstance(who, Mapping) and who.get("kind") == "unit" else "職員"
    return f"{_about(said)}を{to}に割り当てた"


def _desk_merge(said: Said) -> str:
    others = len(_edits(said)) - 1
    return (
        f"{said.about}に、ほかの事案{others}件をまとめた"
        if others > 0
        else f"{said.about}にほかの事案をまとめた"
    )


def _word(field: str, value: object) -> str:
    return "なし" if value is None or value == "" else _WORDS.get(field, {}).get(str(value), str(value))


def _share(verb: str) -> Renderer:
    def render(said: Said) -> str:
        before, after = (set(_codes(said.body.get(name))) for name in ("before", "after"))
        changed = sorted(before ^ after)
        to = "、".join(said.names.get(code) or _prefecture(code) for code in changed)
        return f"{said.about}を{to}{verb}" if to else f"{said.about}の共有を変えた"

    return render


def _codes(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _prefecture(code: str) -> str:
    try:
        return codes.prefecture_name(code)
    except (ValueError, IndexError):
        return code


def _receiver(verb: str) -> Renderer:
    def render(said: Said) -> str:
        code = said.text("receiver")
        to = said.names.get(code) or (_prefecture(code) if code else "")
        return f"{to}{verb}"

    return render


def _evacuation(particle: str, done: str) -> Renderer:
    """`particle` joins the units to 避難情報, `done` follows it."""

    def render(said: Said) -> str:
        level = said.body.get("level")
        what = LEVEL_JA.get(level, "避難情報") if isinstance(level, int) else "避難情報"
        area = "、".join(_unit_names(said)) or said.action.unit or ""
        where = f"{_owner(said)}{area}{particle}" if _owner(said) or area else ""
        decided = said.text("decided_at")
        at = f"（{decided[11:16]} 決定）" if len(decided) > len("2026-07-29T10:30") else ""
        proxy = "知事の代行として、" if said.body.get("by_proxy") is True else ""
        return f"{proxy}{where}{what}{done}{at}"

    return render


def _unit_names(said: Said) -> list[str]:
    named = said.body.get("units")
    if not isinstance(named, list):
        return []
    return [str(one["name"]) for one in named if isinstance(one, Mapping) and one.get("name")]


def _owner(said: Said) -> str:
    return said.names.get(said.action.owner or "", "")


def _proxy(words: str) -> Renderer:
    """A sentence about acting in the mayor's place, with the municipality whose place it is."""
    return lambda said: f"{words}（{_owner(said)}）" if _owner(said) else words


def _line(said: Said) -> str:
    met = "満たすと判断した" if said.body.get("met") else "満たさないと判断した"
    named = said.body.get("unit_names")
    names = [str(name) for name in named] if isinstance(named, list) else []
    area = "、".join(names[:NAMED]) + (" など" if len(names) > NAMED else "")
    return f"{_owner(said)}{area}の発令基準「{said.text('line')}」を{met}"


def _units(said: Said) -> str:
    count = said.text("units")
    return f"{_owner(said)}の発令単位を入れ替えた{f'（{count}単位）' if count else ''}"


def _shelter(said: Said) -> str:
    state = SHELTER_JA.get(said.text("after"), said.text("after"))
    return f"{_owner(said)}の{said.text('name') or '避難場所・避難所1か所'}を「{state}」と記録した"


def _heard(said: Said) -> str:
    # Who called may be a person; that is for those of the same headquarters.
    caller = f"（{said.text('reporter')}）" if said.ours and said.text("reporter") else ""
    return f"{_owner(said)}の{said.text('unit_name') or '発令単位1つ'}{caller}から報告を受けた"


def _undoing(done: Renderer) -> Renderer:
    """What was taken back, in the words in which it was told; `done` where the reader may not know."""

    def render(said: Said) -> str:
        if said.undone is None:
            return done(said)
        return f"{_words(Said(said.undone, said.subject, said.names, said.ours))}操作を取り消した"

    return render


def _pull(said: Said) -> str:
    after = said.body.get("after")
    kind = after.get("type") if isinstance(after, Mapping) else None
    return f"読み取られなかった通報を「{_word('type', kind) if kind else '通報'}」として取り込んだ"


def _taught(done: str) -> Renderer:
    """A sentence about the one incident, with the name that was taught in place of `{name}`."""

    def render(said: Said) -> str:
        name = said.text("name")
        return said.about + done.replace("{name}", f"「{name}」" if name else "")

    return render


def _provider(said: Said) -> str:
    before, after = said.body.get("before"), said.body.get("after")
    roles = [
        ROLE_JA.get(str(one.get("role"))) if isinstance(one, Mapping) else None for one in (before, after)
    ]
    named = said.body.get("organizations")
    belonged = [str(one) for one in named] if isinstance(named, list) else []
    changes = [
        f"{what}を「{pair[0]}」から「{pair[1]}」に"
        for what, pair in (("役割", roles), ("所属", belonged))
        if len({*pair} - {None}) == BEFORE_AND_AFTER
    ]
    by = said.text("provider")
    return (
        f"外部のサインイン{f'（{by}）' if by else ''}が、利用者の{'、'.join(changes) or '役割や所属を'}変えた"
    )


def _simple(done: str) -> Renderer:
    """A sentence about the one incident: `done` follows its words."""
    return lambda said: f"{said.about}{done}"


def _fixed(words: str) -> Renderer:
    return lambda said: words


RENDERERS: Final[dict[str, Renderer]] = {
    "desk.verify": _desk("を確認済とした"),
    "desk.reopen": _desk("を未確認に戻した"),
    "desk.reject": _desk("を棄却した"),
    "desk.type": _desk_type,
    "desk.status": _desk_status,
    "desk.place": _desk("の場所を決めた"),
    "desk.assign": _desk_assign,
    "desk.merge": _desk_merge,
    "desk.split": _simple("から事案を分けた"),
    "desk.ask": _simple("の通報者に、今の様子を問い合わせた"),
    "desk.still": _simple("が続いていることを確かめた"),
    "desk.undo": _undoing(_desk("への操作を取り消した")),
    "incident.share": _share("と共有した"),
    "incident.unshare": _share("との共有をやめた"),
    "share.agree": _receiver("に、すべての事案を共有することにした"),
    "share.end": _receiver("に、すべての事案を共有することをやめた"),
    "evacuation.order": _evacuation("に", "を発令した"),
    "evacuation.dismiss": _evacuation("への", "の発令を見送った"),
    "evacuation.lift": _evacuation("の", "を解除した"),
    "evacuation.proxy_begin": _proxy("知事の代行を始めた"),
    "evacuation.proxy_end": _proxy("知事の代行を終えた"),
    "evacuation.line": _line,
    "evacuation.criteria": lambda said: f"{_owner(said)}の発令基準の表を書き換えた",
    "evacuation.units": _units,
    "evacuation.shelter": _shelter,
    "evacuation.heard": _heard,
    "organization.create": _fixed("組織を登録した"),
    "organization.change": _fixed("組織の名前や区域を変えた"),
    "people.create": _fixed("利用者を登録した"),
    "people.change": _fixed("利用者の役割や所属を変えた"),
    "people.provider": _provider,
    "people.password": _fixed("利用者のパスワードを作り直した"),
    "people.signout": _fixed("利用者をすべての端末からサインアウトさせた"),
    "device.create": _fixed("表示専用の端末リンクを発行した"),
    "device.revoke": _fixed("表示専用の端末リンクを無効にした"),
    "taught.place": _taught("の場所が、教えられた地名{name}によって決まった"),
    "taught.undo": _taught("の場所が、教えられた地名{name}の取り消しによって元に戻った"),
    "tray.place": _simple("の通報1件に場所を付けた"),
    "tray.pull": _pull,
    "tray.settle": _simple("の通報1件を、場所を決めずに済みとした"),
    "tray.undo": _undoing(_simple("の通報への操作を取り消した")),
}
_UNDOINGS: Final = frozenset({"desk.undo", "tray.undo"})


def observation_words(kind: DamageType, status: Status, place_text: str) -> str:
    """One observation as the chronology says it."""
    return f"{TYPE_JA[kind]}（{STATUS_JA[status]}）{place_text or '場所の記載なし'}"
