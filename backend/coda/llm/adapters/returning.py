"""What a provider wants back with a turn that called tools, gathered from its stream and put into the next request.

Without it a reasoning model forgets why it called a tool, or its provider refuses the next turn.
Fields of the message: `reasoning_content` and `reasoning` (DeepSeek, Kimi, Qwen and servers for open models),
`reasoning_details` (OpenRouter), `thinking_blocks` (Anthropic's signed thinking through LiteLLM), `thinking` (Ollama).
Fields of a call: `extra_content` (Gemini's thought signatures), `provider_specific_fields` (the same through LiteLLM).
"""

from collections.abc import Mapping
from typing import Any, Final

from coda.core.text import is_storable_json
from coda.llm.types import ChatMessage, TurnPayload

CALL_FIELDS: Final = ("extra_content", "provider_specific_fields")
_GROWING: Final = ("text", "summary", "data", "thinking")
_MOST_BYTES: Final = 1_000_000
"""No provider sends as much in one turn; beyond it nothing goes back."""


class PayloadCollector:
    """Gathers what one stream wants back."""

    __slots__ = ("_blocks", "_calls", "_has_calls", "_size", "_texts")

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {}
        self._blocks: dict[str, list[dict[str, Any]]] = {}
        self._calls: dict[int, dict[str, Any]] = {}
        self._has_calls = False
        self._size = 0

    def add_text(self, field: str, text: str) -> None:
        """A piece of a chain of thought that came in this field."""
        self._size += len(text)
        if self._size <= _MOST_BYTES:
            self._texts.setdefault(field, []).append(text)

    def add_blocks(self, field: str, blocks: object) -> None:
        """Pieces of blocks; a piece that continues the block before it is joined to it."""
        if not isinstance(blocks, list):
            return
        gathered = self._blocks.setdefault(field, [])
        for block in blocks:
            if not isinstance(block, dict):
                continue
            self._size += sum(len(value) for value in block.values() if isinstance(value, str))
            if self._size > _MOST_BYTES:
                return
            if gathered and _continues(gathered[-1], block):
                _join(gathered[-1], block)
            else:
                gathered.append(dict(block))

    def add_call(self, index: int, call: Mapping[str, Any]) -> None:
        """A piece of a tool call."""
        self._has_calls = True
        for field in CALL_FIELDS:
            value = call.get(field)
            if isinstance(value, dict) and value:
                self._calls.setdefault(index, {})[field] = value

    def payload(self) -> TurnPayload | None:
        """All of it; None where no tool was called or nothing is wanted back."""
        if not self._has_calls or self._size > _MOST_BYTES:
            return None
        message: dict[str, Any] = {field: blocks for field, blocks in self._blocks.items() if blocks}
        if not message:  # blocks hold the same words, and more
            message = {field: "".join(pieces) for field, pieces in self._texts.items()}
        is_sound = is_storable_json(message) and is_storable_json(list(self._calls.values()))
        return TurnPayload(message, self._calls) if is_sound and (message or self._calls) else None


def returned_fields(message: ChatMessage) -> dict[str, Any]:
    """The fields that go back with a message of the prompt."""
    return {field: value for opaque in message.opaques for field, value in opaque.payload.items()}


def _continues(block: Mapping[str, Any], piece: Mapping[str, Any]) -> bool:
    if block.get("signature") or block.get("type") != piece.get("type"):
        return False
    return block.get("index") == piece.get("index") and block.get("type") != "redacted_thinking"


def _join(block: dict[str, Any], piece: Mapping[str, Any]) -> None:
    for key, value in piece.items():
        if key in _GROWING and isinstance(value, str) and isinstance(block.get(key), str):
            block[key] += value
        elif value is not None:
            block[key] = value
