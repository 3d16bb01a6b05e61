"""The answer as it grows: its parts in order, and the events that tell watchers of them.

Reducing the events by docs/api/events.md gives exactly `parts`: the live state and a fresh fetch are the same.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

import orjson

from coda.conversations.parts import notice_part, reasoning_part, steer_part, text_part, tool_call_part
from coda.conversations.types import Part
from coda.core.clock import now_ms
from coda.core.ids import new_id
from coda.core.json_limits import TooDeep, TooManyValues, check_shape
from coda.core.object_text import object_text
from coda.core.text import storable
from coda.runs.stream import events

_JSON_NUL = r"\u0000"


class EventSink(Protocol):
    """Where an answer's events go: a run's log."""

    def append(self, event: events.Event) -> None:
        """Add a whole event."""
        ...

    def append_delta(self, kind: str, part_id: str, delta: str) -> None:
        """Add a piece of text to an open part; pieces that follow each other may be merged."""
        ...


class OpenToolCall:
    """A tool call whose arguments are still streaming."""

    __slots__ = ("arguments", "id", "index", "name", "part", "provider_id")

    def __init__(self, index: int, *, provider_id: str, name: str, part: Part, call_id: UUID) -> None:
        self.index = index
        self.id = call_id
        self.provider_id = provider_id
        self.name = name
        self.part = part
        self.arguments: list[str] = []


class Answer:
    """Builds the parts of one assistant message and emits their events."""

    def __init__(self, message_id: UUID, sink: EventSink, *, parts: Sequence[Part] = ()) -> None:
        self.message_id = message_id
        self.parts: list[Part] = list(parts)
        self._sink = sink
        self._turn = 0
        self._texts = 0
        self._reasonings = 0
        self._text_id: str | None = None
        self._text: list[str] = []
        self._reasoning_id: str | None = None
        self._reasoning: list[str] = []
        self._reasoning_started_ms = 0
        self._open_part: Part | None = None
        self._open_calls: dict[int, OpenToolCall] = {}
        self._calls: dict[str, Part] = {}
        self._turn_start = len(self.parts)

    def restore(self, parts: Sequence[Part]) -> None:
        """Take in parts that watchers know already."""
        self.parts.extend(parts)

    def begin_turn(self, turn: int) -> None:
        """A model call begins; its parts get ids of their own."""
        self._turn = turn
        self._texts = self._reasonings = 0
        self._turn_start = len(self.parts)

    @property
    def turn(self) -> int:
        """The present turn, counted from 1."""
        return self._turn

    @property
    def turn_id(self) -> str:
        """The AG-UI message id of the present turn."""
        return f"{self.message_id}.{self._turn}"

    def turn_parts(self) -> list[Part]:
        """The parts that the present turn has added."""
        return self.parts[self._turn_start :]

    def text(self, delta: str) -> None:
        """The model wrote text."""
        delta = storable(delta)
        if not delta:
            return
        if self._text_id is None:
            self._close_reasoning()
            self._open_text()
        self._text.append(delta)
        self._sink.append_delta(events.TEXT_CONTENT, self._text_id or "", delta)

    def retract_text(self) -> None:
        """What the present turn wrote as text was its chain of thought: it becomes that."""
        if self._open_calls:  # they would go with the text in the eyes of watchers
            return
        self._close_text()
        texts = [part for part in self.turn_parts() if part["type"] == "text"]
        if not texts:
            return
        self.parts[self._turn_start :] = [part for part in self.turn_parts() if part["type"] != "text"]
        first = self._texts - len(texts) + 1
        self._sink.append(events.discard([self._text_name(number) for number in range(first, self._texts + 1)]))
        self.reasoning("".join(part["text"] for part in texts))

    def reasoning(self, delta: str) -> None:
        """The model showed a piece of its chain of thought."""
        delta = storable(delta)
        if not delta:
            return
        if self._reasoning_id is None:
            self._close_text()
            self._open_reasoning()
        self._reasoning.append(delta)
        self._sink.append_delta(events.REASONING_CONTENT, self._reasoning_id or "", delta)

    def tool_call(self, index: int, *, provider_id: str | None, name: str | None, arguments: str) -> None:
        """The model wrote a piece of a tool call; the first piece of an index names the tool."""
        call = self._open_calls.get(index)
        if call is None:
            self._close_text()
            self._close_reasoning()
            call = self._open_call(index, provider_id=provider_id, name=name or "")
        arguments = storable(arguments)
        if arguments:
            call.arguments.append(arguments)
            self._sink.append_delta(events.TOOL_ARGS, str(call.id), arguments)

    def close_turn(self) -> list[OpenToolCall]:
        """Close all that is open; gives the turn's tool calls in the order of their parts."""
        self._close_text()
        self._close_reasoning()
        calls = list(self._open_calls.values())
        self._open_calls.clear()
        for call in calls:
            text = "".join(call.arguments)
            if not text:
                text = "{}"
                self._sink.append_delta(events.TOOL_ARGS, str(call.id), text)
            self.set_arguments(call.part, text)
            self._sink.append(events.tool_call_end(call.id))
        return calls

    def tool_result(
        self,
        call_id: UUID,
        *,
        content: str,
        error: Mapping[str, Any] | None,
        duration_ms: int | None,
        is_known: bool = False,
    ) -> None:
        """A tool answered, or failed with `error`. Watchers who know it already are not told again."""
        part = self.call_part(call_id)
        content = _without_nul(content)
        part["status"] = "failed" if error else "done"
        part["result"] = None if error else orjson.loads(content)
        part["error"] = dict(error) if error else None
        part["duration_ms"] = duration_ms
        if is_known:
            return
        shown = orjson.dumps({"error": error}).decode() if error else content
        self._sink.append(
            events.tool_call_result(
                call_id, content=shown, status=part["status"], error=part["error"], duration_ms=duration_ms
            )
        )

    def edit_call(self, call_id: UUID, *, turn: int, arguments: str) -> None:
        """A person changed the arguments of a call that is about to be made: it is told anew."""
        part = self.call_part(call_id)
        name = part["name"]
        part.clear()
        part.update(tool_call_part(call_id, name))
        self.set_arguments(part, arguments)
        self._sink.append(events.tool_call_start(call_id, name=name, parent_message_id=f"{self.message_id}.{turn}"))
        self._sink.append_delta(events.TOOL_ARGS, str(call_id), arguments)
        self._sink.append(events.tool_call_end(call_id))

    def set_arguments(self, part: Part, text: str) -> None:
        """The arguments of a call are complete."""
        part["arguments"], is_object = _parse_arguments(text)
        part.pop("arguments_text", None)
        if not is_object:
            part["arguments_text"] = text

    def steer(self, text: str, steer_id: UUID, *, is_read: bool = True) -> None:
        """The agent reads a steer, or the answer ends without that."""
        part = steer_part(text, is_read=is_read)
        self.parts.append(part)
        self._sink.append(events.steer(part, steer_id))

    def has_notice(self, code: str) -> bool:
        """Whether the reader was told so already."""
        return any(part["type"] == "notice" and part["code"] == code for part in self.parts)

    def tool_evaluation(self, call_id: UUID, evaluation: Mapping[str, Any]) -> None:
        """A tool's result was judged."""
        self.call_part(call_id)["evaluation"] = dict(evaluation)
        self._sink.append(events.tool_evaluation(call_id, evaluation))

    def wait_for(self, call_ids: Sequence[UUID]) -> None:
        """The run interrupts: these calls wait for a person."""
        for call_id in call_ids:
            self.call_part(call_id)["status"] = "waiting"

    def notice(self, *, code: str, message: str, details: Mapping[str, Any]) -> None:
        """Say something to the reader in a sentence."""
        self.parts.append(notice_part(code=code, message=message, details=details))
        self._sink.append(events.notice(code=code, message=message, details=details))

    def fail(self, *, code: str, message: str, details: Mapping[str, Any]) -> None:
        """The run failed: the part that RUN_ERROR stands for (the event itself is the run's last)."""
        self.parts.append(notice_part(code=code, message=message, details=details))

    def abandon(self, error: Mapping[str, Any]) -> None:
        """Close everything for an early end: calls without a result fail with `error`."""
        self.close_turn()
        for part in self.parts:
            if part["type"] == "tool_call" and part["status"] in ("running", "waiting"):
                self.tool_result(UUID(part["id"]), content="", error=error, duration_ms=None)

    def call_part(self, call_id: UUID) -> Part:
        """The part of a tool call."""
        wanted = str(call_id)
        if wanted not in self._calls:
            self._calls = {part["id"]: part for part in self.parts if part["type"] == "tool_call"}
        return self._calls[wanted]

    def _open_text(self) -> None:
        self._texts += 1
        self._text_id = self._text_name(self._texts)
        self._text = []
        self._open_part = text_part("")
        self.parts.append(self._open_part)
        self._sink.append(events.text_start(self._text_id))

    def _text_name(self, number: int) -> str:
        return self.turn_id if number == 1 else f"{self.turn_id}.{number}"

    def _close_text(self) -> None:
        if self._text_id is None or self._open_part is None:
            return
        self._open_part["text"] = "".join(self._text)
        self._sink.append(events.text_end(self._text_id))
        self._text_id = self._open_part = None

    def _open_reasoning(self) -> None:
        self._reasonings += 1
        self._reasoning_id = f"{self.turn_id}.r{self._reasonings}"
        self._reasoning = []
        self._reasoning_started_ms = now_ms()
        self._open_part = reasoning_part(started_at=iso_ms(self._reasoning_started_ms))
        self.parts.append(self._open_part)
        for event in events.reasoning_start(self._reasoning_id, at_ms=self._reasoning_started_ms):
            self._sink.append(event)

    def _close_reasoning(self) -> None:
        if self._reasoning_id is None or self._open_part is None:
            return
        ended_ms = now_ms()
        self._open_part["text"] = "".join(self._reasoning)
        self._open_part["duration_ms"] = ended_ms - self._reasoning_started_ms
        for event in events.reasoning_end(self._reasoning_id, at_ms=ended_ms):
            self._sink.append(event)
        self._reasoning_id = self._open_part = None

    def _open_call(self, index: int, *, provider_id: str | None, name: str) -> OpenToolCall:
        call_id, name = new_id(), storable(name)
        part = tool_call_part(call_id, name)
        self.parts.append(part)
        self._calls[part["id"]] = part
        call = OpenToolCall(
            index, provider_id=storable(provider_id or f"call_{index}"), name=name, part=part, call_id=call_id
        )
        self._open_calls[index] = call
        self._sink.append(events.tool_call_start(call_id, name=name, parent_message_id=self.turn_id))
        return call


def joined_text(parts: Sequence[Part], kind: str) -> str:
    """The text of all parts of this kind."""
    return "".join(part["text"] for part in parts if part["type"] == kind)


def _without_nul(json: str) -> str:
    """JSON text without escaped NULs. Behind an odd number of backslashes it is the last of these that is escaped."""
    first, *others = json.split(_JSON_NUL)
    kept = [first]
    for piece in others:
        before = kept[-1]
        is_escaped = (len(before) - len(before.rstrip("\\"))) % 2
        kept += [_JSON_NUL, piece] if is_escaped else [piece]
    return "".join(kept)


def iso_ms(milliseconds: int) -> str:
    """An event's timestamp as ISO 8601 in UTC with milliseconds and `Z`."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def _parse_arguments(text: str) -> tuple[dict[str, Any], bool]:
    text = object_text(text)
    try:
        check_shape(text.encode("utf-8", "replace"))
        value = orjson.loads(text)
    except (orjson.JSONDecodeError, TooDeep, TooManyValues):
        return {}, False
    return (value, True) if isinstance(value, dict) else ({}, False)
