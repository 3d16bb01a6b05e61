"""Deltas of a model as chunks and completions of OpenAI's form."""

import secrets
from collections.abc import Sequence
from typing import Any

import orjson

from coda.core.clock import now_ms
from coda.llm.types import ChatDelta, ChatUsage, MeteredUsage, ToolCallDelta

DONE = b"data: [DONE]\n\n"


class CompletionWriter:
    """Writes one completion: as chunks while it streams, and as a whole at its end."""

    def __init__(self, model: str, *, with_usage: bool) -> None:
        self._head = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": now_ms() // 1000, "model": model}
        self._with_usage = with_usage
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._calls: dict[int, dict[str, Any]] = {}
        self._finish: str | None = None

    def first(self) -> bytes:
        """The chunk that opens a stream."""
        return self._chunk({"role": "assistant", "content": ""})

    def chunk(self, delta: ChatDelta) -> bytes:
        """A delta as chunks; empty where it carries nothing for the client."""
        body: dict[str, Any] = {}
        if delta.text:
            body["content"] = delta.text
        if delta.reasoning:
            body["reasoning_content"] = delta.reasoning
        if delta.tool_call is not None:
            body["tool_calls"] = [_call_delta(delta.tool_call)]
        said = self._chunk(body) if body else b""
        return said + (self._chunk({}, finish=delta.finish) if delta.finish else b"")

    def last(self, metered: MeteredUsage | None) -> bytes:
        """The usage chunk, where it was asked for, and the end of the stream."""
        if not self._with_usage or metered is None:
            return DONE
        body = {**self._head, "object": "chat.completion.chunk", "choices": [], "usage": usage_body(metered)}
        return b"data: " + orjson.dumps(body) + b"\n\n" + DONE

    def _chunk(self, delta: dict[str, Any], *, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        body: dict[str, Any] = {**self._head, "object": "chat.completion.chunk", "choices": [choice]}
        if self._with_usage:
            body["usage"] = None
        return b"data: " + orjson.dumps(body) + b"\n\n"

    def collect(self, delta: ChatDelta) -> None:
        """Keep a delta for the whole completion."""
        if delta.retracts_text:
            self._reasoning.extend(self._text)
            self._text.clear()
        self._text.append(delta.text)
        self._reasoning.append(delta.reasoning)
        self._finish = delta.finish or self._finish
        if delta.tool_call is not None:
            piece = delta.tool_call
            call = self._calls.setdefault(
                piece.index, {"id": "", "type": "function", "function": {"name": "", "arguments": ""}}
            )
            call["id"] = piece.id or call["id"]
            call["function"]["name"] = piece.name or call["function"]["name"]
            call["function"]["arguments"] += piece.arguments

    def whole(self, metered: MeteredUsage | None) -> dict[str, Any]:
        """The completion."""
        calls: Sequence[dict[str, Any]] = [self._calls[index] for index in sorted(self._calls)]
        text = "".join(self._text)
        message: dict[str, Any] = {"role": "assistant", "content": text or (None if calls else ""), "refusal": None}
        if reasoning := "".join(self._reasoning):
            message["reasoning_content"] = reasoning
        if calls:
            message["tool_calls"] = calls
        choice = {"index": 0, "message": message, "finish_reason": self._finish or "stop", "logprobs": None}
        body = {**self._head, "object": "chat.completion", "choices": [choice]}
        return body if metered is None else {**body, "usage": usage_body(metered)}


def _call_delta(piece: ToolCallDelta) -> dict[str, Any]:
    function = {"arguments": piece.arguments}
    if piece.name is None:
        return {"index": piece.index, "function": function}
    return {"index": piece.index, "id": piece.id, "type": "function", "function": {"name": piece.name, **function}}


def usage_body(metered: MeteredUsage) -> dict[str, Any]:
    """Usage in OpenAI's form; what Coda adds are the cost and how sure it is."""
    usage: ChatUsage = metered.usage
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_input_tokens},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "cost_usd": None if metered.cost_usd is None else f"{metered.cost_usd:f}",
        "confidence": metered.confidence,
    }
