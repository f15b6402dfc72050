"""Names of the sender's own municipality: where a report says 「追分まで」, it is the 追分 at home.

A name that is a common noun or a family name in the nation (下部, 門脇, 綣) is a place in a report from the
municipality that has a town of that name, so less is asked of it here than in `nlp.gazetteer`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import lru_cache
from typing import Protocol

from spacy.tokens import Doc

from nlp.damage import is_thing
from nlp.gazetteer import OF_OTHERS, PLACE_TAG, names_a_person, not_places, opens_sentence, starts_phrase
from nlp.tokens import TEXT, TOKENS, Tokens

HOME_NAMES = "home_names"  # key of `doc.user_data`: offsets of what `home_names` found
_MOST_TOKENS = 5  # 上三ヶ尻 is four of Sudachi's words
_LEAST_READING = 3  # kana: shorter ones are particles and endings
_LONGEST_READING = 12
_HEAD_ENDS = re.compile(r"[市区町村]|(?<=[一-龥ぁ-んァ-ヶ])(?=の)")
_LONGEST_HEAD = 7  # かすみがうら市
_MOST_NAMESAKES = 3  # of 府中, 伊達, 南 more than these say nothing
_LINK = re.compile(r"の?(?:大字|字)?")
_MOST_KANJI = 0.15  # of a text that is written in kana: a number of floors, 小, 人
_KANJI = re.compile("[一-龥]")
_READING_BEGINS = re.compile(r"(?<![ぁ-ゖァ-ヺー一-龥])(?=[ぁ-ゖァ-ヺ]{3})|(?<=[しのち] )(?=[ぁ-ゖァ-ヺ]{3})")
_READING_ENDS = re.compile(
    r"[^ぁ-ゖァ-ヺー一-龥]|$|[のノでデにニがガはハもモをヲへヘさサ]|から|まで|ちく|ふきん|[小中駅橋川]|えき|エキ"
)
# What may stand glued behind a name: the rest of a noun makes another name of it.
_GLUED = re.compile(
    r"[^一-龥ァ-ヺー]|地[区内]|集落|部落|町内|方面|付近|周辺|近辺|界隈|一帯|全域|全戸|側|駅|橋|[小中](?![一-龥])"
    r"|小学校|中学校|公民館|集会所|[東西南北上下中]部|区(?![一-龥])|沿い|入口|交差点|団地|分団|冠水|浸水|停電|断水|通行"
)
_COUNT = re.compile(
    r"[一二三四五六七八九十百]+[人戸軒名棟台本]|[ -~]+"
    r"|第?[\d〇一二三四五六七八九十百千]+(?:丁目|条|線|号線|番町|区|号|番|番地)?"
)
# A name of one kanji that says what lies there, too: 「谷の奥」 is no 谷.
_SAYS_LAND = frozenset(
    "津谷山川沢池橋浜浦原坂上下中北南東西森林島岬港町村田畑道宮寺裏前奥岡丘台口崎峠滝堀辻門横角先外内海湖沼"
)
_ONE_KANJI = re.compile(r"の(?=[一-龥ァ-ヺ])|(?:ん|の)(?:とこ|ところ)|なんです|です")
_ALONE = re.compile(
    r"$|[ \n、:・]|地区|集落|公民館|集会所|駅"
    r"|の(?:集落|集会所|公民館|[小中]学校|体育館|会館|お宮|神社|アンダー|交差点|踏切|駅|地区|区長)"
)


# Katakana are hiragana, and small letters big, for who writes by ear.
_BY_EAR = {code: chr(code - 0x60) for code in range(ord("ァ"), ord("ヶ") + 1)} | dict(
    zip(map(ord, "ァィゥェォッャュョヮぁぃぅぇぉっゃゅょゎ"), "あいうえおつやゆよわ" * 2, strict=True)
)


class HomeNames(Protocol):
    """What the reader asks of the gazetteer about one municipality (5-digit code); unknown: empty."""

    def names_in(self, code: str) -> frozenset[str]:
        """Its names, folded, with their short forms."""
        ...

    def codes_called(self, name: str) -> Sequence[str]:
        """The municipalities of a folded name, in full or short (福山市, 福山); empty for any other word."""
        ...

    def readings_in(self, code: str) -> Set[str]:
        """How its names are read, in hiragana without small letters."""
        ...


def home_names(
    doc: Doc, homes: HomeNames, sender: str | None, fold: Mapping[int, str]
) -> list[tuple[int, int]]:
    """Offsets of the names of the sender's municipality and of those named in a tokenised text."""
    text, tokens = doc.user_data[TEXT], doc.user_data[TOKENS]
    folded = text.translate(fold)
    heads = _heads(folded, homes)
    found = _addresses(folded, heads, homes)
    codes = dict.fromkeys(
        [*((sender,) if sender else ()), *(code for _, _, codes in heads for code in codes)]
    )
    if sender and _is_kana(text):
        found += _read_aloud(text, homes, sender)
    taken = {offset for start, end in found for offset in range(start, end)}
    for names in filter(None, map(homes.names_in, codes)):
        for first, last, begin in _known(folded, tokens, names):
            end = tokens.ends[last]
            if taken.isdisjoint(range(begin, end)) and _is_place(text, tokens, first, last, begin):
                found.append((begin, end))
                taken.update(range(begin, end))
    return found


