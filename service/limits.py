"""Rate limits and sign-in lock-outs, kept in the memory of one api process.

A restart forgets them, and two api processes count apart: docs/decisions says why that is enough.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final

MAX_TRACKED: Final = 100_000  # subjects remembered; the longest unused is forgotten first
FREE_FAILURES: Final = 5  # failed sign-ins before a lock-out
FIRST_LOCK_S: Final = 30.0
LONGEST_LOCK_S: Final = 900.0
FORGET_FAILURES_S: Final = 3600.0


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


@dataclass(slots=True)
class _Failures:
    count: int
    last: float
    locked_until: float


class Limiter:
    """Token buckets by subject, and lock-outs after repeated failures; safe among threads.

    `clock` gives monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def take(self, subject: str, per_minute: int) -> int | None:
        """Take one token of `subject`; None when there was one, else seconds until there is.

        A bucket holds a minute's worth, so that a burst after silence is not refused.
        """
        now = self._clock()
        rate = per_minute / 60.0
        with self._lock:
            bucket = self._buckets.pop(subject, None) or _Bucket(float(per_minute), now)
            bucket.tokens = min(float(per_minute), bucket.tokens + (now - bucket.at) * rate)
            bucket.at = now
            self._buckets[subject] = bucket
            while len(self._buckets) > MAX_TRACKED:
                self._buckets.popitem(last=False)
            if bucket.tokens >= 1.0:
                bucket.tokens -= 1.0
                return None
            return max(1, math.ceil((1.0 - bucket.tokens) / rate))

    def give_back(self, subject: str) -> None:
        """Return a token of `take`: what it was for counts no longer."""
        with self._lock:
            bucket = self._buckets.get(subject)
            if bucket is not None:
                bucket.tokens += 1.0

    def locked_for(self, subject: str) -> int | None:
        """Seconds for which sign-in by `subject` stays refused; None when it is open."""
        now = self._clock()
        with self._lock:
            failures = self._failures.get(subject)
            if failures is None or failures.locked_until <= now:
                return None
            return max(1, math.ceil(failures.locked_until - now))

    def failed(self, subject: str) -> None:
        """Count a failed sign-in; from the fifth on, each doubles the lock, up to 15 minutes."""
        now = self._clock()
        with self._lock:
            failures = self._failures.pop(subject, None)
            if failures is None or now - failures.last > FORGET_FAILURES_S:
                failures = _Failures(0, now, 0.0)
            failures.count += 1
            failures.last = now
            if failures.count >= FREE_FAILURES:
                lock = min(LONGEST_LOCK_S, FIRST_LOCK_S * 2.0 ** min(failures.count - FREE_FAILURES, 10))
                failures.locked_until = now + lock
            self._failures[subject] = failures
            while len(self._failures) > MAX_TRACKED:
                self._failures.popitem(last=False)

    def succeeded(self, subject: str) -> None:
        """Forget the failures of `subject`."""
        with self._lock:
            self._failures.pop(subject, None)
