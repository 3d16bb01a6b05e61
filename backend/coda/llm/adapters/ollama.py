"""Ollama's own chat API: the only one of its wires that lets the caller set the context window."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from coda.llm.adapters.http_chat import HttpChat
from coda.llm.adapters.ollama_lines import LineReader
from coda.llm.adapters.openai_body import tool_body
from coda.llm.adapters.returning import returned_fields
from coda.llm.dialects.dialect import Dialect
from coda.llm.dialects.history import argument_object
from coda.llm.types import ChatMessage, ChatRequest


class Ollama(HttpChat):
    """`/api/chat` at one address; answers are lines of JSON."""

    def _body(self, request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
        return chat_body(request, dialect)

    def _reader(self, request: ChatRequest) -> LineReader:
        return LineReader(self._endpoint, request.tools)


def chat_body(request: ChatRequest, dialect: Dialect) -> dict[str, Any]:
    """The JSON of a streaming call; the window is what the prompt was budgeted for."""
    options = {
        "num_ctx": request.context_window,
        "num_predict": request.max_output_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "stop": list(request.stop) or None,
    }
    body: dict[str, Any] = {
        "model": request.model,
        "messages": list(_messages(request.messages, dialect)),
        "stream": True,
        "options": {name: value for name, value in options.items() if value is not None},
    }
    if request.tools and request.tool_choice != "none":
        body["tools"] = [tool_body(tool) for tool in request.tools]
    if request.reasoning_effort is not None:
        body["think"] = request.reasoning_effort
    return body


def _messages(messages: Sequence[ChatMessage], dialect: Dialect) -> Iterator[dict[str, Any]]:
    """Results name their tool: there are no ids on this wire."""
    names: dict[str, str] = {}
    for message in messages:
        returned = {name: value for name, value in returned_fields(message).items() if name not in dialect.refuses}
        body: dict[str, Any] = {"role": message.role, "content": message.text, **returned}
        if message.role == "tool":
            body["tool_name"] = message.name or names.get(message.tool_call_id or "", "")
        if message.tool_calls:
            names.update((call.id, call.name) for call in message.tool_calls)
            body["tool_calls"] = [
                {"function": {"name": call.name, "arguments": orjson.loads(argument_object(call.arguments))}}
                for call in message.tool_calls
            ]
        yield body
