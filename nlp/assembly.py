"""From judged triggers to a Reading: what is dropped, what is one observation, what it rests on."""

from collections.abc import Sequence

from nlp.context import Judged, settle
from nlp.damage import Trigger
from nlp.judgement import in_danger
from nlp.modality import Talk
from nlp.normalize import NormalText
from nlp.people import count_people, find_quantities, is_urgent
from nlp.places import FoundPlace
from nlp.reading import DamageType, Mention, Observation, Quantity, Reading, Span, Status

Amount = tuple[int, int, float | None, str]
# Of two wordings of one damage the later news wins: over and denied before present.
_LATER_NEWS = (Status.RESOLVED, Status.DENIED, Status.HEARSAY, Status.PRESENT, Status.FEARED)
_PEOPLE = ("injured", "missing", "trapped", "dead")
_QUANTITY_REACH = 12  # characters between an amount and the damage it measures


def assemble(
    normal: NormalText,
    judged: Sequence[Judged],
    places: Sequence[FoundPlace],
    talk: Talk,
    danger: float,
) -> Reading:
    """The reading of one message from its judged triggers, places and kind of talk; `danger` is the
    network's probability that life is in danger."""
    heard = settle([item for item in judged if not _idle(item.trigger, talk)], places, normal.text)
    observations = _observations(normal, heard, places)
    statuses = [(item.trigger, item.status) for item in heard]
    evidence = [normal.span(start, end, rule, rule) for start, end, rule in talk.idle if end > start]
    if talk.drill:
        evidence.append(normal.span(talk.drill.start, talk.drill.end, "drill", talk.drill.rule))
    return Reading(
        text=normal.original,
        relevant=bool(observations),
        urgent=bool(observations) and in_danger(is_urgent(normal.text, statuses), danger),
        people=dict.fromkeys(_PEOPLE, 0) | count_people(normal.text, statuses),
        observations=tuple(observations),
        mentions=tuple(_mention(normal, place) for place in places),
        drill=talk.drill is not None,
        evidence=tuple(evidence),
    )


def _idle(trigger: Trigger, talk: Talk) -> bool:
    return any(start <= trigger.head < end for start, end, _ in talk.idle)


def _mention(normal: NormalText, place: FoundPlace) -> Mention:
    return Mention(
        span=normal.span(
            place.start, place.end, "place", ",".join(dict.fromkeys(atom.rule for atom in place.atoms))
        ),
        parts=place.parts(normal.text, place.atoms),
        relation=place.relation,
        until=place.parts(normal.text, place.until),
    )


def _observations(
    normal: NormalText, heard: Sequence[Judged], places: Sequence[FoundPlace]
) -> list[Observation]:
    """One observation per type and place; a second wording of the same adds its evidence."""
    merged: dict[tuple[DamageType, int | None], list[Judged]] = {}
    for item in heard:
        for place in item.places or (None,):
            merged.setdefault((item.trigger.type, place), []).append(item)
    amounts = find_quantities(normal.text)
    return [
        Observation(
            type=kind,
            status=_news(items, only_place=len(places) < 2),
            mention=place,
            evidence=tuple(span for item in items for span in _evidence(normal, item)),
            quantities=_quantities(normal, items[0].trigger, amounts),
        )
        for (kind, place), items in merged.items()
    ]


def _news(items: Sequence[Judged], only_place: bool) -> Status:
    """What several wordings of one damage come to: the later news, unless one says that it lasts.

    「床上なし、床下5軒」 is a damage: no part of the only place that is whole takes back the others."""
    statuses = {item.status for item in items}
    if any(
        cue.status is Status.PRESENT for item in items if item.status is Status.PRESENT for cue in item.cues
    ):
        return Status.PRESENT
    denials = [item for item in items if item.status is Status.DENIED]
    if only_place and statuses == {Status.PRESENT, Status.DENIED} and all(map(_of_a_part, denials)):
        return Status.PRESENT
    return min(statuses, key=_LATER_NEWS.index)


def _of_a_part(denial: Judged) -> bool:
    """Whether only these words are denied: by a negation right behind them, or as what is whole or open."""
    if denial.trigger.status is Status.DENIED:
        return True
    return bool(denial.cues) and all(cue.rule == "status:denied/after" for cue in denial.cues)


def _evidence(normal: NormalText, item: Judged) -> tuple[Span, ...]:
    trigger = item.trigger
    spans = [normal.span(trigger.start, trigger.end, trigger.type.value, trigger.rule)]
    spans += [
        normal.span(cue.start, cue.end, cue.status.value, cue.rule)
        for cue in item.cues
        if cue.end > cue.start
    ]
    return tuple(spans)


def _quantities(normal: NormalText, trigger: Trigger, amounts: Sequence[Amount]) -> tuple[Quantity, ...]:
    return tuple(
        Quantity(value, unit, normal.span(start, end, unit, "people:quantity"))
        for start, end, value, unit in amounts
        if end >= trigger.start - _QUANTITY_REACH and start <= trigger.end + _QUANTITY_REACH
    )
