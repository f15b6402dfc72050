"""SudachiPy tokens to a spaCy Doc, lean: part-of-speech ids are looked up once, no per-token calls.

Gives the same words and tags as spaCy's own Japanese tokenizer. The rules read them from plain lists
(`Tokens`), many times faster than token by token from a Doc; GiNZA's parser is given a Doc of its own for the
few sentences that it parses.
"""

from dataclasses import dataclass
from itertools import accumulate, chain

from spacy.tokens import Doc
from spacy.util import DummyTokenizer
from spacy.vocab import Vocab
from sudachipy import Dictionary, Morpheme, SplitMode

SPLIT_MODES = {"A": SplitMode.A, "B": SplitMode.B, "C": SplitMode.C}
TEXT = "text"  # key of `doc.user_data`: `Doc.text` joins all tokens anew at each call
TOKENS = "tokens"  # key of `doc.user_data`
_CHUNK = 10_000  # characters; Sudachi refuses inputs above 49,149 bytes


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one text as parallel lists: offsets, words, the dictionary's one spelling of each
    (崩れ for くずれ), tags, whether a blank follows."""

    starts: list[int]
    ends: list[int]
    words: list[str]
    norms: list[str]
    tags: list[str]
    blanks: list[bool]


class LeanTokenizer(DummyTokenizer):
    """Callable text → Doc; expects text from `nlp.normalize` (blanks never doubled)."""

    def __init__(self, vocab: Vocab, split_mode: str = "B") -> None:
        self.vocab = vocab
        self._sudachi = Dictionary().create(mode=SPLIT_MODES[split_mode])
        self._tags: dict[int, str] = {}

    def __call__(self, text: str) -> Doc:
        """An empty Doc that carries `text` and its tokens in `user_data`: few texts are ever parsed, and
        only then are sentences of them made Docs with words (`nlp.structure`)."""
        return Doc(self.vocab, user_data={TEXT: text, TOKENS: self._tokens(text)})

    def _tokens(self, text: str) -> Tokens:
        chunks = (text[start : start + _CHUNK] for start in range(0, len(text), _CHUNK))
        # List by list: a loop over all of a token's parts takes twice as long.
        morphemes = list(chain.from_iterable(map(self._sudachi.tokenize, chunks)))
        words = [one.surface() for one in morphemes]
        if "" in words:
            morphemes = [one for one, word in zip(morphemes, words, strict=True) if word]
            words = [word for word in words if word]
        ends = list(accumulate(map(len, words)))
        norms = [one.normalized_form() for one in morphemes]
        tags = [self._tags.get(one.part_of_speech_id()) or self._tag(one) for one in morphemes]
        tokens = Tokens([0, *ends][:-1], ends, words, norms, tags, [False] * len(words))
        return _without_blanks(tokens) if " " in words else tokens

    def _tag(self, morpheme: Morpheme) -> str:
        tag = "-".join(part for part in morpheme.part_of_speech()[:4] if part != "*")
        return self._tags.setdefault(morpheme.part_of_speech_id(), tag)


def _without_blanks(tokens: Tokens) -> Tokens:
    """A blank behind a word is that word's; only a blank that follows another stays a token."""
    kept = Tokens([], [], [], [], [], [])
    for start, end, word, norm, tag in zip(
        tokens.starts, tokens.ends, tokens.words, tokens.norms, tokens.tags, strict=True
    ):
        if word == " " and kept.words and not kept.blanks[-1] and not kept.words[-1].isspace():
            kept.blanks[-1] = True
            continue
        kept.starts.append(start)
        kept.ends.append(end)
        kept.words.append(word)
        kept.norms.append(norm)
        kept.tags.append(tag)
        kept.blanks.append(False)
    return kept
