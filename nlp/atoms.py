"""Named things in a text, one by one: gazetteer names, patterned names, and words that are tagged a place."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache

from spacy.tokens import Doc

from nlp import lexicon
from nlp.damage import is_thing
from nlp.gazetteer import GAZETTEER_SPANS, OF_OTHERS, TRUSTED, is_count, not_places
from nlp.home import HOME_NAMES
from nlp.matching import Forms
from nlp.tokens import TEXT, TOKENS, Tokens

_NUMERAL = r"[0-9一二三四五六七八九十]+"
_ROAD = re.compile(
    r"(?:国道|県道|府道|道道|都道|主要地方道|市道|町道|村道|農道|林道|一般国道)(?:"
    + _NUMERAL
    + r"(?:号線?|号)?)?"
    r"(?:[一-龥ァ-ヶヵケ々・]{2,10}線)?|(?<![A-Za-z0-9])[RＲ] ?\d{1,3}(?!\d)(?:号線?)?"
    r"|[二三四2-4]桁国道|(?<![0-9第])\d{1,3}号線(?!車)"
    r"|(?<![0-9第風])\d{2,3}号(?=[、がはもをのでに ]|沿|ふさ|塞|通|冠|崩)"
    r"|[一-龥ァ-ヶ]{2,8}(?:自動車道|高速道?路?|バイパス|街道|スカイライン|有料道路|大通り|環状線?)"
    r"|(?<=[のでは、。 \n])[一-龥ァ-ヶ]{2,10}線(?=の(?:道|路|カーブ|峠|途中|頂上))"
)
_KANJI_NUMBER = "[一二三四五六七八九十]{1,4}"
_BLOCK = re.compile(
    r"(?:大字|字)?\d{1,5}(?:番地の?\d*|番\d+号?|番|[-ー]\d{1,4}(?:[-ー]\d{1,4})?)(?:付近)?"
    r"|(?<=[町丁目])\d{1,4}の\d{1,4}(?:の\d{1,4})?(?![\d人名件軒戸棟台本枚個割分時日月年階cmk])"
    rf"|{_KANJI_NUMBER}番(?:{_KANJI_NUMBER}号|地(?:の?{_KANJI_NUMBER})?)"
)
_CHOME = re.compile(_NUMERAL + r"丁目")
_COORDINATES = re.compile(
    r"(?<![\d.])(?:北緯)?([23]\d|4[0-6])\.\d{3,8}(?:度)?[,、 ]+(?:東経)?(1[2-5]\d)\.\d{3,8}(?:度)?"
)
_PREFECTURE = re.compile(r"(?:北海道|東京都|大阪府|京都府|[一-龥]{2,3}県)")
_RIVERISH = re.compile(
    r"の?(?:水|堤防|土手|護岸|上流|下流|河川敷|左岸|右岸|沿い|増水|氾濫|越水|決壊)|[がはも](?:増|氾|あふ|溢|越|決|濁|茶|危|切|い)"
)
# What is said of a river, of no town: where the name is none of the sender's own.
_OF_RIVER = re.compile(
    r"[がはもの、 ](?!で|に)[^。\n]{0,12}?"
    r"(?:堤|土手|増え|増水|水位|流れ|あふ|溢|越え|越水|濁|岸|流木|橋|決壊|氾濫|入って|水が)"
)
# 堅田えき, アナミズ エキ: typed in haste or by ear.
_STATION_BY_EAR = re.compile(
    r" ?(?:えき|エキ)(?= ?(?:[のノでデにニがガはハもモをヲ]|まえ|マエ)|[^ぁ-んァ-ヶー]|$)"
)
_SCHOOL_BY_EAR = re.compile(r"(?<=[ぁ-んァ-ヶー])[小中](?![一-龥])")
# 役場の二階, 市役所前: at the office, where 「役場に連絡」 only speaks to it.
_OWN_OFFICE = re.compile(r"(?:[市町村区]?役[所場]|県庁)$")
_AT_OFFICE = re.compile(
    r"前|裏|横|付近|周辺|あたり|の(?:前|裏|横|すぐ|隣|となり|駐車場|北|南|東|西|近く|ちかく|そば|あたり|[一二三四1-9]階)"
)
_ONE_WORD = frozenset({"river", "area", "bridge"})
_RANK = {TRUSTED: -2, "lexicon:expressways": -1, "gazetteer": 0}  # of rules that name the same characters
_TOWN_ENDS = ("", *"のでにはがも、。 \n0123456789")
_GLUED_TOWN = re.compile(r"[一-龥々ヶケ]{2,6}(?=[のでにはがも、。 \n]|$)")
_BARE_KINDS = frozenset({"station", "facility", "bridge", "junction"})
_ENDS_OF_RANGE = re.compile(
    r"(?<![一-龥々ヶケァ-ヴ])([一-龥々ヶケァ-ヴ]{2,8})(?:と|〜|から)([一-龥々ヶケァ-ヴ]{2,8}?)(?:の?間(?![一-龥])|のあいだ|の区間)"
)
_SEASONS = frozenset("春夏秋冬")  # 夏井川: Sudachi reads 夏 and 井川
_NAMING = re.compile("[一-龥々ヶヵケノァ-ヴーA-Za-zぁ-ん]")
_SHORTEST_SCHOOL = 3  # 八木中; 府中 and 田中 are towns
_LONGEST_NAME = 12  # characters before an ending such as 公民館
_IN_COUNTY = re.compile(r"郡[^郡町村]+[町村]$")
_PLACE_TAG = "名詞-固有名詞-地名"
_GLUE_STOP = (
    "名詞-普通名詞-副詞可能",
    "名詞-数詞",
    "副詞",
    "接続詞",
    "感動詞",
    "代名詞",
    "助詞",
    "助動詞",
    "補助記号",
    "動詞",
    "形容詞",
    "空白",
    "形状詞",
    "連体詞",
)


@dataclass(slots=True)
class Atom:
    """One named thing in the text: characters `start` to `end`, a kind of `PlacePart`, and its rule."""

    start: int
    end: int
    kind: str
    rule: str


@cache
def _not_name_parts() -> frozenset[str]:
    return frozenset(row["form"] for row in lexicon.rows("not_name_parts"))


@cache
def _endings() -> Forms[str]:
    kinds = dict.fromkeys(row["kind"] for row in lexicon.rows("place_kinds"))
    return Forms((kind, re.compile(lexicon.forms("place_kinds", "kind", kind))) for kind in kinds)


def _expressways() -> re.Pattern[str]:
    names = "|".join(sorted((row["form"] for row in lexicon.rows("expressways")), key=len, reverse=True))
    return re.compile(rf"(?:{names})(?:(?![一-龥々])|(?=上り|下り|上下|通行|全線|閉鎖|渋滞|冠水))")


@cache
def _patterns() -> Forms[tuple[str, str]]:
    """Names that are known by their form alone, as kind and rule."""
    return Forms(
        (
            (("coordinates", "pattern:coordinates"), _COORDINATES),
            (("road", "pattern:road"), _ROAD),
            (("road", "lexicon:expressways"), _expressways()),
            (("block", "pattern:block"), _BLOCK),
            (("area", "pattern:chome"), _CHOME),
            (("area", "pattern:prefecture"), _PREFECTURE),
        )
    )


def has_name(atom: Atom, text: str) -> bool:
    """Whether the words are more than a kind: 公民館, 県道, 橋 by themselves name no place."""
    words = text[atom.start : atom.end]
    if _OWN_OFFICE.fullmatch(words) and _AT_OFFICE.match(text, atom.end):
        return True
    return not _bare_words().fullmatch(words)


@cache
def _bare_words() -> re.Pattern[str]:
    endings = "|".join(row["form"] for row in lexicon.rows("place_kinds"))
    return re.compile(
        rf"(?:(?:体育|資材|防災|水防|パーク|ミニ)?(?:{endings})|番屋|国道|県道|府道|道道|都道|市道|町道|村道|農道|林道|主要地方道|津波避難センター|高台|総合体育館|[小中]学校)"
    )


def find_atoms(doc: Doc) -> list[Atom]:
    """Every named thing of a tokenised and gazetteer-matched text, in text order, none overlapping."""
    text, tokens = doc.user_data[TEXT], doc.user_data[TOKENS]
    names = list(doc.user_data.get(GAZETTEER_SPANS, ()))
    at_home = doc.user_data.get(HOME_NAMES, ())
    home = [name for name in at_home if name not in names]
    # 長岡市川口 is no 市川: where an address was read, names across its joints are none.
    names = [name for name in names if not any(_cross(name, other) for other in home)] + home
    endings = list(_endings().finditer(text))
    schools = {match.end() for kind, match in endings if kind == "facility" and len(match.group()) == 1}
    atoms = [_named(start, end, text, schools, at_home=(start, end) in at_home) for start, end in names]
    trusted = doc.user_data.get(TRUSTED, [])
    atoms += [replace(_named(start, end, text, schools), rule=TRUSTED) for start, end in trusted]
    atoms.extend(Atom(m.start(), m.end(), kind, rule) for (kind, rule), m in _patterns().finditer(text))
    atoms.extend(_patterned(text, tokens, names, endings))
    atoms.extend(
        Atom(start, end, "area", "sudachi:place")
        for at, (start, end, word, tag) in enumerate(_each(tokens))
        if tag.startswith(_PLACE_TAG)
        and len(word) > 1
        and word not in not_places()
        and not OF_OTHERS.match(text, end)
        and not is_count(word, tokens, at, at + 1)
    )
    atoms.extend(_range_ends(text, names))
    atoms.extend(_tails(text, tokens, atoms))
    return _settled(atoms)


def _cross(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two stretches overlap and neither holds the other."""
    return one[0] < other[0] < one[1] < other[1] or other[0] < one[0] < other[1] < one[1]


