"""Places as said: gazetteer names, patterned names, their parts widest first, relations, ranges."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from spacy.tokens import Doc

from nlp import lexicon
from nlp.damage import is_thing
from nlp.gazetteer import GAZETTEER_SPANS, TRUSTED, not_places
from nlp.matching import Forms
from nlp.reading import PlacePart, Relation
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
_DISTANCE = re.compile(
    r"(?:の|から|より)?(?:約|およそ|だいたい|さらに|もう)*(\d+(?:\.\d+)?|[一二三四五六七八九十百]+)(m|メートル|メーター|km|キロ|キロメートル)(?:くらい|ぐらい|ほど|ばかり)?(?:の|先の?|(?=上流|下流|手前|先|北|南|東|西|ほど|上|下|奥))"
)
_LENGTH = re.compile(
    r"(?:へ|に|の)?(?:約|およそ|だいたい)?(\d+(?:\.\d+)?|[一二三四五六七八九十百]+)(m|メートル|メーター|km|キロ)(?:くらい|ぐらい|ほど)?"
)
_BETWEEN = re.compile(r"(?:の)?(?:間|あいだ|区間|まで|にかけて)(?:の区間)?(?=[^一-龥]|$)")
_UNTIL = re.compile(r"から|〜|~|-|ー|と")
_JOIN = re.compile(
    r"の|、?ここ| |　|の県道|内の|の奥の|の[海山川線路堤防]{0,2}(?:っぺり|べり|ぞい|沿い|側|手前|近く)の|"
)
_NAMING = re.compile("[一-龥々ヶヵケノァ-ヴーA-Za-zぁ-ん]")
_RANK = {TRUSTED: 0, "gazetteer": 1}  # among atoms of one length
_LONGEST_NAME = 12  # characters before an ending such as 公民館
_IN_COUNTY = re.compile(r"郡[^郡町村]+[町村]$")
_SHELTER = re.compile(r"(?:体育館|公民館|[小中]学校|集会所|会館|避難所)$")
_ORIGIN = re.compile(
    r"(?:の|に住む|にいる|在住の)?(?:親戚|友人|友だち|友達|知り合い|知人|いとこ|従兄弟|実家|娘|息子|弟|兄|姉|妹|叔父|叔母|おじ|おば|同僚|本部|支部|人|もん|者|婆|母|父)[^。、]{0,6}(?:から|に聞|が言|より|によ|の話|いわく)|(?:から(?:電話|連絡|聞))|(?:の)?(?:第?\d+分団|消防団|[一-龥]{1,4}(?=です。))"
)
_RIVERISH = re.compile(
    r"の?(?:水|堤防|土手|護岸|上流|下流|河川敷|左岸|右岸|沿い|増水|氾濫|越水|決壊)|[がはも](?:増|氾|あふ|溢|越|決|濁|茶|危|切|い)"
)
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


@dataclass(frozen=True, slots=True)
class Atom:
    """One named thing in the text: characters `start` to `end`, a kind of `PlacePart`, and its rule."""

    start: int
    end: int
    kind: str
    rule: str


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A whole place phrase with offsets into the normalised text."""

    start: int
    end: int
    atoms: tuple[Atom, ...]
    relation: Relation | None
    until: tuple[Atom, ...]

    def parts(self, text: str, atoms: tuple[Atom, ...]) -> tuple[PlacePart, ...]:
        """The atoms as contract parts."""
        return tuple(PlacePart(text[atom.start : atom.end], atom.kind) for atom in atoms)


@cache
def _relations() -> tuple[tuple[Relation, re.Pattern[str]], ...]:
    return tuple(
        (Relation(row["kind"], row["direction"] or None), re.compile(row["form"]))
        for row in lexicon.rows("relations")
    )


@cache
def _not_name_parts() -> frozenset[str]:
    return frozenset(row["form"] for row in lexicon.rows("not_name_parts"))


@cache
def _endings() -> Forms[str]:
    kinds = dict.fromkeys(row["kind"] for row in lexicon.rows("place_kinds"))
    return Forms((kind, re.compile(lexicon.forms("place_kinds", "kind", kind))) for kind in kinds)


@cache
def _patterns() -> Forms[tuple[str, str]]:
    """Names that are known by their form alone, as kind and rule."""
    return Forms(
        (
            (("coordinates", "pattern:coordinates"), _COORDINATES),
            (("road", "pattern:road"), _ROAD),
            (("block", "pattern:block"), _BLOCK),
            (("area", "pattern:chome"), _CHOME),
            (("area", "pattern:prefecture"), _PREFECTURE),
        )
    )


