"""Refuses calls while the model's breaker is open, and tells the breaker how calls went."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from coda.core.breaker import Breaker
from coda.llm.adapters.streams import deltas_of
from coda.llm.errors import ModelError, ProviderPaused
from coda.llm.types import ChatAdapter, ChatDelta, ChatRequest


class Breaking:
    """A ChatAdapter behind a breaker. It goes around the retries: however often it was tried, a call counts once."""

    def __init__(self, inner: ChatAdapter, breaker: Breaker[ModelError]) -> None:
        self._inner, self._breaker = inner, breaker

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        """Ask the inner adapter unless the breaker is open."""
        wait = self._breaker.retry_after()
        if wait is not None:
            raise ProviderPaused(self._breaker.last_error, retry_after=round(wait, 1))
        is_judged = False
        try:
            async with aclosing(deltas_of(self._inner, request)) as deltas:
                async for delta in deltas:
                    yield delta
            is_judged = True
            self._breaker.succeeded()
        except ModelError as error:
            is_judged = error.is_provider_fault
            if is_judged:
                self._breaker.failed(error)
            raise
        finally:
            if not is_judged:
                self._breaker.abandoned()
