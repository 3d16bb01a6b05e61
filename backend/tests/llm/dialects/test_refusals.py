"""Servers that refuse a part of a request: asked once more without it, and remembered."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from coda.core.guarded_http import OutboundHttp
from coda.core.settings import LlmSettings
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.ollama import Ollama
from coda.llm.adapters.openai_wire import OpenAIWire
from coda.llm.adapters.streams import deltas_of
from coda.llm.dialects.dialect import Dialects
from coda.llm.dialects.refusals import VALUES
from coda.llm.errors import ModelError, ProviderUnavailable, RequestRejected
from coda.llm.types import ChatMessage, ChatRequest, Opaque, ReasoningBlock, TextBlock, ToolCallRequest
from tests.llm.asking import WEATHER
from tests.simulators.scripted import Reply, ScriptedServer, says

CALLED = ChatMessage(
    "assistant",
    (ReasoningBlock("hm", Opaque("p", "m", {"reasoning_content": "hm"})), TextBlock("")),
    (ToolCallRequest("call_0", "get_weather", "{}"),),
)
ASKED = ChatRequest(
    "m",
    [
        ChatMessage.of("system", "Be brief."),
        ChatMessage.of("user", "Weather?"),
        CALLED,
        ChatMessage.of("tool", "7", tool_call_id="call_0", name="get_weather"),
        ChatMessage.of("user", "And now?"),
    ],
    tools=[WEATHER],
    temperature=0.2,
    reasoning_effort="low",
    max_output_tokens=100,
)

Refuses = Callable[[dict[str, Any]], bool]


def has(field: str) -> Refuses:
    return lambda body: field in body


def has_system(body: dict[str, Any]) -> bool:
    return any(message["role"] == "system" for message in body["messages"])


def has_thoughts(body: dict[str, Any]) -> bool:
    return any("reasoning_content" in message for message in body["messages"])


def has_long_ids(body: dict[str, Any]) -> bool:
    return any(len(message.get("tool_call_id", "x" * 9)) != 9 for message in body["messages"])


def has_null(body: dict[str, Any]) -> bool:
    return any(message["content"] is None for message in body["messages"])


def is_not_in_turn(body: dict[str, Any]) -> bool:
    roles = [message["role"] for message in body["messages"]]
    return "system" in roles or any(one == other for one, other in pairwise(roles))


def error(message: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error"}}


REFUSALS: dict[str, tuple[Refuses, int, Any, list[str]]] = {
    "tools, ollama's words": (has("tools"), 400, {"error": "registry/gemma3 does not support tools"}, ["tools"]),
    "tools, vllm's words": (
        has("tools"), 400, error('"auto" tool choice requires --enable-auto-tool-choice to be set'), ["tools"],
    ),
    "tools, openrouter's words": (has("tools"), 404, error("No endpoints found that support tool use."), ["tools"]),
    "tools, as a field": (
        has("tools"), 422, {"detail": [{"loc": ["body", "tools"], "msg": "Extra inputs are not permitted"}]}, ["tools"],
    ),
    "tools, function calling": (has("tools"), 400, error("Function calling is not enabled for this model"), ["tools"]),
    "tools, as a failure": (has("tools"), 500, error("this model does not support tools"), ["tools"]),
    "tools, llama.cpp's words": (has("tools"), 500, error("tools param requires --jinja flag"), ["tools"]),
    "temperature": (
        has("temperature"), 400,
        error("Unsupported value: 'temperature' does not support 0.2. Only the default (1) value is supported."),
        ["temperature"],
    ),
    "temperature, deprecated": (
        has("temperature"), 400, error("`temperature` is deprecated for this model."), ["temperature"],
    ),
    "reasoning effort": (
        has("reasoning_effort"), 400, error("Unrecognized request argument supplied: reasoning_effort"),
        ["reasoning_effort"],
    ),
    "stream options": (has("stream_options"), 400, error("Unknown field: stream_options"), []),
    "stream options, as a failure": (
        has("stream_options"), 500, error("unexpected keyword argument 'stream_options'"), [],
    ),
    "stream options, without a word": (has("stream_options"), 400, {}, []),
    "stream options, as a failure without a word": (has("stream_options"), 500, {}, []),
    "the system role": (has_system, 400, error("System role not supported"), ["system"]),
    "the system role, as a developer": (
        has_system, 400, error("Developer instruction is not enabled for models/gemma-3"), ["system"],
    ),
    "the system role, as a value": (
        has_system, 400,
        error("Unsupported value: 'messages[0].role' does not support 'system' with this model."), ["system"],
    ),
    "roles that do not alternate": (
        is_not_in_turn, 500, error("Conversation roles must alternate user/assistant/user/assistant/..."), ["system"],
    ),
    "the limit's name": (
        has("max_tokens"), 400,
        error("Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."), [],
    ),
    "thoughts that go back": (
        has_thoughts, 422, error("messages.2.reasoning_content: Extra inputs are not permitted"), [],
    ),
    "ids of another form": (
        has_long_ids, 400, error("Tool call id was call_0 but must be a-z, A-Z, 0-9, with a length of 9."), [],
    ),
    "no content": (has_null, 400, error("messages[2].content: input should be a valid string"), []),
}  # fmt: skip


@pytest.fixture
def endpoint(scripted: ScriptedServer) -> Endpoint:
    return Endpoint(f"{scripted.url}/v1/chat/completions", dialects=Dialects())


@pytest.fixture
def adapter(http: OutboundHttp, endpoint: Endpoint) -> OpenAIWire:
    return OpenAIWire(http, endpoint, LlmSettings())


async def told(adapter: OpenAIWire | Ollama, request: ChatRequest) -> tuple[str, list[str]]:
    """What was said, and what was left out for it."""
    text = ""
    left_out: list[str] = []
    async for delta in deltas_of(adapter, request):
        text += delta.text
        left_out.extend(delta.left_out)
    return text, left_out


def refusing(server: ScriptedServer, refuses: Refuses, status: int, body: Any) -> None:  # noqa: ANN401 - any JSON value
    server.begin(answer=lambda asked: Reply.json(body, status=status) if refuses(asked) else says("Fine."))


class TestRefusals:
    @pytest.mark.parametrize("refusal", REFUSALS)
    async def test_it_is_left_out_once_and_remembered(
        self, adapter: OpenAIWire, scripted: ScriptedServer, refusal: str
    ) -> None:
        refuses, status, body, left_out = REFUSALS[refusal]
        refusing(scripted, refuses, status, body)

        assert await told(adapter, ASKED) == ("Fine.", left_out)
        assert len(scripted.bodies) == 2
        assert await told(adapter, ASKED) == ("Fine.", [name for name in left_out if name in VALUES])
        assert len(scripted.bodies) == 3

    async def test_several_are_left_out(self, adapter: OpenAIWire, scripted: ScriptedServer) -> None:
        def answer(body: dict[str, Any]) -> Reply:
            for field in ("stream_options", "reasoning_effort", "temperature", "tools"):
                if field in body:
                    return Reply.json(error(f"Unknown parameter: {field}"), status=400)
            return says("Fine.")

        scripted.begin(answer=answer)

        assert await told(adapter, ASKED) == ("Fine.", ["tools", "temperature", "reasoning_effort"])

    async def test_another_model_is_asked_for_all_of_it(self, adapter: OpenAIWire, scripted: ScriptedServer) -> None:
        refusing(scripted, lambda body: body["model"] == "m" and "tools" in body, 400, error("does not support tools"))
        await told(adapter, ASKED)
        await told(adapter, replace(ASKED, model="other"))

        assert "tools" in scripted.bodies[-1]

    async def test_ollama_too(self, http: OutboundHttp, endpoint: Endpoint, scripted: ScriptedServer) -> None:
        line = '{"message": {"content": "Fine."}, "done": true}\n'
        scripted.begin(
            answer=lambda body: (
                Reply.json({"error": "x does not support tools"}, status=400) if "tools" in body else Reply([line])
            )
        )

        assert await told(Ollama(http, endpoint, LlmSettings()), ASKED) == ("Fine.", ["tools"])

    @pytest.mark.parametrize(
        "message",
        [
            "temperature must be between 0 and 1",
            "temperature: Input should be less than or equal to 2",
            "Invalid schema for function 'get_weather': the field city is missing",
            "You are not allowed to do this",
        ],
    )
    async def test_what_a_person_has_to_put_right_is_an_error(
        self, adapter: OpenAIWire, scripted: ScriptedServer, message: str
    ) -> None:
        refusing(scripted, lambda _: True, 400, error(message))

        with pytest.raises(RequestRejected, match=message[:20]):
            await told(adapter, replace(ASKED, tools=()))
        assert len(scripted.bodies) == 1

    async def test_a_server_that_is_broken_is_not_asked_for_ever(
        self, adapter: OpenAIWire, scripted: ScriptedServer
    ) -> None:
        refusing(scripted, lambda _: True, 500, error("this model does not support tools"))

        with pytest.raises(ProviderUnavailable):
            await told(adapter, ASKED)
        assert len(scripted.bodies) == 2

    async def test_what_was_never_accepted_is_not_remembered(
        self, adapter: OpenAIWire, endpoint: Endpoint, scripted: ScriptedServer
    ) -> None:
        refusing(scripted, lambda _: True, 400, error("this model does not support tools"))
        with pytest.raises(ModelError):
            await told(adapter, ASKED)

        assert endpoint.dialects.of("m") == endpoint.dialects.base

    async def test_a_strict_request_is_refused(self, adapter: OpenAIWire, scripted: ScriptedServer) -> None:
        refusing(scripted, has("tools"), 400, error("this model does not support tools"))
        await told(adapter, ASKED)

        with pytest.raises(RequestRejected, match="support tools"):
            await told(adapter, replace(ASKED, is_strict=True))
