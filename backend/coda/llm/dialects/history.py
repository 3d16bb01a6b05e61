"""Makes the messages of a prompt such as every server accepts, and this one in particular."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import orjson

from coda.llm.dialects.call_ids import CallIds
from coda.llm.dialects.dialect import Dialect
from coda.llm.types import ChatMessage, TextBlock, ToolCallRequest

_BETWEEN: Final = "\n\n"


def accepted_history(messages: Sequence[ChatMessage], dialect: Dialect) -> Sequence[ChatMessage]:
    """Arguments are JSON objects and ids are unique for all; roles and calls are as the dialect has them."""
    accepted: Sequence[ChatMessage] = messages
    if "tools" in dialect.refuses:
        accepted = [_as_words(message) for message in accepted]
    if "system" in dialect.refuses:
        accepted = _without_system(accepted)
    if dialect.alternates or "tools" in dialect.refuses or "system" in dialect.refuses:
        accepted = list(_alternating(accepted))
    return _with_calls(accepted, CallIds(dialect.call_ids))


def argument_object(text: str) -> str:
    """Arguments as a JSON object, whatever a model wrote: what is none is put into one, so that it can be read."""
    try:
        value = orjson.loads(text or "{}")
    except ValueError:
        return orjson.dumps({"arguments": text.encode("utf-8", "replace").decode()}).decode()
    return (text or "{}") if isinstance(value, dict) else orjson.dumps({"arguments": value}).decode()


def _with_calls(messages: Sequence[ChatMessage], ids: CallIds) -> Sequence[ChatMessage]:
    if not any(message.tool_calls or message.tool_call_id for message in messages):
        return messages
    return [_with_ids(message, ids) for message in messages]


def _with_ids(message: ChatMessage, ids: CallIds) -> ChatMessage:
    if message.tool_calls:
        calls = (
            replace(call, id=ids.of_call(call.id), arguments=argument_object(call.arguments))
            for call in message.tool_calls
        )
        return replace(message, tool_calls=tuple(calls))
    if message.tool_call_id is not None:
        return replace(message, tool_call_id=ids.of_result(message.tool_call_id))
    return message


def _as_words(message: ChatMessage) -> ChatMessage:
    """Calls and results as words: for a server that takes no tools."""
    if message.role == "tool":
        return ChatMessage.of("user", f"[The tool {message.name or 'gave'} gave: {message.text}]")
    if not message.tool_calls:
        return message
    called = [_called(call) for call in message.tool_calls]
    return ChatMessage.of("assistant", _BETWEEN.join(filter(None, [message.text, *called])))


def _called(call: ToolCallRequest) -> str:
    return f"[Called {call.name} with {argument_object(call.arguments)}]"


def _without_system(messages: Sequence[ChatMessage]) -> Sequence[ChatMessage]:
    """What a system message says goes before the person's next words."""
    return [replace(message, role="user") if message.role == "system" else message for message in messages]


def _alternating(messages: Sequence[ChatMessage]) -> Iterator[ChatMessage]:
    """Messages of a person, or of the model, that follow each other become one."""
    last: ChatMessage | None = None
    for message in messages:
        if last is not None and _may_join(last, message):
            last = replace(message, content=(*last.content, TextBlock(_BETWEEN), *message.content))
            continue
        if last is not None:
            yield last
        last = message
    if last is not None:
        yield last


def _may_join(last: ChatMessage, message: ChatMessage) -> bool:
    is_plain = not (last.tool_calls or message.tool_call_id)
    return is_plain and last.role == message.role and message.role in ("user", "assistant")