def _each(tokens: Tokens) -> Iterator[tuple[int, int, str, str]]:
    """Start, end, word and tag of every token."""
    return zip(tokens.starts, tokens.ends, tokens.words, tokens.tags, strict=True)


def _tails(text: str, tokens: Tokens, atoms: list[Atom]) -> list[Atom]:
    """Nouns glued to a municipality are its town, whatever their part of speech: 伊東市池, 大畑町薬研."""
    heads = {
        a.end for a in atoms if a.kind == "area" and a.end - a.start > 1 and text[a.end - 1] in "市区町村"
    }
    found: list[Atom] = []
    for start, end, word, tag in _each(tokens) if heads else ():
        if start not in heads:
            continue
        if (
            not tag.startswith(("名詞-普通名詞-一般", "名詞-固有名詞"))
            or text[end : end + 1] not in _TOWN_ENDS
        ):
            found += _run(text, tokens, start)
            continue
        common = word in _not_name_parts() or word in not_places()
        common = common or (len(word) > 1 and is_thing(word))
        if not common or "地名" in tag:
            found.append(Atom(start, end, "area", "glued:town"))
    return found


def _run(text: str, tokens: Tokens, start: int) -> list[Atom]:
    """Several short words behind a municipality: 椎葉村上福良, 大蔵村肘折."""
    match = _GLUED_TOWN.match(text, start)
    if match is None:
        return []
    first, stop = bisect_right(tokens.starts, start) - 1, bisect_right(tokens.starts, match.end() - 1)
    words, tags = tokens.words[first:stop], tokens.tags[first:stop]
    nouns = all(tag.startswith(("名詞", "接")) and "サ変" not in tag and "数詞" not in tag for tag in tags)
    common = any(word in _not_name_parts() or (len(word) > 1 and is_thing(word)) for word in words)
    # 市内全域, 町北側: parts of the municipality, not towns.
    if not nouns or common or tags[-1].startswith("接尾辞"):
        return []
    return [Atom(start, match.end(), "area", "glued:town")]


