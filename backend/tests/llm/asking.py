"""Asks an adapter and keeps what it said."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from coda.llm.adapters.streams import deltas_of
from coda.llm.types import (
    ChatAdapter,
    ChatDelta,
    ChatMessage,
    ChatRequest,
    ChatUsage,
    FinishReason,
    ToolCallRequest,
    ToolSpec,
)

WEATHER = ToolSpec(
    "get_weather",
    "The weather in a city.",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)


@dataclass
class Said:
    """An answer put together."""

    text: str = ""
    reasoning: str = ""
    calls: dict[int, ToolCallRequest] = field(default_factory=dict)
    usage: ChatUsage | None = None
    finish: FinishReason | None = None
    deltas: int = 0

    def take(self, delta: ChatDelta) -> None:
        """Add a delta."""
        self.deltas += 1
        self.text += delta.text
        self.reasoning += delta.reasoning
        self.usage = delta.usage or self.usage
        self.finish = delta.finish or self.finish
        if (piece := delta.tool_call) is not None:
            known = self.calls.get(piece.index, ToolCallRequest("", "", ""))
            self.calls[piece.index] = ToolCallRequest(
                piece.id or known.id, piece.name or known.name, known.arguments + piece.arguments
            )


def question(
    text: str, *, model: str, tools: Sequence[ToolSpec] = (), after: Sequence[ChatMessage] = ()
) -> ChatRequest:
    """A request with one question."""
    return ChatRequest(model, [ChatMessage.of("user", text), *after], tools=tools)


async def ask(adapter: ChatAdapter, request: ChatRequest) -> Said:
    """The whole answer."""
    said = Said()
    async with aclosing(deltas_of(adapter, request)) as deltas:
        async for delta in deltas:
            said.take(delta)
    return said
