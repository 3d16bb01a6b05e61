"""A ChatRequest in OpenAI's form."""

from collections.abc import Mapping
from typing import Any

from coda.llm.adapters.returning import returned_fields
from coda.llm.dialects.dialect import Dialect
from coda.llm.types import ChatMessage, ChatRequest, ToolCallRequest, ToolSpec


def chat_body(request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
    """The JSON of a streaming chat completion call; only what was asked for is set."""
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [message_body(message, dialect) for message in request.messages],
        "stream": True,
        **dialect.extra_body,
    }
    if "stream_options" not in dialect.refuses:
        body["stream_options"] = {"include_usage": True}
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


def message_body(message: ChatMessage, dialect: Dialect) -> dict[str, Any]:
    """One message of the prompt."""
    returned = {name: value for name, value in returned_fields(message).items() if name not in dialect.refuses}
    body: dict[str, Any] = {"role": message.role, "content": message.text, **returned}
    if message.name is not None:
        body["name"] = message.name
    if message.tool_call_id is not None:
        body["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        body["content"] = message.text or dialect.empty_content
        body["tool_calls"] = [_call_body(call, dialect) for call in message.tool_calls]
    return body


def _call_body(call: ToolCallRequest, dialect: Dialect) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments or "{}"}
    payload = call.opaque.payload if call.opaque is not None else {}
    returned = {name: value for name, value in payload.items() if name not in dialect.refuses}
    return {"id": call.id, "type": "function", "function": function, **returned}


def tool_body(tool: ToolSpec) -> Mapping[str, Any]:
    """One tool that the model may call."""
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)},
    }
