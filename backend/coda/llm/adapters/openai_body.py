"""A ChatRequest in OpenAI's form."""

from collections.abc import Mapping
from typing import Any

from coda.llm.adapters.endpoint import Dialect
from coda.llm.adapters.returning import drop_returned, returned_fields
from coda.llm.types import ChatMessage, ChatRequest, ToolCallRequest, ToolSpec


def chat_body(request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
    """The JSON of a streaming chat completion call; only what was asked for is set."""
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [message_body(message) for message in request.messages],
        "stream": True,
        "stream_options": {"include_usage": True},
        **dialect.extra_body,
    }
    optional = {
        dialect.max_tokens_field: request.max_output_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "stop": list(request.stop) or None,
        "reasoning_effort": request.reasoning_effort,
    }
    body.update({name: value for name, value in optional.items() if value is not None})
    if request.tools:
        body["tools"] = [tool_body(tool) for tool in request.tools]
        if request.tool_choice is not None:
            body["tool_choice"] = request.tool_choice
    body.update(request.extra)
    return body


def message_body(message: ChatMessage) -> dict[str, Any]:
    """One message of the prompt."""
    body: dict[str, Any] = {"role": message.role, "content": message.text, **returned_fields(message)}
    if message.name is not None:
        body["name"] = message.name
    if message.tool_call_id is not None:
        body["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        body["content"] = message.text or None
        body["tool_calls"] = [_call_body(call) for call in message.tool_calls]
    return body


def _call_body(call: ToolCallRequest) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments or "{}"}
    returned = call.opaque.payload if call.opaque is not None else {}
    return {"id": call.id, "type": "function", "function": function, **returned}


def tool_body(tool: ToolSpec) -> Mapping[str, Any]:
    """One tool that the model may call."""
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)},
    }


def drop_refused_field(body: dict[str, Any], said: str) -> bool:
    """Adapt a body to what a server said it does not know; False where its words name nothing of ours."""
    if "stream_options" in body and "stream_options" in said:
        del body["stream_options"]
        return True
    for ours, theirs in (("max_tokens", "max_completion_tokens"), ("max_completion_tokens", "max_tokens")):
        if ours in body and ours in said:
            body[theirs] = body.pop(ours)
            return True
    return drop_returned(body["messages"], said)
