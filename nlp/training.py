"""Training of the network (`nlp.network`) on labelled phrases and messages; minutes on one core.

A label says that a text states a damage in a status, not which words say it: the loss is that of the whole
text's probabilities (noisy-or over its tokens), so that the network finds the words by itself.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from thinc.api import Adam, Model, fix_random_seed
from thinc.types import Ragged

from nlp.network import (
    STATUSES,
    TYPES,
    Floats,
    Inputs,
    Ints,
    Joined,
    Spellings,
    build,
    joined,
    log_odds,
    places_of,
    spelt,
)

_BATCH = 48
_POOLED = 12  # batches whose texts are sorted by length together
_TINY = 1e-6
_SMOOTHING = 3.0  # texts that every status is taken to have been seen in, for every type


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text: `both` (TYPES, STATUSES) of 0 and 1, `urgent` None where nobody judged it."""

    inputs: Inputs
    both: Floats
    urgent: bool | None


@dataclass(frozen=True, slots=True)
class Course:
    """How to train: `phrases` of each batch are drawn from phrases, the rest from whole messages; `blind`
    is how often the network must do without the rules, `dim` how often without a token's word or letters."""

    steps: int = 12_000
    phrases: float = 0.35
    rate: float = 0.003
    blind: float = 0.35
    dim: float = 0.1
    dropout: float = 0.1
    seed: int = 1


def prior_of(examples: Sequence[Example]) -> Floats:
    """(TYPES, STATUSES) log odds of each status where a type is said, smoothed."""
    counts = np.sum([example.both for example in examples], axis=0) + _SMOOTHING / len(STATUSES)
    return cast(Floats, np.log(counts / counts.sum(1, keepdims=True)).astype(np.float32))


def fit(
    phrases: Sequence[Example],
    messages: Sequence[Example],
    spellings: Spellings,
    course: Course,
    progress: Callable[[int, float], None] | None = None,
) -> tuple[Model[Joined, Ragged], Floats]:
    """A network trained on both, with its prior.

    `spellings` are those of the examples' rows; `progress` is called with each step and its loss.
    """
    fix_random_seed(course.seed)
    draw, dice = random.Random(course.seed), np.random.default_rng(course.seed)  # noqa: S311 (no secret)
    model, prior = build(course.dropout), prior_of([*phrases, *messages])
    optimizer = Adam(course.rate, L2=1e-4, grad_clip=2.0, L2_is_weight_decay=True)
    pool: list[list[Example]] = []
    for step in range(course.steps):
        if not pool:
            pool = _pool(phrases, messages, course, draw)
        batch = pool.pop()
        optimizer.learn_rate = course.rate * _pace(step / course.steps)
        texts = joined([_blinded(example.inputs, course, draw) for example in batch])
        outputs, backprop = model.begin_update(_dimmed(spelt(*texts, spellings), course, dice))
        loss, gradient = _loss(np.asarray(outputs.data), np.asarray(outputs.lengths), batch, prior)
        backprop(Ragged(cast(Any, gradient), outputs.lengths))
        model.finish_update(optimizer)
        if progress is not None:
            progress(step, loss)
    averages = cast("dict[tuple[int, str], Any]", optimizer.averages)
    for node in model.walk():
        for name in node.param_names:
            node.set_param(name, averages[node.id, name])
    return model, prior


def _pool(
    phrases: Sequence[Example], messages: Sequence[Example], course: Course, draw: random.Random
) -> list[list[Example]]:
    drawn = [
        draw.choice(phrases if draw.random() < course.phrases else messages) for _ in range(_BATCH * _POOLED)
    ]
    drawn.sort(key=lambda example: len(example.inputs.rows))
    batches = [drawn[at : at + _BATCH] for at in range(0, len(drawn), _BATCH)]
    draw.shuffle(batches)
    return batches


def _pace(done: float) -> float:
    """Share of the learning rate after the share `done` of all steps: up over a seventh, then down."""
    return float(min(done * 7 + 0.04, 1.0) if done < 1 / 7 else max((1 - done) * 7 / 6, 0.002))


def _blinded(inputs: Inputs, course: Course, draw: random.Random) -> Inputs:
    return replace(inputs, seen=inputs.seen * 0) if draw.random() < course.blind else inputs


def _dimmed(tokens: Joined, course: Course, dice: np.random.Generator) -> Joined:
    chance = dice.random(len(tokens.letters))[:, None]
    vectors = np.where(chance < course.dim, np.float32(0), tokens.vectors)
    letters = np.where(chance > 1 - course.dim, 0, tokens.letters)
    return Joined(vectors, letters, tokens.seen, tokens.lengths)


def _loss(outputs: Floats, lengths: Ints, batch: Sequence[Example], prior: Floats) -> tuple[float, Floats]:
    """The mean loss of a batch, and its gradient by the outputs."""
    total, gradient = 0.0, np.zeros_like(outputs)
    for place, example in zip(places_of(lengths), batch, strict=True):
        loss, gradient[place] = _loss_of_one(outputs[place], example, prior)
        total += loss
    return total / len(batch), gradient / np.float32(len(batch))


def _loss_of_one(outputs: Floats, example: Example, prior: Floats) -> tuple[float, Floats]:
    types, logs = log_odds(outputs, prior)
    each = np.minimum(np.exp(logs), 1 - _TINY)
    both = np.clip(1 - np.exp(np.log1p(-each).sum(0)), _TINY, 1 - _TINY)
    damage = np.clip(1 - np.prod(1 - both, axis=1), _TINY, 1 - _TINY)
    wanted, stated = example.both, example.both.max(1)
    loss = -_likelihood(both, wanted) - _likelihood(damage, stated)
    pull = (both - wanted) / both + ((damage - stated) / damage)[:, None]
    by_log = pull / (1 - each) * each
    gradient = np.zeros_like(outputs)
    summed = by_log.sum(2)
    gradient[:, : len(TYPES)] = summed * (1 - types)
    share = np.exp(logs - np.log(np.maximum(types, 1e-30))[..., None])
    gradient[:, len(TYPES) : -1] = (by_log - share * summed[..., None]).sum(1)
    if example.urgent is not None:
        at = int(outputs[:, -1].argmax())
        odds = float(outputs[at, -1])
        chance = 1 / (1 + float(np.exp(-odds)))
        gradient[at, -1] = chance - example.urgent
        loss += float(np.logaddexp(0, odds)) - odds * example.urgent
    return loss, gradient


def _likelihood(chance: Floats, truth: Floats) -> float:
    return float((truth * np.log(chance) + (1 - truth) * np.log(1 - chance)).sum())
