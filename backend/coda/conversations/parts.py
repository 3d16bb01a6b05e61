"""The parts of a message: their text, their size, the JSON-safe form of what people send."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson

from coda.conversations.types import Part
from coda.files.types import KeptFile

PREVIEW_LENGTH = 120
ATTACHED = frozenset({"image", "file"})
_CHARS_PER_PICTURE = 4_800  # as many as a text has that takes as much of a window
_CHARS_PER_FILE = 80


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
        case "image":
            return _CHARS_PER_PICTURE
        case "file":
            return len(part["name"]) + _CHARS_PER_FILE
    return 0


def file_ids_of(parts: Iterable[Mapping[str, Any]]) -> list[UUID]:
    """The files that are shown, pictures among them, each once."""
    found = (UUID(str(part["file_id"])) for part in parts if part.get("type") in ATTACHED)
    return list(dict.fromkeys(found))


def wanted_part(file_id: UUID, *, alt: str | None = None) -> Part:
    """A file that a question shall show, before it is looked for."""
    return {"type": "file", "file_id": str(file_id), **({"alt": alt} if alt else {})}


def attached_part(wanted: Mapping[str, Any], file: KeptFile) -> Part:
    """A file as a message shows it: what it is, whoever sent it."""
    told = {"file_id": str(file.id), "name": file.name, "media_type": file.media_type, "size": file.size}
    if not file.is_picture:
        return {"type": "file", **told}
    alt = {"alt": wanted["alt"]} if wanted.get("alt") else {}
    return {"type": "image", **told, "width": file.width, "height": file.height, **alt}


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


def steer_part(text: str, *, is_read: bool = True) -> Part:
    """What a person threw in while the run was working; what nobody has read says so."""
    part = {"type": "steer", "text": text}
    return part if is_read else {**part, "read": False}


def with_steers_read(parts: Iterable[Part]) -> list[Part]:
    """The parts of an answer that goes on: what was thrown in before its end is what it reads first."""
    return [steer_part(part["text"]) if part["type"] == "steer" else part for part in parts]