def _range_ends(text: str, names: list[tuple[int, int]]) -> Iterator[Atom]:
    """「井倉と石蟹の間」: where one end is a known name, the other is a place too."""
    for match in _ENDS_OF_RANGE.finditer(text) if "間" in text or "区間" in text else ():
        known = [match.span(end) in names or match.group(end).endswith("駅") for end in (1, 2)]
        for end in (1, 2):
            if not known[end - 1] and known[2 - end] and not is_thing(match.group(end)):
                yield Atom(*match.span(end), "area", "pattern:between")


def _named(start: int, end: int, text: str, schools: Set[int], *, at_home: bool = True) -> Atom:
    """A gazetteer hit; its kind by its ending and by what follows. `schools` are the ends of 小, 中 and 高
    that what follows makes schools: 三重小の坂, but not 府中で."""
    if by_ear := _STATION_BY_EAR.match(text, end):
        return Atom(start, by_ear.end(), "station", "gazetteer")
    if school := _SCHOOL_BY_EAR.match(text, end):
        return Atom(start, school.end(), "facility", "gazetteer")
    name = text[start:end]
    kind = "area"
    if name.endswith("駅"):
        kind = "station"
    elif name.endswith("橋") and len(name) > 2:
        kind = "bridge"
    elif name.endswith("川") and (_RIVERISH.match(text, end) or (not at_home and _OF_RIVER.match(text, end))):
        kind = "river"
    elif (end in schools and len(name) >= _SHORTEST_SCHOOL) or name.endswith(
        (
            *("小学校", "中学校", "高等学校", "高校", "保育所", "保育園", "幼稚園", "こども園", "体育館"),
            *("公民館", "集会所", "集会場", "会館", "交流館", "センター", "避難所"),
            *("病院", "役場", "役所", "神社", "公園", "プラザ", "学園", "大学", "支所", "出張所", "庁舎"),
        )
    ):
        kind = "facility"
    return Atom(start, end, kind, "gazetteer")


