"""A stored response, told again as it was when it was made."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from coda.llm.types import ChatDelta, MeteredUsage, ToolCallDelta


@dataclass(frozen=True, slots=True)
class StoredCompletion:
    """The deltas that make a stored response: each item whole."""

    body: Mapping[str, Any]

    @property
    def headers(self) -> Mapping[str, str]:
        """None: nothing is made for it."""
        return {}

    @property
    def branch(self) -> None:
        """It is kept already."""

    async def __aiter__(self) -> AsyncIterator[ChatDelta]:
        for index, item in enumerate(self.body["output"]):
            match item["type"]:
                case "reasoning":
                    yield ChatDelta(reasoning="".join(part["text"] for part in item["summary"]))
                case "message":
                    yield ChatDelta(text="".join(part["text"] for part in item["content"]))
                case "function_call":
                    call = ToolCallDelta(index, item["call_id"], item["name"], item["arguments"])
                    yield ChatDelta(tool_call=call)

    def metered(self) -> MeteredUsage | None:
        """The stored response tells it itself."""
        return None

    async def finish(self) -> None:
        """Nothing works for it."""
