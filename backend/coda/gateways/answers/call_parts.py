"""Tool calls that a client tells of, as a chat keeps them."""

from typing import Any
from uuid import UUID

import orjson

from coda.conversations.parts import tool_call_part
from coda.conversations.types import Part
from coda.runs.types import ABANDONED


def unanswered_call(call_id: UUID, name: str, arguments: str) -> Part:
    """A call without a result, until that comes."""
    part = tool_call_part(call_id, name) | {"status": "failed", "error": dict(ABANDONED)}
    read = _json(arguments)
    return part | ({"arguments": read} if isinstance(read, dict) else {"arguments_text": arguments})


def answer_call(part: Part, result: str) -> None:
    """Give the call what it has given: JSON as what it says, anything else as text."""
    part.update(status="done", result=_json(result), error=None)


def _json(text: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
