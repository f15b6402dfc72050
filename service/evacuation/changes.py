"""What a commander had in front of him against what is known now: differences of marks, in words.

A mark (board.py) says of a unit which decision stands, which lines are met by what, which incidents in which
version, how the shelters are, whether it was heard.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.evacuation.model import LEVEL_JA, SHELTER_JA

NAMED = 3
HEARING_JA = {"heard": "報告あり", "overdue": "報告が途切れている", "silent": "報告なし"}


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed in a unit since it was seen; `decided`: somebody else has decided about it."""

    code: str
    name: str
    words: tuple[str, ...]
    decided: bool


def difference(
    code: str,
    name: str,
    seen: Mapping[str, Any],
    now: Mapping[str, Any],
    incidents: Mapping[str, Mapping[str, Any]],
) -> Difference | None:
    """The difference of two marks of one unit, None when there is none; `incidents` as the board has them."""
    decided = seen.get("decision") != now["decision"] or seen.get("level") != now["level"]
    words = [
        *([f"ほかの判断が記録され、{_force(now['level'])}"] if decided else []),
        *_lines(seen.get("met", {}), now["met"]),
        *_incidents(seen.get("incidents", {}), now["incidents"], incidents),
        *_shelters(seen.get("shelters", {}), now["shelters"]),
    ]
    if seen.get("heard") != now["heard"]:
        words.append(f"報告の状況が「{HEARING_JA[now['heard']]}」に変わりました")
    return Difference(code, name, tuple(words), decided) if words else None


def _force(level: int | None) -> str:
    if level is None:
        return "発令中の警戒レベルはなくなりました"
    return f"警戒レベル{level}（{LEVEL_JA[level]}）が発令中になりました"


def _lines(seen: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    met, gone = len(now.keys() - seen.keys()), len(seen.keys() - now.keys())
    return [
        *([f"達した発令基準が{met}行増えました"] if met else []),
        *([f"達していた発令基準が{gone}行なくなりました"] if gone else []),
        *(
            ["発令基準の根拠が変わりました"]
            if any(set(seen[key]) != set(now[key]) for key in seen.keys() & now.keys())
            else []
        ),
    ]


def _incidents(
    seen: Mapping[str, Any], now: Mapping[str, Any], incidents: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    new, gone = now.keys() - seen.keys(), len(seen.keys() - now.keys())
    changed = sum(seen[key] != now[key] for key in seen.keys() & now.keys())
    return [
        *([f"事案が{len(new)}件増えました（{_named([incidents[key] for key in new])}）"] if new else []),
        *([f"事案{changed}件の内容が変わりました"] if changed else []),
        *([f"事案{gone}件が解消・棄却・移動などで外れました"] if gone else []),
    ]


def _named(incidents: list[Mapping[str, Any]]) -> str:
    """The gravest few in words: what came is what the commander has to weigh."""
    gravest = sorted(incidents, key=lambda one: (not one["urgent"], one["type_ja"], one["place_text"]))
    words = [
        f"{'緊急 ' if one['urgent'] else ''}{one['type_ja']} {one['place_text'] or '場所の記載なし'}"
        for one in gravest[:NAMED]
    ]
    return "、".join(words) + (" など" if len(gravest) > NAMED else "")


def _shelters(seen: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    changed = [key for key in seen.keys() | now.keys() if seen.get(key) != now.get(key)]
    if not changed:
        return []
    states = sorted({SHELTER_JA[now.get(key, "unknown")] for key in changed})
    return [f"避難場所{len(changed)}か所の状態が変わりました（{'・'.join(states)}）"]
