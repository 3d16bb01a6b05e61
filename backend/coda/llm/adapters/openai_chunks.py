"""Reads the chunks of OpenAI's stream, with the variations that compatible servers have."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import orjson

from coda.llm.adapters.endpoint import Endpoint
from coda.llm.adapters.http_errors import in_stream_error
from coda.llm.adapters.lines import LineSplitter
from coda.llm.adapters.returning import PayloadCollector
from coda.llm.errors import MalformedAnswer, StreamCut
from coda.llm.types import ChatDelta, ChatUsage, FinishReason, ToolCallDelta, TurnPayload

_FINISH: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "error": "error",
}


class ChunkReader:
    """State of one stream: what was finished, the last usage, the tool calls seen."""

    __slots__ = ("_call_ids", "_endpoint", "_lines", "_returning", "finish", "is_done", "usage")

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._lines = LineSplitter()
        self._returning = PayloadCollector()
        self._call_ids: dict[str, int] = {}
        self.is_done = False
        self.finish: FinishReason | None = None
        self.usage: ChatUsage | None = None

    def feed(self, block: bytes) -> Iterator[ChatDelta]:
        """The deltas of a block of server-sent events; comments and event names are passed over."""
        for line in self._lines.feed(block):
            if not line.startswith(b"data:"):
                continue
            data = line[5:].strip()
            if data == b"[DONE]":
                self.is_done = True
                return
            yield from self.read(data)

    def expect_end(self) -> None:
        """Called where the stream ended: without `[DONE]` and a finish reason it was cut."""
        if not self.is_done and self.finish is None:
            raise StreamCut

    def read(self, data: bytes) -> list[ChatDelta]:
        """The deltas of one chunk. Raises MalformedAnswer, or what an error object in the stream says."""
        try:
            chunk = orjson.loads(data)
            choices = chunk.get("choices")
        except (ValueError, AttributeError):
            raise MalformedAnswer from None
        if not choices or "usage" in chunk or "error" in chunk or "x_groq" in chunk:
            self._read_frame(chunk)
            if not choices:
                return []
        try:
            choice = choices[0]
            return self._read_choice(choice.get("delta") or choice.get("message") or {}, choice.get("finish_reason"))
        except (AttributeError, TypeError, KeyError, IndexError):
            raise MalformedAnswer from None

    def _read_frame(self, chunk: dict[str, Any]) -> None:
        error = chunk.get("error")
        if error:
            raise in_stream_error(error, self._endpoint)
        usage = chunk.get("usage") or (chunk.get("x_groq") or {}).get("usage")
        if usage:
            self.usage = read_usage(usage)

    def _read_choice(self, delta: dict[str, Any], finish: str | None) -> list[ChatDelta]:
        text = delta.get("content") or ""
        reasoning = delta.get("reasoning_content") or delta.get("reasoning") or ""
        deltas: list[ChatDelta] = []
        if not (isinstance(text, str) and isinstance(reasoning, str)):
            text, reasoning = _read_parts(text, reasoning)
        if text or reasoning:
            deltas.append(ChatDelta(text=text, reasoning=reasoning))
        if reasoning or "reasoning_details" in delta:
            self._keep_reasoning(delta)
        calls = delta.get("tool_calls")
        if calls:
            deltas.extend(ChatDelta(tool_call=self._read_call(call)) for call in calls)
        if finish:
            self.finish = _FINISH.get(finish, "stop")
            deltas.append(ChatDelta(finish=self.finish))
        return deltas

    def payload(self) -> TurnPayload | None:
        """What the provider wants back with this turn."""
        return self._returning.payload()

    def _keep_reasoning(self, delta: dict[str, Any]) -> None:
        for field in ("reasoning_content", "reasoning"):
            text = delta.get(field)
            if isinstance(text, str) and text:
                self._returning.add_text(field, text)
                break
        self._returning.add_blocks("reasoning_details", delta.get("reasoning_details"))

    def _read_call(self, call: dict[str, Any]) -> ToolCallDelta:
        function = call.get("function") or {}
        call_id = call.get("id") or None
        index = call.get("index")
        if index is None:  # some servers send whole calls without an index
            key = call_id or (next(reversed(self._call_ids)) if self._call_ids else "")
            index = self._call_ids.setdefault(key, len(self._call_ids))
        arguments = function.get("arguments") or ""
        if not isinstance(arguments, str):
            arguments = orjson.dumps(arguments).decode()
        self._returning.add_call(int(index), call)
        return ToolCallDelta(index=int(index), id=call_id, name=function.get("name") or None, arguments=arguments)


def _read_parts(content: Any, reasoning: Any) -> tuple[str, str]:  # noqa: ANN401 - whatever JSON the provider sent
    """Text and reasoning where content is a list of parts."""
    text, thought = [], [reasoning] if isinstance(reasoning, str) else []
    for part in content if isinstance(content, list) else [{"type": "text", "text": content}]:
        if part.get("type") == "thinking":
            thinking = part.get("thinking")
            thought.extend(each.get("text", "") for each in thinking) if isinstance(thinking, list) else None
        elif isinstance(part.get("text"), str):
            text.append(part["text"])
    return "".join(text), "".join(thought)


def read_usage(usage: dict[str, Any]) -> ChatUsage:
    """Token counts; a server that counts reasoning beside the output gets it added."""
    try:
        prompt, output = int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)
        total = int(usage.get("total_tokens") or 0)
        reasoning = int((usage.get("completion_tokens_details") or {}).get("reasoning_tokens") or 0)
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or usage.get("prompt_cache_hit_tokens")
        cost = usage.get("cost")
        if reasoning and total == prompt + output + reasoning:
            output += reasoning
        return ChatUsage(
            input_tokens=prompt,
            output_tokens=output,
            reasoning_tokens=reasoning,
            cached_input_tokens=int(cached or 0),
            cost_usd=Decimal(str(cost)) if isinstance(cost, int | float) else None,
        )
    except (ValueError, TypeError, AttributeError):
        raise MalformedAnswer from None
