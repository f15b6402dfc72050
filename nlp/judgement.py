"""Rules and network together: which damages a text says, where in it, and in which status.

The rules point at words and know their reasons; the network has read many more ways of saying the same. It
may add a damage that no rule knows, drop one that it is sure is none, and change a status that it is sure of.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from nlp.clauses import Scopes
from nlp.damage import PLAIN, Trigger
from nlp.modality import Cue
from nlp.network import STATUSES, TYPES, Floats, Said
from nlp.reading import DamageType, Status
from nlp.tokens import Tokens

# Chosen on messages of authors whose texts were not looked at (docs/reading.md).
ADDS = 0.67  # from this probability on a damage is added that no rule saw
ADDS_RIVAL = 0.96  # beside a damage that a rule saw in the same clause and that is easily taken for it
ADDS_ANY = 0.5  # where nothing else is left and some damage is so likely, the likeliest is added
DROPS = 0.1  # below it a damage is dropped that a rule saw
RENAMES = 0.25  # unless the network takes it for a rival of at least this probability, which it is then
SURE = 0.8  # from this probability on the network's status stands against a mere absence of cues
SURER = 0.9  # and from this one on against the cues of a rule
SAID_HERE = 0.2  # a token of this probability speaks for the damage at it
# Life in danger: the network alone when it is sure, the rules unless it is sure of the contrary.
DANGER = 0.8
NO_DANGER = 0.005
RULE = "learned"

_TYPE_AT = {kind: at for at, kind in enumerate(TYPES)}
# 「石がぱらぱら落ちる」 is a sign, 「膝まで水、家の中」 no flooded road.
_RIVALS = {
    DamageType.LANDSLIDE: (DamageType.PRECURSOR, DamageType.ROAD_DAMAGE),
    DamageType.PRECURSOR: (DamageType.LANDSLIDE,),
    DamageType.ROAD_FLOODING: (DamageType.INUNDATION,),
    DamageType.INUNDATION: (DamageType.ROAD_FLOODING,),
}
# Of water that is there the network may know better where it is.
_WATERS = (DamageType.ROAD_FLOODING, DamageType.INUNDATION, DamageType.RIVER_OVERFLOW)
_TAKEN_FOR = _RIVALS | dict.fromkeys(_WATERS, _WATERS)
# 「道のくえて」: where the network hears a slope fail, a rule that saw the road in it says what failed.
_SAME_FAILURE = {DamageType.ROAD_DAMAGE: DamageType.LANDSLIDE}
# Japanese denies behind what it denies: 「神村町は被害なし、柳津町は土砂崩れ」 denies no landslide.
_DENIES_BEHIND = re.compile(
    r"な[いかくけし]|無[いくしか]|ませ|ん(?![だでの])|へん|ず|ね[えぇ]|だけ|[たっ]た[。、]|でした|だった|やった"
    r"|じゃった|ゼロ|0"
    r"|ね(?:がった|んだ|な|ず|。|、|$)|無え|通れ|通行[可でし]|走れ|渡れ|行け|使え|つい[てと]|でとる|出[てと]|来[てと]|きと"
    r"|大丈夫|だいじょうぶ|だいじょぶ|ok|OK|セーフ|健在|変わ|変化|正常|通常|以下|無害|未満|無事|異常|異状|問題|平気|違|ちが|勘違|うそ|嘘|デマ"
)
# Words of an end that nothing takes back. Said of what came before, they end nothing in the sentences behind.
_ENDS = re.compile(
    r"(?:復旧|復電|通電|回復|復活|解消|解除|開通|再開|開[いけ放]|通[れじ]|通行可|通行でき|鎮火|鎮圧|消え|消[しせ火]|収ま|おさま"
    r"|治ま|引[いきけ]|ひい|はけ|排水|減|下が|下火|さが|止ま|とま|弱ま|直[っりし]|なお|修理|修繕|戻|もど|つい(?!に|さっき|先)|つき|点[いき]|来|[きで]た"
    r"|出[たてま]|撤去|伐採|片[付づ]|かたづ|どけ|どか|除[去雪]|終|おわ|済|すみ|完了|帰|救出|救助|助|無事|保護|発見|見つか|合流"
    r"|確認|安定|流れた|閉|取り除|処理|搬送|元[にの通]|通常|もう|あと|過去|平常|大丈夫|でした|だった|やった|じゃった|まし?た|とった"
    r"|[っいん][ただ]|回収|なくな|無くな|ゼロ|OK|ok|クリア|クローズ|完"
    r"|抜け|動[いきく]|走[っれる]|渡[れっ]|行け|使え|解け|埋め|替え|交換|外[しれ]|つなが|繋が|澄|上が[りっ]|降り|降ろ|上げ|抱|拾|運[びん]"
    r"|何とも|なんとも|もろ|もらっ|くれ|止[めま])"
    r"(?![^。、\n]{0,5}(?:ませ|な[いくかけし]|ず|へん|らん|ね[えぇ]|まだ))"
)
# People in safety are an evacuation that lasts.
_CLOSES = re.compile("閉|たた[みん]|解散|解消|終|帰|引き上げ|引き揚げ|もど|戻")
_TAKES_BACK = re.compile("訂正|誤|まちが|間違|取り?消|撤回|野焼き|焚き火|たき火|どんど焼き|湯気")
# 「浸水、逃げ遅れなし」 denies people in need, no water.
_NOBODY = re.compile(
    "(?:けが人|怪我人|負傷者|死傷者|人的被害|行方不明者?|逃げ遅れ|閉じ込め|取り残され)(?:た|られた)?(?:人|者|方)?"
    "(?:は|も|が)?(?:なし|無し|な[いく]|いな|いませ|おら|ありませ|ゼロ|0)"
)
_OF_PEOPLE = (DamageType.CASUALTY, DamageType.RESCUE_REQUEST, DamageType.NONE)
# Where another thing is told, in contrast to what is over: 「断水は直ったけど今度は停電」.
_BUT_NOW = re.compile("(?:けど|けれど|けんど|ばってん|(?<=[たすだ])が)、?(?:今度は|次は)?|今度は")
# 「火事は台町。雁島町ではない」 denies a place.
_OTHER_PLACE = re.compile("(?:[町村区駅橋側]|丁目|地区)(?:では|じゃ|で)(?:ありませ|な[いく])")
# Rain and snow that come down again are no ash.
_FALLS = re.compile("[雨雪]|あめ|ゆき|みぞれ")
_ERUPTS = re.compile("[灰噴火石岩砂粉山岳島煙黒]|マグマ|硫黄|ガス|ざら|じゃり|[はば]い|ハイ")
Verdict = tuple[Trigger, Status, tuple[Cue, ...]]


class Reach:
    """How far words may turn the status of a damage: to the next place of which something new is told.

    The words of a text are looked for once, for a long text may tell of thousands of damages."""

    def __init__(self, text: str, tokens: Tokens, scopes: Scopes, topics: Sequence[int]) -> None:
        self.tokens, self._text, self._scopes, self._topics = tokens, text, scopes, topics

    def may_be_denied(self, kind: DamageType, end: int, *, own: bool) -> bool:
        """Whether something behind denies a damage whose own words end at `end`, the last of them included
        unless they deny already what they mean to deny (`own`, 電気がない); or takes the message back."""
        at = bisect_left(self.tokens.ends, end)
        first = end if own or at == len(self.tokens.starts) else self.tokens.starts[at]
        denials = self._denials if kind in _OF_PEOPLE else self._denials_of_things
        return self._takes_back or _any_between(denials, first, self._of(end)[1])

    def may_be_over(self, kind: DamageType, end: int) -> bool:
        """Whether a damage whose own words end at `end` may be over: not where all words of an end are told
        of something else."""
        if kind is DamageType.EVACUATION and not self._closes:
            return False
        first, last = self._of(end)
        return not self._ends or _any_between(self._ends, first, last)

    def _of(self, end: int) -> tuple[int, int]:
        """From the beginning of the sentence, or of its contrast, to the next topic."""
        at = bisect_left(self._topics, end)
        last = self._topics[at] if at < len(self._topics) else len(self._text)
        contrast = bisect_right(self._contrasts, end)
        first = self._scopes.sentence(end - 1)[0]
        return max(first, self._contrasts[contrast - 1]) if contrast else first, last

    @cached_property
    def _contrasts(self) -> list[int]:
        return [match.end() for match in _BUT_NOW.finditer(self._text)]

    @cached_property
    def _ends(self) -> list[int]:
        return [match.start() for match in _ENDS.finditer(self._text)]

    @cached_property
    def _denials(self) -> list[int]:
        return self._denials_without(_OTHER_PLACE)

    @cached_property
    def _denials_of_things(self) -> list[int]:
        return self._denials_without(_OTHER_PLACE, _NOBODY)

    def _denials_without(self, *harmless: re.Pattern[str]) -> list[int]:
        text = self._text
        for pattern in harmless:
            text = pattern.sub(lambda found: "_" * len(found.group()), text)
        return [match.start() for match in _DENIES_BEHIND.finditer(text)]

    @cached_property
    def _takes_back(self) -> bool:
        return _TAKES_BACK.search(self._text) is not None

    @cached_property
    def _closes(self) -> bool:
        return _CLOSES.search(self._text) is not None


def _any_between(offsets: Sequence[int], first: int, last: int) -> bool:
    at = bisect_left(offsets, first)
    return at < len(offsets) and offsets[at] < last


def judge(
    text: str,
    tokens: Tokens,
    scopes: Scopes,
    triggers: Sequence[Trigger],
    statuses: Sequence[tuple[Status, tuple[Cue, ...]]],
    said: Said,
    topics: Sequence[int] = (),
) -> list[Verdict]:
    """The triggers that stand, in the order of the text, each with its status and the cues behind it.

    `topics` are the offsets of places of which something new is told (`nlp.places.topics`)."""
    stated = 1 - np.prod(1 - said.both, axis=1)
    reach = Reach(text, tokens, scopes, topics)
    kept: list[Verdict] = []
    for trigger, (status, cues) in zip(triggers, statuses, strict=True):
        named = _named(trigger, triggers, stated)
        if named is not None:
            kept.append((named, *_settled(reach, named, status, cues, said)))
    if _FALLS.search(text) and not _ERUPTS.search(text):
        stated[_TYPE_AT[DamageType.VOLCANIC]] = 0
    heard = np.flatnonzero(stated >= ADDS).tolist()
    if not kept and not heard and 1 - np.prod(1 - stated) >= ADDS_ANY:
        heard = [int(stated.argmax())]
    if heard:
        clauses = _clauses(tokens, scopes, len(said.types))
        silent = np.multiply.reduceat(1 - said.types, [clause.start for clause in clauses], axis=0)
        ruled = {(trigger.type, scopes.clause(trigger.head)[0]) for trigger, _, _ in kept}
        for kind in heard:
            for clause in _loud(clauses, 1 - silent[:, kind]):
                start = scopes.clause(tokens.starts[clause.start])[0]
                rivals = {(rival, start) for rival in _RIVALS.get(TYPES[kind], ())}
                rival = stated[kind] < ADDS_RIVAL and not rivals.isdisjoint(ruled)
                if (TYPES[kind], start) not in ruled and not rival:
                    kept.append(_added(reach, kind, clause, said))
    return sorted(kept, key=lambda verdict: (verdict[0].head, verdict[0].end))


def _named(trigger: Trigger, triggers: Sequence[Trigger], stated: Floats) -> Trigger | None:
    """A damage that a rule saw as what it is: of the rule's type, or of the rival for which the network takes
    it; None when the network hears neither, or a rule saw the rival in the same words already."""
    kind = trigger.type
    if trigger.rule.startswith(f"{PLAIN}:"):
        return trigger
    if max(stated[_TYPE_AT[kind]], stated[_TYPE_AT[_SAME_FAILURE.get(kind, kind)]]) >= DROPS:
        return trigger
    rivals = [rival for rival in _TAKEN_FOR.get(kind, ()) if stated[_TYPE_AT[rival]] >= RENAMES]
    if not rivals:
        return None
    rival = max(rivals, key=lambda rival: float(stated[_TYPE_AT[rival]]))
    seen = any(
        other.type is rival and other.start < trigger.end and trigger.start < other.end for other in triggers
    )
    return None if seen else replace(trigger, type=rival)


def in_danger(by_rules: bool, chance: float) -> bool:
    """Whether life is in danger, by what the rules say and the network's `chance` of it."""
    return chance >= (NO_DANGER if by_rules else DANGER)


