"""The small network that reads beside the rules: which token says which damage, and in which status.

tokens → (GiNZA's static vector, its spelling's letters, what the rules saw) → two windows → what the whole
message has, told to each token → a third window → per token the odds of each 被害種別, of each status, and of
danger to life. A message says a damage when one of its tokens
does (noisy-or), so that training needs no marked words and every answer has a token to point at.
Built from thinc's layers, trained by `python -m nlp.training`, read by `nlp.learned`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from thinc.api import (
    Dropout,
    Linear,
    Model,
    NumpyOps,
    Relu,
    chain,
    concatenate,
    expand_window,
    reduce_max,
    reduce_mean,
    residual,
    with_array,
)
from thinc.types import Floats2d, Ragged

from nlp.reading import DamageType, Status

TYPES = tuple(DamageType)
STATUSES = tuple(Status)
VECTOR_WIDTH = 300  # of ja_ginza
LETTER_WIDTH = 64
LETTER_ROWS = 16_384
LETTERS = 10  # hashed pieces of spelling a token
SEEN_WIDTH = len(TYPES) + len(STATUSES) + 1  # what the rules saw at a token: type, status, idle talk
HIDDEN = 128
WINDOWS = (1, 1, 2)  # tokens to each side, layer by layer
GIST = 64  # what is kept of the whole message, once as its loudest token has it, once on average
_GIST_AFTER = len(WINDOWS) - 1  # windows
OUTPUTS = len(TYPES) + len(STATUSES) + 1
_FIRST_ROWS = 1024
_RARE = -5.0  # log odds of a damage before anything is seen

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.signedinteger[Any]]


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


@dataclass(slots=True)
class Inputs:
    """The tokens of one message that the network reads: `rows` (tokens) of their spellings, `seen` (tokens,
    SEEN_WIDTH), `places` (tokens) their numbers in the text, of whose first `count` tokens they are."""

    rows: Ints
    seen: Floats
    places: Ints
    count: int


@dataclass(frozen=True, slots=True)
class Joined:
    """The tokens of several messages, one behind the other and spelt out; `lengths` (messages) in tokens."""

    vectors: Floats
    letters: Ints
    seen: Floats
    lengths: Ints


@dataclass(slots=True)
class Said:
    """What the network makes of one message, all as probabilities: `types` (tokens, TYPES) that a token says
    a damage, `statuses` (tokens, TYPES, STATUSES) in which status if it does, `both` (TYPES, STATUSES) that
    the message says this damage in this status, `urgent` that life is in danger."""

    types: Floats
    statuses: Floats
    both: Floats
    urgent: float


def joined(messages: Sequence[Inputs]) -> tuple[Ints, Floats, Ints]:
    """The rows and the seen of several messages as one, and the messages' lengths; a message without tokens
    is one empty token long."""
    lengths = np.array([max(1, len(message.rows)) for message in messages], np.int32)
    rows = np.zeros(int(lengths.sum()), np.int64)
    seen = np.zeros((len(rows), SEEN_WIDTH), np.float32)
    for place, message in zip(places_of(lengths), messages, strict=True):
        if len(message.rows):
            rows[place], seen[place] = message.rows, message.seen
    return rows, seen, lengths


def places_of(lengths: Ints) -> list[slice]:
    """Where messages of these lengths stand when one follows the other."""
    ends = np.cumsum(lengths).tolist()
    return [slice(end - length, end) for end, length in zip(ends, lengths.tolist(), strict=True)]


def spelt(rows: Ints, seen: Floats, lengths: Ints, spellings: Spellings) -> Joined:
    """The same tokens with their vectors and letters."""
    return Joined(spellings.vectors[rows], spellings.letters[rows], seen, lengths)


def build(dropout: float = 0.0) -> Model[Joined, Ragged]:
    """The network with untrained weights; its output has OUTPUTS columns a token (types, statuses, danger).

    `dropout` is the share of values that training leaves out at each layer.
    """
    ops = NumpyOps(use_blis=False)
    features = VECTOR_WIDTH + LETTER_WIDTH + SEEN_WIDTH
    layers: list[Model[Any, Any]] = [_embedding(), Dropout(dropout), with_array(Relu(HIDDEN, features))]
    for at, window in enumerate(WINDOWS):
        if at == _GIST_AFTER:
            layers.append(_told_to_all(_gist(dropout)))
        wide: Model[Any, Any] = with_array(Relu(HIDDEN, HIDDEN * (2 * window + 1)))
        layers.append(residual(chain(Dropout(dropout), expand_window(window), wide)))
    model: Model[Any, Any] = chain(*layers, Dropout(dropout), with_array(Linear(OUTPUTS, HIDDEN)))
    for node in model.walk():
        node.ops = ops
        # thinc would shape layers by an example; these know their shapes.
        if not node.layers:
            node.initialize()
    bias = np.zeros(OUTPUTS, np.float32)
    bias[: len(TYPES)] = _RARE
    last_with_weights(model).set_param("b", cast(Any, bias))
    return cast("Model[Joined, Ragged]", model)


def last_with_weights(model: Model[Any, Any]) -> Model[Any, Any]:
    """The layer that gives the odds."""
    return next(node for node in model.layers[-1].walk() if node.has_param("W"))


def _gist(dropout: float) -> Model[Ragged, Floats2d]:
    """(messages, HIDDEN): what a whole message has, whichever of its tokens has it."""
    parts: Model[Any, Any] = chain(
        Dropout(dropout),
        with_array(Relu(GIST, HIDDEN)),
        concatenate(reduce_max(), reduce_mean()),
        Dropout(dropout),
        Relu(HIDDEN, 2 * GIST),
    )
    return cast("Model[Ragged, Floats2d]", parts)


def _told_to_all(layer: Model[Ragged, Floats2d]) -> Model[Ragged, Ragged]:
    """Each token with what `layer` makes of its whole message added."""

    def forward(
        model: Model[Ragged, Ragged], tokens: Ragged, is_train: bool
    ) -> tuple[Ragged, Callable[[Ragged], Ragged]]:
        told, told_backwards = model.layers[0](tokens, is_train)
        output = np.asarray(tokens.data) + np.repeat(np.asarray(told), np.asarray(tokens.lengths), axis=0)

        def backward(gradient: Ragged) -> Ragged:
            own = told_backwards(model.ops.reduce_sum(cast(Floats2d, gradient.data), gradient.lengths))
            return Ragged(own.data + gradient.data, gradient.lengths)

        return Ragged(cast(Any, output), tokens.lengths), backward

    return Model("hansho_told_to_all", forward, layers=[layer])


def letters_mean(table: Floats, letters: Ints) -> tuple[Floats, Floats]:
    """The sum of the letters' rows over the root of their number, and one over that root (tokens, 1)."""
    share = (1.0 / np.sqrt(np.maximum((letters > 0).sum(1, keepdims=True), 1))).astype(np.float32)
    return table[letters].sum(1) * share, share


