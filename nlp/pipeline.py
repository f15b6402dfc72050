"""GiNZA with our components in order; `Reader(names, fold)` turns texts into Readings.

text → normalize → tokens → gazetteer → places → damage → structure (parse on demand) → linking
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import cast

import spacy
from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc
from thinc.api import NumpyOps

from nlp.assembly import assemble
from nlp.clauses import scopes
from nlp.context import Judged
from nlp.damage import find_triggers
from nlp.gazetteer import GazetteerMatcher
from nlp.linking import link
from nlp.modality import statuses, talk
from nlp.normalize import NormalText, normalize
from nlp.places import find_places, name_stretches
from nlp.reading import Reading
from nlp.tokens import TEXT, LeanTokenizer

MODEL = "ja_ginza"
_EXCLUDED = ["ner", "compound_splitter", "morphologizer", "attribute_ruler"]
_PARSER_PIPES = ("tok2vec", "parser")
_PARSE_BATCH = 64


class Structure:
    """Runs GiNZA's tok2vec and parser only over texts that name several places and damages."""

    def __init__(self) -> None:
        self._parsers: tuple[TrainablePipe, ...] = ()

    def use(self, parsers: Sequence[TrainablePipe]) -> None:
        """Take over the parsing components; until then nothing is parsed."""
        self._parsers = tuple(parsers)

    def __call__(self, doc: Doc) -> Doc:
        """One doc, parsed if it needs structure."""
        return next(self.pipe([doc]))

    def pipe(self, docs: Iterable[Doc], batch_size: int = _PARSE_BATCH) -> Iterator[Doc]:
        """The same docs in the same order, parsed where structure is needed."""
        source = iter(docs)
        while batch := list(islice(source, batch_size)):
            needy = [doc for doc in batch if _needs_structure(doc)]
            stream: Iterable[Doc] = needy
            for component in self._parsers:
                stream = component.pipe(stream, batch_size=_PARSE_BATCH)
            for _ in stream:
                pass
            yield from batch


def _needs_structure(doc: Doc) -> bool:
    return (
        len(doc.user_data.get("places", ())) > 1
        and len(doc.user_data.get("triggers", ())) > 0
        and len(doc) < 400
    )


@Language.factory("hansho_structure", requires=["doc.user_data"], assigns=["token.dep", "token.head"])
def make_structure(nlp: Language, name: str) -> Structure:
    """spaCy factory; the parsing components arrive by `use`."""
    return Structure()


@Language.component("hansho_places", requires=["doc.spans"], assigns=["doc.user_data"])
def places_component(doc: Doc) -> Doc:
    """Place phrases into `doc.user_data["places"]`."""
    doc.user_data["places"] = find_places(doc)
    return doc


@Language.component("hansho_damage", requires=["token.tag"], assigns=["doc.user_data"])
def damage_component(doc: Doc) -> Doc:
    """Scopes, damage triggers, their statuses and the kind of talk into `doc.user_data`."""
    text = doc.user_data[TEXT]
    bounds = scopes(text)
    triggers = find_triggers(text, bounds, name_stretches(text, doc.user_data["places"]))
    doc.user_data["scopes"] = bounds
    doc.user_data["talk"] = talk(text, bounds)
    doc.user_data["triggers"] = triggers
    doc.user_data["statuses"] = statuses(text, bounds, triggers)
    return doc


class Reader:
    """Reads messages. Loads the model once (about 2 s); not safe to share between threads."""

    def __init__(self, names: Sequence[str], fold: Mapping[int, str]) -> None:
        """`names` are the gazetteer's surface forms, normalised; `fold` is a one-to-one `str.translate`
        table applied to names and text alike before matching. Raises OSError when GiNZA is missing."""
        self._nlp = _language()
        self._matcher = cast(GazetteerMatcher, self._nlp.get_pipe("hansho_gazetteer"))
        self._matcher.fill(names, fold)

    def add_names(self, names: Sequence[str]) -> None:
        """Find `names` too, from the next text on, in the place of those added before."""
        self._matcher.add(names)

    def trust_names(self, names: Sequence[str]) -> None:
        """Find `names` too, whatever their part of speech, in the place of those trusted before: a person
        vouches for each of them."""
        self._matcher.trust(names)

    def read(self, text: str) -> Reading:
        """The reading of one text; never raises for any text."""
        return next(self.pipe([text], batch_size=1))

    def pipe(self, texts: Iterable[str], batch_size: int = 64) -> Iterator[Reading]:
        """Readings in the order of `texts`; 32 to 64 texts a batch is fastest."""
        normals = ((normal.text, normal) for normal in map(normalize, texts))
        for doc, normal in self._nlp.pipe(normals, as_tuples=True, batch_size=batch_size):
            yield _judge(doc, normal)


def _language() -> Language:
    nlp = spacy.load(MODEL, exclude=_EXCLUDED)
    parsers = [cast(TrainablePipe, nlp.get_pipe(name)) for name in _PARSER_PIPES]
    ops = NumpyOps(use_blis=False)
    for component in parsers:
        for node in component.model.walk():
            node.ops = ops
    for name in list(nlp.pipe_names):
        nlp.remove_pipe(name)
    nlp.tokenizer = LeanTokenizer(nlp.vocab, "B")
    nlp.add_pipe("hansho_gazetteer")
    nlp.add_pipe("hansho_places")
    nlp.add_pipe("hansho_damage")
    nlp.add_pipe("hansho_structure")
    cast(Structure, nlp.get_pipe("hansho_structure")).use(parsers)
    return nlp


def _judge(doc: Doc, normal: NormalText) -> Reading:
    data = doc.user_data
    links = link(doc, data["scopes"], data["triggers"], data["places"])
    judged = [
        Judged(trigger, status, cues, places)
        for trigger, (status, cues), places in zip(data["triggers"], data["statuses"], links, strict=True)
    ]
    return assemble(normal, judged, data["places"], data["talk"])
