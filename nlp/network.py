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
_FIRST_ROWS = 1024
_RARE = -5.0  # log odds of a damage before anything is seen

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int64]


class Spellings:
    """Every spelling met so far as one row: `vectors` (rows, VECTOR_WIDTH), `letters` (rows, LETTERS) rows of
    the letter table with 0 for none. Row 0 is no token at all."""

    def __init__(self) -> None:
        self.count = 1
        self.vectors: Floats = np.zeros((_FIRST_ROWS, VECTOR_WIDTH), np.float32)
        self.letters: Ints = np.zeros((_FIRST_ROWS, LETTERS), np.int64)

    def add(self, vector: Floats, letters: Ints) -> int:
        """The row of a new spelling."""
        row = self.count
        if row == len(self.letters):
            self.vectors = np.concatenate([self.vectors, np.zeros_like(self.vectors)])
            self.letters = np.concatenate([self.letters, np.zeros_like(self.letters)])
        self.vectors[row], self.letters[row] = vector, letters
        self.count += 1
        return row


@dataclass(frozen=True, slots=True)
class Inputs:
    """The tokens of one message that the network reads: `rows` (tokens) of their spellings, `seen` (tokens,
    SEEN_WIDTH), `places` (tokens) their numbers in the text, of whose first `count` tokens they are."""

    rows: Ints
    seen: Floats
    places: Ints
    count: int


@dataclass(frozen=True, slots=True)
class Joined:
    """The tokens of several messages, with `PAD` empty ones before, between and behind them, spelt out."""

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


def joined(messages: Sequence[Inputs]) -> tuple[Ints, Floats, list[slice]]:
    """The rows and the seen of several messages as one, and where each stands in it."""
    places, at = [], PAD
    for message in messages:
        places.append(slice(at, at + len(message.rows)))
        at += len(message.rows) + PAD
    rows = np.zeros(at, np.int64)
    seen = np.zeros((at, SEEN_WIDTH), np.float32)
    for place, message in zip(places, messages, strict=True):
        rows[place], seen[place] = message.rows, message.seen
    return rows, seen, places


def spelt(rows: Ints, seen: Floats, spellings: Spellings) -> Joined:
    """The same tokens with their vectors and letters."""
    return Joined(spellings.vectors[rows], spellings.letters[rows], seen)


def build(dropout: float = 0.0) -> Model[Joined, Floats2d]:
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
    return cast("Model[Joined, Floats2d]", model)


def letters_mean(table: Floats, letters: Ints) -> tuple[Floats, Floats]:
    """The sum of the letters' rows over the root of their number, and one over that root (tokens, 1)."""
    share = (1.0 / np.sqrt(np.maximum((letters > 0).sum(1, keepdims=True), 1))).astype(np.float32)
    return table[letters].sum(1) * share, share


def _embedding() -> Model[Joined, Floats2d]:
    """Static vector, mean of the letters' rows, and what the rules saw, side by side."""

    def forward(model: Model[Joined, Floats2d], inputs: Joined, is_train: bool) -> tuple[Floats2d, Any]:
        letters, share = letters_mean(cast(Floats, model.get_param("E")), inputs.letters)
        output = np.concatenate([inputs.vectors, letters, inputs.seen], axis=1)

        def backward(gradient: Floats2d) -> Joined:
            own = np.asarray(gradient)[:, VECTOR_WIDTH : VECTOR_WIDTH + LETTER_WIDTH] * share
            model.inc_grad("E", cast(Any, _scattered(own, inputs.letters)))
            return inputs

        return cast(Floats2d, output), backward

    def init(model: Model[Joined, Floats2d], X: Any = None, Y: Any = None) -> None:  # noqa: N803 (thinc's names)
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


def log_odds(outputs: Floats, prior: Floats) -> tuple[Floats, Floats]:
    """(tokens, TYPES) probabilities of each type, (tokens, TYPES, STATUSES) logs of type and status.

    `prior` (TYPES, STATUSES): log odds of the statuses of each type.
    """
    status = outputs[:, None, len(TYPES) : -1] + prior
    status = status - status.max(2, keepdims=True)
    status = status - np.log(np.exp(status).sum(2, keepdims=True))
    damage = -np.logaddexp(0, -outputs[:, : len(TYPES)])
    return np.exp(damage), status + damage[..., None]


def said(outputs: Floats, prior: Floats, places: Sequence[slice]) -> list[Said]:
    """What the outputs of a batch's tokens amount to, message by message: `log_odds` without its logs."""
    types = np.exp(-np.logaddexp(0, -outputs[:, : len(TYPES)]))
    odds = outputs[:, len(TYPES) : -1]
    odds = np.exp(odds - odds.max(1, keepdims=True))
    usual = np.exp(prior)
    statuses = odds[:, None, :] * usual / (odds @ usual.T)[..., None]
    silent = 1 - types[..., None] * statuses
    danger = np.exp(-np.logaddexp(0, -outputs[:, -1]))
    return [
        Said(
            types[place],
            statuses[place],
            1 - silent[place].prod(0),
            float(danger[place].max(initial=0.0)),
        )
        for place in places
    ]


def spread(said: Said, inputs: Inputs) -> Said:
    """The same answer with a row for each token of the text, nothing at those that were not read."""
    if len(inputs.places) == inputs.count:
        return said
    types = np.zeros((inputs.count, len(TYPES)), np.float32)
    statuses = np.full((inputs.count, len(TYPES), len(STATUSES)), 1 / len(STATUSES), np.float32)
    types[inputs.places], statuses[inputs.places] = said.types, said.statuses
    return Said(types, statuses, said.both, said.urgent)
