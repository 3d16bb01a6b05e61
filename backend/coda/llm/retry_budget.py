"""How many retries a provider is given."""

import time
from collections.abc import Callable
from typing import Final

_RETRY_SHARE: Final = 0.1
_MOST_SAVED: Final = 10.0
_SECONDS_FOR_ONE: Final = 15.0


class RetryBudget:
    """At most a tenth of a provider's calls may be retries, after a first few; what was spent comes back with time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._saved = _MOST_SAVED
        self._counted_at = clock()

    def earn(self) -> None:
        """A call was made."""
        now = self._clock()
        earned = _RETRY_SHARE + (now - self._counted_at) / _SECONDS_FOR_ONE
        self._saved, self._counted_at = min(self._saved + earned, _MOST_SAVED), now

    def spend(self) -> bool:
        """Whether one more retry is affordable."""
        if self._saved < 1:
            return False
        self._saved -= 1
        return True