def _clauses(tokens: Tokens, scopes: Scopes, count: int) -> list[range]:
    """The first `count` tokens by the clause in which each begins."""
    firsts = sorted({bisect_left(tokens.starts, start, 0, count) for start in scopes.clause_starts} - {count})
    return [range(first, last) for first, last in pairwise([*firsts, count])]


def _loud(clauses: Sequence[range], chances: Floats) -> Iterator[range]:
    """The clauses whose chances say the damage by themselves; the loudest one where none does."""
    loudest = int(chances.argmax())
    for at, clause in enumerate(clauses):
        if chances[at] >= ADDS or at == loudest:
            yield clause


def _settled(
    reach: Reach, trigger: Trigger, status: Status, cues: tuple[Cue, ...], said: Said
) -> tuple[Status, tuple[Cue, ...]]:
    """The rules' status, or the network's where it is sure of another one at these words; what the rules say
    in words to last is never over."""
    if any(cue.status is Status.PRESENT for cue in cues):
        return status, cues
    kind, tokens = _TYPE_AT[trigger.type], reach.tokens
    first = max(0, bisect_right(tokens.starts, trigger.start) - 1)
    last = min(len(said.types), bisect_left(tokens.starts, trigger.end))
    loud = said.types[first:last, kind]
    here = first + int(loud.argmax()) if len(loud) else None
    if here is None or said.types[here, kind] < SAID_HERE:
        odds = said.both[kind] / max(float(said.both[kind].sum()), 1e-6)
    else:
        odds = said.statuses[here, kind]
    own = trigger.rule.startswith(f"{PLAIN}:")
    best = int(odds.argmax()) if cues else _likeliest_said(reach, trigger.type, trigger.end, odds, own=own)
    if STATUSES[best] is status or odds[best] < (SURER if cues else SURE):
        return status, cues
    return STATUSES[best], (Cue(trigger.start, trigger.end, STATUSES[best], RULE),)


