"""What a stream begins with for a reader who was there before: the run, and whatever is open at that point."""

from collections.abc import Iterable
from typing import Any, Final

import orjson

from coda.runs.stream.frames import dump, is_end
from coda.runs.stream.hub.frame import Frame

_OPENS: Final = {
    "STEP_STARTED": ("step", "stepName"),
    "REASONING_START": ("span", "messageId"),
    "REASONING_MESSAGE_START": ("reasoning", "messageId"),
    "TEXT_MESSAGE_START": ("text", "messageId"),
    "TOOL_CALL_START": ("call", "toolCallId"),
}
_CLOSES: Final = {
    "STEP_FINISHED": ("step", "stepName"),
    "REASONING_END": ("span", "messageId"),
    "REASONING_MESSAGE_END": ("reasoning", "messageId"),
    "TEXT_MESSAGE_END": ("text", "messageId"),
    "TOOL_CALL_END": ("call", "toolCallId"),
}
_ORDER: Final = ("step", "span", "reasoning", "text", "call")
STRUCTURE: Final = ("RUN_STARTED", *_OPENS, *_CLOSES, "RUN_FINISHED", "RUN_ERROR")
"""The event types that decide what is open."""


def reopen(frames: Iterable[Frame], *, after: int) -> list[Frame]:
    """RUN_STARTED and what is open after the given frames of a run's structure, marked as replay at `after`.

    Of a run that is over nothing is open: then its end comes too.
    """
    opening: list[Any] = []
    opened: dict[tuple[str, str], Any] = {}
    for frame in frames:
        event = orjson.loads(frame.text)
        kind = event["type"]
        if kind == "RUN_STARTED" or is_end(frame.text):
            opening.append(event)
        elif kind in _OPENS:
            thing, key = _OPENS[kind]
            opened[thing, event[key]] = event
        elif kind in _CLOSES:
            thing, key = _CLOSES[kind]
            opened.pop((thing, event[key]), None)
    in_order = sorted(opened, key=lambda item: _ORDER.index(item[0]))
    return [_replayed(event, after) for event in [*opening, *(opened[item] for item in in_order)]]


def _replayed(event: dict[str, Any], after: int) -> Frame:
    event["metadata"]["coda"] |= {"seq": after, "replay": True}
    return Frame(after, 0, dump(event))
