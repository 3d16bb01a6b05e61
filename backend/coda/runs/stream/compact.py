"""The stream of a run that ended long ago, rebuilt from the stored answer: one piece per part."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from coda.conversations.models import Message
from coda.runs.models import Run
from coda.runs.stream import events
from coda.runs.stream.frames import FrameRenderer, dump
from coda.runs.stream.hub.frame import Frame

_OUTCOMES = {"finished": "success", "cancelled": "cancelled"}
_ANSWERED = ("done", "failed")


def compact_stream(run: Run, message: Message, *, after: int) -> list[Frame]:
    """RUN_STARTED, the answer's parts, usage, timing and the end, all marked `compact`.

    `seq` rises from behind `after` to the run's last. Where too few numbers are left for that, all events but the
    end are marked as replay: a client that has so much of the run fetches the message.
    """
    stream = [_started(run), *_answer(message, _parts(run, message)), _ended(run)]
    renderer = FrameRenderer(run_id=run.id, session_id=run.session_id)
    frames = []
    for event, (seq, marks) in zip(stream, _numbers(len(stream), after=after, last=run.last_seq), strict=True):
        own = event.get("metadata", {}).get("coda", {})
        marked = {**event, "metadata": {"coda": {**own, **marks}}}
        frames.append(Frame(seq, 0, renderer.event(marked, seq=seq)))
    return frames


def _numbers(count: int, *, after: int, last: int) -> list[tuple[int, dict[str, bool]]]:
    compact = {"compact": True}
    if after == 0:
        last = max(last, count)
    if last - after >= count:
        return [(seq, compact) for seq in range(last - count + 1, last + 1)]
    return [(after, compact | {"replay": True})] * (count - 1) + [(last, compact)]


def _started(run: Run) -> events.Event:
    event = events.run_started(
        session_id=run.session_id,
        run_id=run.id,
        parent_run_id=run.parent_run_id,
        coda={"message_id": str(run.message_id), "root_run_id": str(run.root_run_id), "model": run.model},
    )
    return event | _at(run.started_at or run.created_at)


def _ended(run: Run) -> events.Event:
    at = _at(run.finished_at or run.created_at)
    if run.status == "failed":
        error = run.error or {"code": "runs.internal", "message": "Something went wrong while answering. Try again."}
        details = error.get("details") or {}
        return events.run_error(code=error["code"], message=error["message"], details=details) | at
    outcome: dict[str, Any] = {"type": _OUTCOMES.get(run.status, "success")}
    if run.status == "interrupted" and run.interrupts:
        outcome = {"type": "interrupt", "interrupts": [events.interrupt_event(item) for item in run.interrupts]}
    return events.run_finished(session_id=run.session_id, run_id=run.id, outcome=outcome) | at


def _parts(run: Run, message: Message) -> Sequence[Mapping[str, Any]]:
    """The parts; RUN_ERROR makes the last one of a failed run by itself."""
    parts = message.content
    if run.status == "failed" and run.error and parts and parts[-1].get("code") == run.error["code"]:
        return parts[:-1]
    return parts


def _answer(message: Message, parts: Sequence[Mapping[str, Any]]) -> Iterator[events.Event]:
    at = _at(message.created_at)
    for number, part in enumerate(parts, start=1):
        part_id = f"{message.id}.c{number}"
        match part["type"]:
            case "text":
                yield from _text(part, part_id, at)
            case "reasoning":
                yield from _reasoning(part, part_id)
            case "tool_call":
                yield from _tool_call(part, part_id, at)
            case "notice":
                yield events.custom("coda.notice", {key: part[key] for key in part if key != "type"}) | at
            case "steer":
                yield events.steer_value(part) | at
    yield from _figures(message, at)


def _text(part: Mapping[str, Any], part_id: str, at: dict[str, int]) -> Iterator[events.Event]:
    yield events.text_start(part_id) | at
    yield {"type": events.TEXT_CONTENT, "messageId": part_id, "delta": part["text"], **at}
    yield events.text_end(part_id) | at


def _reasoning(part: Mapping[str, Any], part_id: str) -> Iterator[events.Event]:
    started = round(datetime.fromisoformat(part["started_at"]).timestamp() * 1000)
    yield from events.reasoning_start(part_id, at_ms=started)
    yield {"type": events.REASONING_CONTENT, "messageId": part_id, "delta": part["text"], "timestamp": started}
    yield from events.reasoning_end(part_id, at_ms=started + (part["duration_ms"] or 0))


def _tool_call(part: Mapping[str, Any], part_id: str, at: dict[str, int]) -> Iterator[events.Event]:
    call_id = UUID(part["id"])
    yield events.tool_call_start(call_id, name=part["name"], parent_message_id=part_id) | at
    written = part.get("arguments_text") or dump(part["arguments"])
    yield {"type": events.TOOL_ARGS, "toolCallId": part["id"], "delta": written, **at}
    yield events.tool_call_end(call_id) | at
    if part["status"] in _ANSWERED:
        failed = part["status"] == "failed"
        yield (
            events.tool_call_result(
                call_id,
                content=dump({"error": part["error"]} if failed else part["result"]),
                status=part["status"],
                error=part["error"],
                duration_ms=part["duration_ms"],
            )
            | at
        )
    if "evaluation" in part:
        yield events.tool_evaluation(call_id, part["evaluation"]) | at


def _figures(message: Message, at: dict[str, int]) -> Iterator[events.Event]:
    if message.usage is not None:
        yield events.custom("coda.usage", message.usage.as_dict()) | at
    if message.total_ms is not None:
        yield events.custom("coda.timing", {"ttft_ms": message.ttft_ms, "total_ms": message.total_ms}) | at


def _at(moment: datetime) -> dict[str, int]:
    return {"timestamp": round(moment.timestamp() * 1000)}
