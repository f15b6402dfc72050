"""第4号様式: what reports say, under the headings of 消防庁's form, and what they cannot say left as 「―」.

Order and headings are those of 第4号様式（その1）災害概況即報 (人的被害, 住家被害) and（その2）被害状況即報
(非住家被害, その他, 火災発生) of 火災・災害等即報要領 (昭和59年10月15日消防災第267号, as amended).
The form counts houses, households, places and lines; reports tell of incidents. A row that we count says
so by its unit 件 with the form's unit behind it; rows that the form lacks are marked. Nothing is 0 here: no
report is not the same as no damage. Rejected, denied and merely feared incidents are no damage; resolved
ones are.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from web.situation import ELSEWHERE, NOT_DAMAGE, VERIFICATION, Line

INCIDENTS: Final = "件"  # the unit of what we count
OWN: Final = "＊"  # marks a line that the form does not have
ALL: Final = ""  # the column of the sum
NOWHERE: Final = "-"  # the column of what names no municipality


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the form. `types` are counted as incidents, `people` as persons stated; neither: reports
    cannot tell. `unit` is the form's, `own` marks a line that the form does not have."""

    group: str
    name: str
    unit: str
    types: tuple[str, ...] = ()
    people: str = ""
    note: str = ""
    own: bool = False

    @property
    def counted(self) -> bool:
        """Whether reports can tell anything of it."""
        return bool(self.types or self.people)


ROWS: Final[Sequence[Row]] = (
    Row("人的被害", "死者", "人", people="dead", note="通報に書かれた人数"),
    Row("人的被害", "うち災害関連死者", "人", note="市町村の認定による"),
    Row("人的被害", "行方不明者", "人", people="missing", note="通報に書かれた人数"),
    Row("人的被害", "負傷者 重傷", "人", note="程度は通報から分からない"),
    Row("人的被害", "負傷者 軽傷", "人", note="程度は通報から分からない"),
    Row("人的被害", "負傷者 程度不明", "人", people="injured", note="通報に書かれた人数", own=True),
    Row("住家被害", "全壊", "棟", note="罹災証明の調査による"),
    Row("住家被害", "半壊", "棟", note="罹災証明の調査による"),
    Row("住家被害", "一部破損", "棟", note="罹災証明の調査による"),
    Row("住家被害", "床上浸水", "棟", note="床の上下は集計していない"),
    Row("住家被害", "床下浸水", "棟", note="床の上下は集計していない"),
    Row(
        "住家被害",
        "未分類（建物被害）",
        "棟",
        ("building_damage",),
        note="住家・非住家の別を含まない事案の数",
    ),
    Row("住家被害", "未分類（浸水）", "棟", ("inundation",), note="住家・非住家の別を含まない事案の数"),
    Row("非住家被害", "公共建物", "棟", note="住家との別は通報から分からない"),
    Row("非住家被害", "その他", "棟", note="住家との別は通報から分からない"),
    Row("その他", "田 流失・埋没", "ha"),
    Row("その他", "田 冠水", "ha"),
    Row("その他", "畑 流失・埋没", "ha"),
    Row("その他", "畑 冠水", "ha"),
    Row("その他", "学校", "箇所"),
    Row("その他", "病院", "箇所"),
    Row(
        "その他",
        "道路",
        "箇所",
        ("road_damage", "road_closure", "road_flooding"),
        note="損壊・通行止め・冠水",
    ),
    Row("その他", "橋りょう", "箇所", ("bridge_damage",)),
    Row("その他", "河川", "箇所", ("river_overflow",), note="越水・氾濫・決壊・漏水"),
    Row("その他", "港湾", "箇所"),
    Row("その他", "砂防", "箇所"),
    Row("その他", "清掃施設", "箇所"),
    Row("その他", "崖くずれ", "箇所", ("landslide",), note="土石流・地すべり・落石を含む"),
    Row("その他", "鉄道不通", "箇所", ("railway",)),
    Row("その他", "被害船舶", "隻"),
    Row("その他", "水道", "戸", ("water_outage",)),
    Row("その他", "電話", "回線", ("telecom_outage",)),
    Row("その他", "電気", "戸", ("power_outage",)),
    Row("その他", "ガス", "戸", ("gas_leak",)),
    Row("その他", "ブロック塀等", "箇所"),
    Row("その他", "り災世帯数", "世帯"),
    Row("その他", "り災者数", "人"),
    Row("火災発生", "建物", "件", note="何が燃えたかは集計していない"),
    Row("火災発生", "危険物", "件", ("hazmat",), note="漏えいを含む"),
    Row("火災発生", "その他", "件", note="何が燃えたかは集計していない"),
    Row("火災発生", "対象不明", "件", ("fire",), own=True),
    Row("119番", "119番通報件数", "件"),
    Row("様式にない事案", "救助要請", "件", ("rescue_request",), own=True),
    Row("様式にない事案", "けが人・急病人など", "件", ("casualty",), own=True, note="人数は人的被害の欄"),
    Row("様式にない事案", "孤立", "件", ("isolation",), own=True),
    Row("様式にない事案", "避難状況", "件", ("evacuation",), own=True),
    Row("様式にない事案", "津波", "件", ("tsunami",), own=True),
    Row("様式にない事案", "液状化", "件", ("liquefaction",), own=True),
    Row("様式にない事案", "倒木・電柱・飛来物", "件", ("fallen_tree",), own=True),
    Row("様式にない事案", "突風・竜巻", "件", ("wind",), own=True),
    Row("様式にない事案", "雪害", "件", ("snow",), own=True),
    Row("様式にない事案", "噴火・降灰", "件", ("volcanic",), own=True),
    Row("様式にない事案", "前兆", "件", ("precursor",), own=True, note="被害ではなく、その前触れ"),
)
# 「異常なし」 is no damage and stands in no row.
UNCOUNTED_TYPES: Final = frozenset({"none"})
ROW_OF: Final = {kind: row for row in ROWS for kind in row.types}


