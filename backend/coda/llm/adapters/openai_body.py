"""A ChatRequest in OpenAI's form."""

from collections.abc import Mapping
from typing import Any, Final

from coda.llm.adapters.returning import returned_fields
from coda.llm.dialects.dialect import Dialect
from coda.llm.params import PARAMS
from coda.llm.types import ChatMessage, ChatRequest, ContentBlock, ImageBlock, TextBlock, ToolCallRequest, ToolSpec

_LIMITS: Final = ("max_tokens", "max_completion_tokens")
_OURS: Final = frozenset(
    {"model", "messages", "stream", "stream_options", "tools", "tool_choice", "n", *_LIMITS, *PARAMS}
)
"""Fields that a request has for itself: what is accounted for cannot be changed by one that is only passed on."""


def chat_body(request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
    """The JSON of a streaming chat completion call; only what was asked for is set."""
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [message_body(message, dialect) for message in request.messages],
        "stream": True,
        **dialect.extra_body,
        **passed_on(request),
    }
    if "stream_options" not in dialect.refuses:
        body["stream_options"] = {"include_usage": True}
    body.update(_asked(request, dialect))
    if request.tools:
        body["tools"] = [tool_body(tool) for tool in request.tools]
        if request.tool_choice is not None:
            body["tool_choice"] = request.tool_choice
        if request.parallel_tool_calls is not None:
            body["parallel_tool_calls"] = request.parallel_tool_calls
    return body


def passed_on(request: ChatRequest) -> dict[str, Any]:
    """The fields that only the server knows."""
    return {name: value for name, value in request.extra.items() if name not in _OURS}


def _asked(request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
    asked = {
        dialect.max_tokens_field: request.max_output_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "stop": list(request.stop) or None,
        "seed": request.seed,
        "presence_penalty": request.presence_penalty,
        "frequency_penalty": request.frequency_penalty,
        "reasoning_effort": request.reasoning_effort,
        "response_format": request.response_format,
    }
    return {name: value for name, value in asked.items() if value is not None}


def message_body(message: ChatMessage, dialect: Dialect) -> dict[str, Any]:
    """One message of the prompt."""
    returned = {name: value for name, value in returned_fields(message).items() if name not in dialect.refuses}
    body: dict[str, Any] = {"role": message.role, "content": _content(message), **returned}
    if message.name is not None:
        body["name"] = message.name
    if message.tool_call_id is not None:
        body["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        body["content"] = message.text or dialect.empty_content
        body["tool_calls"] = [_call_body(call, dialect) for call in message.tool_calls]
    return body


def _content(message: ChatMessage) -> str | list[dict[str, Any]]:
    """Text alone as text, which every server reads; with pictures in parts, in their order."""
    if not message.images:
        return message.text
    return [part for block in message.content if (part := _part(block)) is not None]


def _part(block: ContentBlock) -> dict[str, Any] | None:
    if isinstance(block, ImageBlock):
        closely = {"detail": block.detail} if block.detail is not None else {}
        return {"type": "image_url", "image_url": {"url": block.url, **closely}}
    return {"type": "text", "text": block.text} if isinstance(block, TextBlock) and block.text else None


def _call_body(call: ToolCallRequest, dialect: Dialect) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments or "{}"}
    payload = call.opaque.payload if call.opaque is not None else {}
    returned = {name: value for name, value in payload.items() if name not in dialect.refuses}
    return {"id": call.id, "type": "function", "function": function, **returned}


def tool_body(tool: ToolSpec) -> Mapping[str, Any]:
    """One tool that the model may call."""
    strict = {} if tool.strict is None else {"strict": tool.strict}
    function = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters), **strict}
    return {"type": "function", "function": function}
