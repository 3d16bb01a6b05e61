"""Ollama's own chat API: the only one of its wires that lets the caller set the context window."""

from typing import Any

import aiohttp
import orjson

from coda.llm.adapters.http_chat import HttpChat
from coda.llm.adapters.ollama_lines import LineReader
from coda.llm.adapters.openai_body import tool_body
from coda.llm.adapters.posting import post_stream
from coda.llm.adapters.returning import returned_fields
from coda.llm.types import ChatMessage, ChatRequest


class Ollama(HttpChat):
    """`/api/chat` at one address; answers are lines of JSON."""

    def _reader(self, request: ChatRequest) -> LineReader:
        return LineReader(self._endpoint, request.tools)

    async def _open(self, request: ChatRequest) -> aiohttp.ClientResponse:
        return await post_stream(self._http, self._endpoint, request.model, chat_body(request), self._limits)


def chat_body(request: ChatRequest) -> dict[str, Any]:
    """The JSON of a streaming call; the window is what the prompt was budgeted for."""
    options = {
        "num_ctx": request.context_window,
        "num_predict": request.max_output_tokens,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "stop": list(request.stop) or None,
    }
    names = {call.id: call.name for message in request.messages for call in message.tool_calls}
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [_message(message, names) for message in request.messages],
        "stream": True,
        "options": {name: value for name, value in options.items() if value is not None},
    }
    if request.tools and request.tool_choice != "none":
        body["tools"] = [tool_body(tool) for tool in request.tools]
    if request.reasoning_effort is not None:
        body["think"] = request.reasoning_effort
    return body


def _message(message: ChatMessage, names: dict[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = {"role": message.role, "content": message.text, **returned_fields(message)}
    if message.role == "tool":
        body["tool_name"] = message.name or names.get(message.tool_call_id or "", "")
    if message.tool_calls:
        body["tool_calls"] = [
            {"function": {"name": call.name, "arguments": _arguments(call.arguments)}} for call in message.tool_calls
        ]
    return body


def _arguments(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """Ollama wants an object; what a model wrote wrongly is handed back as it was."""
    try:
        parsed = orjson.loads(text or "{}")
    except ValueError:
        return {"arguments": text}
    return parsed if isinstance(parsed, dict) else {"arguments": parsed}