def _patterned(
    text: str, tokens: Tokens, names: list[tuple[int, int]], endings: Sequence[tuple[str, re.Match[str]]]
) -> list[Atom]:
    """Names that the gazetteer need not know: 鈴張橋, 川島公民館, 迫西川."""
    if not endings:
        return []
    said = [(start, end) for start, end, _, tag in _each(tokens) if tag.startswith(_PLACE_TAG)]
    name_ends = {end for _, end in (*names, *said)}
    inside = {offset for start, end in (*names, *said) for offset in range(start + 1, end)}
    atoms: list[Atom] = []
    for kind, match in endings:
        if match.end() in inside:  # 川 of 川奈 ends no river
            continue
        if match.group() == "中" and _is_during(tokens, match.start()):
            continue
        start = _after_address(text, names, kind, _name_start(tokens, match.start()), match.start())
        named = start < match.start() or match.end() - match.start() > 2
        # 岸本の駅, 大楽毛の踏切: called by its place and its kind.
        of_place = kind in _BARE_KINDS and text[start - 1] == "の" and start - 1 in name_ends
        at_office = _OWN_OFFICE.fullmatch(match.group()) and _AT_OFFICE.match(text, match.end())
        if named and kind in _ONE_WORD and _is_common(tokens, start, match.end()):
            continue
        if named or of_place or at_office:
            atoms.append(Atom(start, match.end(), kind, f"place_kinds:{kind}"))
    return atoms


def _is_during(tokens: Tokens, at: int) -> bool:
    """上昇中, 作業中, 3人中, 処理中: no school's 中."""
    before = bisect_right(tokens.starts, at - 1) - 1
    if before >= 0 and tokens.ends[before] > at:
        return "固有名詞" not in tokens.tags[before]
    return before >= 0 and any(kind in tokens.tags[before] for kind in ("サ変可能", "助数詞", "数詞"))


def _is_common(tokens: Tokens, start: int, end: int) -> bool:
    """電池, 孤島, 隣町: one common noun is no name."""
    at = bisect_right(tokens.starts, start) - 1
    whole = tokens.starts[at] == start and tokens.ends[at] == end
    return whole and tokens.tags[at].startswith("名詞-普通名詞-一般")


def _after_address(text: str, names: list[tuple[int, int]], kind: str, start: int, ending: int) -> int:
    """Where the thing's own name begins: behind 神戸市長田区 in 神戸市長田区池田小学校."""
    heads = "都道府県市区町村" if kind == "area" else "都道府県市区"
    ends = [
        name_end
        for name_start, name_end in names
        if start < name_end < ending
        and name_start >= start
        and (text[name_end - 1] in heads or _IN_COUNTY.search(text, start, name_end))
    ]
    return max(ends, default=start)


def _name_start(tokens: Tokens, ending: int) -> int:
    """Where the name that stops before `ending` begins: back over nouns glued to it."""
    start = ending
    index = bisect_right(tokens.starts, ending - 1) - 1
    while index >= 0 and ending - start <= _LONGEST_NAME:
        word = tokens.words[index]
        if tokens.ends[index] < start or (start < ending and tokens.blanks[index]):
            break
        linked = word in "ヶケ" and start < ending and index > 0
        if linked:
            index -= 1
            start = tokens.starts[index + 1]
            continue
        if (
            (tokens.tags[index].startswith(_GLUE_STOP) and not (word in _SEASONS and start < ending))
            or (word == "駅" and start < ending)
            or word in _not_name_parts()
            or word.isspace()
            or not _NAMING.search(word)
        ):
            break
        start = tokens.starts[index]
        index -= 1
    return start


def _settled(atoms: list[Atom]) -> list[Atom]:
    """No overlaps: patterned names over the names inside them, else the longest from the left."""
    kept: list[Atom] = []
    starts: list[int] = []
    for atom in sorted(atoms, key=lambda a: (-(a.end - a.start), _RANK.get(a.rule, 1), a.start)):
        at = bisect_right(starts, atom.start)
        if at and kept[at - 1].end > atom.start:
            continue
        if at < len(kept) and kept[at].start < atom.end:
            continue
        kept.insert(at, atom)
        starts.insert(at, atom.start)
    return kept
