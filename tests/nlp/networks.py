"""Small inputs and answers of the network, put together without GiNZA."""

import numpy as np

from nlp.learned import letters_of
from nlp.network import SEEN_WIDTH, STATUSES, TYPES, VECTOR_WIDTH, Floats, Inputs, Said, Spellings
from nlp.reading import DamageType, Status
from nlp.tokens import Tokens


def inputs_of(spellings: Spellings, words: list[str]) -> Inputs:
    """Words that have letters but no vector, and of which no rule saw anything."""
    nothing = np.zeros(VECTOR_WIDTH, np.float32)
    rows = [spellings.add(nothing, letters_of(word, word)) for word in words]
    seen = np.zeros((len(words), SEEN_WIDTH), np.float32)
    return Inputs(np.array(rows, np.int64), seen, np.arange(len(words)), len(words))


def labels_of(*says: tuple[DamageType, Status]) -> Floats:
    """(TYPES, STATUSES) with 1 for each pair that is said."""
    both = np.zeros((len(TYPES), len(STATUSES)), np.float32)
    for kind, status in says:
        both[TYPES.index(kind), STATUSES.index(status)] = 1.0
    return both


def tokens_of(words: list[str]) -> Tokens:
    """The tokens of these words written without blanks."""
    ends = np.cumsum([len(word) for word in words]).tolist()
    starts = [0, *ends[:-1]]
    return Tokens(starts, ends, words, words, ["名詞"] * len(words), [False] * len(words))


def said_of(words: list[str], *heard: tuple[int, DamageType, Status, float], urgent: float = 0.0) -> Said:
    """An answer in which token `at` says a damage in a status with a probability; all else is unlikely."""
    types = np.full((len(words), len(TYPES)), 0.001, np.float32)
    statuses = np.full((len(words), len(TYPES), len(STATUSES)), 1 / len(STATUSES), np.float32)
    for at, kind, status, chance in heard:
        types[at, TYPES.index(kind)] = chance
        statuses[at, TYPES.index(kind)] = 0.025
        statuses[at, TYPES.index(kind), STATUSES.index(status)] = 0.9
    both = 1 - np.prod(1 - types[..., None] * statuses, axis=0)
    return Said(types, statuses, both, urgent)
