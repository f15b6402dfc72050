"""How long what was reported counts as still true: a time to live by type and status. Pure.

Older information is not wrong, it is old: it stays where it is and is drawn as old. The packaged times are
field practice, chosen so that a headquarters asks again before it acts on what may have changed, and are to
be reviewed with it; no regulation gives such times. LIFETIMES names a table of a municipality's own.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from nlp.reading import DamageType, Status
from service.report import PREFECTURE_DIGITS, Incident, Verification

# What is over does not grow old.
AGEING: Final = (Status.PRESENT, Status.FEARED, Status.HEARSAY)
COLUMNS: Final = ("municipality", "type", "status", "minutes")
ANY: Final = "*"
LONGEST_MINUTES: Final = 60 * 24 * 30

# Type → minutes for 発生中, おそれ and 未確認情報, and why.
PACKAGED_MINUTES: Final[Mapping[DamageType, tuple[int, int, int, str]]] = {
    DamageType.RESCUE_REQUEST: (30, 30, 30, "助けを待つ人の状態は分単位で変わる"),
    DamageType.CASUALTY: (60, 60, 30, "搬送や容体で変わる"),
    DamageType.FIRE: (60, 60, 30, "1時間で広がるか、消える"),
    DamageType.GAS_LEAK: (60, 60, 30, "遮断か引火で変わる"),
    DamageType.HAZMAT: (60, 60, 30, "拡散か封じ込めで変わる"),
    DamageType.TSUNAMI: (60, 60, 30, "次の波までの間に変わる"),
    DamageType.WIND: (60, 60, 30, "突風は数十分で過ぎる"),
    DamageType.PRECURSOR: (120, 120, 60, "前兆は崩落の前に進む。夜の見回りの間隔"),
    DamageType.RIVER_OVERFLOW: (120, 60, 60, "水位は雨と上流で1、2時間のうちに変わる"),
    DamageType.ROAD_FLOODING: (120, 60, 60, "雨が止むと1、2時間で引くことが多い"),
    DamageType.INUNDATION: (180, 120, 60, "床の高さの水は道路より遅く引く"),
    DamageType.POWER_OUTAGE: (180, 120, 60, "多くは数時間で送電が戻る"),
    DamageType.TELECOM_OUTAGE: (180, 120, 60, "基地局の予備電源は数時間"),
    DamageType.EVACUATION: (180, 120, 60, "避難者の数は数時間で変わる"),
    DamageType.RAILWAY: (180, 120, 60, "運行は数時間ごとに見直される"),
    DamageType.VOLCANIC: (180, 120, 60, "降灰は風で変わる"),
    DamageType.NONE: (180, 120, 60, "次の見回りまで"),
    DamageType.FALLEN_TREE: (360, 120, 60, "半日のうちに除去されることが多い"),
    DamageType.SNOW: (360, 180, 60, "除雪は半日ごと"),
    DamageType.WATER_OUTAGE: (360, 180, 120, "復旧に半日以上かかることが多い"),
    DamageType.ROAD_CLOSURE: (360, 120, 60, "規制は半日ごとに見直される"),
    DamageType.ISOLATION: (360, 120, 60, "孤立は道が開くまで続くが、人の状態は変わる"),
    DamageType.LANDSLIDE: (720, 120, 60, "崩れた土砂は残る。次の崩れは早く進む"),
    DamageType.ROAD_DAMAGE: (720, 180, 120, "直すまで残る。通れるかは変わる"),
    DamageType.BRIDGE_DAMAGE: (720, 180, 120, "直すまで残る。通れるかは変わる"),
    DamageType.BUILDING_DAMAGE: (1440, 180, 120, "壊れたものは残る"),
    DamageType.LIQUEFACTION: (1440, 180, 120, "跡は残る"),
}

Key = tuple[str, str, str]  # municipality (5 digits, 2 for a prefecture, "" for all), type, status


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """The packaged times with those of municipalities' own above them; the most particular one counts."""

    own: Mapping[Key, timedelta] = field(default_factory=dict)

    def of(self, kind: DamageType, status: Status, municipality: str | None) -> timedelta | None:
        """The time to live; None for a status that does not grow old."""
        if status not in AGEING:
            return None
        code = municipality or ""
        for area in dict.fromkeys((code, code[:PREFECTURE_DIGITS], "")):
            for key in ((area, kind, status), (area, kind, ANY), (area, ANY, status), (area, ANY, ANY)):
                if (known := self.own.get(key)) is not None:
                    return known
        present, feared, hearsay, _ = PACKAGED_MINUTES[kind]
        minutes = {Status.PRESENT: present, Status.FEARED: feared, Status.HEARSAY: hearsay}[status]
        return timedelta(minutes=minutes)

    def stale_at(self, incident: Incident) -> datetime | None:
        """From when on the incident is old: its time to live after the last report or the last time that
        headquarters confirmed it. None for what is over or rejected."""
        known = last_known(incident.last_reported_at, incident.ruling.confirmed_at)
        return self.stale_after(
            known, incident.type, incident.status, incident.verification, incident.municipality
        )

    def stale_after(
        self,
        known: datetime,
        kind: DamageType,
        status: Status,
        verification: Verification,
        municipality: str | None,
    ) -> datetime | None:
        """The same of an incident of which only this was read; `known` as `last_known` gives it."""
        if verification is Verification.REJECTED:
            return None
        life = self.of(kind, status, municipality)
        return None if life is None else known + life


PACKAGED: Final = Lifetimes()


def last_known(reported: datetime, confirmed: datetime | None) -> datetime:
    """When it was last known: by a report, or by headquarters' confirmation after it."""
    return reported if confirmed is None else max(reported, confirmed)


class LifetimesError(ValueError):
    """The table of LIFETIMES cannot be used; the text is Japanese and names the line."""


def load(path: Path | None) -> Lifetimes:
    """The times with those of the CSV file `path` (municipality,type,status,minutes; UTF-8); None: packaged.

    An empty municipality means all, two digits a prefecture; `*` any type or status.
    Raises LifetimesError, OSError.
    """
    if path is None:
        return PACKAGED
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    if rows.fieldnames is None or not set(COLUMNS) <= set(rows.fieldnames):
        raise LifetimesError(f"LIFETIMESの1行目には {','.join(COLUMNS)} が必要です")
    own: dict[Key, timedelta] = {}
    for row in rows:
        try:
            own[_key(row)] = _minutes(row["minutes"] or "")
        except (KeyError, TypeError, ValueError) as wrong:
            raise LifetimesError(
                f"LIFETIMESの{rows.line_num}行目を確かめてください：市区町村コード、種別、状態、"
                f"分（1〜{LONGEST_MINUTES}）の順です"
            ) from wrong
    return Lifetimes(own)


def _key(row: Mapping[str, str]) -> Key:
    code, kind, status = (row[name].strip() for name in COLUMNS[:3])
    if code and not (code.isdecimal() and code.isascii() and len(code) in {PREFECTURE_DIGITS, 5}):
        raise ValueError("municipality")
    if status != ANY and Status(status) not in AGEING:
        raise ValueError("status")
    return code, kind if kind == ANY else DamageType(kind).value, status


def _minutes(words: str) -> timedelta:
    minutes = int(words)
    if not 1 <= minutes <= LONGEST_MINUTES:
        raise ValueError("minutes")
    return timedelta(minutes=minutes)