def _likeliest_said(reach: Reach, kind: DamageType, end: int, odds: Floats, *, own: bool = False) -> int:
    """The likeliest status for which the text has words, of a damage whose own words end at `end`."""

    def has_words(status: Status) -> bool:
        if status is Status.DENIED:
            return reach.may_be_denied(kind, end, own=own)
        return status is not Status.RESOLVED or reach.may_be_over(kind, end)

    order: list[int] = np.argsort(-odds, kind="stable").tolist()
    return next(at for at in order if has_words(STATUSES[at]))


def _added(reach: Reach, kind: int, clause: range, said: Said) -> Verdict:
    """A damage that no rule saw, at the words of a clause that say it loudest."""
    odds, tokens = said.types[:, kind], reach.tokens
    first = last = max(clause, key=lambda at: odds[at])
    while first > clause.start and odds[first - 1] >= SAID_HERE:
        first -= 1
    while last + 1 < clause.stop and odds[last + 1] >= SAID_HERE:
        last += 1
    start, end = tokens.starts[first], tokens.ends[last]
    weight = odds[clause.start : clause.stop]
    heard = (weight[:, None] * said.statuses[clause.start : clause.stop, kind]).sum(0)
    status = STATUSES[_likeliest_said(reach, TYPES[kind], end, heard)]
    trigger = Trigger(TYPES[kind], start, start, end, RULE)
    return trigger, status, () if status is Status.PRESENT else (Cue(start, end, status, RULE),)
