"""SudachiPy tokens to a spaCy Doc, lean: part-of-speech ids are looked up once, no per-token calls.

Gives the same words and tags as spaCy's own Japanese tokenizer. The rules read them from plain lists
(`Tokens`), many times faster than token by token from a Doc; GiNZA's parser is given a Doc of its own for the
few sentences that it parses.
"""

from dataclasses import dataclass

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
        tokens = Tokens([], [], [], [], [], [])
        blanks, known, at = tokens.blanks, self._tags, 0
        for start in range(0, len(text), _CHUNK):
            for morpheme in self._sudachi.tokenize(text[start : start + _CHUNK]):
                surface = morpheme.surface()
                if not surface:
                    continue
                begin, at = at, at + len(surface)
                if (
                    surface == " "
                    and tokens.words
                    and not tokens.blanks[-1]
                    and not tokens.words[-1].isspace()
                ):
                    tokens.blanks[-1] = True
                    continue
                tag = known.get(morpheme.part_of_speech_id())
                tokens.starts.append(begin)
                tokens.ends.append(at)
                tokens.words.append(surface)
                tokens.norms.append(morpheme.normalized_form())
                tokens.tags.append(self._tag(morpheme) if tag is None else tag)
                blanks.append(False)
        return tokens

    def _tag(self, morpheme: Morpheme) -> str:
        tag = "-".join(part for part in morpheme.part_of_speech()[:4] if part != "*")
        return self._tags.setdefault(morpheme.part_of_speech_id(), tag)
