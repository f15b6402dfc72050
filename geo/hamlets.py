"""Hamlets (集落, 小字) that no list of addresses has, by the halls and primary schools that are called after
them: 馬取公民館 and 馬取集会所 stand in 馬取."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from geo.names import is_weak, normal_form
from geo.place import Level, Place

# Of the halls and schools that are called after a known 町 or 大字 nine in ten lie this close to its middle:
# `python -m tests.measure.hamlets`.
HALL_REACH_M = 2_100.0
_HALLS = (
    "公民館 分館 集会所 集会場 集会施設 集落センター 自治会館 町内会館 区民館 公会堂 生活改善センター "
    "構造改善センター 生活センター コミュニティセンター コミュニティ消防センター 老人憩の家 小学校 小中学校 "
    "体育館 保育所"
)
# What stands between the name and the kind of hall.
_BETWEEN = "(?:地区|区|自治会?|町内会?|部落|集落|農村|農業|農事|多目的|第[一二三])*"
_HALL_ENDS = tuple(sorted(map(normal_form, _HALLS.split()), key=len, reverse=True))
_NAMED_AFTER = re.compile(f"(?P<hamlet>[一-龥々ケノの]{{2,6}}?){_BETWEEN}(?:{'|'.join(_HALL_ENDS)})")
# Of whom or for what a hall is, parts of a town, and what is a river before it is a hamlet: no names.
_NO_NAME = re.compile(
    "[市町村郡都府県]|[公国私組]立|^旧|第|地区|総合|中央|[東西南北中]部|基幹|社会|農業|農村|勤労|労働|青少年|国民"
    "|改善|地域|老人|高齢者|児童|防災|文化|福祉|校下|住宅|[東西南北][地組区]$|[川橋駅湖]$"
)


@lru_cache(maxsize=20_000)
def hamlet_called(facility: str) -> str:
    """The normal form of the hamlet that a hall or primary school is called after; "" when after none."""
    name = normal_form(facility)
    found = _NAMED_AFTER.fullmatch(name) if name.endswith(_HALL_ENDS) else None
    if not found or _NO_NAME.search(found["hamlet"]) or is_weak(found["hamlet"]):
        return ""
    return found["hamlet"]


def hamlets(rows: Iterable[Place]) -> Mapping[str, list[Place]]:
    """The hamlets of one municipality's rows by their normal form: around each of their halls."""
    found: dict[str, list[Place]] = {}
    for row in rows:
        if row.level is Level.FACILITY and (name := hamlet_called(row.name)):
            around = replace(row, name=name, kana="", kind="hamlet", level=Level.TOWN, radius_m=HALL_REACH_M)
            found.setdefault(name, []).append(around)
    return found
