"""Is it so now? Status of each damage by the wording of its clause; drills, questions, the past, talk."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from nlp import lexicon
from nlp.clauses import Scopes
from nlp.damage import Trigger
from nlp.matching import Forms, Starts, search, starts_at
from nlp.reading import DamageType, Status

_LIST_JOIN = re.compile(r"(?:や|と|も|および|及び|かつ|とか|やら)+")
_LOOSE_JOIN = re.compile(r"[、・, ]|はなし、|もなし、")
_KIN: tuple[frozenset[DamageType], ...] = (
    frozenset(
        (DamageType.POWER_OUTAGE, DamageType.WATER_OUTAGE, DamageType.GAS_LEAK, DamageType.TELECOM_OUTAGE)
    ),
    frozenset((DamageType.INUNDATION, DamageType.ROAD_FLOODING, DamageType.RIVER_OVERFLOW)),
)


_ASSENT = ("ね", "ねえ", "ねぇ")  # behind a negation it asks for assent: 通らんねえ
_CLOSE = 12  # characters before what happens
_EARSHOT = 80  # characters: in a text without full stops a sentence ends somewhere
# 「停電と聞いたけど、うちは電気ついてる」: behind it the sender's own eyes speak, not the news.
_BUT = re.compile("(?<=[たるいんすだよて])(?:が|けど|けれど|けんど|けども|ばって[んがか]?|どん)(?=[^っ])")
_STAY_DONE = frozenset((DamageType.EVACUATION,))  # 避難済み is an evacuation, not its end


@dataclass(frozen=True, slots=True)
class Cue:
    """Characters that set a status, and the rule that knows them."""

    start: int
    end: int
    status: Status
    rule: str


@dataclass(frozen=True, slots=True)
class Talk:
    """What the whole message is: a drill, or talk that reports nothing (question, memory, joke)."""

    drill: Cue | None
    idle: tuple[tuple[int, int, str], ...]

    def warnings(self) -> list[tuple[int, int]]:
        """The names of official warnings: 「土砂災害危険警報」 tells of no slope that has failed."""
        return [(start, end) for start, end, rule in self.idle if rule == "talk:warning"]


@cache
def _cues() -> Forms[tuple[Status, str, str]]:
    return Forms(
        (
            (Status(row["status"]), row["scope"], f"status:{row['status']}/{row['scope']}"),
            re.compile(row["form"]),
        )
        for row in lexicon.rows("status")
    )


@cache
def _talk() -> Forms[tuple[str, str, re.Pattern[str] | None]]:
    return Forms(
        (
            (row["kind"], row["scope"], re.compile(row["unless"]) if row["unless"] else None),
            re.compile(row["form"]),
        )
        for row in lexicon.rows("talk")
    )


def talk(text: str, scopes: Scopes) -> Talk:
    """Drill words and the stretches of text that report nothing."""
    drill: Cue | None = None
    idle: list[tuple[int, int, str]] = []
    for (kind, scope, unless), match in _talk().finditer(text):
        whole = (0, len(text)) if scope == "message" else scopes.sentence(match.start())
        if unless and unless.search(text, *whole):
            continue
        if kind == "drill":
            drill = drill or Cue(match.start(), match.end(), Status.DENIED, "talk:drill")
        elif scope == "message":
            idle.append((0, len(text), f"talk:{kind}"))
        elif scope == "sentence":
            idle.append((*scopes.sentence(match.start()), f"talk:{kind}"))
        elif scope == "clause":
            idle.append((*scopes.clause(match.start()), f"talk:{kind}"))
        else:
            idle.append((match.start(), match.end(), f"talk:{kind}"))
    return Talk(drill, tuple(idle))


def statuses(text: str, scopes: Scopes, triggers: list[Trigger]) -> list[tuple[Status, tuple[Cue, ...]]]:
    """One status for each trigger, with the cues that set it; present where nothing says otherwise."""
    result: list[tuple[Status, tuple[Cue, ...]]] = []
    starts = _cues().starts(text) if triggers else {}
    for index, trigger in enumerate(triggers):
        following = triggers[index + 1] if index + 1 < len(triggers) else None
        cues = _cues_of(text, starts, scopes, trigger, following)
        result.append((_decide(trigger, cues), cues))
    for index in range(len(triggers) - 2, -1, -1):
        gap = text[triggers[index].end : triggers[index + 1].start]
        status, cues = result[index + 1]
        if status is Status.PRESENT or result[index][0] is not Status.PRESENT or triggers[index].status:
            continue
        pair = (triggers[index].type, triggers[index + 1].type)
        if _LIST_JOIN.fullmatch(gap) or (_LOOSE_JOIN.fullmatch(gap) and _alike(*pair)):
            result[index] = (status, cues)
    return result


def _alike(first: DamageType, second: DamageType) -> bool:
    """Whether 「A、Bなし」 denies both: outages together, floods together; 「崩落、けが人なし」 does not."""
    return any(first in kin and second in kin for kin in _KIN)


def _decide(trigger: Trigger, cues: tuple[Cue, ...]) -> Status:
    said = {cue.status for cue in cues}
    if trigger.status is not Status.DENIED and _lasts(cues):
        return Status.PRESENT
    if trigger.status is not None:
        return Status.HEARSAY if said == {Status.HEARSAY} else trigger.status
    if trigger.type in _STAY_DONE:
        said.discard(Status.RESOLVED)
    for status in (Status.DENIED, Status.RESOLVED, Status.FEARED, Status.HEARSAY):
        if status in said:
            return status
    return Status.PRESENT


def _lasts(cues: tuple[Cue, ...]) -> bool:
    """Whether the words say that it goes on, and nothing but that denies it: 「まだ消えてません」."""
    lasting = [cue for cue in cues if cue.status is Status.PRESENT]
    denying = [cue for cue in cues if cue.status is Status.DENIED]
    return bool(lasting) and all(
        any(cue.start < other.end and other.start < cue.end for other in lasting) for cue in denying
    )


def _own_words_from(text: str, sentence_start: int, trigger: Trigger) -> int:
    """Where the words begin that may set the status of a trigger behind them: of one that denies by itself,
    behind the last 「けど」."""
    if trigger.status is None:
        return sentence_start
    ends = (match.end() for match in _BUT.finditer(text, sentence_start, trigger.head))
    return max(ends, default=sentence_start)


def _cues_of(
    text: str, starts: Mapping[int, Starts], scopes: Scopes, trigger: Trigger, following: Trigger | None
) -> tuple[Cue, ...]:
    clause_end = scopes.clause(trigger.end - 1)[1]
    sentence_start, sentence_end = scopes.sentence(trigger.head)
    sentence_start = max(sentence_start, trigger.start - _EARSHOT)
    sentence_end = min(sentence_end, trigger.end + _EARSHOT)
    after_end = min(
        sentence_end, following.start if following and following.start > trigger.end else sentence_end
    )
    tail_end = min(clause_end, after_end)
    said_from = _own_words_from(text, sentence_start, trigger)
    found: list[Cue] = []
    for (status, scope, rule), pattern, begins in _cues().beginning(starts):
        if scope == "after":
            match = pattern.match(text, trigger.end, after_end) if starts_at(begins, trigger.end) else None
        elif scope == "tail":
            match = search(pattern, text, begins, trigger.end, tail_end)
        elif scope == "sentence":
            match = search(pattern, text, begins, trigger.end, min(len(text), sentence_end + 1))
        elif scope == "head":
            match = search(pattern, text, begins, max(sentence_start, trigger.head - _CLOSE), trigger.head)
        elif scope == "around":
            match = search(pattern, text, begins, sentence_start, sentence_end)
        else:
            match = search(pattern, text, begins, said_from, trigger.start)
        if match and not (match.group() in _ASSENT and text[trigger.end - 1] == "ん"):
            found.append(Cue(match.start(), match.end(), status, rule))
    if trigger.status is Status.RESOLVED:
        # Whose end is denied lasts: 「火は消えてません」.
        found = [
            replace(cue, status=Status.PRESENT) if _denies_the_end(cue, trigger) else cue for cue in found
        ]
    return tuple(found)


def _denies_the_end(cue: Cue, trigger: Trigger) -> bool:
    return cue.status is Status.DENIED and cue.start == trigger.end
