"""Rules and network together: which damages a text says, where in it, and in which status.

The rules point at words and know their reasons; the network has read many more ways of saying the same. It
may add a damage that no rule knows, drop one that it is sure is none, and change a status that it is sure of.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from nlp.clauses import Scopes
from nlp.damage import Trigger
from nlp.modality import Cue
from nlp.network import STATUSES, TYPES, Floats, Said
from nlp.reading import DamageType, Status
from nlp.tokens import Tokens

# Chosen on messages of authors whose texts were not looked at (docs/reading.md).
ADDS = 0.67  # from this probability on a damage is added that no rule saw
ADDS_RIVAL = 0.96  # beside a damage that a rule saw in the same clause and that is easily taken for it
DROPS = 0.1  # below it a damage is dropped that a rule saw
SURE = 0.8  # from this probability on the network's status stands against a mere absence of cues
SURER = 0.9  # and from this one on against the cues of a rule
SAID_HERE = 0.2  # a token of this probability speaks for the damage at it
# Life in danger: the network alone when it is sure, the rules unless it is sure of the contrary.
DANGER = 0.8
NO_DANGER = 0.03
RULE = "learned"

_TYPE_AT = {kind: at for at, kind in enumerate(TYPES)}
# 「石がぱらぱら落ちる」 is a sign, 「膝まで水、家の中」 no flooded road.
_RIVALS = {
    DamageType.LANDSLIDE: (DamageType.PRECURSOR, DamageType.ROAD_DAMAGE),
    DamageType.PRECURSOR: (DamageType.LANDSLIDE,),
    DamageType.ROAD_FLOODING: (DamageType.INUNDATION,),
    DamageType.INUNDATION: (DamageType.ROAD_FLOODING,),
}
# 「道のくえて」: where the network hears a slope fail, a rule that saw the road in it says what failed.
_SAME_FAILURE = {DamageType.ROAD_DAMAGE: DamageType.LANDSLIDE}
Verdict = tuple[Trigger, Status, tuple[Cue, ...]]


def judge(
    tokens: Tokens,
    scopes: Scopes,
    triggers: Sequence[Trigger],
    statuses: Sequence[tuple[Status, tuple[Cue, ...]]],
    said: Said,
) -> list[Verdict]:
    """The triggers that stand, in the order of the text, each with its status and the cues behind it."""
    stated = 1 - np.prod(1 - said.both, axis=1)
    kept: list[Verdict] = []
    for trigger, (status, cues) in zip(triggers, statuses, strict=True):
        same = _SAME_FAILURE.get(trigger.type, trigger.type)
        if max(stated[_TYPE_AT[trigger.type]], stated[_TYPE_AT[same]]) >= DROPS:
            kept.append((trigger, *_settled(tokens, trigger, status, cues, said)))
    heard = np.flatnonzero(stated >= ADDS).tolist()
    if heard:
        clauses = _clauses(tokens, scopes, len(said.types))
        silent = np.multiply.reduceat(1 - said.types, [clause.start for clause in clauses], axis=0)
        ruled = {(trigger.type, scopes.clause(trigger.head)[0]) for trigger, _, _ in kept}
        for kind in heard:
            for clause in _loud(clauses, 1 - silent[:, kind]):
                start = scopes.clause(tokens.starts[clause.start])[0]
                rivals = {(rival, start) for rival in _RIVALS.get(TYPES[kind], ())}
                rival = stated[kind] < ADDS_RIVAL and not rivals.isdisjoint(ruled)
                if (TYPES[kind], start) not in ruled and not rival:
                    kept.append(_added(tokens, kind, clause, said))
    return sorted(kept, key=lambda verdict: (verdict[0].head, verdict[0].end))


def in_danger(by_rules: bool, chance: float) -> bool:
    """Whether life is in danger, by what the rules say and the network's `chance` of it."""
    return chance >= (NO_DANGER if by_rules else DANGER)


def _clauses(tokens: Tokens, scopes: Scopes, count: int) -> list[range]:
    """The first `count` tokens by the clause in which each begins."""
    firsts = sorted({bisect_left(tokens.starts, start, 0, count) for start in scopes.clause_starts} - {count})
    return [range(first, last) for first, last in pairwise([*firsts, count])]


def _loud(clauses: Sequence[range], chances: Floats) -> Iterator[range]:
    """The clauses whose chances say the damage by themselves; the loudest one where none does."""
    loudest = int(chances.argmax())
    for at, clause in enumerate(clauses):
        if chances[at] >= ADDS or at == loudest:
            yield clause


def _settled(
    tokens: Tokens, trigger: Trigger, status: Status, cues: tuple[Cue, ...], said: Said
) -> tuple[Status, tuple[Cue, ...]]:
    """The rules' status, or the network's where it is sure of another one at these words; what the rules say
    in words to last is never over."""
    if any(cue.status is Status.PRESENT for cue in cues):
        return status, cues
    kind = _TYPE_AT[trigger.type]
    first = max(0, bisect_right(tokens.starts, trigger.start) - 1)
    last = min(len(said.types), bisect_left(tokens.starts, trigger.end))
    loud = said.types[first:last, kind]
    here = first + int(loud.argmax()) if len(loud) else None
    if here is None or said.types[here, kind] < SAID_HERE:
        odds = said.both[kind] / max(float(said.both[kind].sum()), 1e-6)
    else:
        odds = said.statuses[here, kind]
    best = int(odds.argmax())
    if STATUSES[best] is status or odds[best] < (SURER if cues else SURE):
        return status, cues
    return STATUSES[best], (Cue(trigger.start, trigger.end, STATUSES[best], RULE),)


def _added(tokens: Tokens, kind: int, clause: range, said: Said) -> Verdict:
    """A damage that no rule saw, at the words of a clause that say it loudest."""
    odds = said.types[:, kind]
    first = last = max(clause, key=lambda at: odds[at])
    while first > clause.start and odds[first - 1] >= SAID_HERE:
        first -= 1
    while last + 1 < clause.stop and odds[last + 1] >= SAID_HERE:
        last += 1
    start, end = tokens.starts[first], tokens.ends[last]
    weight = odds[clause.start : clause.stop]
    status = STATUSES[
        int((weight[:, None] * said.statuses[clause.start : clause.stop, kind]).sum(0).argmax())
    ]
    trigger = Trigger(TYPES[kind], start, start, end, RULE)
    return trigger, status, () if status is Status.PRESENT else (Cue(start, end, status, RULE),)
