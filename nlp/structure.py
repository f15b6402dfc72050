"""Dependency trees by GiNZA, of the sentences in which a damage hesitates between places; of no others."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc, Span

from nlp.tokens import TEXT, TOKENS

OPEN = "open"  # key of `doc.user_data`: bounds of the sentences to parse
TREES = "trees"  # key of `doc.user_data`: the parsed ones by their first character
_BATCH = 64
_LONGEST = 400  # tokens; a longer sentence is none


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed sentence, and where in the text each of its tokens begins."""

    doc: Doc
    starts: list[int]

    @property
    def is_parsed(self) -> bool:
        """Whether the parser has run; a sentence that is too long stays without."""
        return bool(self.doc.has_annotation("DEP"))

    def span(self, start: int, end: int) -> Span:
        """The tokens that touch characters `start` to `end` of the text."""
        first = max(0, bisect_right(self.starts, start) - 1)
        return self.doc[first : max(first + 1, bisect_right(self.starts, end - 1))]


class Structure:
    """Runs GiNZA's tok2vec and parser over the open sentences of a batch of texts together."""

    def __init__(self) -> None:
        self._parsers: tuple[TrainablePipe, ...] = ()
        self._parse_all = False

    def use(self, parsers: Sequence[TrainablePipe], parse_all: bool = False) -> None:
        """Take over the parsing components; until then nothing is parsed. `parse_all`: every whole text."""
        self._parsers = tuple(parsers)
        self._parse_all = parse_all

    def __call__(self, doc: Doc) -> Doc:
        """One doc, with the trees of its open sentences."""
        return next(self.pipe([doc]))

    def pipe(self, docs: Iterable[Doc], batch_size: int = _BATCH) -> Iterator[Doc]:
        """The same docs in the same order, each with the trees of its open sentences."""
        source = iter(docs)
        while batch := list(islice(source, batch_size)):
            for doc in batch:
                doc.user_data[TREES] = self._unparsed(doc)
            trees = {id(tree): tree for doc in batch for tree in doc.user_data[TREES].values()}
            stream: Iterable[Doc] = [tree.doc for tree in trees.values() if len(tree.doc) < _LONGEST]
            for component in self._parsers:
                stream = component.pipe(stream, batch_size=_BATCH)
            for _ in stream:
                pass
            yield from batch

    def _unparsed(self, doc: Doc) -> dict[int, Tree]:
        """The trees to come of one text, by the first character of their sentence."""
        if not self._parse_all:
            return {start: _unparsed(doc, start, end) for start, end in doc.user_data[OPEN]}
        whole = _unparsed(doc, 0, len(doc.user_data[TEXT]))
        return dict.fromkeys(doc.user_data["scopes"].sentence_starts, whole) if len(whole.doc) else {}


def _unparsed(doc: Doc, start: int, end: int) -> Tree:
    tokens = doc.user_data[TOKENS]
    first = max(0, bisect_right(tokens.starts, start) - 1)
    stop = bisect_right(tokens.starts, end - 1)
    words, blanks = tokens.words[first:stop], tokens.blanks[first:stop]
    return Tree(Doc(doc.vocab, words=words, spaces=blanks), tokens.starts[first:stop])


@Language.factory("hansho_structure", requires=["doc.user_data"], assigns=["doc.user_data"])
def make_structure(nlp: Language, name: str) -> Structure:
    """spaCy factory; the parsing components arrive by `use`."""
    return Structure()
