"""The parts of a message: their text, their size, the JSON-safe form of what people send."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson

from coda.conversations.types import Part

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


def text_part(text: str) -> Part:
    """What was said."""
    return {"type": "text", "text": text}


def reasoning_part(*, started_at: str) -> Part:
    """A piece of a chain of thought that has just begun."""
    return {"type": "reasoning", "text": "", "started_at": started_at, "duration_ms": None}


def tool_call_part(call_id: UUID, name: str) -> Part:
    """A tool call whose arguments and result are still to come."""
    return {
        "type": "tool_call",
        "id": str(call_id),
        "name": name,
        "arguments": {},
        "status": "running",
        "result": None,
        "error": None,
        "duration_ms": None,
    }


def notice_part(*, code: str, message: str, details: Mapping[str, Any]) -> Part:
    """A sentence to the reader."""
    return {"type": "notice", "code": code, "message": message, "details": dict(details)}


def steer_part(text: str) -> Part:
    """What a person threw in while the run was working."""
    return {"type": "steer", "text": text}
