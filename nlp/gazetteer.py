"""The gazetteer component: every known place name in a text, by one pass of Aho-Corasick."""

from collections.abc import Mapping, Sequence
from functools import cache

from daachorse import CharwiseDoubleArrayAhoCorasick
from spacy.language import Language
from spacy.tokens import Doc, Span

from nlp import lexicon
from nlp.damage import is_thing
from nlp.tokens import TEXT
from nlp.trusted import TrustedNames

GAZETTEER_SPANS = "gazetteer"
TRUSTED = "trusted"  # key of `doc.user_data`: (start, end) of names that a person vouches for
_PERSON_SUFFIX = (
    "さん",
    "様",
    "さま",
    "君",
    "くん",
    "ちゃん",
    "氏",
    "先生",
    "宅",
    "家",
    "団長",
    "班長",
    "部長",
    "隊員",
    "団員",
    "議員",
    "課長",
)
_PLACE_TAG = "名詞-固有名詞-地名"
_PROPER_TAG = "名詞-固有名詞"
_AREA_ENDINGS = "都道府県市区町村郡丁目"
_SAYS_PLACE = (
    "地区",
    "集落",
    "町内",
    "方面",
    "付近",
    "周辺",
    "あたり",
    "駅",
    "橋",
    "丁目",
    "側",
    "の",
    "で",
    "に",
    "から",
    "まで",
    " ",
    "、",
    ":",
    "・",
    "は",
    "が",
    "も",
    "へ",
    "\n",
    "や",
    "と",
)


class GazetteerMatcher:
    """Writes the names found on token boundaries to `doc.spans["gazetteer"]`, longest first, none nested.

    `fill` must be called with the names before the first text; without names nothing is found.
    """

    def __init__(self) -> None:
        self._automata: list[CharwiseDoubleArrayAhoCorasick] = []
        self._further: list[CharwiseDoubleArrayAhoCorasick] = []
        self._fold: Mapping[int, str] = {}
        self._trusted = TrustedNames()

    def fill(self, names: Sequence[str], fold: Mapping[int, str]) -> None:
        """Build the automaton over `names`; `fold` maps one character to one character."""
        self._fold = dict(fold)
        self._automata = self._built(names)
        self._further = []

    def add(self, names: Sequence[str]) -> None:
        """Search for `names` too, in the place of those added before; a nation's names are not built anew."""
        self._further = self._built(names)

    def trust(self, names: Sequence[str]) -> None:
        """Find `names` wherever they stand, in the place of those trusted before."""
        self._trusted = TrustedNames(names, self._fold)

    def _built(self, names: Sequence[str]) -> list[CharwiseDoubleArrayAhoCorasick]:
        unique = sorted({name.translate(self._fold) for name in names if name} - not_places())
        return [CharwiseDoubleArrayAhoCorasick(unique)] if unique else []

    def __call__(self, doc: Doc) -> Doc:
        """Set the span group and the trusted stretches; never raises."""
        doc.spans[GAZETTEER_SPANS] = self._matches(doc)
        doc.user_data[TRUSTED] = [
            (start, end) for start, end in self._trusted.find(doc) if not _names_a_person(doc, end)
        ]
        return doc

    def _matches(self, doc: Doc) -> list[Span]:
        if not self._automata and not self._further:
            return []
        folded = doc.user_data[TEXT].translate(self._fold)
        hits = [
            hit
            for automaton in (*self._automata, *self._further)
            for hit in automaton.find_overlapping(folded)
        ]
        if not hits:
            return []
        starts = {token.idx: token.i for token in doc}
        ends = {token.idx + len(token): token.i + 1 for token in doc}
        kept: list[Span] = []
        reach = 0
        for start, end, _ in sorted(hits, key=lambda hit: (hit[0], -hit[1])):
            if start < reach or start not in starts or end not in ends:
                continue
            span = Span(doc, starts[start], ends[end], label="place")
            if _is_place(span, bool(kept) and kept[-1].end_char == start):
                kept.append(span)
                reach = end
        return kept


@cache
def not_places() -> frozenset[str]:
    """Words that are a place name somewhere and almost never one in a report."""
    return frozenset(row["form"] for row in lexicon.rows("not_places"))


def _is_place(span: Span, follows_place: bool) -> bool:
    """Part of speech and neighbours: 松本さん is a person, 水道 is water, 秋山で is a place."""
    doc, text = span.doc, span.text
    rest = doc.user_data[TEXT][span.end_char : span.end_char + 4]
    if _names_a_person(doc, span.end_char):
        return False
    tags = [token.tag_ for token in span]
    if any(tag.startswith(_PLACE_TAG) for tag in tags):
        return True
    if follows_place or (len(text) > 2 and text[-1] in _AREA_ENDINGS):
        return True
    if len(text) == 1 or not _starts_phrase(span):
        return False
    if any(tag.startswith(_PROPER_TAG) for tag in tags):
        return not rest or rest.startswith(_SAYS_PLACE)
    opens = _opens_sentence(span)
    if all(tag.startswith(("名詞", "接")) for tag in tags) and len(tags) > 1:
        return (len(text) > 2 or opens) and (not rest or rest.startswith(_SAYS_PLACE))
    if rest.startswith(("地区", "集落", "町内", "丁目")):
        return True
    return (
        opens
        and rest.startswith(("で", "は", "も", " ", "、", "の"))
        and tags[0].startswith("名詞-普通名詞-一般")
        and not is_thing(text)
    )


def _names_a_person(doc: Doc, end: int) -> bool:
    rest = doc.user_data[TEXT][end : end + 4]
    return rest.startswith(_PERSON_SUFFIX) and not rest.startswith(("家の裏", "さん方"))


def _opens_sentence(span: Span) -> bool:
    """Whether the name stands first, where a report says its place: 「日足のがけ崩れ」 "RT>土師で"."""
    if span.start == 0:
        return True
    before = span.doc[span.start - 1]
    return bool(before.whitespace_) or before.tag_.startswith(("補助記号", "空白"))


def _starts_phrase(span: Span) -> bool:
    """Whether no noun is glued to the front of the name."""
    if span.start == 0:
        return True
    before = span.doc[span.start - 1]
    return bool(before.whitespace_) or not before.tag_.startswith(("名詞-普通", "接頭", "動詞"))


@Language.factory("hansho_gazetteer", assigns=["doc.spans"], requires=["token.tag"])
def make_gazetteer(nlp: Language, name: str) -> GazetteerMatcher:
    """spaCy factory; the names arrive by `fill`, for a factory's settings must be JSON."""
    return GazetteerMatcher()
