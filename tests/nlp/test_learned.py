from typing import Any, cast

import numpy as np
import pytest

from nlp.learned import Learned, packaged_weights, packed_weights
from nlp.network import STATUSES, TYPES, Spellings, build, joined, last_with_weights, places_of, said, spelt
from nlp.pipeline import Reader
from tests.nlp.networks import inputs_of

PRIOR = np.zeros((len(TYPES), len(STATUSES)), np.float32)


def test_the_packed_network_says_what_the_trained_one_does() -> None:
    spellings, model = Spellings(), build()
    messages = [inputs_of(spellings, words) for words in (["停電", "です"], ["道", "が", "川", "みたい"])]
    rows, seen, lengths = joined(messages)
    outputs = np.asarray(model.predict(spelt(rows, seen, lengths, spellings)).data)
    wanted = said(outputs, PRIOR, lengths)
    got = Learned(packed_weights(model, PRIOR)).read(messages, spellings)
    for want, have in zip(wanted, got, strict=True):
        assert have.types == pytest.approx(want.types, abs=0.001)
        assert have.both == pytest.approx(want.both, abs=0.001)


def test_spellings_met_later_and_forgotten_ones_are_learned_again() -> None:
    learned, first, second = Learned(packaged_weights()), Spellings(), Spellings()
    alone = learned.read([inputs_of(second, ["停電"])], second)[0].both
    learned.read([inputs_of(first, ["道"] * 1500)], first)
    assert learned.read([inputs_of(first, ["停電"])], first)[0].both == pytest.approx(alone, abs=1e-5)
    assert learned.read([inputs_of(second, ["停電"])], second)[0].both == pytest.approx(alone, abs=1e-5)


def test_weights_of_another_network_are_refused() -> None:
    model = build()
    last_with_weights(model).set_param("b", cast(Any, np.zeros(3, np.float32)))
    with pytest.raises(ValueError, match="do not fit"):
        Learned(packed_weights(model, PRIOR))


def test_a_message_reads_the_same_alone_and_among_others() -> None:
    learned, spellings = Learned(packaged_weights()), Spellings()
    messages = [
        inputs_of(spellings, words) for words in (["停電"], ["道", "が", "川", "みたい"], [], ["助け", "て"])
    ]
    together = learned.read(messages, spellings)
    for message, among in zip(messages, together, strict=True):
        [alone] = learned.read([message], spellings)
        assert alone.both == pytest.approx(among.both, abs=1e-5)
        assert alone.urgent == pytest.approx(among.urgent, abs=1e-5)


def test_a_message_without_tokens_stands_as_an_empty_one() -> None:
    spellings = Spellings()
    rows, _, lengths = joined([inputs_of(spellings, words) for words in (["あ"], [], ["い", "う"])])
    assert lengths.tolist() == [1, 1, 2]
    assert rows[1] == 0
    assert places_of(lengths) == [slice(0, 1), slice(1, 2), slice(2, 4)]


def test_what_stands_far_behind_is_heard() -> None:
    model, spellings = build(), Spellings()
    far = [*(["あ"] * 20), "い"]
    told, untold = inputs_of(spellings, far), inputs_of(spellings, [*far[:-1], "う"])
    said_first = [
        np.asarray(model.predict(spelt(*joined([message]), spellings)).data)[0] for message in (told, untold)
    ]
    assert said_first[0] != pytest.approx(said_first[1], abs=1e-6)


def test_names_of_places_do_not_reach_the_network(reader: Reader) -> None:
    (here, there), spellings = reader.features(["松永町で停電", "八木で停電"])
    assert here.rows.tolist()[-2:] == there.rows.tolist()[-2:]
    assert here.rows[0] == there.rows[0]
    assert (spellings.vectors[here.rows[0]] == 0).all()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("停電しました。通れません", "停電した。通れん。"),
        ("道が冠水しています", "道が冠水してる"),
        ("道が冠水している", "道が冠水しております"),
        ("道が冠水", "#災害 道が冠水\n#拡散希望 #防災"),
    ],
)
def test_politeness_and_hashtags_do_not_reach_the_network(reader: Reader, one: str, other: str) -> None:
    (first, second), _ = reader.features([one, other])
    assert first.rows.tolist() == second.rows.tolist()
