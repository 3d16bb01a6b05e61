"""What every adapter does alike, over every wire, against simulators that speak it."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest

from coda.core.guarded_http import OutboundHttp
from coda.core.settings import LlmSettings
from coda.llm.adapters.demo import DemoModel
from coda.llm.adapters.streams import deltas_of
from coda.llm.errors import (
    ContextWindowExceeded,
    KeyRefused,
    ModelError,
    ProviderBusy,
    ProviderUnavailable,
    ProviderUnreachable,
    StreamCut,
)
from coda.llm.providers.factory import ProviderFactory
from coda.llm.providers.kinds import KINDS
from coda.llm.providers.provider import Address
from coda.llm.types import ChatAdapter, ChatMessage
from tests.llm.asking import WEATHER, Said, ask, question
from tests.simulators.aimock import AIMock

KEY = "sk-canary-secret"
SETTINGS = LlmSettings(demo_tokens_per_second=0)


@dataclass(frozen=True)
class Wire:
    """A provider kind, where it is on the simulator, and a model name that it knows."""

    kind: str
    path: str
    model: str
    simulates_details: bool = True
    reports_cost: bool = False
    api_version: str | None = None


WIRES = (
    Wire("openai", "/v1", "o3"),
    Wire("openrouter", "/api/v1", "openai/o3", reports_cost=True),
    Wire("azure", "", "o3", api_version="2024-10-21"),
    Wire("ollama", "", "llama3.3", simulates_details=False),  # its own simulator has reasoning and usage
    Wire("anthropic", "", "claude-sonnet-4-5"),
    Wire("gemini", "", "gemini-2.5-flash"),
)
detailed_wire = pytest.mark.parametrize(
    "wire", [wire for wire in WIRES if wire.simulates_details], ids=lambda wire: wire.kind
)
every_wire = pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.kind)


@pytest.fixture(scope="module")
def adapter_of(aimock: AIMock, http: OutboundHttp) -> Callable[[Wire], ChatAdapter]:
    """Builds the adapter of a wire, pointed at the simulator."""
    factory = ProviderFactory(http, SETTINGS)

    def build(wire: Wire, base_url: str | None = None) -> ChatAdapter:
        address = Address(
            id=wire.kind, name=wire.kind, kind=KINDS[wire.kind], source="environment",
            base_url=f"{base_url or aimock.url}{wire.path}", key=KEY, api_version=wire.api_version,
        )  # fmt: skip
        return factory.build(address).adapter

    return build


class TestStream:
    @every_wire
    async def test_text_comes_in_pieces_and_ends(self, wire: Wire, adapter_of: Callable[..., ChatAdapter]) -> None:
        said = await ask(adapter_of(wire), question("say hello", model=wire.model))

        assert said.text == "Hello there, this is a plain answer."
        assert said.deltas > 3
        assert said.finish == "stop"

    @detailed_wire
    async def test_reasoning_is_kept_apart(self, wire: Wire, adapter_of: Callable[..., ChatAdapter]) -> None:
        said = await ask(adapter_of(wire), question("think about it", model=wire.model))

        assert said.text == "The answer is four."
        assert said.reasoning == "Two and two make four, I am sure."

    @every_wire
    async def test_tool_call_and_its_result(self, wire: Wire, adapter_of: Callable[..., ChatAdapter]) -> None:
        adapter = adapter_of(wire)
        said = await ask(adapter, question("what is the weather", model=wire.model, tools=[WEATHER]))
        call = said.calls[0]

        assert said.finish == "tool_calls"
        assert call.name == "get_weather"
        assert call.id
        assert json.loads(call.arguments) == {"city": "Oslo"}

        after = [
            ChatMessage.of("assistant", "", tool_calls=(call,)),
            ChatMessage.of("tool", '{"degrees": 7}', tool_call_id=call.id, name=call.name),
        ]
        answer = await ask(adapter, question("what is the weather", model=wire.model, tools=[WEATHER], after=after))

        assert answer.text == "It is 7 degrees in Oslo."

    @detailed_wire
    async def test_usage_is_the_providers(self, wire: Wire, adapter_of: Callable[..., ChatAdapter]) -> None:
        said = await ask(adapter_of(wire), question("count exactly", model=wire.model))

        assert said.usage is not None
        assert said.usage.confidence == "provider-reported"
        assert said.usage.input_tokens > 0
        assert said.usage.output_tokens > 0
        if wire.reports_cost:
            assert said.usage.cost_usd == Decimal("0.00042")


class TestFailure:
    @every_wire
    @pytest.mark.parametrize(
        ("ask_for", "error"),
        [
            ("refuse: rate", ProviderBusy),
            ("refuse: key", KeyRefused),
            ("refuse: window", ContextWindowExceeded),
            ("refuse: broken", ProviderUnavailable),
        ],
    )
    async def test_refusals_are_told_apart(
        self, wire: Wire, adapter_of: Callable[..., ChatAdapter], ask_for: str, error: type[ModelError]
    ) -> None:
        with pytest.raises(error) as caught:
            await ask(adapter_of(wire), question(ask_for, model=wire.model))

        assert KEY not in str(caught.value.as_dict())

    @every_wire
    async def test_a_cut_answer_is_an_error_after_its_text(
        self, wire: Wire, adapter_of: Callable[..., ChatAdapter]
    ) -> None:
        said = Said()

        async def read() -> None:
            async for delta in adapter_of(wire).stream(question("break off", model=wire.model)):
                said.take(delta)

        with pytest.raises(StreamCut):
            await read()

        assert said.text
        assert "This answer is cut in the middle and never comes".startswith(said.text[:20])

    @every_wire
    async def test_nobody_there(self, wire: Wire, adapter_of: Callable[..., ChatAdapter]) -> None:
        adapter = adapter_of(wire, "http://127.0.0.1:9")

        with pytest.raises(ProviderUnreachable):
            await ask(adapter, question("say hello", model=wire.model))

    @every_wire
    async def test_cancelling_ends_it_at_once(self, wire: Wire, adapter_of: Callable[..., ChatAdapter]) -> None:
        adapter = adapter_of(wire)
        first = asyncio.Event()

        async def read() -> None:
            async for _ in adapter.stream(question("take your time", model=wire.model)):
                first.set()

        reading = asyncio.create_task(read())
        await asyncio.wait_for(first.wait(), 10)
        reading.cancel()
        async with asyncio.timeout(0.5):
            with pytest.raises(asyncio.CancelledError):
                await reading

    @every_wire
    async def test_closing_ends_it_at_once(self, wire: Wire, adapter_of: Callable[..., ChatAdapter]) -> None:
        deltas = deltas_of(adapter_of(wire), question("take your time", model=wire.model))
        await anext(deltas)

        async with asyncio.timeout(0.5):
            await deltas.aclose()


class TestDemo:
    async def test_it_keeps_the_contract_without_a_server(self) -> None:
        said = await ask(DemoModel(0), question("Who are you?", model="coda"))

        assert "demo model" in said.text
        assert said.reasoning
        assert said.finish == "stop"
        assert said.usage is not None
        assert said.usage.output_tokens > 10
