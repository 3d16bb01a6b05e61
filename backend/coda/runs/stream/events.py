"""Builders of AG-UI 1.0 events, as plain dicts; the run log adds seq, ids and, where missing, the time.

The protocol, and how events become parts, is written down in docs/api/events.md.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

Event = dict[str, Any]

TEXT_CONTENT = "TEXT_MESSAGE_CONTENT"
REASONING_CONTENT = "REASONING_MESSAGE_CONTENT"
TOOL_ARGS = "TOOL_CALL_ARGS"


def run_started(*, session_id: UUID, run_id: UUID, parent_run_id: UUID | None, coda: Mapping[str, Any]) -> Event:
    """The first event of a stream; `coda` names the message, the root run and the model."""
    event: Event = {
        "type": "RUN_STARTED",
        "threadId": str(session_id),
        "runId": str(run_id),
        "protocolVersion": "1.0",
        "metadata": {"coda": dict(coda)},
    }
    if parent_run_id is not None:
        event["parentRunId"] = str(parent_run_id)
    return event


def run_finished(*, session_id: UUID, run_id: UUID, outcome: Mapping[str, Any]) -> Event:
    """The last event of a run that did not fail."""
    return {"type": "RUN_FINISHED", "threadId": str(session_id), "runId": str(run_id), "outcome": dict(outcome)}


def run_error(*, code: str, message: str, details: Mapping[str, Any]) -> Event:
    """The last event of a run that failed."""
    return {"type": "RUN_ERROR", "code": code, "message": message, "metadata": {"coda": {"details": dict(details)}}}


def step_started(name: str) -> Event:
    """A node of the graph begins; `name` is `<node>#<n>`."""
    return {"type": "STEP_STARTED", "stepName": name}


def step_finished(name: str) -> Event:
    """A node of the graph is done."""
    return {"type": "STEP_FINISHED", "stepName": name}


def text_start(message_id: str) -> Event:
    """A text message opens."""
    return {"type": "TEXT_MESSAGE_START", "messageId": message_id, "role": "assistant"}


def text_end(message_id: str) -> Event:
    """A text message closes."""
    return {"type": "TEXT_MESSAGE_END", "messageId": message_id}


def reasoning_start(message_id: str, *, at_ms: int) -> tuple[Event, Event]:
    """A reasoning span and its message open together."""
    return (
        {"type": "REASONING_START", "messageId": message_id, "timestamp": at_ms},
        {"type": "REASONING_MESSAGE_START", "messageId": message_id, "role": "reasoning", "timestamp": at_ms},
    )


def reasoning_end(message_id: str, *, at_ms: int) -> tuple[Event, Event]:
    """A reasoning message and its span close together."""
    return (
        {"type": "REASONING_MESSAGE_END", "messageId": message_id, "timestamp": at_ms},
        {"type": "REASONING_END", "messageId": message_id, "timestamp": at_ms},
    )


def tool_call_start(call_id: UUID, *, name: str, parent_message_id: str) -> Event:
    """A tool call opens."""
    return {
        "type": "TOOL_CALL_START",
        "toolCallId": str(call_id),
        "toolCallName": name,
        "parentMessageId": parent_message_id,
    }


def tool_call_end(call_id: UUID) -> Event:
    """A tool call's arguments are complete."""
    return {"type": "TOOL_CALL_END", "toolCallId": str(call_id)}


def tool_call_result(
    call_id: UUID, *, content: str, status: str, error: Mapping[str, Any] | None, duration_ms: int | None
) -> Event:
    """What a tool answered; how it went is in `metadata.coda`."""
    return {
        "type": "TOOL_CALL_RESULT",
        "messageId": f"{call_id}.result",
        "toolCallId": str(call_id),
        "role": "tool",
        "content": content,
        "metadata": {"coda": {"status": status, "error": error, "duration_ms": duration_ms}},
    }


def custom(name: str, value: Any) -> Event:  # noqa: ANN401 - any JSON value
    """One of Coda's own events."""
    return {"type": "CUSTOM", "name": name, "value": value}


def notice(*, code: str, message: str, details: Mapping[str, Any]) -> Event:
    """Something that the reader should know, as a sentence."""
    return custom("coda.notice", {"code": code, "message": message, "details": dict(details)})


def tool_evaluation(call_id: UUID, evaluation: Mapping[str, Any]) -> Event:
    """How a tool's result was judged."""
    return custom("coda.tool_evaluation", {"tool_call_id": str(call_id), "evaluation": dict(evaluation)})


def steer(part: Mapping[str, Any], steer_id: UUID) -> Event:
    """A person's steer, now that the agent reads it, or that the answer ends without it."""
    return {**steer_value(part), "metadata": {"coda": {"steer_id": str(steer_id)}}}


def steer_value(part: Mapping[str, Any]) -> Event:
    """What a steer's part says."""
    return custom("coda.steer", {key: part[key] for key in part if key != "type"})


def discard(message_ids: Sequence[str]) -> Event:
    """Throw away what a lost attempt had begun, or what was not what it seemed."""
    return custom("coda.discard", {"message_ids": list(message_ids)})


def interrupt_event(interrupt: Mapping[str, Any]) -> dict[str, Any]:
    """A stored interrupt in the spelling of AG-UI."""
    shown = {key: interrupt[key] for key in ("id", "reason", "message")}
    if interrupt["tool_call_id"]:
        shown["toolCallId"] = interrupt["tool_call_id"]
    if interrupt.get("expires_at"):
        shown["expiresAt"] = interrupt["expires_at"]
    return shown
