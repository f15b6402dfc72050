"""GiNZA with our components in order; `Reader(names, fold)` turns texts into Readings.

text → normalize → tokens → gazetteer → places → damage by rules → network → judgement
     → structure (parse on demand) → linking → assembly
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
from nlp.gazetteer import GazetteerMatcher, automata_of
from nlp.home import HOME_NAMES, HomeNames, home_names
from nlp.judgement import judge
from nlp.learned import Features, Learned
from nlp.linking import link, weigh
from nlp.modality import statuses, talk
from nlp.network import Inputs, Said, Spellings
from nlp.normalize import NormalText, normalize
from nlp.places import find_places, name_stretches, topics
from nlp.reading import Reading
from nlp.structure import OPEN, TREES, Structure
from nlp.tokens import TEXT, TOKENS, LeanTokenizer

MODEL = "ja_ginza"
_EXCLUDED = ["ner", "compound_splitter", "morphologizer", "attribute_ruler"]
_PARSER_PIPES = ("tok2vec", "parser")
_RULES = ("hansho_gazetteer", "hansho_places", "hansho_damage")
BATCH = 64


@Language.component("hansho_places", requires=["doc.user_data"], assigns=["doc.user_data"])
def places_component(doc: Doc) -> Doc:
    """Place phrases into `doc.user_data["places"]`."""
    doc.user_data["places"] = find_places(doc)
    return doc


@Language.component("hansho_damage", requires=["doc.user_data"], assigns=["doc.user_data"])
def damage_component(doc: Doc) -> Doc:
    """Scopes, damage triggers, their statuses and the kind of talk into `doc.user_data`."""
    text = doc.user_data[TEXT]
    bounds = scopes(text)
    names = name_stretches(text, doc.user_data["places"])
    triggers = find_triggers(text, bounds, names)
    doc.user_data["names"] = names
    doc.user_data["scopes"] = bounds
    doc.user_data["talk"] = talk(text, bounds)
    doc.user_data["triggers"] = triggers
    doc.user_data["statuses"] = statuses(text, bounds, triggers)
    return doc


class Reader:
    """Reads messages. Loads the model once (about 2 s); not safe to share between threads."""

    def __init__(
        self,
        names: Sequence[str],
        fold: Mapping[int, str],
        *,
        homes: HomeNames | None = None,
        parse_all: bool = False,
        learned: Learned | None = None,
    ) -> None:
        """`names` are the gazetteer's surface forms, normalised; `fold` is a one-to-one `str.translate`
        table applied to names and text alike before matching. `homes` knows the names of a sender's own
        municipality. `parse_all` parses every whole text, to
        measure what parsing on demand changes; `learned` is another network than the packaged one.
        Raises OSError when GiNZA is missing."""
        automata = automata_of(names, fold)
        self._nlp = _language(parse_all)
        self._features = Features(self._nlp.vocab)
        self._learned = learned
        self._matcher = cast(GazetteerMatcher, self._nlp.get_pipe("hansho_gazetteer"))
        self._matcher.fill(automata, fold)
        self._homes, self._fold = homes, dict(fold)

    def use_homes(self, homes: HomeNames) -> None:
        """Ask `homes` for the names of senders' municipalities from the next text on."""
        self._homes = homes

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

    def pipe(
        self, texts: Iterable[str], batch_size: int = BATCH, senders: Iterable[str | None] = ()
    ) -> Iterator[Reading]:
        """Readings in the order of `texts`; 32 to 64 texts a batch is fastest. `senders` are the texts'
        municipalities (5-digit codes), None or missing where unknown."""
        learned = self._learned = self._learned or Learned()
        structure = cast(Structure, self._nlp.get_pipe("hansho_structure"))
        if self._features.is_full:
            self._features.forget()
        for docs, normals in self._batches(texts, batch_size, senders):
            answers = learned.read([self._inputs(doc) for doc in docs], self._features.spellings)
            for doc, said in zip(docs, answers, strict=True):
                _settle(doc, said)
            for doc, normal, said in zip(structure.pipe(docs), normals, answers, strict=True):
                yield _judge(doc, normal, said)

    def features(self, texts: Iterable[str]) -> tuple[list[Inputs], Spellings]:
        """What the network is given of each text, in order: for training it, and needing none."""
        inputs = [self._inputs(doc) for docs, _ in self._batches(texts, BATCH) for doc in docs]
        return inputs, self._features.spellings

    def _batches(
        self, texts: Iterable[str], size: int, senders: Iterable[str | None] = ()
    ) -> Iterator[tuple[list[Doc], list[NormalText]]]:
        """Texts as docs on which the rules have run."""
        rules = [component for name, component in self._nlp.pipeline if name in _RULES]
        source, codes = iter(texts), iter(senders)
        while batch := [normalize(text) for text in islice(source, size)]:
            docs: Iterable[Doc] = [self._tokenised(normal.text, next(codes, None)) for normal in batch]
            # Not `nlp.pipe`: its layers of generators cost a fifth of the reading.
            for component in rules:
                docs = map(component, docs)
            ready = list(docs)
            for doc, normal in zip(ready, batch, strict=True):
                doc.user_data["hashtags"] = normal.hashtags()
            yield ready, batch

    def _tokenised(self, text: str, sender: str | None) -> Doc:
        doc = self._nlp.tokenizer(text)
        if self._homes is not None:
            doc.user_data[HOME_NAMES] = home_names(doc, self._homes, sender, self._fold)
        return doc

    def _inputs(self, doc: Doc) -> Inputs:
        data = doc.user_data
        judged = [
            (trigger, status) for trigger, (status, _) in zip(data["triggers"], data["statuses"], strict=True)
        ]
        unread = [*data["hashtags"], *data["talk"].warnings()]
        return self._features.of(data[TOKENS], data["names"], judged, data["talk"], unread)


def _language(parse_all: bool) -> Language:
    nlp = spacy.load(MODEL, exclude=_EXCLUDED)
    parsers = [cast(TrainablePipe, nlp.get_pipe(name)) for name in _PARSER_PIPES]
    ops = NumpyOps(use_blis=False)
    for component in parsers:
        for node in component.model.walk():
            node.ops = ops
    for name in list(nlp.pipe_names):
        nlp.remove_pipe(name)
    nlp.tokenizer = LeanTokenizer(nlp.vocab, "B")
    for name in (*_RULES, "hansho_structure"):
        nlp.add_pipe(name)
    cast(Structure, nlp.get_pipe("hansho_structure")).use(parsers, parse_all)
    return nlp


def _settle(doc: Doc, said: Said) -> None:
    """Rules and network make up their mind; then the places between which a damage hesitates are known."""
    data = doc.user_data
    told = topics(data[TEXT], data["places"])
    verdicts = judge(data[TEXT], data[TOKENS], data["scopes"], data["triggers"], data["statuses"], said, told)
    data["triggers"] = [trigger for trigger, _, _ in verdicts]
    data["statuses"] = [(status, cues) for _, status, cues in verdicts]
    data["choices"] = weigh(data[TEXT], data["scopes"], data["triggers"], data["places"])
    data[OPEN] = {choice.sentence for choice in data["choices"] if choice.is_open}


def _judge(doc: Doc, normal: NormalText, said: Said) -> Reading:
    data = doc.user_data
    links = link(data[TEXT], data[TREES], data["choices"], data["triggers"], data["places"])
    judged = [
        Judged(trigger, status, cues, places)
        for trigger, (status, cues), places in zip(data["triggers"], data["statuses"], links, strict=True)
    ]
    return assemble(normal, judged, data["places"], data["talk"], said.urgent)
