"""A chat as a client of MCP reads it: Markdown or JSON, the newest messages first to fit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from coda.conversations.schemas import MessageRead

_MOST_BYTES: Final = 400_000
"""What clients read as one event has a megabyte."""
_LONGEST_TEXT: Final = 100_000
_LONGEST_VALUE: Final = 2_000
_SPEAKERS: Final = {"user": "Question", "assistant": "Answer"}
_FIELDS: Final = {"id", "parent_id", "role", "content", "status", "model", "created_at"}


@dataclass(frozen=True, slots=True)
class ToldChat:
    """A chat's title and messages, oldest first; `older`: where the messages before them are."""

    title: str
    messages: Sequence[MessageRead]
    older: str | None

    def as_markdown(self) -> str:
        """For people and models: what was said, and which tools were called."""
        before = [f"Older messages: {self.older}"] if self.older else []
        return "\n\n".join([f"# {self.title}", *before, *map(markdown_of, self.messages)]) + "\n"

    def as_json(self) -> str:
        """For programs: the messages as the API gives them, without what only screens need."""
        messages = [message.model_dump(mode="json", include=_FIELDS) for message in self.messages]
        return orjson.dumps({"title": self.title, "messages": messages, "older": self.older}).decode()


def fitting(messages: Sequence[MessageRead]) -> Sequence[MessageRead]:
    """The newest of these messages that fit into one answer; always one."""
    left, first = _MOST_BYTES, len(messages)
    while first > 0:
        left -= len(orjson.dumps(messages[first - 1].content))
        if left < 0 and first < len(messages):
            break
        first -= 1
    return messages[first:]


def markdown_of(message: MessageRead) -> str:
    """A message, with its tool calls in short."""
    speaker = _SPEAKERS[message.role] + (f" ({message.model})" if message.model else "")
    said = [text for part in message.content if (text := _part(part))]
    status = [] if message.status == "complete" else [f"*{message.status}*"]
    return "\n\n".join([f"## {speaker}", *said, *status])


def _part(part: Mapping[str, Any]) -> str | None:
    match part["type"]:
        case "text":
            return _cut(part["text"], _LONGEST_TEXT)
        case "steer":
            return f"> {_cut(part['text'], _LONGEST_TEXT)}"
        case "tool_call":
            outcome = part.get("error") or part.get("result")
            called = f"{part['name']}({_short(part.get('arguments'))})"
            return f"`{called}` → `{_short(outcome)}`"
        case "image" | "file":
            return f"[{part.get('name') or part['type']}]"
        case "notice":
            return f"*{part['message']}*"
    return None


def _short(value: object) -> str:
    return _cut(orjson.dumps(value, default=str).decode(), _LONGEST_VALUE)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
