"""The reference reducer of docs/api/events.md: folds a run's events into the state of its message."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Event = Mapping[str, Any]
Json = dict[str, Any]

STATUS_OF_OUTCOME = {"success": "complete", "cancelled": "stopped", "interrupt": "waiting"}


def iso_milliseconds(timestamp: int) -> str:
    """A timestamp in ms as the API writes it: UTC, three decimals, `Z`."""
    moment = datetime.fromtimestamp(timestamp // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{moment}.{timestamp % 1000:03d}Z"


@dataclass
class MessageState:
    """What a watcher knows of the message that a run fills."""

    status: str = "queued"
    parts: list[Json] = field(default_factory=list)
    last_seq: int = 0
    usage: Json | None = None
    timing: Json | None = None
    run_id: str | None = None
    _by_id: dict[str, Json] = field(default_factory=dict)
    _parents: dict[str, str | None] = field(default_factory=dict)
    _arguments: dict[str, str] = field(default_factory=dict)
    _started: dict[str, int] = field(default_factory=dict)

    def visible(self) -> Json:
        """What a fresh fetch of the message must show too."""
        return {
            "status": self.status,
            "parts": self.parts,
            "last_seq": self.last_seq,
            "usage": self.usage,
            "timing": self.timing,
        }

    def apply(self, event: Event) -> None:
        """Fold one event in; a replayed one changes nothing."""
        coda = event["metadata"]["coda"]
        if coda["run_id"] != self.run_id:
            self.run_id, self.last_seq = coda["run_id"], 0
        if coda.get("replay") or coda["seq"] <= self.last_seq:
            return
        self.last_seq = coda["seq"]
        handler = HANDLERS.get(event["type"])
        if handler:
            handler(self, event)

    def apply_all(self, events: Iterable[Event]) -> "MessageState":
        """Fold a whole stream in."""
        for event in events:
            self.apply(event)
        return self

    def add(self, part: Json, part_id: str | None = None) -> Json:
        """Append a part, findable by its AG-UI id."""
        self.parts.append(part)
        if part_id is not None:
            self._by_id[part_id] = part
        return part

    def start_run(self, event: Event) -> None:
        """RUN_STARTED."""
        self.status = "streaming"
        if event["metadata"]["coda"].get("compact"):
            self.parts.clear()
            self._by_id.clear()
        for part in self.parts:
            if part["type"] == "steer":
                part.pop("read", None)

    def append_text(self, event: Event) -> None:
        """TEXT_MESSAGE_CONTENT."""
        part = self._by_id.get(event["messageId"])
        if part is not None:
            part["text"] += event["delta"]
        elif event["delta"]:
            self.add({"type": "text", "text": event["delta"]}, event["messageId"])

    def start_reasoning(self, event: Event) -> None:
        """REASONING_MESSAGE_START."""
        started_at = iso_milliseconds(event["timestamp"])
        part = {"type": "reasoning", "text": "", "started_at": started_at, "duration_ms": None}
        self.add(part, event["messageId"])
        self._started[event["messageId"]] = event["timestamp"]

    def append_reasoning(self, event: Event) -> None:
        """REASONING_MESSAGE_CONTENT."""
        self._by_id[event["messageId"]]["text"] += event["delta"]

    def end_reasoning(self, event: Event) -> None:
        """REASONING_MESSAGE_END."""
        duration = event["timestamp"] - self._started[event["messageId"]]
        self._by_id[event["messageId"]]["duration_ms"] = duration

    def start_call(self, event: Event) -> None:
        """TOOL_CALL_START."""
        call_id = event["toolCallId"]
        fresh = {
            "type": "tool_call",
            "id": call_id,
            "name": event["toolCallName"],
            "arguments": {},
            "status": "running",
            "result": None,
            "error": None,
            "duration_ms": None,
        }
        known = self._by_id.get(call_id)
        if known is None:
            self.add(fresh, call_id)
        else:
            known.clear()
            known.update(fresh)
        self._parents[call_id] = event.get("parentMessageId")
        self._arguments[call_id] = ""

    def append_arguments(self, event: Event) -> None:
        """TOOL_CALL_ARGS."""
        self._arguments[event["toolCallId"]] += event["delta"]

    def end_call(self, event: Event) -> None:
        """TOOL_CALL_END."""
        part, text = self._by_id[event["toolCallId"]], self._arguments[event["toolCallId"]]
        try:
            arguments = json.loads(text)
        except ValueError:
            arguments = None
        if isinstance(arguments, dict):
            part["arguments"] = arguments
        else:
            part["arguments_text"] = text

    def finish_call(self, event: Event) -> None:
        """TOOL_CALL_RESULT."""
        coda = event["metadata"]["coda"]
        done = coda["status"] == "done"
        self._by_id[event["toolCallId"]].update(
            status=coda["status"],
            result=json.loads(event["content"]) if done else None,
            error=coda["error"],
            duration_ms=coda["duration_ms"],
        )

    def apply_custom(self, event: Event) -> None:
        """CUSTOM."""
        name, value = event["name"], event["value"]
        if name == "coda.usage":
            self.usage = value
        elif name == "coda.timing":
            self.timing = value
        elif name == "coda.tool_evaluation":
            self._by_id[value["tool_call_id"]]["evaluation"] = value["evaluation"]
        elif name in ("coda.notice", "coda.fallback"):
            self.add({"type": "notice", **value})
        elif name == "coda.steer":
            self.add({"type": "steer", **value})
        elif name == "coda.discard":
            self.discard(set(value["message_ids"]))

    def discard(self, message_ids: set[str]) -> None:
        """Remove what a dead worker had begun."""
        gone = {
            part_id for part_id in self._by_id if part_id in message_ids or self._parents.get(part_id) in message_ids
        }
        removed = [self._by_id.pop(part_id) for part_id in gone]
        self.parts[:] = [part for part in self.parts if not any(part is other for other in removed)]

    def finish(self, event: Event) -> None:
        """RUN_FINISHED."""
        outcome = event["outcome"]
        self.status = STATUS_OF_OUTCOME[outcome["type"]]
        for interrupt in outcome.get("interrupts", []):
            if interrupt.get("toolCallId") in self._by_id:
                self._by_id[interrupt["toolCallId"]]["status"] = "waiting"

    def fail(self, event: Event) -> None:
        """RUN_ERROR."""
        self.status = "failed"
        details = event["metadata"]["coda"].get("details", {})
        self.add({"type": "notice", "code": event["code"], "message": event["message"], "details": details})


HANDLERS: dict[str, Callable[[MessageState, Event], None]] = {
    "RUN_STARTED": MessageState.start_run,
    "TEXT_MESSAGE_CONTENT": MessageState.append_text,
    "REASONING_MESSAGE_START": MessageState.start_reasoning,
    "REASONING_MESSAGE_CONTENT": MessageState.append_reasoning,
    "REASONING_MESSAGE_END": MessageState.end_reasoning,
    "TOOL_CALL_START": MessageState.start_call,
    "TOOL_CALL_ARGS": MessageState.append_arguments,
    "TOOL_CALL_END": MessageState.end_call,
    "TOOL_CALL_RESULT": MessageState.finish_call,
    "CUSTOM": MessageState.apply_custom,
    "RUN_FINISHED": MessageState.finish,
    "RUN_ERROR": MessageState.fail,
}
