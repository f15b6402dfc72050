"""The gazetteer component: every known place name in a text, by one pass of Aho-Corasick."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from daachorse import CharwiseDoubleArrayAhoCorasick
from spacy.language import Language
from spacy.tokens import Doc

from nlp import lexicon
from nlp.damage import is_thing
from nlp.tokens import TEXT, TOKENS, Tokens
from nlp.trusted import TrustedNames

GAZETTEER_SPANS = "gazetteer"
TRUSTED = "trusted"  # key of `doc.user_data`: (start, end) of names that a person vouches for
PERSON_SUFFIX = (
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
PLACE_TAG = "名詞-固有名詞-地名"
_PROPER_TAG = "名詞-固有名詞"
_AREA_ENDINGS = "都道府県市区町村郡丁目駅"
# 若桜鉄道, 大阪ガス, 札幌行き, 十勝岳: named after a place, not at it.
OF_OTHERS = re.compile(
    r"鉄道|電鉄|急行|本線|線(?=[はのがでもに、て])|新聞|テレビ|ラジオ|放送|気象台|銀行|ガス|電力|行き|公演|台風|岳|[山湖](?=[、のがは])"
)
_COUNTED = re.compile(r"[一二三四五六七八九十百]+[人戸軒名棟台本]")
_KANA = re.compile("[ぁ-ん]")
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


_SAYS_DISTRICT = ("地区", "集落", "町内", "丁目", "地内", "方面", "のほう", "の方で", "の方は", "の方が")


Automata = list[CharwiseDoubleArrayAhoCorasick]


def automata_of(names: Sequence[str], fold: Mapping[int, str]) -> Automata:
    """What finds `names` in a text; `fold` maps one character to one character.

    Building takes twice the memory of what it makes: a nation's names come before the model, not above it.
    """
    folded = frozenset(map(chr, fold))
    plain = (name if folded.isdisjoint(name) else name.translate(fold) for name in names if name)
    unique = sorted(set(plain) - not_places())
    return [CharwiseDoubleArrayAhoCorasick(unique)] if unique else []


class GazetteerMatcher:
    """Writes the names on token boundaries to `doc.user_data["gazetteer"]` as (start, end), none nested.

    `fill` must be called with the names before the first text; without names nothing is found.
    """

    def __init__(self) -> None:
        self._automata: Automata = []
        self._further: Automata = []
        self._fold: Mapping[int, str] = {}
        self._trusted = TrustedNames()

    def fill(self, names: Automata, fold: Mapping[int, str]) -> None:
        """Search for `names`, as `automata_of` made them with the same `fold`."""
        self._fold = dict(fold)
        self._automata = names
        self._further = []

    def add(self, names: Sequence[str]) -> None:
        """Search for `names` too, in the place of those added before; a nation's names are not built anew."""
        self._further = automata_of(names, self._fold)

    def trust(self, names: Sequence[str]) -> None:
        """Find `names` wherever they stand, in the place of those trusted before."""
        self._trusted = TrustedNames(names, self._fold)

    def __call__(self, doc: Doc) -> Doc:
        """Set the names' and the trusted stretches; never raises."""
        doc.user_data[GAZETTEER_SPANS] = self._matches(doc)
        text = doc.user_data[TEXT]
        found = self._trusted.find(text, doc.user_data[TOKENS])
        doc.user_data[TRUSTED] = [at for at in found if not names_a_person(text[at[1] :])]
        return doc

    def _matches(self, doc: Doc) -> list[tuple[int, int]]:
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
        text, tokens = doc.user_data[TEXT], doc.user_data[TOKENS]
        starts = {offset: at for at, offset in enumerate(tokens.starts)}
        ends = {offset: at + 1 for at, offset in enumerate(tokens.ends)}
        kept: list[tuple[int, int]] = []
        reach = 0
        for start, end, _ in sorted(hits, key=lambda hit: (hit[0], -hit[1])):
            if start < reach or start not in starts or end not in ends:
                continue
            name = _Name(text, tokens, starts[start], ends[end])
            follows = bool(kept) and (reach == start or (reach == start - 1 and text[reach] == "の"))
            if _is_place(name, follows, glued=reach == start):
                kept.append((start, end))
                reach = end
        return kept


