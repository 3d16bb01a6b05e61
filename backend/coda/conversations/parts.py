"""The parts of a message: their text, their size, the JSON-safe form of what people send."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

PREVIEW_LENGTH = 120


def text_of(parts: Iterable[Mapping[str, Any]]) -> str:
    """What was said, without reasoning, calls and notices."""
    return "\n\n".join(part["text"] for part in parts if part.get("type") == "text" and part["text"])


def size_of(parts: Iterable[Mapping[str, Any]]) -> int:
    """Characters that a model reads of a message when it is history: text, calls and results, not reasoning."""
    return sum(_part_size(part) for part in parts)


def _part_size(part: Mapping[str, Any]) -> int:
    match part.get("type"):
        case "text" | "steer":
            return len(part["text"])
        case "tool_call":
            outcome = part.get("error") or part.get("result")
            return len(part["name"]) + len(orjson.dumps(part["arguments"])) + len(orjson.dumps(outcome))
    return 0


def text_parts(text: str) -> list[dict[str, Any]]:
    """A plain text as a message's content."""
    return [{"type": "text", "text": text}]