@lru_cache(maxsize=4_096)  # twice as many as there are municipalities
def _initials(names: frozenset[str]) -> frozenset[str]:
    """The letters at which a search is worth its while; 今 may stand before any name."""
    return frozenset(name[0] for name in names) | {"今"}


def _known(folded: str, tokens: Tokens, names: frozenset[str]) -> Iterator[tuple[int, int, int]]:
    """Names that stand on whole words, the longest first: first and last word, and where it begins."""
    ends, count, initials = tokens.ends, len(tokens.ends), _initials(names)
    for first, start in enumerate(tokens.starts):
        if folded[start] not in initials:
            continue
        # えっと今八幡の: in speech 今 sticks to the name.
        begin = start + 1 if folded[start] == "今" and folded[start : ends[first]] not in names else start
        for last in range(min(first + _MOST_TOKENS, count) - 1, first - 1, -1):
            if folded[begin : ends[last]] in names:
                yield first, last, begin


def _heads(folded: str, homes: HomeNames) -> list[tuple[int, int, Sequence[str]]]:
    """Where a municipality's name begins and ends, with the codes that it may be: 長岡市 also
    before 川口, where the tokenizer saw 市川."""
    found = []
    for match in _HEAD_ENDS.finditer(folded):
        end = match.end()
        for start in range(max(0, end - _LONGEST_HEAD), end - 1):
            if codes := homes.codes_called(folded[start:end]):
                if len(codes) <= _MOST_NAMESAKES:
                    found.append((start, end, codes))
                break
    return found


def _addresses(
    folded: str, heads: Sequence[tuple[int, int, Sequence[str]]], homes: HomeNames
) -> list[tuple[int, int]]:
    """The longest name of a municipality right behind its own name: no tokenizer is asked."""
    found: list[tuple[int, int]] = []
    for first, head, codes in heads:
        sets = [homes.names_in(code) for code in codes]
        link = _LINK.match(folded, head)
        start = link.end() if link else head
        if start > head and folded[head - 1] not in "市区町村":
            continue
        for end in range(min(len(folded), start + _LONGEST_READING), start + 1, -1):
            if any(folded[start:end] in names for names in sets):
                found += [(first, head), (start, end)]
                break
    return found


def _is_place(text: str, tokens: Tokens, first: int, last: int, begin: int) -> bool:
    """Whether the words stand as a name of their own, not as a part of a longer noun or as a person's."""
    end = tokens.ends[last]
    word, rest = text[begin:end], text[end : end + 5]
    if word in not_places() or names_a_person(rest):
        return False
    tags = tokens.tags[first : last + 1]
    if not all(tag.startswith(("名詞", "接", "形状詞", "形容詞", "記号", "助詞-格助詞")) for tag in tags):
        return False
    if OF_OTHERS.match(rest) or _COUNT.fullmatch(word):
        return False
    if len(word) == 1:
        listed = first > 1 and tokens.words[first - 1] in "とや・、"
        named = opens_sentence(tokens, first) or listed or tags[0].startswith(PLACE_TAG)
        alone = _ALONE.match(rest) or (word not in _SAYS_LAND and _ONE_KANJI.match(rest))
        return named and _KANJI.match(word) is not None and alone is not None
    if not starts_phrase(tokens, first):
        return False
    # 「追分道路冠水」: a clipped report begins with its place.
    clipped = opens_sentence(tokens, first) and _goes_on(tokens, last + 1)
    if rest and not _GLUED.match(rest) and not clipped:
        return False
    return any("固有名詞" in tag for tag in tags) or not is_thing(word)


def _goes_on(tokens: Tokens, following: int) -> bool:
    """Whether a common noun follows: 追分道路冠水; 追分沢, 追分山 lie by 追分."""
    if following >= len(tokens.tags):
        return True
    return tokens.tags[following].startswith(("名詞-普通名詞", "接尾辞-名詞的"))


def _is_kana(text: str) -> bool:
    return len(_KANJI.findall(text)) <= _MOST_KANJI * len(text)


def _read_aloud(text: str, homes: HomeNames, code: str) -> list[tuple[int, int]]:
    """Names as a child or a telegram writes them: うのすまい小, アナミズ エキ."""
    begins = [match.start() for match in _READING_BEGINS.finditer(text)]
    if not begins:
        return []
    readings = homes.readings_in(code)
    plain = text.translate(_BY_EAR)
    found = []
    for start in begins:
        for end in range(min(len(text), start + _LONGEST_READING), start + _LEAST_READING - 1, -1):
            if plain[start:end] in readings and _READING_ENDS.match(text, end):
                found.append((start, end))
                break
    return found
