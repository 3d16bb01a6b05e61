"""Time: wall clock in UTC for records, monotonic clock for durations."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def now_ms() -> int:
    """The present moment as whole milliseconds since the epoch (event timestamps)."""
    return time.time_ns() // 1_000_000


class Stopwatch:
    """Measures a duration on this host's monotonic clock."""

    __slots__ = ("_started",)

    def __init__(self) -> None:
        self._started = time.perf_counter()

    def elapsed_ms(self) -> int:
        """Whole milliseconds since this stopwatch was made."""
        return round((time.perf_counter() - self._started) * 1000)
