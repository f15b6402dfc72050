import pytest

from nlp.clauses import scopes
from nlp.damage import Trigger
from nlp.judgement import RULE, judge
from nlp.modality import Cue
from nlp.reading import DamageType, Status
from tests.nlp.networks import said_of, tokens_of

TEXT = "道が川になった"
WORDS = ["道", "が", "川", "に", "なっ", "た"]
TOKENS = tokens_of(WORDS)
SCOPES = scopes("".join(WORDS))
RULED = Trigger(DamageType.ROAD_FLOODING, 0, 2, 3, "frames:waterin+road")


def test_what_no_rule_saw_is_added_at_its_words() -> None:
    said = said_of(WORDS, (2, DamageType.ROAD_FLOODING, Status.PRESENT, 0.9))
    [(trigger, status, cues)] = judge(TEXT, TOKENS, SCOPES, [], [], said)
    assert (trigger.type, trigger.start, trigger.end) == (DamageType.ROAD_FLOODING, 2, 3)
    assert status is Status.PRESENT
    assert (trigger.rule, cues) == (RULE, ())


def test_what_is_unlikely_is_not_added() -> None:
    assert (
        judge(TEXT, TOKENS, SCOPES, [], [], said_of(WORDS, (2, DamageType.FIRE, Status.PRESENT, 0.2))) == []
    )


def test_a_rule_stands_where_the_network_hesitates() -> None:
    said = said_of(WORDS, (2, DamageType.ROAD_FLOODING, Status.PRESENT, 0.3))
    [(trigger, status, cues)] = judge(TEXT, TOKENS, SCOPES, [RULED], [(Status.PRESENT, ())], said)
    assert (trigger, status, cues) == (RULED, Status.PRESENT, ())


def test_a_rule_falls_where_the_network_is_sure_of_nothing() -> None:
    assert judge(TEXT, TOKENS, SCOPES, [RULED], [(Status.PRESENT, ())], said_of(WORDS)) == []


def test_a_sure_status_stands_against_the_rules() -> None:
    cue = Cue(4, 5, Status.FEARED, "status:feared/after")
    said = said_of(WORDS, (2, DamageType.ROAD_FLOODING, Status.RESOLVED, 0.9))
    [(_, status, cues)] = judge(TEXT, TOKENS, SCOPES, [RULED], [(Status.FEARED, (cue,))], said)
    assert status is Status.RESOLVED
    assert [each.rule for each in cues] == [RULE]


def test_verdicts_are_in_the_order_of_the_text() -> None:
    said = said_of(
        WORDS,
        (0, DamageType.ROAD_DAMAGE, Status.PRESENT, 0.9),
        (2, DamageType.ROAD_FLOODING, Status.PRESENT, 0.9),
    )
    kinds = [
        trigger.type for trigger, _, _ in judge(TEXT, TOKENS, SCOPES, [RULED], [(Status.PRESENT, ())], said)
    ]
    assert kinds == [DamageType.ROAD_DAMAGE, DamageType.ROAD_FLOODING]


def test_one_damage_in_two_clauses_may_have_two_statuses() -> None:
    words = ["上", "は", "停電", "、", "下", "は", "つい", "た"]
    said = said_of(
        words,
        (2, DamageType.POWER_OUTAGE, Status.PRESENT, 0.9),
        (6, DamageType.POWER_OUTAGE, Status.RESOLVED, 0.9),
    )
    verdicts = judge("".join(words), tokens_of(words), scopes("".join(words)), [], [], said)
    assert [(trigger.start, status) for trigger, status, _ in verdicts] == [
        (2, Status.PRESENT),
        (7, Status.RESOLVED),
    ]


def test_what_the_network_takes_for_a_rival_is_that_rival() -> None:
    said = said_of(WORDS, (2, DamageType.INUNDATION, Status.PRESENT, 0.3))
    [(trigger, status, _)] = judge(TEXT, TOKENS, SCOPES, [RULED], [(Status.PRESENT, ())], said)
    assert (trigger.type, trigger.rule, status) == (DamageType.INUNDATION, RULED.rule, Status.PRESENT)


def test_a_rival_that_a_rule_saw_in_the_same_words_is_not_said_twice() -> None:
    other = Trigger(DamageType.INUNDATION, 0, 2, 3, "triggers:inundation")
    said = said_of(WORDS, (2, DamageType.INUNDATION, Status.PRESENT, 0.3))
    found = judge(TEXT, TOKENS, SCOPES, [RULED, other], [(Status.PRESENT, ())] * 2, said)
    assert [trigger for trigger, _, _ in found] == [other]


def test_plain_wording_stands_where_the_network_hears_nothing() -> None:
    plain = Trigger(DamageType.CASUALTY, 0, 0, 3, "plain:casualty")
    [(trigger, _, _)] = judge(TEXT, TOKENS, SCOPES, [plain], [(Status.PRESENT, ())], said_of(WORDS))
    assert trigger == plain


def test_where_some_damage_is_likelier_than_none_the_likeliest_is_added() -> None:
    heard = (
        (2, DamageType.ROAD_FLOODING, Status.PRESENT, 0.35),
        (2, DamageType.RAILWAY, Status.PRESENT, 0.3),
    )
    [(trigger, _, _)] = judge(TEXT, TOKENS, SCOPES, [], [], said_of(WORDS, *heard))
    assert trigger.type is DamageType.ROAD_FLOODING


@pytest.mark.parametrize(("behind", "status"), [("です", Status.PRESENT), ("ありません", Status.DENIED)])
def test_the_network_denies_only_where_something_behind_can(behind: str, status: Status) -> None:
    words = ["冠水", behind]
    ruled = Trigger(DamageType.ROAD_FLOODING, 0, 0, 2, "triggers:road_flooding")
    said = said_of(words, (0, DamageType.ROAD_FLOODING, Status.DENIED, 0.95))
    [(_, found, _)] = judge(
        "".join(words), tokens_of(words), scopes("".join(words)), [ruled], [(Status.PRESENT, ())], said
    )
    assert found is status
