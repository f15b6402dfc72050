"""Rate limits and lock-outs by a clock that the test moves."""

from hypothesis import given
from hypothesis import strategies as st

from service import limits
from service.limits import Limiter


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_worth_passes_at_once_and_then_one_by_one() -> None:
    clock = Clock()
    limiter = Limiter(clock)
    assert [limiter.take("a", 30) for _ in range(30)] == [None] * 30
    assert limiter.take("a", 30) == 2
    assert limiter.take("b", 30) is None
    clock.now += 2.0
    assert limiter.take("a", 30) is None
    assert limiter.take("a", 30) == 2


@given(st.integers(1, 600), st.lists(st.floats(0, 30), min_size=1, max_size=200))
def test_never_more_than_the_burst_and_the_rate(per_minute: int, pauses: list[float]) -> None:
    clock = Clock()
    limiter = Limiter(clock)
    passed = 0
    for pause in pauses:
        clock.now += pause
        passed += limiter.take("a", per_minute) is None
    assert passed <= per_minute + per_minute / 60 * sum(pauses) + 1e-6
    assert passed >= 1


def test_who_waits_as_told_gets_through() -> None:
    clock = Clock()
    limiter = Limiter(clock)
    for _ in range(7):
        while (wait := limiter.take("a", 7)) is not None:
            clock.now += wait
    assert limiter.take("a", 7) is not None or limiter.take("a", 7) is not None


def test_what_is_given_back_does_not_count_and_saves_nothing_up() -> None:
    limiter = Limiter(Clock())
    for _ in range(50):
        assert limiter.take("a", 2) is None
        limiter.give_back("a")
    limiter.give_back("a")
    limiter.give_back("never taken")
    assert [limiter.take("a", 2) for _ in range(3)] == [None, None, 30]


def test_failures_lock_for_longer_and_longer_up_to_a_quarter_of_an_hour() -> None:
    clock = Clock()
    limiter = Limiter(clock)
    for _ in range(limits.FREE_FAILURES - 1):
        limiter.failed("a")
        assert limiter.locked_for("a") is None
    waits = []
    for _ in range(8):
        limiter.failed("a")
        wait = limiter.locked_for("a")
        assert wait is not None
        waits.append(wait)
        clock.now += wait
        assert limiter.locked_for("a") is None
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]
    assert limiter.locked_for("b") is None
    limiter.succeeded("a")
    limiter.failed("a")
    assert limiter.locked_for("a") is None


def test_memory_is_bounded() -> None:
    limiter = Limiter(Clock())
    for number in range(limits.MAX_TRACKED + 10):
        limiter.take(str(number), 1)
    assert limiter.take("0", 1) is None  # forgotten
    assert limiter.take(str(limits.MAX_TRACKED + 9), 1) is not None
