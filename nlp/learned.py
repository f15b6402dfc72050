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
from thinc.api import Model, chain
from thinc.types import Ragged

from nlp.damage import Trigger
from nlp.modality import Talk
from nlp.network import (
    HIDDEN,
    LETTER_ROWS,
    LETTER_WIDTH,
    LETTERS,
    SEEN_WIDTH,
    STATUSES,
    TYPES,
    VECTOR_WIDTH,
    Floats,
    Inputs,
    Ints,
    Joined,
    Said,
    Spellings,
    build,
    joined,
    letters_mean,
    said,
    spread,
)
from nlp.reading import Status
from nlp.tokens import Tokens

WEIGHTS = "learned.npz"
_PLACE = "〔地名〕"
# Politeness and the progressive, as SudachiDict normalises them, with their parts of speech.
_COLOURS = {
    "です": "助動詞",
    "ます": "助動詞",
    "てる": "助動詞",
    "て": "助詞-接続助詞",
    "で": "助詞-接続助詞",
    "居る": "動詞-非自立可能",
    "おる": "動詞-非自立可能",
}
_STOPS = ("補助記号", "空白")
_DIGITS = re.compile("[0-9]")
_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ"))}
_MEMORY = 50_000
_MOST_TOKENS = 400  # of a message; what stands behind is left to the rules
_TYPE_AT = {kind: at for at, kind in enumerate(TYPES)}
_WIDE = 768  # as wide as the products of GiNZA's parser
_STATUS_AT = {status: at for at, status in enumerate(STATUSES)}


class Features:
    """Tokens to the network's inputs; remembers the spellings that it has met."""

    def __init__(self, vocab: Vocab) -> None:
        """`vocab` brings GiNZA's static vectors."""
        self._vocab = vocab
        self.forget()

    def forget(self) -> None:
        """Start with no spellings but that of a place's name."""
        self.spellings = Spellings()
        self._known: dict[tuple[str, str], int] = {}
        nowhere = np.zeros(VECTOR_WIDTH, np.float32)
        self._place = self.spellings.add(nowhere, letters_of(_PLACE, ""))

    @property
    def is_full(self) -> bool:
        """Whether it is time to `forget`; rows given before are void then."""
        return self.spellings.count > _MEMORY

    def of(
        self,
        tokens: Tokens,
        names: Sequence[tuple[int, int]],
        judged: Sequence[tuple[Trigger, Status]],
        talk: Talk,
        unread: Sequence[tuple[int, int]] = (),
    ) -> Inputs:
        """The inputs of one text: its tokens, the stretches of place names, what the rules saw, and the
        stretches that only the rules read (hashtags, names of warnings)."""
        count = min(len(tokens.words), _MOST_TOKENS)
        rows = np.zeros(count, np.int64)
        for at, spelling in enumerate(zip(tokens.words[:count], tokens.norms, strict=False)):
            row = self._known.get(spelling)
            rows[at] = self._added(*spelling) if row is None else row
        rows[_touched(tokens, names, count)] = self._place
        seen = np.zeros((count, SEEN_WIDTH), np.float32)
        for trigger, status in judged:
            at_trigger = _touched(tokens, [(trigger.start, trigger.end)], count)
            seen[at_trigger, _TYPE_AT[trigger.type]] = 1.0
            seen[at_trigger, len(TYPES) + _STATUS_AT[status]] = 1.0
        seen[_touched(tokens, [(start, end) for start, end, _ in talk.idle], count), -1] = 1.0
        read = np.array(_read(tokens, count, frozenset(_touched(tokens, unread, count))), np.int64)
        return Inputs(rows[read], seen[read], read, count)

    def _added(self, word: str, norm: str) -> int:
        row = self.spellings.add(self._vector(word, norm), letters_of(word, norm))
        self._known[word, norm] = row
        return row

    def _vector(self, word: str, norm: str) -> Floats:
        """The static vector of the word as written, else of its dictionary's spelling, of length 3 or 0."""
        vectors = self._vocab.vectors
        for form in (word, norm):
            # Not `vocab.get_vector`: it makes a lexeme of every spelling.
            if (row := int(vectors.find(key=form))) >= 0:
                vector = np.asarray(vectors.data[row], np.float32)
                return (vector * (3 / max(float(np.linalg.norm(vector)), 1e-6))).astype(np.float32)
        return np.zeros(VECTOR_WIDTH, np.float32)


