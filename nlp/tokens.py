"""SudachiPy tokens to a spaCy Doc, lean: part-of-speech ids are looked up once, no per-token calls.

Gives the same words, tags, part-of-speech and lemmas as spaCy's own Japanese tokenizer.
"""

from spacy.lang.ja import resolve_pos
from spacy.tokens import Doc
from spacy.util import DummyTokenizer
from spacy.vocab import Vocab
from sudachipy import Dictionary, Morpheme, SplitMode

SPLIT_MODES = {"A": SplitMode.A, "B": SplitMode.B, "C": SplitMode.C}
TEXT = "text"  # key of `doc.user_data`: `Doc.text` joins all tokens anew at each call
_CHUNK = 10_000  # characters; Sudachi refuses inputs above 49,149 bytes


class LeanTokenizer(DummyTokenizer):
    """Callable text → Doc; expects text from `nlp.normalize` (blanks never doubled)."""

    def __init__(self, vocab: Vocab, split_mode: str = "B") -> None:
        self.vocab = vocab
        self._sudachi = Dictionary().create(mode=SPLIT_MODES[split_mode])
        self._tags: dict[int, str] = {}
        self._pos: dict[tuple[str, str, str | None], tuple[str, int | None]] = {}

    def __call__(self, text: str) -> Doc:
        """Tokens with tag, part of speech and lemma, no model."""
        words: list[str] = []
        tags: list[str] = []
        lemmas: list[str] = []
        spaces: list[bool] = []
        for start in range(0, len(text), _CHUNK):
            for morpheme in self._sudachi.tokenize(text[start : start + _CHUNK]):
                surface = morpheme.surface()
                if not surface:
                    continue
                if surface == " " and words and not spaces[-1] and not words[-1].isspace():
                    spaces[-1] = True
                    continue
                words.append(surface)
                tags.append(self._tag(morpheme))
                lemmas.append(morpheme.dictionary_form() or surface)
                spaces.append(False)
        pos = self._parts_of_speech(words, tags)
        return Doc(
            self.vocab,
            words=words,
            spaces=spaces,
            tags=tags,
            pos=pos,
            lemmas=lemmas,
            user_data={TEXT: text},
        )

    def _tag(self, morpheme: Morpheme) -> str:
        identifier = morpheme.part_of_speech_id()
        tag = self._tags.get(identifier)
        if tag is None:
            tag = "-".join(part for part in morpheme.part_of_speech()[:4] if part != "*")
            self._tags[identifier] = tag
        return tag

    def _parts_of_speech(self, words: list[str], tags: list[str]) -> list[str]:
        result: list[str] = []
        forced: int | None = None
        for index, (word, tag) in enumerate(zip(words, tags, strict=True)):
            if forced:
                result.append(self.vocab.strings[forced])
                forced = None
                continue
            following = tags[index + 1] if index + 1 < len(tags) else None
            key = (word, tag, following)
            if key not in self._pos:
                if len(self._pos) > 50_000:
                    self._pos.clear()
                own, nxt = resolve_pos(word, tag, following)  # type: ignore[no-untyped-call]
                self._pos[key] = (self.vocab.strings[own], nxt)
            name, forced = self._pos[key]
            result.append(name)
        return result
