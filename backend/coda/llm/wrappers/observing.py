"""One span (OpenTelemetry GenAI conventions) and one log line for each call to a provider."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from time import perf_counter

import structlog
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from coda.llm.adapters.streams import deltas_of
from coda.llm.errors import ModelError
from coda.llm.types import ChatAdapter, ChatDelta, ChatRequest, ChatUsage, FinishReason
from coda.observability.metrics import MODEL_CALLS, MODEL_FIRST_CHUNK, model_labels

_log = structlog.get_logger("coda.llm")
_tracer = trace.get_tracer("coda.llm")


@dataclass(frozen=True, slots=True)
class CallTarget:
    """Who is asked, for spans and logs."""

    provider: str
    kind: str
    host: str
    is_listed: bool = True
    """Whether the provider lists the model, or somebody just asked for that name."""


class Observing:
    """A ChatAdapter whose every call leaves a span and a log line; nothing is recorded per token."""

    def __init__(self, inner: ChatAdapter, target: CallTarget) -> None:
        self._inner, self._target = inner, target

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        """Ask the inner adapter and watch."""
        seen = _Seen(perf_counter())
        span = _start(request, self._target)
        try:
            async with aclosing(deltas_of(self._inner, request)) as deltas:
                async for delta in deltas:
                    if seen.first_at is None:
                        seen.first_at = perf_counter()
                    if delta.usage is not None or delta.finish is not None:
                        seen.usage = delta.usage or seen.usage
                        seen.finish = delta.finish or seen.finish
                    yield delta
            seen.outcome = "done"
        except ModelError as error:
            seen.outcome = error.code
            raise
        finally:
            _end(span, seen)
            self._write(request, seen)

    def _write(self, request: ChatRequest, seen: "_Seen") -> None:
        provider, model = model_labels(self._target.provider, request.model if self._target.is_listed else None)
        MODEL_CALLS.labels(provider, model, seen.outcome).inc()
        if seen.ttft_ms is not None:
            MODEL_FIRST_CHUNK.labels(provider).observe(seen.ttft_ms / 1000)
        write = _log.warning if seen.is_failure else _log.info
        usage = seen.usage
        write(
            "provider call",
            provider=self._target.provider,
            host=self._target.host,
            model=request.model,
            outcome=seen.outcome,
            ttft_ms=seen.ttft_ms,
            total_ms=round((perf_counter() - seen.started_at) * 1000),
            input_tokens=usage.input_tokens if usage else None,
            output_tokens=usage.output_tokens if usage else None,
        )


@dataclass(slots=True)
class _Seen:
    started_at: float
    first_at: float | None = None
    usage: ChatUsage | None = None
    finish: FinishReason | None = None
    outcome: str = "cancelled"

    @property
    def ttft_ms(self) -> int | None:
        return None if self.first_at is None else round((self.first_at - self.started_at) * 1000)

    @property
    def is_failure(self) -> bool:
        return self.outcome not in ("done", "cancelled")


def _start(request: ChatRequest, target: CallTarget) -> Span:
    attributes: dict[str, str | int | float] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": target.kind,
        "gen_ai.request.model": request.model,
        "server.address": target.host,
        "coda.provider": target.provider,
    }
    optional = {
        "gen_ai.request.max_tokens": request.max_output_tokens,
        "gen_ai.request.temperature": request.temperature,
        "gen_ai.request.top_p": request.top_p,
    }
    attributes.update({name: value for name, value in optional.items() if value is not None})
    return _tracer.start_span(f"chat {request.model}", kind=SpanKind.CLIENT, attributes=attributes)


def _end(span: Span, seen: _Seen) -> None:
    if span.is_recording():
        if seen.ttft_ms is not None:
            span.set_attribute("gen_ai.response.time_to_first_chunk", seen.ttft_ms / 1000)
        if seen.finish is not None:
            span.set_attribute("gen_ai.response.finish_reasons", [seen.finish])
        if seen.usage is not None:
            span.set_attribute("gen_ai.usage.input_tokens", seen.usage.input_tokens)
            span.set_attribute("gen_ai.usage.output_tokens", seen.usage.output_tokens)
        if seen.outcome != "done":
            span.set_attribute("error.type", seen.outcome)
        if seen.is_failure:
            span.set_status(Status(StatusCode.ERROR))
    span.end()
