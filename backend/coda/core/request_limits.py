"""Requests and tokens per minute: quotas of whoever asks, counted together; the port, and a single process's own.

The window slides in slices of a second. A slice counts until all of it has left the window, so that never one too many
is let through; in return what was used may come back up to a second late.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final, Literal, Protocol

from coda.core.errors import CodaError, ErrorKind

WINDOW: Final = 60
"""Seconds."""
_MOST_KEYS: Final = 100_000

Unit = Literal["requests", "tokens"]
_WHOSE: Final = {
    "person": "Your",
    "key": "This API key's",
    "organization": "Your organization's",
    "address": "This address's",
}


class RateLimited(CodaError):
    """A quota is used up for now."""

    kind = ErrorKind.RATE_LIMITED
    code = "core.rate_limited"

    def __init__(self, quota: "Quota", *, retry_after: int) -> None:
        super().__init__(
            f"{_WHOSE[quota.name]} {quota.unit} of this minute are used up. Go on in {retry_after} s.",
            retry_after=retry_after,
            quota=quota.name,
            unit=quota.unit,
            limit=quota.limit,
        )


@dataclass(frozen=True, slots=True)
class Quota:
    """So many `unit` per minute for one person, key, organization or address. `cost`: what is asked for now.

    Of tokens nothing is asked for before: they are counted once they were used, and what is used up refuses the next.
    """

    name: Literal["person", "key", "organization", "address"]
    unit: Unit
    subject: str
    limit: int
    cost: int

    @property
    def key(self) -> str:
        """Under which it is counted."""
        return counter_key(self.name, self.unit, self.subject)


@dataclass(frozen=True, slots=True)
class QuotaState:
    """What is left of a quota, and in how many seconds some of it comes back."""

    quota: Quota
    remaining: int
    reset: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may go on: it may where `wait` is 0. `states` in the order of the quotas."""

    states: tuple[QuotaState, ...]
    wait: int = 0
    refused_by: Quota | None = None

    def require(self) -> None:
        """Raises RateLimited."""
        if self.refused_by is not None:
            raise RateLimited(self.refused_by, retry_after=self.wait)


class RequestLimits(Protocol):
    """Counts all quotas of a request at once: all of them, or none where one is used up."""

    async def take(self, quotas: Sequence[Quota]) -> Verdict:
        """Count one request."""
        ...

    def spend(self, keys: Sequence[str], amount: int) -> None:
        """Count what was used, whatever is left. Comes through a moment later."""
        ...


def counter_key(name: str, unit: str, subject: str) -> str:
    """The name of a counter."""
    return f"{name}:{unit}:{subject}"


@dataclass(slots=True)
class Window:
    """What was used in the last minute, by second. `slices` are in order."""

    slices: "OrderedDict[int, int]"
    used: int = 0

    def forget(self, now: int) -> None:
        """Let go of slices that have wholly left the window."""
        while self.slices and (oldest := next(iter(self.slices))) < now - WINDOW:
            self.used -= self.slices.pop(oldest)

    def add(self, amount: int, now: int) -> None:
        """Count."""
        self.slices[now] = self.slices.get(now, 0) + amount
        self.used += amount

    def seconds_until(self, room: int, now: int) -> int:
        """When no more than `room` will be used of what is now; 0: now."""
        left, wait = self.used, 0
        for second, amount in self.slices.items():
            if left <= room:
                break
            left, wait = left - amount, second + WINDOW + 1 - now
        return wait


class MemoryRequestLimits:
    """Quotas of one process. Counters that nothing was added to for a minute are forgotten."""

    def __init__(self, *, clock: Callable[[], float] = monotonic, most_keys: int = _MOST_KEYS) -> None:
        self._clock, self._most_keys = clock, most_keys
        self._windows: OrderedDict[str, Window] = OrderedDict()

    async def take(self, quotas: Sequence[Quota]) -> Verdict:
        """Count one request."""
        return self.take_now(quotas)

    def take_now(self, quotas: Sequence[Quota]) -> Verdict:
        """The same, without waiting for anything."""
        now = int(self._clock())
        windows = [self._window(quota.key, now) for quota in quotas]
        waits = [
            window.seconds_until(quota.limit - max(1, quota.cost), now)
            for quota, window in zip(quotas, windows, strict=True)
        ]
        if wait := max(waits, default=0):
            refused_by = quotas[waits.index(wait)]
            return Verdict(self._states(quotas, windows, now), wait, refused_by)
        for quota, window in zip(quotas, windows, strict=True):
            if quota.cost:
                window.add(quota.cost, now)
        self._forget(now)
        return Verdict(self._states(quotas, windows, now))

    def spend(self, keys: Sequence[str], amount: int) -> None:
        """Count what was used."""
        now = int(self._clock())
        for key in keys:
            self._window(key, now).add(amount, now)
        self._forget(now)

    def _window(self, key: str, now: int) -> Window:
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = Window(OrderedDict())
        self._windows.move_to_end(key)
        window.forget(now)
        return window

    def _forget(self, now: int) -> None:
        """Drop what is idle, from the longest untouched on; where all are busy, the longest untouched nevertheless."""
        while self._windows:
            key, window = next(iter(self._windows.items()))
            window.forget(now)
            if window.slices and len(self._windows) <= self._most_keys:
                return
            del self._windows[key]

    @staticmethod
    def _states(quotas: Sequence[Quota], windows: Sequence[Window], now: int) -> tuple[QuotaState, ...]:
        return tuple(
            QuotaState(
                quota,
                max(0, quota.limit - window.used),
                next(iter(window.slices)) + WINDOW + 1 - now if window.slices else 0,
            )
            for quota, window in zip(quotas, windows, strict=True)
        )