@dataclass(frozen=True, slots=True)
class Told:
    """What was told, confirmed by headquarters and not; 0 means that nobody told it."""

    verified: int = 0
    unverified: int = 0


NOTHING: Final = Told()


@dataclass(frozen=True, slots=True)
class Form:
    """The filled form: columns are municipalities (code, name), ALL is their sum."""

    columns: tuple[tuple[str, str], ...]
    cells: Mapping[tuple[str, str, str], Told] = field(default_factory=dict)

    def told(self, row: Row, column: str) -> Told:
        """What stands in one cell."""
        return self.cells.get((row.group, row.name, column), NOTHING)


def fill(listed: Iterable[Line]) -> Form:
    """The form of `listed`, which holds nothing that headquarters rejected."""
    many: dict[bool, Counter[tuple[str, str, str]]] = {True: Counter(), False: Counter()}
    names: dict[str, str] = {}
    for line in listed:
        code = str(line.properties["municipality"] or "")
        column = code or NOWHERE
        names[column] = str(line.properties["municipality_name"] or code or ELSEWHERE)
        if line.state in NOT_DAMAGE:
            continue
        verified = line.verification == VERIFICATION["verified"]
        for row, number in _counts(line):
            for each in (column, ALL):
                many[verified][row.group, row.name, each] += number
    keys = many[True].keys() | many[False].keys()
    return Form(
        tuple(sorted(names.items(), key=lambda item: (item[0] == NOWHERE, item[0]))),
        {key: Told(many[True][key], many[False][key]) for key in keys},
    )


def _counts(line: Line) -> Iterable[tuple[Row, int]]:
    kind = str(line.properties["type"])
    if kind in ROW_OF:
        yield ROW_OF[kind], 1
    for row in ROWS:
        if row.people and (number := int(line.counted.get(row.people) or 0)):
            yield row, number
