"""Places as said: named things that follow each other are one place; relations, ranges, origins."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from spacy.tokens import Doc

from nlp import lexicon
from nlp.atoms import Atom, find_atoms, has_name
from nlp.reading import PlacePart, Relation
from nlp.tokens import TEXT

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
_CHOME = re.compile(r"[0-9一二三四五六七八九十]+丁目")
_TOWN_AND_CHOME = re.compile(r"(?P<town>[^ 、。\n]+?)[0-9一二三四五六七八九十]+丁目")
_SHELTER = re.compile(r"(?:体育館|公民館|[小中]学校|集会所|会館|避難所)$")
_KIN = (
    "親戚|親類|友人|友だち|友達|知り合い|知人|同僚"
    "|いとこ|従兄弟|実家|娘|息子|弟|兄|姉|妹|叔父|叔母|おじ|おば|婆|母|父"
)
_RELATIVE = re.compile(f"(?:の|に住む|にいる|在住の)(?:{_KIN})")
_ORIGIN = re.compile(
    rf"(?:の|に住む|にいる|在住の)?(?:{_KIN}|本部|支部|人|もん|者)"
    r"[^。、]{0,6}(?:から|に聞|が言|より|によ|の話|いわく|と(?:電話|無線|話))|(?:から(?:電話|連絡|聞))|(?:の)?(?:第?\d+分団|消防団|[一-龥]{1,4}(?=です。))"
)


# Nothing happens where somebody comes from or is brought to when another place is named; smoke and water that
# come from a place do happen there.
_PASSED = re.compile(
    r"から(?:の)?(?:応援|派遣|救急車|給水車|消防車)"
    r"|から(?:車で|歩いて|応援[でに]|給水に)?(?:来た(?=[人方者車一-龥ァ-ヶ])|来てくれ|来てい?る人|通って|通う|逃げて(?:き|来))"
    r"|(?:の(?:病院|医療センター))?(?:へ|に)(?:\d{1,2}[人名](?:を)?)?(?:搬送|運ばれ|嫁い)|に(?:運びまし|運んだ)"
    r"|方面(?:へ|に)(?:向か|行|移動|走)|方面(?:への道|行き)|への(?:道|途中)(?=、)|[にへ](?:応援|買い出し)に(?:行|向|出)"
    r"|[にへ](?:も|は)?(?:[一-龥ァ-ヶ]{1,6}[にへ]も)?(?:行け|行かれ|出られ|出れ|帰れ|帰られ|戻れ|抜けられ)"
)
_AT_IT = re.compile(
    r"地内|付近|あたり|で(?!も)|にて|の(?:交差点|前|裏|先|手前|横|踏切|カーブ|坂|トンネル|橋|あたり|ところ|とこ)|前|裏"
)
_OPENS = re.compile(r"(?:^|[。、,\n ・:])$|\n[^\w\n]{1,2}$")
_TOLD_OF = re.compile(r"[ :→はも]|の(?:ほう|方)は")
_BY_OTHERS = re.compile("から|聞|言|と(?:電話|無線|話)")


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


def find_places(doc: Doc) -> list[FoundPlace]:
    """Every place phrase of a tokenised and gazetteer-matched text, in text order, none nested."""
    text = doc.user_data[TEXT]
    atoms = find_atoms(doc)
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
    phrases = _with_their_towns(phrases, text)
    named = [phrase for phrase in phrases if any(has_name(atom, text) for atom in phrase.atoms)]
    kept = named or phrases
    return [phrase for phrase in kept if not _is_origin(phrase, text, len(kept))]


def _with_their_towns(phrases: list[FoundPlace], text: str) -> list[FoundPlace]:
    """「住吉台東2丁目でなくて4丁目」: a 丁目 said alone is of the town whose 丁目 was said before."""
    town: Atom | None = None
    kept = []
    for phrase in phrases:
        first = phrase.atoms[0]
        alone = _CHOME.fullmatch(text, first.start, first.end)
        if alone and town is not None:
            kept.append(replace(phrase, atoms=(town, *phrase.atoms)))
            continue
        if not alone:
            named = [_TOWN_AND_CHOME.match(text, atom.start, phrase.end) for atom in phrase.atoms]
            ends = [match.end("town") for match in named if match]
            town = Atom(first.start, ends[0], "area", "shared:town") if ends else None
        kept.append(phrase)
    return kept


def name_stretches(text: str, places: Sequence[FoundPlace]) -> list[tuple[int, int]]:
    """The characters that are names: roads none; where the last one says a thing (川, 橋), all but it."""
    stretches = []
    for place in places:
        for atom in (*place.atoms, *place.until):
            if atom.kind in ("road", "junction", "coordinates") or not has_name(atom, text):
                continue
            says_thing = atom.kind in ("bridge", "river", "station") or text[atom.end - 1] in "川沢池橋"
            # 「集会所の近くで」: a landmark shelters nobody.
            shelter = _SHELTER.search(text, atom.start, atom.end) if place.relation is None else None
            end = shelter.start() if shelter else atom.end - 1 if says_thing else atom.end
            stretches.append((atom.start, end))
    return stretches


def topics(text: str, places: Sequence[FoundPlace]) -> list[int]:
    """The offsets of places that open a sentence or clause and of which something is told:
    「若宮町はもう引いた」, 「千富町 異常なし」."""
    return [
        place.start
        for place in places
        if _OPENS.search(text, max(0, place.start - 3), place.start) and _TOLD_OF.match(text, place.end)
    ]


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
        return atom.kind in ("road", "river", "bridge") and has_name(atom, text)
    if last.kind in ("road", "river") and gap == "、" and has_name(last, text):
        # 「国道166号、飯高町宮前で」 is one place, 「国道10号、松永町、神村町で」 a list.
        named = atom.kind not in ("road", "river") and has_name(atom, text)
        return named and _AT_IT.match(text, atom.end) is not None
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
    if places > 1 and _PASSED.match(text, phrase.end):
        return True
    match = _ORIGIN.match(text, phrase.end)
    # 「中村の親戚から電話で、裏の崖が」: with no other place named, relatives tell of where they are.
    if match and places == 1 and _RELATIVE.match(text, phrase.end):
        return False
    # 木戸駅の者です: who speaks for a house speaks of it.
    if match and match.end() < len(text) and phrase.atoms[-1].kind in ("station", "facility"):
        return False
    return match is not None and (
        "から" in match.group()
        or "と" in match.group()
        or "聞" in match.group()
        or "言" in match.group()
        or places > 1
    )
