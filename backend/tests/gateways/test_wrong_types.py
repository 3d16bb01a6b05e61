"""Each known parameter has its type and its bounds: what has another is refused by name, and nobody is asked."""

from typing import Any, Final
from uuid import uuid4

import pytest
from httpx import AsyncClient

from tests.callers import Caller
from tests.simulators.faults import FaultServer

MESSAGE: Final = {"role": "user", "content": "hi"}
TOOL: Final = {"type": "function", "function": {"name": "weather"}}
LONG: Final = "x" * 100_000
CHAT: Final[list[tuple[dict[str, Any], str]]] = [
    ({"service_tier": {}}, "service_tier"),
    ({"logit_bias": 5}, "logit_bias"),
    ({"logit_bias": {"1": 101}}, "logit_bias[1]"),
    ({"tool_choice": {"type": "function", "function": 5}}, "tool_choice.function"),
    ({"tool_choice": {"type": "function", "function": {"name": 5}}}, "tool_choice.function.name"),
    ({"tool_choice": {"type": "magic"}}, "tool_choice.type"),
    ({"tool_choice": "sometimes"}, "tool_choice"),
    ({"tool_choice": 5}, "tool_choice"),
    ({"tools": [TOOL, TOOL]}, "tools[1].function.name"),
    ({"tools": [{"type": "function", "function": {"name": "a", "parameters": []}}]}, "tools[0].function.parameters"),
    ({"tools": [{"type": "function", "function": {"name": "a", "strict": "yes"}}]}, "tools[0].function.strict"),
    ({"tools": {}}, "tools"),
    ({"metadata": {"key": LONG}}, "metadata.key"),
    ({"metadata": {"key": 5}}, "metadata.key"),
    ({"metadata": {str(at): "" for at in range(17)}}, "metadata"),
    ({"metadata": []}, "metadata"),
    ({"user": 5}, "user"),
    ({"store": "yes"}, "store"),
    ({"verbosity": 3}, "verbosity"),
    ({"prompt_cache_key": []}, "prompt_cache_key"),
    ({"safety_identifier": LONG}, "safety_identifier"),
    ({"prediction": "this"}, "prediction"),
    ({"temperature": "1"}, "temperature"),
    ({"temperature": 3}, "temperature"),
    ({"top_p": True}, "top_p"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"max_completion_tokens": 1.5}, "max_completion_tokens"),
    ({"n": "1"}, "n"),
    ({"seed": 2**63}, "seed"),
    ({"stop": 5}, "stop"),
    ({"stop": ["x"] * 65}, "stop"),
    ({"stream": "yes"}, "stream"),
    ({"stream_options": True}, "stream_options"),
    ({"stream_options": {"include_usage": "yes"}}, "stream_options.include_usage"),
    ({"parallel_tool_calls": 1}, "parallel_tool_calls"),
    ({"reasoning_effort": 5}, "reasoning_effort"),
    ({"presence_penalty": -3}, "presence_penalty"),
    ({"response_format": "json"}, "response_format"),
    ({"response_format": {"type": "json_schema", "json_schema": {"name": 5}}}, "response_format.json_schema.name"),
    ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
    ({"messages": [{"role": 5, "content": "hi"}]}, "messages[0].role"),
    ({"messages": []}, "messages"),
    ({"model": 5}, "model"),
]
RESPONSES: Final[list[tuple[dict[str, Any], str]]] = [
    ({"service_tier": {}}, "service_tier"),
    ({"reasoning": {"effort": 5}}, "reasoning.effort"),
    ({"reasoning": "high"}, "reasoning"),
    ({"text": {"verbosity": 5}}, "text.verbosity"),
    ({"metadata": {"key": LONG}}, "metadata.key"),
    ({"temperature": "warm"}, "temperature"),
    ({"stream": "yes"}, "stream"),
    ({"max_output_tokens": "5"}, "max_output_tokens"),
    ({"tools": [{"type": "function", "name": "a"}, {"type": "function", "name": "a"}]}, "tools[1].function.name"),
    ({"tool_choice": {"type": "function"}}, "tool_choice.name"),
    ({"input": 5}, "input"),
    ({"input": [{"type": "message", "role": [], "content": "hi"}]}, "input[0].role"),
    ({"input": [{"type": "message", "role": {}, "content": "hi"}]}, "input[0].role"),
    ({"include": "all"}, "include"),
    ({"user": {}}, "user"),
]
AG_UI: Final[list[tuple[dict[str, Any], str]]] = [
    ({"forwardedProps": {"model": 5}}, "forwardedProps"),
    ({"tools": [{"name": "a"}, {"name": "a"}]}, "tools"),
    ({"context": [{"description": 5}]}, "context.0.description"),
    ({"threadId": 5}, "threadId"),
    ({"messages": [{"id": "1", "role": "king"}]}, "messages.0.role"),
]
MESSAGES: Final[list[tuple[dict[str, Any], str]]] = [
    ({"temperature": 3}, "Invalid `temperature`: Input should be less than or equal to 2. Got 3."),
    ({"stream": "yes"}, "Invalid `stream`: Input should be a valid boolean. Got a text of 3 characters."),
    ({"stop": 5}, "Invalid `stop`: Input should be a valid string; or: Input should be a valid list. Got 5."),
    ({"user": {}}, "Invalid `user`: Input should be a valid string. Got an object."),
]


async def refused(base_url: str, caller: Caller, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    async with AsyncClient(timeout=30, headers=caller.headers) as client:
        answer = await client.post(f"{base_url}{path}", json=body)
    return answer.status_code, answer.json()["error"]


@pytest.mark.parametrize("model", ["openrouter/ok", "coda-agent/openrouter/ok"])
async def test_of_chat_completions(base_url: str, caller: Caller, module_faults: FaultServer, model: str) -> None:
    before = len(module_faults.requests)
    told = {}
    for wrong, _ in CHAT:
        body = {"model": model, "messages": [MESSAGE], **wrong}
        status, error = await refused(base_url, caller, "/v1/chat/completions", body)
        assert LONG not in error["message"]
        told[str(wrong)] = (status, error["type"], error["param"])

    assert told == {str(wrong): (400, "invalid_request_error", param) for wrong, param in CHAT}
    assert len(module_faults.requests) == before


async def test_of_responses(base_url: str, caller: Caller, module_faults: FaultServer) -> None:
    before = len(module_faults.requests)
    told = {}
    for wrong, _ in RESPONSES:
        body = {"model": "openrouter/ok", "input": "hi", **wrong}
        status, error = await refused(base_url, caller, "/v1/responses", body)
        told[str(wrong)] = (status, error["param"])

    assert told == {str(wrong): (400, param) for wrong, param in RESPONSES}
    assert len(module_faults.requests) == before


async def test_of_ag_ui(base_url: str, caller: Caller) -> None:
    for wrong, field in AG_UI:
        given = {"threadId": str(uuid4()), "runId": str(uuid4()), "messages": [{"id": "1", **MESSAGE}], **wrong}
        status, error = await refused(base_url, caller, "/ag-ui", given)

        assert (status, error["details"]["fields"][0]["field"]) == (422, field), (wrong, error)


async def test_the_message_says_what_is_allowed_and_what_was_got(base_url: str, caller: Caller) -> None:
    for wrong, message in MESSAGES:
        body = {"model": "openrouter/ok", "messages": [MESSAGE], **wrong}
        _, error = await refused(base_url, caller, "/v1/chat/completions", body)

        assert error["message"] == message