def _embedding() -> Model[Joined, Ragged]:
    """Static vector, mean of the letters' rows, and what the rules saw, side by side."""

    def forward(model: Model[Joined, Ragged], inputs: Joined, is_train: bool) -> tuple[Ragged, Any]:
        letters, share = letters_mean(cast(Floats, model.get_param("E")), inputs.letters)
        output = np.concatenate([inputs.vectors, letters, inputs.seen], axis=1)

        def backward(gradient: Ragged) -> Joined:
            own = np.asarray(gradient.data)[:, VECTOR_WIDTH : VECTOR_WIDTH + LETTER_WIDTH] * share
            model.inc_grad("E", cast(Any, _scattered(own, inputs.letters)))
            return inputs

        return Ragged(cast(Any, output), cast(Any, inputs.lengths)), backward

    def init(model: Model[Joined, Ragged], X: Any = None, Y: Any = None) -> None:  # noqa: N803 (thinc's names)
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


def said(outputs: Floats, prior: Floats, lengths: Ints) -> list[Said]:
    """What the outputs of a batch's tokens amount to, message by message: `log_odds` without its logs."""
    types = _chance(outputs[:, : len(TYPES)])
    odds = outputs[:, len(TYPES) : -1]
    odds = np.exp(odds - odds.max(1, keepdims=True))
    usual = np.exp(prior)
    statuses = odds[:, None, :] * (usual / (odds @ usual.T)[..., None])
    places = places_of(lengths)
    firsts = [place.start for place in places]
    both = 1 - np.multiply.reduceat(1 - types[..., None] * statuses, firsts, axis=0)
    danger = _chance(np.maximum.reduceat(outputs[:, -1], firsts))
    return [
        Said(types[place], statuses[place], both[at], float(danger[at])) for at, place in enumerate(places)
    ]


def _chance(odds: Floats) -> Floats:
    """Probabilities of log odds; below -60 they are as good as none."""
    return cast(Floats, 1 / (1 + np.exp(-np.maximum(odds, -60))))


def spread(said: Said, inputs: Inputs) -> Said:
    """The same answer with a row for each token of the text, nothing at those that were not read."""
    if len(inputs.places) == inputs.count:
        return said
    types = np.zeros((inputs.count, len(TYPES)), np.float32)
    statuses = np.full((inputs.count, len(TYPES), len(STATUSES)), 1 / len(STATUSES), np.float32)
    read = len(inputs.places)
    types[inputs.places], statuses[inputs.places] = said.types[:read], said.statuses[:read]
    return Said(types, statuses, said.both, said.urgent)
