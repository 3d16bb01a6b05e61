"""One model call with its accounting: what the provider reported, else an estimate of what came."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace

from coda.core.tasks import Breather
from coda.llm.adapters.streams import deltas_of
from coda.llm.errors import ModelError
from coda.llm.estimate import estimated_usage
from coda.llm.types import ChatAdapter, ChatDelta, ChatRequest, ChatUsage, MeteredUsage


class ModelCall:
    """An asynchronous iterator of deltas; the last one carries usage. `metered()` tells the cost at any time."""

    def __init__(self, adapter: ChatAdapter, request: ChatRequest, meter: Callable[[ChatUsage], MeteredUsage]) -> None:
        self._adapter, self._request, self._meter = adapter, request, meter
        self._usage: ChatUsage | None = None
        self._text_size = self._reasoning_size = 0
        self._is_refused = False
        self._deltas = self._run()

    def __aiter__(self) -> AsyncIterator[ChatDelta]:
        return self._deltas

    async def text(self) -> str:
        """The whole text of the answer, without its reasoning; iterates the call to its end."""
        pieces: list[str] = []
        async for delta in self._deltas:
            if delta.retracts_text:
                pieces.clear()
            pieces.append(delta.text)
        return "".join(pieces)

    async def aclose(self) -> None:
        """End the call at once; the provider's connection is closed."""
        await self._deltas.aclose()

    async def _run(self) -> AsyncGenerator[ChatDelta, None]:
        has_begun, breather = False, Breather()
        try:
            async with aclosing(deltas_of(self._adapter, self._request)) as deltas:
                async for delta in deltas:
                    has_begun = True
                    self._count(delta)
                    yield delta
                    if breather.is_due:
                        await breather.take()
        except ModelError:
            self._is_refused = not has_begun
            raise
        if self._usage is None:
            self._usage = self._estimate()
            yield ChatDelta(usage=self._usage)

    def _count(self, delta: ChatDelta) -> None:
        if delta.text:
            self._text_size += len(delta.text.encode())
        if delta.reasoning:
            self._reasoning_size += len(delta.reasoning.encode())
        if delta.tool_call is not None:
            self._text_size += len(delta.tool_call.arguments)
        if delta.retracts_text:
            self._reasoning_size, self._text_size = self._reasoning_size + self._text_size, 0
        if delta.usage is not None:
            self._usage = delta.usage = self._completed(delta.usage)

    def _completed(self, usage: ChatUsage) -> ChatUsage:
        """A count of 0 where something was read or written is one that the provider left out, or got wrong."""
        needs_input = usage.input_tokens <= 0
        needs_output = usage.output_tokens <= 0 and self._text_size + self._reasoning_size > 0
        if not (needs_input or needs_output):
            return usage
        estimate = self._estimate()
        return replace(
            usage,
            input_tokens=estimate.input_tokens if needs_input else usage.input_tokens,
            output_tokens=estimate.output_tokens if needs_output else usage.output_tokens,
            confidence="estimated",
        )

    def _estimate(self) -> ChatUsage:
        return estimated_usage(self._request, text_bytes=self._text_size, reasoning_bytes=self._reasoning_size)

    def metered(self) -> MeteredUsage | None:
        """Usage and cost so far; None where the provider refused before the first token, so nothing was used."""
        if self._usage is None and self._is_refused:
            return None
        return self._meter(self._usage or self._estimate())
