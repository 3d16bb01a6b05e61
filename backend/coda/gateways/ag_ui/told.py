"""What a client of AG-UI has been told, so that what Coda takes back can be taken back there too."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson

from coda.gateways.ag_ui.ids import message_of
from coda.gateways.ag_ui.schemas import AgUiMessage

Shown = dict[str, Any]
_DISCARD: Final = '{"type":"CUSTOM","name":"coda.discard"'


class ToldMessages:
    """The messages of a client: what it has sent, and what one run adds to them, as AG-UI's clients do it themselves.

    Frames are only kept until something is taken back, for that is seldom.
    """

    def __init__(self, given: Sequence[AgUiMessage]) -> None:
        self._given = given
        self._frames: list[str] = []

    def add(self, frame: str) -> None:
        """The client is told this."""
        self._frames.append(frame)

    def snapshot(self) -> Shown:
        """The event that gives a client its messages anew, without what was taken back."""
        messages = [message.model_dump(by_alias=True, exclude_none=True) for message in self._given]
        return {"type": "MESSAGES_SNAPSHOT", "messages": folded(messages, map(orjson.loads, self._frames))}


def takes_back(frame: str) -> bool:
    """Whether a frame tells that something before it does not count."""
    return frame.startswith(_DISCARD)


def folded(messages: list[Shown], events: Iterable[Mapping[str, Any]]) -> list[Shown]:
    """The messages after these events."""
    for event in events:
        reader = _READERS.get(event["type"])
        if reader is not None:
            reader(messages, event)
        elif event["type"] == "CUSTOM" and event["name"] == "coda.discard":
            gone = set(event["value"]["message_ids"])
            messages = [message for message in messages if message["id"] not in gone]
    return messages


def without_answer(messages: Sequence[AgUiMessage], answer_id: UUID) -> list[AgUiMessage]:
    """The messages but for the parts of one answer, and the results of its calls."""
    parts = [message for message in messages if message_of(message.id) == answer_id]
    calls = {call.id for message in parts for call in message.tool_calls or ()}
    return [message for message in messages if message_of(message.id) != answer_id and not _is_result(message, calls)]


def _is_result(message: AgUiMessage, calls: Collection[str]) -> bool:
    return message.role == "tool" and message.tool_call_id in calls


def _begin(role: str) -> Callable[[list[Shown], Mapping[str, Any]], None]:
    def begin(messages: list[Shown], event: Mapping[str, Any]) -> None:
        if _find(messages, event["messageId"]) is None:
            messages.append({"id": event["messageId"], "role": role, "content": ""})

    return begin


def _write(messages: list[Shown], event: Mapping[str, Any]) -> None:
    message = _find(messages, event["messageId"])
    if message is not None:
        message["content"] = message.get("content", "") + event["delta"]


def _call(messages: list[Shown], event: Mapping[str, Any]) -> None:
    caller = _find(messages, event["parentMessageId"])
    if caller is None:
        caller = {"id": event["parentMessageId"], "role": "assistant"}
        messages.append(caller)
    function = {"name": event["toolCallName"], "arguments": ""}
    caller.setdefault("toolCalls", []).append({"id": event["toolCallId"], "type": "function", "function": function})


def _argue(messages: list[Shown], event: Mapping[str, Any]) -> None:
    for message in messages:
        for call in message.get("toolCalls") or ():
            if call["id"] == event["toolCallId"]:
                call["function"]["arguments"] += event["delta"]


def _answer(messages: list[Shown], event: Mapping[str, Any]) -> None:
    result = {"toolCallId": event["toolCallId"], "content": event["content"]}
    messages.append({"id": event["messageId"], "role": "tool", **result})


def _find(messages: Sequence[Shown], message_id: str) -> Shown | None:
    return next((message for message in reversed(messages) if message["id"] == message_id), None)


_READERS: Final[Mapping[str, Callable[[list[Shown], Mapping[str, Any]], None]]] = {
    "TEXT_MESSAGE_START": _begin("assistant"),
    "TEXT_MESSAGE_CONTENT": _write,
    "REASONING_MESSAGE_START": _begin("reasoning"),
    "REASONING_MESSAGE_CONTENT": _write,
    "TOOL_CALL_START": _call,
    "TOOL_CALL_ARGS": _argue,
    "TOOL_CALL_RESULT": _answer,
}
