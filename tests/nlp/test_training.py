import numpy as np
import pytest
from thinc.api import Model
from thinc.types import Ragged

from nlp import training
from nlp.network import (
    OUTPUTS,
    STATUSES,
    TYPES,
    Floats,
    Joined,
    Spellings,
    build,
    joined,
    spelt,
)
from nlp.reading import DamageType, Status
from nlp.training import Course, Example, fit, prior_of
from tests.nlp.networks import inputs_of, labels_of

PRIOR = np.log(np.full((len(TYPES), len(STATUSES)), 1 / len(STATUSES), np.float32))


SPELLINGS = Spellings()


def examples() -> list[Example]:
    power = labels_of((DamageType.POWER_OUTAGE, Status.PRESENT))
    gone = labels_of((DamageType.POWER_OUTAGE, Status.RESOLVED))
    return [
        Example(inputs_of(SPELLINGS, ["電気", "消え", "た"]), power, False),
        Example(inputs_of(SPELLINGS, ["電気", "つい", "た"]), gone, False),
        Example(
            inputs_of(SPELLINGS, ["助け", "て"]), labels_of((DamageType.RESCUE_REQUEST, Status.PRESENT)), True
        ),
        Example(inputs_of(SPELLINGS, ["お茶", "です"]), labels_of(), None),
    ]


@pytest.mark.parametrize("urgent", [True, False, None])
def test_the_gradient_is_that_of_the_loss(urgent: bool | None) -> None:
    draw = np.random.default_rng(7)
    outputs = draw.normal(0, 1.5, (4, OUTPUTS))
    wanted = (draw.random((len(TYPES), len(STATUSES))) < 0.05).astype(np.float64)
    example = Example(inputs_of(SPELLINGS, ["あ"] * 4), wanted, urgent)
    _, gradient = training._loss_of_one(outputs, example, PRIOR)  # noqa: SLF001
    for row, column in [(0, 0), (1, 5), (2, len(TYPES)), (3, len(TYPES) + 3), (1, OUTPUTS - 1), (0, 26)]:
        moved = [outputs.copy(), outputs.copy()]
        moved[0][row, column] += 1e-5
        moved[1][row, column] -= 1e-5
        up, down = (training._loss_of_one(each, example, PRIOR)[0] for each in moved)  # noqa: SLF001
        assert gradient[row, column] == pytest.approx((up - down) / 2e-5, abs=1e-4)


def test_training_learns_what_a_few_examples_say() -> None:
    losses: list[float] = []
    course = Course(steps=150, blind=0.0, dim=0.0, dropout=0.1)
    model, prior = fit(examples(), examples(), SPELLINGS, course, lambda _, loss: losses.append(loss))
    assert losses[-1] < losses[0] / 3
    assert prior.shape == (len(TYPES), len(STATUSES))
    assert _outputs(model).shape[1] == OUTPUTS


def test_the_same_seed_trains_the_same_network() -> None:
    course = Course(steps=5)
    first, second = (fit(examples(), examples(), SPELLINGS, course)[0] for _ in range(2))
    assert _outputs(first) == pytest.approx(_outputs(second))


def test_an_unseen_status_keeps_some_odds() -> None:
    prior = prior_of(examples())
    assert np.isfinite(prior).all()
    power = TYPES.index(DamageType.POWER_OUTAGE)
    assert prior[power, STATUSES.index(Status.PRESENT)] > prior[power, STATUSES.index(Status.FEARED)]


def test_an_untrained_network_expects_nothing() -> None:
    outputs = _outputs(build())
    assert (outputs[:, : len(TYPES)].mean(0) < -3).all()


def _outputs(model: Model[Joined, Ragged]) -> Floats:
    texts = joined([example.inputs for example in examples()])
    return np.asarray(model.predict(spelt(*texts, SPELLINGS)).data)
