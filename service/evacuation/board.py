"""The board of one municipality, made of facts: what every unit's evidence says, and what is in force.

Pure and deterministic: the same facts give the same document, which a decision freezes to the byte.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from nlp.reading import DamageType
from service.evacuation import criteria as rules
from service.evacuation.criteria import LineState, Outcome
from service.evacuation.model import (
    CUT_ROADS,
    DISASTER_JA,
    HAZARD_JA,
    LEVEL_JA,
    NEVER_DECIDED,
    SHELTER_JA,
    Criterion,
    Facts,
    Hazard,
    Json,
    Shelter,
    Sighting,
    Standing,
    Unit,
)
from service.evacuation.silence import Heard, Hearing, listen
from service.evacuation.times import jst, jst_or_none
from service.words import STATUS_JA, TYPE_JA

ADVICE = "この画面は判断を助けるもので、住民への発令・伝達は行いません。"
# The disasters of 指定緊急避難場所 that count for a line's hazard.
_FIT: Mapping[Hazard, frozenset[str]] = {
    Hazard.FLOOD: frozenset({"flood", "inland_flood"}),
    Hazard.LANDSLIDE: frozenset({"landslide"}),
    Hazard.STORM_SURGE: frozenset({"storm_surge"}),
    Hazard.TSUNAMI: frozenset({"tsunami"}),
    Hazard.FIRE: frozenset({"fire"}),
}


@dataclass(frozen=True, slots=True)
class Judged:
    """One unit with everything that was found about it."""

    unit: Unit
    standing: Standing
    inside: tuple[Sighting, ...]
    near: tuple[UUID, ...]
    lines: tuple[Outcome, ...]
    undecided: tuple[Outcome, ...]
    heard: Heard
    shelters: tuple[Shelter, ...]

    @property
    def active(self) -> tuple[Sighting, ...]:
        """What may still hurt somebody."""
        return tuple(one for one in self.inside if one.is_open)

    @property
    def still_met(self) -> tuple[Outcome, ...]:
        """Met lines that outlasted the lifting of what was ordered: no alarm, and not decided on either."""
        due = {line.criterion.id for line in self.undecided}
        met = (one for one in self.lines if one.state is LineState.MET and one.criterion.id not in due)
        return tuple(met) if self.standing.lifted else ()

    def level_of(self, state: LineState) -> int | None:
        """The highest level among the lines in `state`."""
        return max((line.criterion.level for line in self.lines if line.state is state), default=None)


def assemble(facts: Facts) -> Json:
    """The document that the page shows and a decision freezes."""
    judged = sorted((_judge(facts, unit) for unit in facts.units), key=_by_need)
    shown = {one for each in judged for one in (*(s.id for s in each.inside), *each.near)}
    outside = [one.id for one in facts.sightings.values() if one.id not in shown and one.is_open]
    return {
        "municipality": facts.municipality,
        "name": facts.name,
        "at": jst(facts.at),
        "advice": ADVICE,
        "drill": facts.drill,
        "version": facts.version,
        "edition": facts.edition,
        "automatic": facts.automatic,
        "interval_min": facts.interval_min,
        "other_mode": facts.other_mode,
        "unplaced": facts.unplaced,
        "outside": sorted(map(str, outside)),
        "criteria": [criterion_json(line) for line in facts.criteria],
        "incidents": {
            str(one.id): _sighting_json(one)
            for one in sorted(facts.sightings.values(), key=lambda each: str(each.id))
            if one.id in shown or one.id in outside
        },
        "units": [_unit_json(each) for each in judged],
        "summary": summary(judged, outside),
    }


def summary(judged: Iterable[Judged], outside: Iterable[UUID] = ()) -> Json:
    """What the prefecture's list shows of a municipality; `outside` lie in none of its units."""
    units = list(judged)
    forced = [each.standing.level for each in units if each.standing.level is not None]
    waiting = [line.criterion.level for each in units for line in each.undecided]
    return {
        "units": len(units),
        "level": max(forced, default=None),
        "by_proxy": sum(1 for each in units if each.standing.proxy is not None),
        "in_force": {str(level): forced.count(level) for level in LEVEL_JA},
        "undecided": sum(1 for each in units if each.undecided),
        "undecided_level": max(waiting, default=None),
        "unconfirmed": sum(1 for each in units if each.level_of(LineState.UNCONFIRMED) is not None),
        "unheard": sum(1 for each in units if each.heard.state is not Hearing.HEARD),
        "active": len({one.id for each in units for one in each.active}.union(outside)),
        "last_decided_at": jst_or_none(max(_decided(units), default=None)),
    }