def find_places(doc: Doc) -> list[FoundPlace]:
    """Every place phrase of a tokenised and gazetteer-matched text, in text order, none nested."""
    text = doc.user_data[TEXT]
    atoms = _settled(_atoms(doc))
    phrases: list[FoundPlace] = []
    index = 0
    while index < len(atoms):
        chain, index = _chain(atoms, index, text)
        end = chain[-1].end
        until, next_index, range_end = _range(atoms, index, text, end)
        if until:
            index = next_index
            phrases.append(FoundPlace(chain[0].start, range_end, chain, Relation("between"), until))
            continue
        relation, end = _relation(text, end)
        phrases.append(FoundPlace(chain[0].start, end, chain, relation, ()))
    named = [phrase for phrase in phrases if any(_has_name(atom, text) for atom in phrase.atoms)]
    kept = named or phrases
    return [phrase for phrase in kept if not _is_origin(phrase, text, len(kept))]


def _has_name(atom: Atom, text: str) -> bool:
    """Whether the words are more than a kind: 公民館, 県道, 橋 by themselves name no place."""
    words = text[atom.start : atom.end]
    return not _bare_words().fullmatch(words)


@cache
def _bare_words() -> re.Pattern[str]:
    endings = "|".join(row["form"] for row in lexicon.rows("place_kinds"))
    return re.compile(
        rf"(?:{endings}|国道|県道|府道|道道|都道|市道|町道|村道|農道|林道|主要地方道|津波避難センター|高台|総合体育館|[小中]学校)"
    )


def name_stretches(text: str, places: Sequence[FoundPlace]) -> list[tuple[int, int]]:
    """The characters that are names: roads none; where the last one says a thing (川, 橋), all but it."""
    stretches = []
    for place in places:
        for atom in (*place.atoms, *place.until):
            if atom.kind in ("road", "junction", "coordinates") or not _has_name(atom, text):
                continue
            says_thing = atom.kind in ("bridge", "river", "station") or text[atom.end - 1] in "川沢池橋"
            shelter = _SHELTER.search(text, atom.start, atom.end)
            end = shelter.start() if shelter else atom.end - 1 if says_thing else atom.end
            stretches.append((atom.start, end))
    return stretches


def _atoms(doc: Doc) -> list[Atom]:
    text, tokens = doc.user_data[TEXT], doc.user_data[TOKENS]
    names = [(span.start_char, span.end_char) for span in doc.spans.get(GAZETTEER_SPANS, [])]
    atoms = [_named(start, end, text) for start, end in names]
    trusted = doc.user_data.get(TRUSTED, [])
    atoms += [replace(_named(start, end, text), rule=TRUSTED) for start, end in trusted]
    atoms.extend(Atom(m.start(), m.end(), kind, rule) for (kind, rule), m in _patterns().finditer(text))
    atoms.extend(_patterned(text, tokens, names))
    atoms.extend(
        Atom(start, end, "area", "sudachi:place")
        for start, end, word, tag in _each(tokens)
        if tag.startswith(_PLACE_TAG) and len(word) > 1 and word not in not_places()
    )
    atoms.extend(_tails(text, tokens, atoms))
    return atoms


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
        if start not in heads or not tag.startswith(("名詞-普通名詞-一般", "名詞-固有名詞")):
            continue
        common = word in _not_name_parts() or word in not_places()
        common = common or (len(word) > 1 and is_thing(word))
        if common and "地名" not in tag:
            continue
        if end == len(text) or text[end] in "のでにはがも、。 \n0123456789":
            found.append(Atom(start, end, "area", "glued:town"))
    return found


def _named(start: int, end: int, text: str) -> Atom:
    """A gazetteer hit; its kind by its ending and by what follows."""
    name = text[start:end]
    kind = "area"
    if name.endswith("駅"):
        kind = "station"
    elif name.endswith("橋") and len(name) > 2:
        kind = "bridge"
    elif name.endswith("川") and _RIVERISH.match(text, end):
        kind = "river"
    elif name.endswith(
        (
            *("小学校", "中学校", "高等学校", "高校", "保育所", "保育園", "幼稚園", "こども園", "体育館"),
            *("公民館", "集会所", "集会場", "会館", "交流館", "センター", "避難所"),
            *("病院", "役場", "役所", "神社"),
        )
    ):
        kind = "facility"
    return Atom(start, end, kind, "gazetteer")


