"""Ollama's own wire, and the window that is asked of it."""

from collections.abc import AsyncIterator

import pytest

from coda.core.guarded_http import OutboundHttp, Reach
from coda.core.settings import LlmSettings
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.ollama import Ollama
from coda.llm.discovery.discovery import Discovery
from coda.llm.errors import MalformedAnswer, ModelNotFound, ProviderUnavailable, StreamCut
from coda.llm.providers.cleaning import ollama_url
from coda.llm.providers.kinds import KINDS
from coda.llm.providers.provider import Address
from coda.llm.types import ChatMessage, ChatRequest, ToolCallRequest
from tests.llm.asking import WEATHER, ask, question
from tests.simulators.ollama import OllamaServer


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[OllamaServer]:
    async with OllamaServer() as running:
        yield running


@pytest.fixture
def adapter(http: OutboundHttp, server: OllamaServer) -> Ollama:
    return Ollama(http, Endpoint(f"{server.url}/api/chat"), LlmSettings())


class TestStream:
    async def test_thinking_text_and_usage(self, adapter: Ollama) -> None:
        said = await ask(adapter, question("2+2?", model="qwen3"))

        assert (said.reasoning, said.text, said.finish) == ("Let me see.", "Four.", "stop")
        assert said.usage is not None
        assert (said.usage.input_tokens, said.usage.output_tokens) == (26, 9)

    async def test_a_tool_call_goes_there_and_back(self, adapter: Ollama, server: OllamaServer) -> None:
        said = await ask(adapter, question("weather?", model="qwen3", tools=[WEATHER]))
        call = said.calls[0]
        after = [
            ChatMessage.of("assistant", "", tool_calls=(call,)),
            ChatMessage.of("tool", "7 degrees", tool_call_id=call.id),
        ]
        answer = await ask(adapter, question("weather?", model="qwen3", tools=[WEATHER], after=after))

        assert said.finish == "tool_calls"
        assert (call.name, call.arguments) == ("get_weather", '{"city":"Oslo"}')
        assert answer.text == "Four."
        assert server.requests[-1]["messages"][1]["tool_calls"] == [
            {"function": {"name": "get_weather", "arguments": {"city": "Oslo"}}}
        ]
        assert server.requests[-1]["messages"][2]["tool_name"] == "get_weather"

    async def test_options_are_sent_as_ollama_names_them(self, adapter: Ollama, server: OllamaServer) -> None:
        request = ChatRequest(
            "qwen3",
            [
                ChatMessage.of("user", "hi"),
                ChatMessage.of("assistant", "", tool_calls=(ToolCallRequest("x", "f", "oops"),)),
            ],
            max_output_tokens=50,
            temperature=0.1,
            stop=["."],
            reasoning_effort="low",
            context_window=16384,
        )
        await ask(adapter, request)

        body = server.requests[-1]
        assert body["options"] == {"num_ctx": 16384, "num_predict": 50, "temperature": 0.1, "stop": ["."]}
        assert body["think"] == "low"
        assert body["messages"][1]["tool_calls"][0]["function"]["arguments"] == {"arguments": "oops"}

    @pytest.mark.parametrize(
        ("text", "model", "error"),
        [
            ("break", "qwen3", ProviderUnavailable),
            ("cut", "qwen3", StreamCut),
            ("garbage", "qwen3", MalformedAnswer),
            ("hi", "missing", ModelNotFound),
        ],
    )
    async def test_faults(self, adapter: Ollama, text: str, model: str, error: type[Exception]) -> None:
        with pytest.raises(error):
            await ask(adapter, question(text, model=model))


class TestDiscovery:
    async def test_models_with_window_and_abilities(self, http: OutboundHttp, server: OllamaServer) -> None:
        address = Address(
            "ollama", "Ollama", KINDS["ollama"], source="discovered", base_url=server.url, reach=Reach.ANY
        )

        offer = await Discovery(http, LlmSettings()).offer_of(address)

        assert offer.health.status == "up"
        assert [(model.name, model.context_window) for model in offer.models] == [("qwen3", 40960), ("tiny:1b", 8192)]
        assert [model.capabilities.tools for model in offer.models if model.capabilities] == [True, False]


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),  # noqa: S104 - read from a setting, not bound
        ("box:8080", "http://box:8080"),
        (":5000", "http://127.0.0.1:5000"),
        ("https://ollama.example/sub/", "https://ollama.example/sub"),
        ("[::1]:11434", "http://[::1]:11434"),
    ],
)
def test_ollama_host_in_all_its_forms(host: str, url: str) -> None:
    assert ollama_url(host) == url
