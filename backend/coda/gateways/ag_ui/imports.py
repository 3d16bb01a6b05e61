"""The messages that a client brings into a new thread, as questions and answers of Coda."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from coda.conversations.parts import text_part
from coda.conversations.types import NewMessage, Part
from coda.gateways.ag_ui.errors import UnreadableContent
from coda.gateways.ag_ui.ids import derived, own_or_derived
from coda.gateways.ag_ui.schemas import AgUiMessage, AgUiToolCall
from coda.gateways.answers.call_parts import answer_call, unanswered_call

INSTRUCTING = frozenset({"system", "developer"})
_SPEAKING: Mapping[str, Literal["user", "assistant"]] = {"user": "user", "assistant": "assistant"}


@dataclass(slots=True)
class _Turn:
    """What one side said without the other between."""

    id: UUID
    role: Literal["user", "assistant"]
    parts: list[Part] = field(default_factory=list)


def imported(messages: Sequence[AgUiMessage], *, person: UUID, session_id: UUID) -> list[NewMessage]:
    """Questions and answers in turn, beginning with a question and ending with an answer, or nothing.

    Tool calls come with their results; reasoning, activities and instructions are not part of what was said.
    """
    results = {message.tool_call_id: message for message in messages if message.role == "tool"}
    turns: list[_Turn] = []
    for message in messages:
        role = _SPEAKING.get(message.role)
        if role is None:
            continue
        if not turns or turns[-1].role != role:
            turns.append(_Turn(message_key(message.id, person=person, session_id=session_id), role))
        turns[-1].parts += [text_part(text)] if (text := text_of_message(message)) else []
        turns[-1].parts += [_called(call, results.get(call.id), person) for call in message.tool_calls or ()]
    while turns and turns[0].role == "assistant":
        turns.pop(0)
    while turns and turns[-1].role == "user":
        turns.pop()
    return [NewMessage(turn.id, turn.role, turn.parts, "complete") for turn in turns]


def message_key(message_id: str, *, person: UUID, session_id: UUID) -> UUID:
    """The id that a client's message has in Coda: the same message may stand in several threads."""
    return derived(person, "message", str(session_id), message_id)


def text_of_message(message: AgUiMessage) -> str:
    """What a message says; raises UnreadableContent where it is no text."""
    if message.content is None or isinstance(message.content, str):
        return message.content or ""
    parts = message.content if isinstance(message.content, list) else [message.content]
    return "\n\n".join(_text(part) for part in parts)


def _text(part: Mapping[str, Any]) -> str:
    text = part.get("text")
    if part.get("type") != "text" or not isinstance(text, str):
        raise UnreadableContent(str(part.get("type"))[:40])
    return text


def _called(call: AgUiToolCall, result: AgUiMessage | None, person: UUID) -> Part:
    key = own_or_derived(call.id, person, "tool call")
    part = unanswered_call(key, call.function.name, call.function.arguments)
    if result is not None:
        answer_call(part, text_of_message(result))
    return part