def criterion_json(line: Criterion) -> Json:
    """A line as shown and as it is sent back when the table is edited."""
    return {
        "id": str(line.id),
        "hazard": line.hazard.value,
        "hazard_ja": HAZARD_JA[line.hazard],
        "level": line.level,
        "level_ja": LEVEL_JA[line.level],
        "text": line.text,
        "condition": rules.condition_to_json(line.condition),
    }


def is_undecided(line: Outcome, standing: Standing) -> bool:
    """Whether a met line still wants somebody's decision: its level is above the one in force, and it rests
    on something that the last 見送り or 解除 did not weigh."""
    if line.state is not LineState.MET or line.criterion.level <= (standing.level or 0):
        return False
    weighed = standing.weighed.get(str(line.criterion.id), frozenset())
    dismissed = (standing.dismissed_level or 0) >= line.criterion.level
    return not (dismissed and line.keys <= weighed)


def _judge(facts: Facts, unit: Unit) -> Judged:
    inside = tuple(sorted((facts.sightings[one] for one in facts.inside.get(unit.code, ())), key=_by_danger))
    standing = facts.standing.get(unit.code, NEVER_DECIDED)
    lines = tuple(
        rules.evaluate(line, unit.code, (one for one in inside if one.is_open), facts.ticks, facts.at)
        for line in facts.criteria
    )
    near = sorted((facts.sightings[one] for one in facts.near.get(unit.code, ())), key=_by_danger)
    return Judged(
        unit=unit,
        standing=standing,
        inside=inside,
        near=tuple(one.id for one in near if one.is_open),
        lines=tuple(line for line in lines if line.state is not LineState.UNMET),
        undecided=tuple(line for line in lines if is_undecided(line, standing)),
        heard=listen(unit, inside, facts.calls, facts.interval_min, facts.at),
        shelters=facts.shelters.get(unit.code, ()),
    )


def _by_danger(one: Sighting) -> tuple[object, ...]:
    """Open before over, urgent first, verified before unverified, then the newest."""
    return (not one.is_open, not one.urgent, not one.verified, -one.last_reported_at.timestamp(), str(one.id))


def _by_need(each: Judged) -> tuple[object, ...]:
    """What has to be decided, then what may have to be, then danger, then silence."""
    undecided = max((line.criterion.level for line in each.undecided), default=0)
    return (
        -undecided,
        -sum(one.urgent for one in each.active),
        -(each.level_of(LineState.UNCONFIRMED) or 0),
        -(each.standing.level or 0),
        -len(each.active),
        each.heard.state is Hearing.HEARD,
        each.unit.code,
    )


def _unit_json(each: Judged) -> Json:
    unit, standing, heard = each.unit, each.standing, each.heard
    return {
        "id": str(unit.id),
        "code": unit.code,
        "name": unit.name,
        "households": unit.households,
        "population": unit.population,
        "level": standing.level,
        "level_ja": None if standing.level is None else LEVEL_JA[standing.level],
        "proxy": standing.proxy,
        "decision": standing.number,
        "decided_at": jst_or_none(standing.decided_at),
        "dismissed_level": None if standing.dismissed_at is None else standing.dismissed_level,
        "dismissed_at": jst_or_none(standing.dismissed_at),
        "advised": each.level_of(LineState.MET),
        "undecided": [str(line.criterion.id) for line in each.undecided],
        "still_met": [str(line.criterion.id) for line in each.still_met],
        "lines": [_line_json(line) for line in each.lines],
        "inside": [str(one.id) for one in each.inside],
        "near": [str(one) for one in each.near],
        "counts": _counts(each.active),
        "shelters": [_shelter_json(one, _hazards(each)) for one in each.shelters],
        "reports": {
            "state": heard.state.value,
            "received": heard.received,
            "last_at": jst_or_none(heard.last_at),
            "expected": [
                {"name": one.name, "heard_at": jst_or_none(one.heard_at), "note": one.note, "due": one.due}
                for one in heard.reporters
            ],
        },
        "summary": _words(each),
        "mark": _mark(each),
    }


def _hazards(each: Judged) -> frozenset[Hazard]:
    return frozenset(line.criterion.hazard for line in each.lines)