@dataclass(slots=True)
class _Name:
    """A gazetteer name in a text: the tokens `first` to `stop` (excluded)."""

    text: str
    tokens: Tokens
    first: int
    stop: int


@cache
def not_places() -> frozenset[str]:
    """Words that are a place name somewhere and almost never one in a report."""
    return frozenset(row["form"] for row in lexicon.rows("not_places"))


def _is_place(name: _Name, follows_place: bool, *, glued: bool) -> bool:
    """Part of speech and neighbours: 松本さん is a person, 水道 is water, 秋山で is a place."""
    tokens, end = name.tokens, name.tokens.ends[name.stop - 1]
    text = name.text[tokens.starts[name.first] : end]
    rest = name.text[end : end + 4]
    if names_a_person(rest):
        return False
    tags = tokens.tags[name.first : name.stop]
    if OF_OTHERS.match(rest) or is_count(text, tokens, name.first, name.stop):
        return False
    if any(tag.startswith(PLACE_TAG) for tag in tags):
        return True
    if (follows_place and glued) or (len(text) > 2 and text[-1] in _AREA_ENDINGS):
        return True
    if len(text) == 1 or not starts_phrase(tokens, name.first):
        return False
    if any(tag.startswith(_PROPER_TAG) for tag in tags):
        # 河原町の佐貫なんですけど: whatever follows, short of a longer noun.
        return not rest or rest.startswith(_SAYS_PLACE) or (follows_place and _KANA.match(rest) is not None)
    if follows_place and not is_thing(text) and rest.startswith(_SAYS_PLACE):
        return True
    opens = opens_sentence(tokens, name.first)
    if all(tag.startswith(("名詞", "接")) for tag in tags) and len(tags) > 1:
        return (len(text) > 2 or opens) and (not rest or rest.startswith(_SAYS_PLACE))
    if rest.startswith(
        ("地区", "集落", "町内", "丁目", "地内", "方面", "のほう", "の方で", "の方は", "の方が")
    ):
        return True
    return (
        opens
        and rest.startswith(("で", "は", "も", " ", "、", "の"))
        and tags[0].startswith("名詞-普通名詞-一般")
        and not is_thing(text)
    )


def names_a_person(rest: str) -> bool:
    """Whether what follows a name makes it a person's: 松本さん, 大杉様宅."""
    return rest.startswith(PERSON_SUFFIX) and not rest.startswith(("家の裏", "さん方"))


def is_count(word: str, tokens: Tokens, first: int, stop: int) -> bool:
    """Whether a word of the tokens `first` to `stop` (excluded) counts: a numeral stands before or within, as
    in 二十戸, which Sudachi takes apart into 二 and the place 十戸."""
    if not _COUNTED.fullmatch(word):
        return False
    return any(tag.startswith("名詞-数詞") for tag in tokens.tags[max(0, first - 1) : stop])


def opens_sentence(tokens: Tokens, first: int) -> bool:
    """Whether the name stands first, where a report says its place: 「日足のがけ崩れ」 "RT>土師で"."""
    if first == 0:
        return True
    return tokens.blanks[first - 1] or tokens.tags[first - 1].startswith(("補助記号", "空白"))


def starts_phrase(tokens: Tokens, first: int) -> bool:
    """Whether no noun is glued to the front of the name."""
    if first == 0:
        return True
    before = tokens.tags[first - 1]
    # いま, きのう, 3時 stand free before a name.
    free = before.startswith(("名詞-普通名詞-副詞可能", "名詞-普通名詞-助数詞"))
    return tokens.blanks[first - 1] or free or not before.startswith(("名詞-普通", "接頭", "動詞"))


@Language.factory("hansho_gazetteer", assigns=["doc.user_data"], requires=["doc.user_data"])
def make_gazetteer(nlp: Language, name: str) -> GazetteerMatcher:
    """spaCy factory; the names arrive by `fill`, for a factory's settings must be JSON."""
    return GazetteerMatcher()
