"""Rules and network together: which damages a text says, where in it, and in which status.

The rules point at words and know their reasons; the network has read many more ways of saying the same. It
may add a damage that no rule knows, drop one that it is sure is none, and change a status that it is sure of.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from nlp.clauses import Scopes
from nlp.damage import Trigger
from nlp.modality import Cue
from nlp.network import STATUSES, TYPES, Floats, Said
from nlp.reading import Status
from nlp.tokens import Tokens

# Chosen on messages of authors whose texts were not looked at (docs/reading.md).
ADDS = 0.5  # from this probability on a damage is added that no rule saw
DROPS = 0.05  # below it a damage is dropped that a rule saw
SURE = 0.6  # from this probability on the network's status stands against a mere absence of cues
SURER = 0.85  # and from this one on against the cues of a rule
SAID_HERE = 0.2  # a token of this probability speaks for the damage at it
RULE = "learned"

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
        if stated[TYPES.index(trigger.type)] >= DROPS:
            kept.append((trigger, *_settled(tokens, trigger, status, cues, said)))
    ruled = {(trigger.type, scopes.clause(trigger.head)) for trigger, _, _ in kept}
    for kind in np.flatnonzero(stated >= ADDS).tolist():
        for clause in _loud(tokens, scopes, said.types[:, kind]):
            bounds = scopes.clause(tokens.starts[clause.start])
            if (TYPES[kind], bounds) not in ruled:
                kept.append(_added(tokens, kind, clause, said))
    return sorted(kept, key=lambda verdict: (verdict[0].head, verdict[0].end))


def _loud(tokens: Tokens, scopes: Scopes, odds: Floats) -> Iterator[range]:
    """The tokens of each clause that by itself says the damage; of the loudest one where none does."""
    clauses = _clauses(tokens, scopes, len(odds))
    chances = [1 - float(np.prod(1 - odds[clause.start : clause.stop])) for clause in clauses]
    loudest = int(np.argmax(chances)) if chances else -1
    for at, (clause, chance) in enumerate(zip(clauses, chances, strict=True)):
        if chance >= ADDS or at == loudest:
            yield clause


def _clauses(tokens: Tokens, scopes: Scopes, count: int) -> list[range]:
    """The first `count` tokens by the clause in which each begins."""
    starts = tokens.starts[:count]
    firsts = [
        at
        for at, start in enumerate(starts)
        if at == 0 or scopes.clause(start) != scopes.clause(starts[at - 1])
    ]
    return [range(first, last) for first, last in pairwise([*firsts, count])]


def _settled(
    tokens: Tokens, trigger: Trigger, status: Status, cues: tuple[Cue, ...], said: Said
) -> tuple[Status, tuple[Cue, ...]]:
    """The rules' status, or the network's where it is sure of another one at these words."""
    kind = TYPES.index(trigger.type)
    near = [
        at
        for at in range(len(said.types))
        if tokens.starts[at] < trigger.end and tokens.ends[at] > trigger.start
    ]
    here = max(near, key=lambda at: said.types[at, kind], default=None)
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
    return trigger, status, (Cue(start, end, status, RULE),)
