"""The order in which the desk looks: danger to life, then evidence, then age; each with its reasons. Pure.

`service/store/queue.py` asks the database in the same order of danger (a test compares the two).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nlp.reading import DamageType
from service.overview import danger as overview
from service.report import Incident
from service.store.queue import DEADLY, RESCUE, WATER, Support

SEVERAL = 2  # independent reports that count as more than one voice

# Codes of reasons in plain Japanese; {count} is filled in.
REASONS_JA = {
    "contradicted": "本部の判断と違う通報が後から届いています",
    "trapped": "閉じ込め・取り残され {count}人",
    "missing": "行方不明者 {count}人",
    "rescue": "救助を求めています",
    "urgent": "緊急の通報です",
    "rising": "水が増えていると書かれています",
    "spreading": "火が広がっていると書かれています",
    "dead": "死者 {count}人",
    "injured": "負傷者 {count}人",
    "deadly": "命に関わる被害の種類です",
    "several": "別々の{count}人から通報があります",
    "single": "通報した人は1人だけです",
    "photos": "写真が{count}枚あります",
    "official": "関係機関のシステムからの通報があります",
    "since": "本部の判断の後に通報が{count}件届いています",
    "unplaced": "場所が決まっていません",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason to look at an incident: a code of REASONS_JA, and how many where that is said."""

    code: str
    count: int = 0

    @property
    def words(self) -> str:
        """The reason in plain Japanese."""
        return REASONS_JA[self.code].format(count=self.count)


def danger(incident: Incident, support: Support) -> int:
    """The rank of `service.overview.danger`: 0 is gravest, 9 what is over."""
    state = overview.state_of(incident.status, incident.verification)
    grows = _grows(incident, support)
    return overview.rank(incident.type, state, incident.urgent, incident.people, grows=grows)


def _grows(incident: Incident, support: Support) -> bool:
    return (incident.type in WATER and support.rising) or (
        incident.type is DamageType.FIRE and support.spreading
    )


def weight(support: Support) -> tuple[int, int, bool]:
    """How well something is attested: independent reports, photos, an official channel. More is more."""
    return (support.senders, support.photos, support.official)


def order(incident: Incident, support: Support) -> tuple[int, tuple[int, ...], datetime, str]:
    """The key by which the queue is sorted: real before drill; the oldest of equals waits longest."""
    evidence = tuple(-int(one) for one in weight(support))
    first = overview.precedence(danger(incident, support), incident.drill)
    return (first, evidence, incident.first_reported_at, str(incident.id))


def reasons(incident: Incident, support: Support) -> Sequence[Reason]:
    """Why it stands where it stands, gravest first."""
    people = incident.people
    told = [
        Reason("contradicted") if incident.contradicted else None,
        Reason("trapped", people["trapped"]) if people.get("trapped") else None,
        Reason("missing", people["missing"]) if people.get("missing") else None,
        Reason("rescue") if incident.type in RESCUE else None,
        Reason("urgent") if incident.urgent else None,
        Reason("rising") if incident.type in WATER and support.rising else None,
        Reason("spreading") if incident.type is DamageType.FIRE and support.spreading else None,
        Reason("dead", people["dead"]) if people.get("dead") else None,
        Reason("injured", people["injured"]) if people.get("injured") else None,
        Reason("deadly") if incident.type in DEADLY else None,
        Reason("several", support.senders) if support.senders >= SEVERAL else Reason("single"),
        Reason("photos", support.photos) if support.photos else None,
        Reason("official") if support.official else None,
        Reason("since", support.since) if support.since else None,
        Reason("unplaced") if incident.lat is None else None,
    ]
    return [one for one in told if one is not None]
