"""Retry, breaker, observation and metering around an adapter."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal

import pytest
import structlog
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from coda.core.breaker import FAILURES_TO_OPEN, OPEN_SECONDS, Breaker, Breakers
from coda.llm.errors import (
    ModelError,
    ProviderBusy,
    ProviderPaused,
    ProviderTimeout,
    ProviderUnavailable,
    RequestRejected,
    StreamCut,
)
from coda.llm.retry_budget import RetryBudget
from coda.llm.types import ChatAdapter, ChatDelta, ChatRequest, ChatUsage, MeteredUsage
from coda.llm.wrappers import observing
from coda.llm.wrappers import retrying as retry_rules
from coda.llm.wrappers.breaking import Breaking
from coda.llm.wrappers.metering import ModelCall
from coda.llm.wrappers.observing import CallTarget, Observing
from coda.llm.wrappers.retrying import Retrying
from tests.llm.asking import Said, ask, question

REQUEST = question("hi there", model="m")


class Scripted:
    """An adapter whose calls go as written: deltas to give, errors to raise."""

    def __init__(self, *calls: Sequence[ChatDelta | Exception]) -> None:
        self._calls = list(calls)
        self.asked = 0

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        call = self._calls[min(self.asked, len(self._calls) - 1)]
        self.asked += 1
        for step in call:
            if isinstance(step, Exception):
                raise step
            yield step


OK = (ChatDelta(text="fine"), ChatDelta(finish="stop"), ChatDelta(usage=ChatUsage(3, 1)))


def retrying(adapter: ChatAdapter, budget: RetryBudget | None = None) -> Retrying:
    return Retrying(adapter, max_tries=3, budget=budget or RetryBudget())


class TestRetrying:
    async def test_a_failure_before_the_first_token_is_tried_again(self) -> None:
        adapter = Scripted([ProviderUnavailable(retry_after=0)], [ProviderBusy(retry_after=0)], OK)

        said = await ask(retrying(adapter), REQUEST)

        assert said.text == "fine"
        assert adapter.asked == 3

    async def test_three_tries_are_all(self) -> None:
        adapter = Scripted([ProviderUnavailable(retry_after=0)])

        with pytest.raises(ProviderUnavailable):
            await ask(retrying(adapter), REQUEST)
        assert adapter.asked == 3

    async def test_after_the_first_token_nothing_is_repeated(self) -> None:
        adapter = Scripted([ChatDelta(text="begun"), StreamCut()], OK)

        with pytest.raises(StreamCut):
            await ask(retrying(adapter), REQUEST)
        assert adapter.asked == 1

    @pytest.mark.parametrize("error", [RequestRejected(), ProviderBusy(retry_after=3600), ProviderPaused()])
    async def test_what_no_retry_helps_is_told_at_once(self, error: ModelError) -> None:
        adapter = Scripted([error])

        with pytest.raises(type(error)):
            await ask(retrying(adapter), REQUEST)
        assert adapter.asked == 1

    async def test_retries_stay_a_tenth_of_the_calls(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(retry_rules, "_FIRST_DELAY", 0.001)
        adapter = Scripted([ProviderUnavailable(retry_after=0)])
        subject = retrying(adapter, RetryBudget())
        for _ in range(40):
            with pytest.raises(ProviderUnavailable):
                await ask(subject, REQUEST)

        retries = adapter.asked - 40
        assert 10 <= retries <= 10 + 40 / 10

    async def test_what_was_spent_comes_back_with_time(self) -> None:
        clock = Clock()
        budget = RetryBudget(clock)
        while budget.spend():
            pass
        clock.now += 60
        budget.earn()

        assert [budget.spend() for _ in range(5)] == [True, True, True, True, False]

    async def test_a_prompt_that_was_read_is_not_sent_again(self) -> None:
        adapter = Scripted([ProviderTimeout()], OK)

        with pytest.raises(ProviderTimeout):
            await ask(retrying(adapter), REQUEST)
        assert adapter.asked == 1

    async def test_retry_after_is_waited_for(self) -> None:
        adapter = Scripted([ProviderBusy(retry_after=0.2)], OK)
        started = asyncio.get_running_loop().time()

        await ask(retrying(adapter), REQUEST)

        assert asyncio.get_running_loop().time() - started >= 0.2


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class TestBreaking:
    async def fail(self, breaker: Breaker[ModelError], error: Exception, times: int) -> None:
        for _ in range(times):
            with pytest.raises(type(error)):
                await ask(Breaking(Scripted([error]), breaker), REQUEST)

    async def test_it_really_opens_and_asks_nobody(self) -> None:
        breaker = Breaker[ModelError](Clock())
        await self.fail(breaker, ProviderUnavailable(), FAILURES_TO_OPEN)
        adapter = Scripted(OK)

        with pytest.raises(ProviderPaused) as caught:
            await ask(Breaking(adapter, breaker), REQUEST)

        assert adapter.asked == 0
        assert breaker.retry_after() is not None
        assert caught.value.retry_after == OPEN_SECONDS
        assert "having trouble" in caught.value.message
        assert caught.value.details["because"] == "llm.provider_unavailable"

    async def test_rejections_do_not_count(self) -> None:
        breaker = Breaker[ModelError](Clock())

        await self.fail(breaker, RequestRejected(), FAILURES_TO_OPEN * 3)

        assert breaker.retry_after() is None

    async def test_a_provider_that_limits_one_caller_is_open_for_the_others(self) -> None:
        breaker = Breaker[ModelError](Clock())

        await self.fail(breaker, ProviderBusy(retry_after=1), FAILURES_TO_OPEN * 3)

        assert breaker.retry_after() is None

    async def test_a_call_counts_once_however_often_it_was_tried(self) -> None:
        breaker = Breaker[ModelError](Clock())
        adapter = Scripted([ProviderUnavailable(retry_after=0)])
        for _ in range(FAILURES_TO_OPEN - 1):
            with pytest.raises(ProviderUnavailable):
                await ask(Breaking(retrying(adapter), breaker), REQUEST)

        assert adapter.asked == 3 * (FAILURES_TO_OPEN - 1)
        assert breaker.retry_after() is None

    async def test_a_limit_tells_nothing_of_a_provider_that_was_down(self) -> None:
        clock = Clock()
        breaker = Breaker[ModelError](clock)
        await self.fail(breaker, ProviderUnavailable(), FAILURES_TO_OPEN)
        clock.now += OPEN_SECONDS
        await self.fail(breaker, ProviderBusy(), 1)

        assert (await ask(Breaking(Scripted(OK), breaker), REQUEST)).text == "fine"

    async def test_a_success_in_between_starts_the_count_anew(self) -> None:
        breaker = Breaker[ModelError](Clock())
        for _ in range(3):
            await self.fail(breaker, ProviderUnavailable(), FAILURES_TO_OPEN - 1)
            await ask(Breaking(Scripted(OK), breaker), REQUEST)

        assert breaker.retry_after() is None

    async def test_after_the_rest_one_call_decides(self) -> None:
        clock = Clock()
        breaker = Breaker[ModelError](clock)
        await self.fail(breaker, ProviderUnavailable(), FAILURES_TO_OPEN)
        clock.now += OPEN_SECONDS

        await self.fail(breaker, ProviderUnavailable(), 1)
        with pytest.raises(ProviderPaused):
            await ask(Breaking(Scripted(OK), breaker), REQUEST)
        clock.now += OPEN_SECONDS
        said = await ask(Breaking(Scripted(OK), breaker), REQUEST)

        assert said.text == "fine"
        assert breaker.retry_after() is None

    async def test_while_one_call_probes_others_are_refused(self) -> None:
        clock = Clock()
        breaker = Breaker[ModelError](clock)
        await self.fail(breaker, ProviderUnavailable(), FAILURES_TO_OPEN)
        clock.now += OPEN_SECONDS
        probe = Breaking(Scripted(OK), breaker).stream(REQUEST)
        await anext(probe)

        with pytest.raises(ProviderPaused):
            await ask(Breaking(Scripted(OK), breaker), REQUEST)
        await probe.aclose()  # type: ignore[attr-defined]  # an adapter's stream is a generator
        said = await ask(Breaking(Scripted(OK), breaker), REQUEST)

        assert said.text == "fine"

    def test_each_model_has_its_own(self) -> None:
        breakers = Breakers[ModelError]()

        assert breakers.of("a/x") is breakers.of("a/x")
        assert breakers.of("a/x") is not breakers.of("a/y")


class TestObserving:
    @pytest.fixture
    def spans(self, monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
        exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        monkeypatch.setattr(observing, "_tracer", provider.get_tracer("test"))
        return exporter

    async def test_one_span_and_one_line_for_a_call(self, spans: InMemorySpanExporter) -> None:
        subject = Observing(Scripted(OK), CallTarget("mine", "openai", "api.example"))

        with structlog.testing.capture_logs() as lines:
            await ask(subject, REQUEST)

        (span,) = spans.get_finished_spans()
        assert span.name == "chat m"
        assert span.attributes is not None
        assert span.attributes["gen_ai.operation.name"] == "chat"
        assert span.attributes["gen_ai.provider.name"] == "openai"
        assert span.attributes["gen_ai.usage.input_tokens"] == 3
        assert span.attributes["gen_ai.response.finish_reasons"] == ("stop",)
        (line,) = lines
        assert (line["event"], line["provider"], line["outcome"]) == ("provider call", "mine", "done")
        assert line["total_ms"] >= 0
        assert "hi there" not in str(lines)

    async def test_a_failure_is_marked(self, spans: InMemorySpanExporter) -> None:
        subject = Observing(Scripted([ProviderUnavailable()]), CallTarget("mine", "openai", "api.example"))

        with structlog.testing.capture_logs() as lines, pytest.raises(ProviderUnavailable):
            await ask(subject, REQUEST)

        (span,) = spans.get_finished_spans()
        assert span.status.status_code is trace.StatusCode.ERROR
        assert span.attributes is not None
        assert span.attributes["error.type"] == "llm.provider_unavailable"
        assert lines[0]["log_level"] == "warning"

    async def test_a_call_that_was_left_is_cancelled_not_failed(self, spans: InMemorySpanExporter) -> None:
        subject = Observing(Scripted(OK), CallTarget("mine", "openai", "api.example"))
        deltas = subject.stream(REQUEST)
        await anext(deltas)

        await deltas.aclose()  # type: ignore[attr-defined]  # an adapter's stream is a generator

        (span,) = spans.get_finished_spans()
        assert span.status.status_code is trace.StatusCode.UNSET


def call(adapter: ChatAdapter) -> ModelCall:
    def meter(usage: ChatUsage) -> MeteredUsage:
        return MeteredUsage(usage, Decimal(1), usage.confidence, "p", "m", "h", None)

    return ModelCall(adapter, REQUEST, meter)


class TestModelCall:
    async def test_the_providers_count_is_taken(self) -> None:
        subject = call(Scripted(OK))
        said = Said()
        async for delta in subject:
            said.take(delta)

        metered = subject.metered()
        assert metered is not None
        assert metered.usage == ChatUsage(3, 1)

    async def test_without_one_the_stream_ends_with_an_estimate(self) -> None:
        subject = call(Scripted([ChatDelta(text="x" * 400), ChatDelta(finish="stop")]))
        said = Said()
        async for delta in subject:
            said.take(delta)

        assert said.usage is not None
        assert (said.usage.output_tokens, said.usage.confidence) == (100, "estimated")
        assert said.usage.input_tokens > 0

    async def test_a_cut_stream_is_estimated_from_what_came(self) -> None:
        subject = call(Scripted([ChatDelta(reasoning="y" * 40), ChatDelta(text="x" * 40), StreamCut()]))

        async def read() -> None:
            async for _ in subject:
                pass

        with pytest.raises(StreamCut):
            await read()
        metered = subject.metered()
        assert metered is not None
        assert (metered.usage.output_tokens, metered.usage.reasoning_tokens) == (20, 10)
        assert metered.confidence == "estimated"

    async def test_closing_early_is_estimated(self) -> None:
        subject = call(Scripted(OK))
        await anext(aiter(subject))
        await subject.aclose()

        metered = subject.metered()
        assert metered is not None
        assert metered.usage.output_tokens == 1

    async def test_a_refusal_used_nothing(self) -> None:
        subject = call(Scripted([RequestRejected()]))

        with pytest.raises(RequestRejected):
            await anext(aiter(subject))
        assert subject.metered() is None
