"""Ollama's own chat API: the only one of its wires that lets the caller set the context window."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import orjson

from coda.core.guarded_http import OutboundHttp
from coda.core.settings import LlmSettings
from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.http_errors import connection_error, in_stream_error
from coda.llm.adapters.lines import LineSplitter
from coda.llm.adapters.openai_body import tool_body
from coda.llm.adapters.posting import post_stream, timeouts
from coda.llm.adapters.returning import PayloadCollector, returned_fields
from coda.llm.errors import MalformedAnswer, StreamCut
from coda.llm.types import ChatDelta, ChatMessage, ChatRequest, ChatUsage, FinishReason, ToolCallDelta

_FINISH: dict[str, FinishReason] = {"stop": "stop", "length": "length"}


class Ollama:
    """`/api/chat` at one address; answers are lines of JSON."""

    def __init__(self, http: OutboundHttp, endpoint: Endpoint, settings: LlmSettings) -> None:
        self._http, self._endpoint = http, endpoint
        self._limits = timeouts(settings)

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatDelta]:
        """Ask, and yield what comes; closing the iterator closes the connection."""
        response: aiohttp.ClientResponse | None = None
        try:
            response = await post_stream(self._http, self._endpoint, request.model, chat_body(request), self._limits)
            reader = LineReader(self._endpoint)
            while block := await response.content.readany():
                for delta in reader.feed(block):
                    yield delta
            for delta in reader.end():
                yield delta
        except (aiohttp.ClientError, OSError) as error:
            raise connection_error(error, has_begun=response is not None) from error
        finally:
            if response is not None:
                response.close()


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


class LineReader:
    """State of one stream."""

    __slots__ = ("_calls", "_endpoint", "_is_done", "_lines", "_returning")

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._lines = LineSplitter()
        self._calls = 0
        self._returning = PayloadCollector()
        self._is_done = False

    def feed(self, block: bytes) -> Iterator[ChatDelta]:
        """The deltas of a block of lines."""
        for line in self._lines.feed(block):
            yield from self._read(line)

    def end(self) -> Iterator[ChatDelta]:
        """The deltas of a last line without a newline; raises StreamCut where the answer has no end."""
        yield from self._read(self._lines.rest())
        if not self._is_done:
            raise StreamCut

    def _read(self, line: bytes) -> Iterator[ChatDelta]:
        if not line.strip():
            return
        try:
            chunk = orjson.loads(line)
            message = chunk.get("message") or {}
            text, reasoning = message.get("content") or "", message.get("thinking") or ""
        except (ValueError, AttributeError):
            raise MalformedAnswer from None
        if chunk.get("error"):
            raise in_stream_error(chunk["error"], self._endpoint)
        if text or reasoning:
            yield ChatDelta(text=text, reasoning=reasoning)
        if reasoning:
            self._returning.add_text("thinking", reasoning)
        for call in message.get("tool_calls") or ():
            yield ChatDelta(tool_call=self._read_call(call))
        if chunk.get("done"):
            yield from self._read_end(chunk)

    def _read_call(self, call: dict[str, Any]) -> ToolCallDelta:
        try:
            function = call["function"]
            arguments = orjson.dumps(function.get("arguments") or {}).decode()
            index, self._calls = self._calls, self._calls + 1
            self._returning.add_call(index, call)
            return ToolCallDelta(index, call.get("id") or f"call_{index}", str(function["name"]), arguments)
        except (KeyError, TypeError, AttributeError):
            raise MalformedAnswer from None

    def _read_end(self, chunk: dict[str, Any]) -> Iterator[ChatDelta]:
        self._is_done = True
        finish = "tool_calls" if self._calls else _FINISH.get(chunk.get("done_reason") or "stop", "stop")
        usage = None
        if "eval_count" in chunk or "prompt_eval_count" in chunk:
            usage = ChatUsage(int(chunk.get("prompt_eval_count") or 0), int(chunk.get("eval_count") or 0))
        yield ChatDelta(finish=finish, usage=usage, payload=self._returning.payload())
