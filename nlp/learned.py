"""What the trained network sees in a text: features of its tokens, and the answer for a batch of texts."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from importlib import resources
from io import BytesIO
from typing import Any, cast
from zlib import crc32

import numpy as np
from spacy.vocab import Vocab
from thinc.api import Model
from thinc.types import Floats2d

from nlp.damage import Trigger
from nlp.modality import Talk
from nlp.network import (
    LETTER_ROWS,
    LETTERS,
    SEEN_WIDTH,
    STATUSES,
    TYPES,
    VECTOR_WIDTH,
    Floats,
    Inputs,
    Ints,
    Said,
    build,
    joined,
    said,
)
from nlp.reading import Status
from nlp.tokens import Tokens

WEIGHTS = "learned.npz"
_PLACE = "〔地名〕"
_DIGITS = re.compile("[0-9]")
_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ"))}
_MEMORY = 50_000
_MOST_TOKENS = 400  # of a message; what stands behind is left to the rules
_TYPE_AT = {kind: at for at, kind in enumerate(TYPES)}
_STATUS_AT = {status: at for at, status in enumerate(STATUSES)}
Spelling = tuple[Floats, Ints]


class Features:
    """Tokens to the network's inputs; remembers the words that it has met."""

    def __init__(self, vocab: Vocab) -> None:
        """`vocab` brings GiNZA's static vectors."""
        self._vocab = vocab
        self._known: dict[tuple[str, str], Spelling] = {}
        self._place = (np.zeros(VECTOR_WIDTH, np.float32), letters_of(_PLACE, ""))

    def of(
        self,
        tokens: Tokens,
        names: Sequence[tuple[int, int]],
        judged: Sequence[tuple[Trigger, Status]],
        talk: Talk,
    ) -> Inputs:
        """The inputs of one text: its tokens, the stretches of place names, and what the rules saw."""
        count = min(len(tokens.words), _MOST_TOKENS)
        named = _touched(tokens, names)
        spelt = [
            self._place if at in named else self._spelling(tokens.words[at], tokens.norms[at])
            for at in range(count)
        ]
        vectors = np.array([vector for vector, _ in spelt], np.float32).reshape(count, VECTOR_WIDTH)
        letters = np.array([rows for _, rows in spelt], np.int64).reshape(count, LETTERS)
        seen = np.zeros((count, SEEN_WIDTH), np.float32)
        for trigger, status in judged:
            at = sorted(_touched(tokens, [(trigger.start, trigger.end)]) & set(range(count)))
            seen[at, _TYPE_AT[trigger.type]] = 1.0
            seen[at, len(TYPES) + _STATUS_AT[status]] = 1.0
        idle = [(start, end) for start, end, _ in talk.idle]
        seen[sorted(_touched(tokens, idle) & set(range(count))), -1] = 1.0
        return Inputs(vectors, letters, seen)

    def _spelling(self, word: str, norm: str) -> Spelling:
        found = self._known.get((word, norm))
        if found is None:
            if len(self._known) >= _MEMORY:
                self._known.clear()
            found = self._known[word, norm] = (self._vector(word, norm), letters_of(word, norm))
        return found

    def _vector(self, word: str, norm: str) -> Floats:
        """The static vector of the word as written, else of its dictionary's spelling, of length 3 or 0."""
        for form in (word, norm):
            if self._vocab.has_vector(form):
                vector = np.asarray(self._vocab.get_vector(form), np.float32)
                return (vector * (3 / max(float(np.linalg.norm(vector)), 1e-6))).astype(np.float32)
        return np.zeros(VECTOR_WIDTH, np.float32)


class Learned:
    """The trained network, ready to read."""

    def __init__(self, weights: bytes | None = None) -> None:
        """`weights` as `nlp.training` writes them; the packaged ones when None."""
        self._model = build()
        self._prior = load_weights(self._model, weights if weights is not None else packaged_weights())

    def read(self, messages: Sequence[Inputs]) -> list[Said]:
        """What each message says."""
        if not messages:
            return []
        inputs, places = joined(messages)
        outputs = np.asarray(self._model.predict(inputs))
        return [said(outputs[place], self._prior) for place in places]


def packaged_weights() -> bytes:
    """The trained weights that come with this package."""
    return resources.files(__package__).joinpath(WEIGHTS).read_bytes()


def packed_weights(model: Model[Inputs, Floats2d], prior: Floats) -> bytes:
    """The weights of a trained network as one file, half precision."""
    arrays = {f"{at}.{name}": np.asarray(node.get_param(name)) for at, node, name in _params(model)}
    target = BytesIO()
    pack: Any = np.savez_compressed  # typed as if every keyword were its option
    pack(target, **{name: array.astype(np.float16) for name, array in (arrays | {"prior": prior}).items()})
    return target.getvalue()


def load_weights(model: Model[Inputs, Floats2d], weights: bytes) -> Floats:
    """Put the weights into the network; the prior odds of statuses (TYPES, STATUSES).

    Raises ValueError when they are of another network.
    """
    with np.load(BytesIO(weights)) as arrays:
        for at, node, name in _params(model):
            array = arrays.get(f"{at}.{name}")
            if array is None or array.shape != np.asarray(node.get_param(name)).shape:
                raise ValueError(f"the trained weights do not fit the network at {node.name}.{name}")
            node.set_param(name, cast(Any, array.astype(np.float32)))
        return np.asarray(arrays["prior"], np.float32)


def _params(model: Model[Inputs, Floats2d]) -> Iterable[tuple[int, Model[Any, Any], str]]:
    named = ((node, name) for node in model.walk() for name in node.param_names)
    for at, (node, name) in enumerate(named):
        yield at, node, name


def letters_of(word: str, norm: str) -> Ints:
    """Rows of the letter table: the dictionary's spelling, the word, its pairs and single letters."""
    plain = _DIGITS.sub("0", word).translate(_TO_HIRAGANA).lower()
    edged = f"^{plain}$"
    pieces = [f"={norm}", *(edged[at : at + size] for size in (2, 3) for at in range(len(edged) - size + 1))]
    rows = [1 + crc32(piece.encode()) % (LETTER_ROWS - 1) for piece in pieces[:LETTERS]]
    return np.array(rows + [0] * (LETTERS - len(rows)), np.int64)


def _touched(tokens: Tokens, stretches: Sequence[tuple[int, int]]) -> set[int]:
    """The numbers of the tokens that share a character with one of the stretches."""
    found: set[int] = set()
    for start, end in stretches:
        if end > start:
            first = max(0, bisect_right(tokens.starts, start) - 1)
            found.update(range(first, bisect_right(tokens.starts, end - 1)))
    return found
