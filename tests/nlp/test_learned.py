import numpy as np
import pytest

from nlp.learned import Learned, packaged_weights, packed_weights
from nlp.network import PAD, STATUSES, TYPES, build, joined
from nlp.pipeline import Reader
from tests.nlp.networks import inputs_of

PRIOR = np.zeros((len(TYPES), len(STATUSES)), np.float32)


def test_weights_come_back_as_they_were_written() -> None:
    model = build()
    inputs = joined([inputs_of(["停電", "です"])])[0]
    again = Learned(packed_weights(model, PRIOR))
    before = np.asarray(model.predict(inputs))
    after = np.asarray(again._model.predict(inputs))  # noqa: SLF001
    assert after == pytest.approx(before, abs=0.02)


def test_weights_of_another_network_are_refused() -> None:
    model = build()
    model.layers[-1].set_param("b", np.zeros(3, np.float32))
    with pytest.raises(ValueError, match="do not fit"):
        Learned(packed_weights(model, PRIOR))


def test_a_message_reads_the_same_alone_and_among_others() -> None:
    learned = Learned(packaged_weights())
    messages = [inputs_of(words) for words in (["停電"], ["道", "が", "川", "みたい"], [], ["助け", "て"])]
    together = learned.read(messages)
    for message, said in zip(messages, together, strict=True):
        [alone] = learned.read([message])
        assert alone.both == pytest.approx(said.both, abs=1e-5)
        assert alone.urgent == pytest.approx(said.urgent, abs=1e-5)


def test_messages_are_kept_apart_by_empty_tokens() -> None:
    inputs, places = joined([inputs_of(["あ"]), inputs_of(["い", "う"])])
    assert places == [slice(PAD, PAD + 1), slice(2 * PAD + 1, 2 * PAD + 3)]
    assert len(inputs.letters) == 3 * PAD + 3


def test_names_of_places_do_not_reach_the_network(reader: Reader) -> None:
    here, there = reader.features(["松永町で停電", "新宮市で停電"])
    assert here.letters.tolist()[-2:] == there.letters.tolist()[-2:]
    assert (here.vectors[0] == 0).all()
    assert (here.letters[0] == there.letters[0]).all()