def _patterned(text: str, tokens: Tokens, names: list[tuple[int, int]]) -> list[Atom]:
    """Names that the gazetteer need not know: 鈴張橋, 川島公民館, 迫西川."""
    endings = list(_endings().finditer(text))
    if not endings:
        return []
    said = [(start, end) for start, end, _, tag in _each(tokens) if tag.startswith(_PLACE_TAG)]
    inside = {offset for start, end in (*names, *said) for offset in range(start + 1, end)}
    atoms: list[Atom] = []
    for kind, match in endings:
        if match.end() in inside:  # 川 of 川奈 ends no river
            continue
        start = _after_address(text, names, kind, _name_start(tokens, match.start()), match.start())
        if start < match.start() or match.end() - match.start() > 2:
            atoms.append(Atom(start, match.end(), kind, f"place_kinds:{kind}"))
    return atoms


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
        if (
            tokens.tags[index].startswith(_GLUE_STOP)
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
    for atom in sorted(atoms, key=lambda a: (-(a.end - a.start), _RANK.get(a.rule, 2), a.start)):
        at = bisect_right(starts, atom.start)
        if at and kept[at - 1].end > atom.start:
            continue
        if at < len(kept) and kept[at].start < atom.end:
            continue
        kept.insert(at, atom)
        starts.insert(at, atom.start)
    return kept


def _chain(atoms: list[Atom], index: int, text: str) -> tuple[tuple[Atom, ...], int]:
    """Atoms that follow each other with at most 「の」 between them are one place."""
    chain = [atoms[index]]
    index += 1
    while index < len(atoms) and _continues(chain[-1], atoms[index], text):
        chain.append(atoms[index])
        index += 1
    return tuple(chain), index


def _continues(last: Atom, atom: Atom, text: str) -> bool:
    gap = text[last.end : atom.start]
    if last.kind == "area" and gap in ("で", "、", "にある", "を流れる"):
        return atom.kind in ("road", "river", "bridge") and _has_name(atom, text)
    if not _JOIN.fullmatch(gap):
        return False
    if last.kind == "area" or atom.kind == "block":
        return "\n" not in gap
    if gap in ("の", ""):
        return atom.kind != "area" or last.kind == "road"
    return last.kind == "road" and atom.kind in ("junction", "bridge")


def _range(atoms: list[Atom], index: int, text: str, end: int) -> tuple[tuple[Atom, ...], int, int]:
    """The other end of 「AからB」「A〜B間」「AとBの間」, if there is one."""
    join = _UNTIL.match(text, end)
    if join is None or index >= len(atoms) or atoms[index].start != join.end():
        return (), index, end
    until, next_index = _chain(atoms, index, text)
    last = until[-1].end
    close = _BETWEEN.match(text, last)
    if join.group() == "と" and (
        close is None or ("間" not in close.group() and "あいだ" not in close.group())
    ):
        return (), index, end
    return until, next_index, close.end() if close else last


def _relation(text: str, end: int) -> tuple[Relation | None, int]:
    distance = _DISTANCE.match(text, end)
    metres = _metres(distance) if distance else None
    at = distance.end() if distance else end
    for relation, pattern in _relations():
        match = pattern.match(text, at)
        if match and match.end() > match.start():
            tail = _LENGTH.match(text, match.end()) if metres is None else None
            stop = tail.end() if tail else match.end()
            return Relation(relation.kind, relation.direction, _metres(tail) if tail else metres), stop
    if metres is not None:
        return Relation("distance", None, metres), at
    return None, end


def _metres(match: re.Match[str]) -> float | None:
    number = match.group(1)
    value = float(number) if number[0].isdigit() else float(kanji_number(number))
    return value * 1000 if match.group(2).startswith(("k", "キ")) else value


def kanji_number(text: str) -> int:
    """一 to 九百九十九 as a number; arabic digits pass through."""
    if text.isdigit():
        return int(text)
    total, digit = 0, 0
    for char in text:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        else:
            digit = digit * 10 + "〇一二三四五六七八九".find(char)
    return total + max(0, digit)


def _is_origin(phrase: FoundPlace, text: str, places: int) -> bool:
    """「中村の親戚から聞いた」 names the speaker's place, not the damage's."""
    match = _ORIGIN.match(text, phrase.end)
    return match is not None and (
        "から" in match.group() or "聞" in match.group() or "言" in match.group() or places > 1
    )
