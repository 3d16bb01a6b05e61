"""A breaker for what may fail: several failures in a row open it for a while, then one call is tried."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from coda.core.errors import CodaError

E = TypeVar("E", bound=CodaError)

FAILURES_TO_OPEN = 5
OPEN_SECONDS = 30.0
_MOST_KEPT = 500


@dataclass(slots=True)
class Breaker(Generic[E]):
    """Closed: calls go through. Open: refused. After the rest, one call at a time decides.

    `last_error` is what was said when it failed last.
    """

    clock: Callable[[], float] = time.monotonic
    last_error: E | None = None
    _failures: int = 0
    _opened_at: float | None = None
    _probe_started_at: float | None = None

    def retry_after(self) -> float | None:
        """Seconds until a call may be tried; None: now. Where it is now after a rest, this call is the probe."""
        if self._opened_at is None:
            return None
        now = self.clock()
        left = self._opened_at + OPEN_SECONDS - now
        if left > 0:
            return left
        if self._probe_started_at is not None and now - self._probe_started_at < OPEN_SECONDS:
            return self._probe_started_at + OPEN_SECONDS - now
        self._probe_started_at = now
        return None

    def succeeded(self) -> None:
        """An answer came: close."""
        self._failures = 0
        self.last_error = self._opened_at = self._probe_started_at = None

    def failed(self, error: E) -> None:
        """A failure: open after several in a row, or at once where this was the probe."""
        self._failures += 1
        self.last_error = error
        if self._probe_started_at is not None or self._failures >= FAILURES_TO_OPEN:
            self._opened_at = self.clock()
            self._probe_started_at = None

    def abandoned(self) -> None:
        """The call ended without telling about the other side (cancelled, rejected): let another one probe."""
        self._probe_started_at = None

    @property
    def is_resting(self) -> bool:
        """Whether calls are refused now."""
        return self._opened_at is not None and self.clock() < self._opened_at + OPEN_SECONDS

    @property
    def is_as_new(self) -> bool:
        """Whether nothing is remembered of it."""
        return self._failures == 0 and self._opened_at is None


class Breakers(Generic[E]):
    """Breakers by name. Those without a failure are forgotten where there are many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._by_name: dict[str, Breaker[E]] = {}

    def of(self, name: str) -> Breaker[E]:
        """The breaker of this name."""
        found = self._by_name.get(name)
        if found is None:
            if len(self._by_name) >= _MOST_KEPT:
                self._by_name = {key: each for key, each in self._by_name.items() if not each.is_as_new}
            found = self._by_name[name] = Breaker(self._clock)
        return found

    def resting(self) -> Iterator[tuple[str, Breaker[E]]]:
        """Those whose calls are refused now."""
        return ((name, breaker) for name, breaker in self._by_name.items() if breaker.is_resting)

    def find_resting(self, name: str) -> Breaker[E] | None:
        """The breaker of this name, where calls are refused now."""
        found = self._by_name.get(name)
        return found if found is not None and found.is_resting else None