def _line_json(line: Outcome) -> Json:
    tick = line.tick
    return {
        "criterion": str(line.criterion.id),
        "state": line.state.value,
        "evidence": [str(one.id) for one in line.evidence],
        "tick": None if tick is None else {"since": jst(tick.since), "reason": tick.reason},
    }


def _counts(active: Iterable[Sighting]) -> Json:
    found = list(active)
    return {
        "verified": sum(one.verified for one in found),
        "unverified": sum(not one.verified for one in found),
        "urgent": sum(one.urgent for one in found),
        "precursors": sum(one.type is DamageType.PRECURSOR for one in found),
        "cut_roads": sum(one.type in CUT_ROADS for one in found),
        "isolation": sum(one.type is DamageType.ISOLATION for one in found),
    }


def _shelter_json(one: Shelter, hazards: frozenset[Hazard]) -> Json:
    """`unfit`: the hazards of this unit's lines for which the table does not name the shelter."""
    fit = frozenset(one.disasters or ())
    unfit = [hazard for hazard in Hazard if hazard in hazards and hazard in _FIT and not fit & _FIT[hazard]]
    return {
        "id": one.id,
        "name": one.name,
        "use": one.use,
        "disasters": None
        if one.disasters is None
        else [DISASTER_JA[word] for word in one.disasters if word in DISASTER_JA],
        "unfit": [] if one.disasters is None else [HAZARD_JA[hazard] for hazard in unfit],
        "state": one.state,
        "state_ja": SHELTER_JA[one.state],
        "note": one.note,
        "said_at": jst_or_none(one.said_at),
    }


def _sighting_json(one: Sighting) -> Json:
    return {
        "version": one.version,
        "type": one.type.value,
        "type_ja": TYPE_JA[one.type],
        "status": one.status.value,
        "status_ja": STATUS_JA[one.status],
        "verified": one.verified,
        "place_text": one.place_text,
        "lat": None if one.lat is None else round(one.lat, 6),
        "lon": None if one.lon is None else round(one.lon, 6),
        "radius_m": None if one.radius_m is None else round(one.radius_m, 1),
        "urgent": one.urgent,
        "people": {who: count for who, count in sorted(one.people.items()) if count},
        "report_count": one.report_count,
        "depth_cm": one.depth_cm,
        "first_reported_at": jst(one.first_reported_at),
        "last_reported_at": jst(one.last_reported_at),
    }


def _mark(each: Judged) -> Json:
    """What a commander must have seen of a unit; sent back with the decision and compared."""
    return {
        "decision": each.standing.number,
        "level": each.standing.level,
        "met": {
            str(line.criterion.id): sorted(line.keys) for line in each.lines if line.state is LineState.MET
        },
        "incidents": {str(one.id): one.version for one in each.active},
        "shelters": {one.id: one.state for one in each.shelters if one.state != "unknown"},
        "heard": each.heard.state.value,
    }


def _words(each: Judged) -> str:
    """The unit in one or two plain sentences."""
    said = []
    if each.undecided:
        highest = max(line.criterion.level for line in each.undecided)
        said.append(f"警戒レベル{highest}（{LEVEL_JA[highest]}）の基準に達しています。判断がまだです。")
    elif each.still_met:
        highest = max(line.criterion.level for line in each.still_met)
        said.append(
            f"解除のあとも、警戒レベル{highest}（{LEVEL_JA[highest]}）の基準に達しています。解除後の判断はありません。"
        )
    unconfirmed = each.level_of(LineState.UNCONFIRMED)
    if unconfirmed is not None:
        said.append(f"未確認の通報を確認できれば、警戒レベル{unconfirmed}の基準に達します。")
    counts = _counts(each.active)
    if each.active:
        urgent = f"、うち緊急{counts['urgent']}件" if counts["urgent"] else ""
        said.append(f"事案は確認済み{counts['verified']}件、未確認{counts['unverified']}件{urgent}。")
    if each.heard.state is Hearing.SILENT:
        said.append("24時間以内の報告がありません。安全とは限りません。")
    elif each.heard.state is Hearing.OVERDUE:
        said.append("決めた間隔の中に報告がありません。安全とは限りません。")
    elif not each.active:
        said.append("発生中の事案の報告はありません。")
    return "".join(said)


def _decided(units: Iterable[Judged]) -> Iterable[datetime]:
    for each in units:
        yield from (one for one in (each.standing.decided_at, each.standing.dismissed_at) if one is not None)
