"""Sliding-window rate limits: the port, and its implementation for a single process."""

import secrets
import time
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Final, Protocol

from coda.core.errors import CodaError, ErrorKind

_MAX_KEYS: Final = 100_000


class TooManyAttempts(CodaError):
    """A limit is used up for now."""

    kind = ErrorKind.RATE_LIMITED
    code = "core.too_many_attempts"

    def __init__(self, retry_after: timedelta) -> None:
        seconds = max(1, ceil(retry_after.total_seconds()))
        super().__init__("Too many attempts. Wait a little and try again.", retry_after=seconds)


class RateLimiterUnavailable(CodaError):
    """The limits cannot be counted, so what they guard stays shut."""

    kind = ErrorKind.UNAVAILABLE
    code = "core.rate_limiter_unavailable"

    def __init__(self) -> None:
        super().__init__("This cannot be done safely right now. Try again in a moment.", retry_after=5)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` hits in any `window`."""

    count: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Hit:
    """A counted attempt; it can be taken back."""

    key: str
    id: str


class RateLimiter(Protocol):
    """Counts hits per key."""

    async def hit(self, key: str, limit: Limit) -> Hit:
        """Count one attempt; raises TooManyAttempts, or RateLimiterUnavailable when it cannot count."""
        ...

    async def forgive(self, hit: Hit) -> None:
        """Take a counted attempt back."""
        ...


class MemoryRateLimiter:
    """Limits of one process. Where very many keys are live, the ones untouched for longest are forgotten."""

    def __init__(self, *, max_keys: int = _MAX_KEYS) -> None:
        self._hits: OrderedDict[str, deque[tuple[float, str]]] = OrderedDict()
        self._max_keys = max_keys

    async def hit(self, key: str, limit: Limit) -> Hit:
        """Count one attempt; raises TooManyAttempts."""
        now, window = time.monotonic(), limit.window.total_seconds()
        hits = self._hits.setdefault(key, deque())
        self._hits.move_to_end(key)
        while hits and hits[0][0] <= now - window:
            hits.popleft()
        if len(hits) >= limit.count:
            raise TooManyAttempts(timedelta(seconds=hits[0][0] + window - now))
        hit = Hit(key, secrets.token_hex(8))
        hits.append((now, hit.id))
        while len(self._hits) > self._max_keys:
            self._hits.popitem(last=False)
        return hit

    async def forgive(self, hit: Hit) -> None:
        """Take a counted attempt back."""
        hits = self._hits.get(hit.key)
        if hits is None:
            return
        kept = deque(entry for entry in hits if entry[1] != hit.id)
        if kept:
            self._hits[hit.key] = kept
        else:
            del self._hits[hit.key]
