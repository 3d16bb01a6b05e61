"""Asks again where that may help, only before the first token came."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import aclosing

from coda.llm.adapters.streams import deltas_of
from coda.llm.errors import ModelError, ProviderBusy
from coda.llm.retry_budget import RetryBudget
from coda.llm.types import ChatAdapter, ChatDelta, ChatRequest

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 8.0
_LONGEST_WAIT_ASKED = 30.0


class Retrying:
    """A ChatAdapter that tries up to `max_tries` times with full jitter; `Retry-After` is honoured."""

    def __init__(self, inner: ChatAdapter, *, max_tries: int, budget: RetryBudget) -> None:
        self._inner, self._max_tries, self._budget = inner, max_tries, budget

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        """Ask; an error after the first token is the caller's."""
        self._budget.earn()
        for tried in range(1, self._max_tries + 1):
            has_begun = False
            try:
                async with aclosing(deltas_of(self._inner, request)) as deltas:
                    async for delta in deltas:
                        has_begun = True
                        yield delta
                return
            except ModelError as error:
                wait = _delay(tried, error)
                if has_begun or wait is None or tried == self._max_tries or not self._affords(error):
                    error.tell_tries(tried)
                    raise
            await asyncio.sleep(wait)

    def _affords(self, error: ModelError) -> bool:
        """A try that the provider itself has named a time for is no load that it does not expect."""
        is_expected = isinstance(error, ProviderBusy) and error.retry_after is not None
        return is_expected or self._budget.spend()


def _delay(tried: int, error: ModelError) -> float | None:
    """Seconds before the next try; None where another try makes no sense or would take too long."""
    if not error.is_retryable:
        return None
    jitter = random.uniform(0, min(_FIRST_DELAY * 2 ** (tried - 1), _LONGEST_DELAY))  # noqa: S311 - spreads load, hides nothing
    if error.retry_after is None:
        return jitter
    return None if error.retry_after > _LONGEST_WAIT_ASKED else error.retry_after + jitter
