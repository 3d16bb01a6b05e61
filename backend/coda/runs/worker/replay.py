"""What the watchers of a lost attempt know, read from its stored frames."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import orjson

from coda.conversations.parts import steer_part


@dataclass(slots=True)
class ReplayedStream:
    """Takes the frames of one run in order. `interjections` are parts that no turn has made, with the turn before them.

    `text_bytes` and `reasoning_bytes` tell what was written by visits to the node that asks the model; each model
    call has a visit of its own, and arguments of tool calls are text.
    """

    last_seq: int = 0
    open_texts: list[str] = field(default_factory=list)
    open_reasonings: list[str] = field(default_factory=list)
    open_calls: list[str] = field(default_factory=list)
    open_steps: list[str] = field(default_factory=list)
    visits: dict[str, int] = field(default_factory=dict)
    message_ids: list[str] = field(default_factory=list)
    results: set[str] = field(default_factory=set)
    interjections: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    steers: int = 0
    turn: int = 0
    ttft_ms: int | None = None
    text_bytes: Counter[str] = field(default_factory=Counter)
    reasoning_bytes: Counter[str] = field(default_factory=Counter)
    visit: str = ""

    def read(self, frame: str) -> None:
        """Take one stored frame in."""
        event = orjson.loads(frame)
        self.last_seq = event["metadata"]["coda"]["seq"]
        handler = _READERS.get(event["type"])
        if handler is not None:
            handler(self, event)

    def begun(self, message_id: str) -> None:
        """A part of a turn has come."""
        self.message_ids.append(message_id)
        self.turn = max(self.turn, _turn_of(message_id))

    def discarded(self, message_ids: set[str]) -> None:
        """A lost attempt's parts are gone: what came after them now comes after the turn before."""
        self.message_ids = [name for name in self.message_ids if name not in message_ids]
        self.turn = max(map(_turn_of, self.message_ids), default=0)
        self.interjections = [(min(turn, self.turn), part) for turn, part in self.interjections]


def turn_id_of(message_id: str) -> str:
    """`<message id>.<turn>`, without what tells a turn's parts apart."""
    return ".".join(message_id.split(".")[:2])


def _turn_of(message_id: str) -> int:
    return int(message_id.split(".")[1])


def _step_started(replayed: ReplayedStream, event: dict[str, Any]) -> None:
    name, _, visit = event["stepName"].partition("#")
    replayed.visits[name] = int(visit)
    replayed.open_steps.append(event["stepName"])
    if name == "reason":
        replayed.visit = event["stepName"]


def _text_started(replayed: ReplayedStream, event: dict[str, Any]) -> None:
    replayed.open_texts.append(event["messageId"])
    replayed.begun(event["messageId"])


def _reasoning_started(replayed: ReplayedStream, event: dict[str, Any]) -> None:
    replayed.open_reasonings.append(event["messageId"])
    replayed.begun(event["messageId"])


def _call_started(replayed: ReplayedStream, event: dict[str, Any]) -> None:
    replayed.open_calls.append(event["toolCallId"])
    replayed.begun(event["parentMessageId"])


def _text_written(replayed: ReplayedStream, event: dict[str, Any]) -> None:
    replayed.text_bytes[replayed.visit] += len(event["delta"].encode())


def _reasoning_written(replayed: ReplayedStream, event: dict[str, Any]) -> None:
    replayed.reasoning_bytes[replayed.visit] += len(event["delta"].encode())


def _custom(replayed: ReplayedStream, event: dict[str, Any]) -> None:
    name, value = event["name"], event["value"]
    if name == "coda.timing":
        replayed.ttft_ms = value["ttft_ms"]
    elif name == "coda.steer":
        replayed.steers += 1
        replayed.interjections.append((replayed.turn, steer_part(value["text"], is_read=value.get("read", True))))
    elif name == "coda.discard":
        replayed.discarded(set(value["message_ids"]))
    elif name in ("coda.notice", "coda.fallback"):
        replayed.interjections.append((replayed.turn, {"type": "notice", **value}))


_READERS = {
    "STEP_STARTED": _step_started,
    "STEP_FINISHED": lambda replayed, event: replayed.open_steps.remove(event["stepName"]),
    "TEXT_MESSAGE_START": _text_started,
    "TEXT_MESSAGE_CONTENT": _text_written,
    "TEXT_MESSAGE_END": lambda replayed, event: replayed.open_texts.remove(event["messageId"]),
    "REASONING_MESSAGE_START": _reasoning_started,
    "REASONING_MESSAGE_CONTENT": _reasoning_written,
    "REASONING_END": lambda replayed, event: replayed.open_reasonings.remove(event["messageId"]),
    "TOOL_CALL_START": _call_started,
    "TOOL_CALL_ARGS": _text_written,
    "TOOL_CALL_END": lambda replayed, event: replayed.open_calls.remove(event["toolCallId"]),
    "TOOL_CALL_RESULT": lambda replayed, event: replayed.results.add(event["toolCallId"]),
    "CUSTOM": _custom,
}
