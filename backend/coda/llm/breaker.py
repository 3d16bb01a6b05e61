"""A breaker per provider and model: several failures in a row open it for a while, then one call is tried."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from coda.core.recent import Recent

FAILURES_TO_OPEN = 5
OPEN_SECONDS = 30.0
_MOST_KEPT = 2_000  # a model's name may be anything that somebody asks for


@dataclass(slots=True)
class Breaker:
    """Closed: calls go through. Open: refused. After the rest, one call at a time decides."""

    clock: Callable[[], float] = time.monotonic
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
        """The provider answered: close."""
        self._failures = 0
        self._opened_at = self._probe_started_at = None

    def failed(self) -> None:
        """The provider failed: open after several in a row, or at once where this was the probe."""
        self._failures += 1
        if self._probe_started_at is not None or self._failures >= FAILURES_TO_OPEN:
            self._opened_at = self.clock()
            self._probe_started_at = None

    def abandoned(self) -> None:
        """The call ended without telling about the provider (cancelled, rejected): let another one probe."""
        self._probe_started_at = None


class Breakers:
    """The breakers of this process, by key."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._by_key: Recent[str, Breaker] = Recent(lambda: Breaker(clock), most=_MOST_KEPT)

    def of(self, key: str) -> Breaker:
        """The breaker of a provider and model."""
        return self._by_key.of(key)