class Learned:
    """The trained network, ready to read.

    What a spelling adds to the first layer never changes, so it is computed once for each and remembered:
    the first layer is half of the network's work.
    """

    def __init__(self, weights: bytes | None = None) -> None:
        """`weights` as `nlp.training` writes them; the packaged ones when None."""
        model = build()
        self._prior = load_weights(model, weights if weights is not None else packaged_weights())
        self._table = np.asarray(model.layers[0].get_param("E"))
        first, self._rest = _first_and_rest(model)
        self._weights = np.asarray(first.get_param("W"))
        self._bias = np.asarray(first.get_param("b"))
        self._spellings: Spellings | None = None
        self._added = np.zeros((0, HIDDEN), np.float32)
        _touch_buffers()

    def read(self, messages: Sequence[Inputs], spellings: Spellings) -> list[Said]:
        """What each message says; `spellings` are those that its rows stand for."""
        if not messages:
            return []
        rows, seen, lengths = joined(messages)
        self._learn(spellings)
        by_rules = seen @ self._weights[:, VECTOR_WIDTH + LETTER_WIDTH :].T
        hidden = np.maximum(self._added[rows] + by_rules + self._bias, 0.0)
        outputs = np.asarray(self._rest.predict(Ragged(cast(Any, hidden), cast(Any, lengths))).data)
        answers = said(outputs, self._prior, lengths)
        return [spread(answer, message) for answer, message in zip(answers, messages, strict=True)]

    def _learn(self, spellings: Spellings) -> None:
        """Bring what each spelling adds up to date."""
        known = len(self._added) if self._spellings is spellings else 0
        if known == spellings.count:
            return
        letters, _ = letters_mean(self._table, spellings.letters[known : spellings.count])
        words = np.concatenate([spellings.vectors[known : spellings.count], letters], axis=1)
        fresh = words @ self._weights[:, : VECTOR_WIDTH + LETTER_WIDTH].T
        self._added = np.concatenate([self._added[:known], fresh])
        self._spellings = spellings


def _first_and_rest(model: Model[Joined, Ragged]) -> tuple[Model[Any, Any], Model[Any, Any]]:
    """The first layer with weights, and the chain of all layers behind it."""
    inner = [[node for node in layer.walk() if node.has_param("W")] for layer in model.layers]
    at = next(at for at, nodes in enumerate(inner) if nodes)
    return inner[at][0], chain(*model.layers[at + 1 :])


def _touch_buffers() -> None:
    """One wide product. In a process that has made none, OpenBLAS takes twice the time for the network's
    narrow ones: presumably it reads ahead into pages of its buffers that nothing has written yet."""
    wide = np.ones((_WIDE, _WIDE), np.float32)
    np.matmul(wide, wide)


def packaged_weights() -> bytes:
    """The trained weights that come with this package."""
    return resources.files(__package__).joinpath(WEIGHTS).read_bytes()


def packed_weights(model: Model[Joined, Ragged], prior: Floats) -> bytes:
    """The weights of a trained network as one file, half precision."""
    arrays = {f"{at}.{name}": np.asarray(node.get_param(name)) for at, node, name in _params(model)}
    target = BytesIO()
    pack: Any = np.savez_compressed  # typed as if every keyword were its option
    pack(target, **{name: array.astype(np.float16) for name, array in (arrays | {"prior": prior}).items()})
    return target.getvalue()


def load_weights(model: Model[Joined, Ragged], weights: bytes) -> Floats:
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


def _params(model: Model[Joined, Ragged]) -> Iterable[tuple[int, Model[Any, Any], str]]:
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


def _read(tokens: Tokens, count: int, unread: frozenset[int]) -> list[int]:
    """The tokens that the network reads: none `unread`, no stops at either end, and not what only colours a
    verb: 冠水しています, 冠水してる and 冠水している are one to it."""
    read = [at for at in range(count) if at not in unread and not _is_colour(tokens, at)]
    while read and tokens.tags[read[-1]].startswith(_STOPS):
        read.pop()
    first = next((n for n, at in enumerate(read) if not tokens.tags[at].startswith(_STOPS)), len(read))
    return read[first:]


def _is_colour(tokens: Tokens, at: int) -> bool:
    tag = _COLOURS.get(tokens.norms[at])
    return tag is not None and tokens.tags[at].startswith(tag)


def _touched(tokens: Tokens, stretches: Sequence[tuple[int, int]], count: int) -> list[int]:
    """The numbers, below `count`, of the tokens that share a character with one of the stretches."""
    found: list[int] = []
    for start, end in stretches:
        if end > start:
            first = max(0, bisect_right(tokens.starts, start) - 1)
            found.extend(range(first, min(count, bisect_right(tokens.starts, end - 1))))
    return found
