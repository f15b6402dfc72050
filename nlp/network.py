"""The small network that reads beside the rules: which token says which damage, and in which status.

tokens → (GiNZA's static vector, its spelling's letters, what the rules saw) → three windows → per token the
odds of each 被害種別, of each status, and of danger to life. A message says a damage when one of its tokens
does (noisy-or), so that training needs no marked words and every answer has a token to point at.
Built from thinc's layers, trained by `python -m nlp.training`, read by `nlp.learned`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from thinc.api import Dropout, Linear, Model, NumpyOps, Relu, chain, expand_window, residual
from thinc.types import Floats2d

from nlp.reading import DamageType, Status

TYPES = tuple(DamageType)
STATUSES = tuple(Status)
VECTOR_WIDTH = 300  # of ja_ginza
LETTER_WIDTH = 64
LETTER_ROWS = 16_384
LETTERS = 10  # hashed pieces of spelling a token
SEEN_WIDTH = len(TYPES) + len(STATUSES) + 1  # what the rules saw at a token: type, status, idle talk
HIDDEN = 96
WINDOWS = (1, 1, 2)  # tokens to each side, layer by layer
PAD = sum(WINDOWS)  # empty tokens between messages, so that no window looks into the next one
OUTPUTS = len(TYPES) + len(STATUSES) + 1
_RARE = -5.0  # log odds of a damage before anything is seen

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Inputs:
    """The tokens of one message, or of several with `PAD` empty ones before, between and behind them.

    `vectors` (tokens, VECTOR_WIDTH), `letters` (tokens, LETTERS) rows of the letter table with 0 for none,
    `seen` (tokens, SEEN_WIDTH).
    """

    vectors: Floats
    letters: Ints
    seen: Floats


@dataclass(frozen=True, slots=True)
class Said:
    """What the network makes of one message, all as probabilities: `types` (tokens, TYPES) that a token says
    a damage, `statuses` (tokens, TYPES, STATUSES) in which status if it does, `both` (TYPES, STATUSES) that
    the message says this damage in this status, `urgent` that life is in danger."""

    types: Floats
    statuses: Floats
    both: Floats
    urgent: float


def joined(messages: Sequence[Inputs]) -> tuple[Inputs, list[slice]]:
    """Several messages as one input, and where each stands in it."""
    places, at = [], PAD
    for message in messages:
        places.append(slice(at, at + len(message.letters)))
        at += len(message.letters) + PAD
    vectors = np.zeros((at, VECTOR_WIDTH), np.float32)
    letters = np.zeros((at, LETTERS), np.int64)
    seen = np.zeros((at, SEEN_WIDTH), np.float32)
    for place, message in zip(places, messages, strict=True):
        vectors[place], letters[place], seen[place] = message.vectors, message.letters, message.seen
    return Inputs(vectors, letters, seen), places


def build(dropout: float = 0.0) -> Model[Inputs, Floats2d]:
    """The network with untrained weights; its output has OUTPUTS columns a token (types, statuses, danger).

    `dropout` is the share of values that training leaves out at each layer.
    """
    ops = NumpyOps(use_blis=False)
    features = VECTOR_WIDTH + LETTER_WIDTH + SEEN_WIDTH
    layers: list[Model[Any, Any]] = [_embedding(), Dropout(dropout), Relu(HIDDEN, features)]
    for window in WINDOWS:
        wide = Relu(HIDDEN, HIDDEN * (2 * window + 1))
        layers.append(residual(chain(Dropout(dropout), expand_window(window), wide)))
    model: Model[Any, Any] = chain(*layers, Dropout(dropout), Linear(OUTPUTS, HIDDEN))
    for node in model.walk():
        node.ops = ops
    model.initialize()
    bias = np.zeros(OUTPUTS, np.float32)
    bias[: len(TYPES)] = _RARE
    model.layers[-1].set_param("b", cast(Any, bias))
    return cast("Model[Inputs, Floats2d]", model)


def _embedding() -> Model[Inputs, Floats2d]:
    """Static vector, mean of the letters' rows, and what the rules saw, side by side."""

    def forward(model: Model[Inputs, Floats2d], inputs: Inputs, is_train: bool) -> tuple[Floats2d, Any]:
        table = cast(Floats, model.get_param("E"))
        known = (inputs.letters > 0).sum(1, keepdims=True)
        share = (1.0 / np.sqrt(np.maximum(known, 1))).astype(np.float32)
        letters = table[inputs.letters].sum(1) * share
        output = np.concatenate([inputs.vectors, letters, inputs.seen], axis=1)

        def backward(gradient: Floats2d) -> Inputs:
            own = np.asarray(gradient)[:, VECTOR_WIDTH : VECTOR_WIDTH + LETTER_WIDTH] * share
            model.inc_grad("E", cast(Any, _scattered(own, inputs.letters)))
            return inputs

        return cast(Floats2d, output), backward

    def init(model: Model[Inputs, Floats2d], X: Any = None, Y: Any = None) -> None:  # noqa: N803 (thinc's names)
        table = np.random.default_rng(0).normal(0.0, 0.1, (LETTER_ROWS, LETTER_WIDTH)).astype(np.float32)
        table[0] = 0.0
        model.set_param("E", cast(Any, table))

    return Model("hansho_embedding", forward, init=init, params={"E": None})


def _scattered(gradient: Floats, letters: Ints) -> Floats:
    """The gradient of the letter table: each token's gradient added to the rows that it used."""
    change = np.zeros((LETTER_ROWS, LETTER_WIDTH), np.float32)
    order = np.argsort(letters, axis=None, kind="stable")
    rows = letters.ravel()[order]
    first = np.flatnonzero(np.r_[True, rows[1:] != rows[:-1]])
    change[rows[first]] = np.add.reduceat(gradient[order // LETTERS], first, axis=0)
    change[0] = 0.0
    return change


def said(outputs: Floats, prior: Floats) -> Said:
    """What the outputs of one message's tokens amount to; `prior` (TYPES, STATUSES) log odds of statuses."""
    types, logs = log_odds(outputs, prior)
    each = np.minimum(np.exp(logs), 1 - 1e-6)
    both = 1 - np.exp(np.log1p(-each).sum(0))
    danger = float(outputs[:, -1].max()) if len(outputs) else -np.inf
    statuses = np.exp(logs) / np.maximum(types, 1e-30)[..., None]
    return Said(types, statuses, both.astype(np.float32), float(np.exp(-np.logaddexp(0, -danger))))


def log_odds(outputs: Floats, prior: Floats) -> tuple[Floats, Floats]:
    """(tokens, TYPES) probabilities of each type, (tokens, TYPES, STATUSES) logs of type and status."""
    damage = outputs[:, : len(TYPES)]
    status = outputs[:, None, len(TYPES) : -1] + prior
    status = status - status.max(2, keepdims=True)
    status = status - np.log(np.exp(status).sum(2, keepdims=True))
    damage = -np.logaddexp(0, -damage)
    return np.exp(damage), status + damage[..., None]
