"""The rules that every stream of a run keeps, as one check for recorded and live streams alike."""

from collections.abc import Mapping, Sequence
from typing import Any

from ag_ui.core import Event as AgUiEvent
from pydantic import BaseModel, TypeAdapter

ADAPTER: TypeAdapter[Any] = TypeAdapter(AgUiEvent)

ENDS = ("RUN_FINISHED", "RUN_ERROR")
# type -> (kind of thing, field with its id)
OPENERS = {
    "STEP_STARTED": ("step", "stepName"),
    "TEXT_MESSAGE_START": ("text", "messageId"),
    "REASONING_START": ("span", "messageId"),
    "REASONING_MESSAGE_START": ("reasoning", "messageId"),
    "TOOL_CALL_START": ("call", "toolCallId"),
}
CLOSERS = {
    "STEP_FINISHED": ("step", "stepName"),
    "TEXT_MESSAGE_END": ("text", "messageId"),
    "REASONING_END": ("span", "messageId"),
    "REASONING_MESSAGE_END": ("reasoning", "messageId"),
    "TOOL_CALL_END": ("call", "toolCallId"),
}
CONTENTS = {
    "TEXT_MESSAGE_CONTENT": ("text", "messageId"),
    "REASONING_MESSAGE_CONTENT": ("reasoning", "messageId"),
    "TOOL_CALL_ARGS": ("call", "toolCallId"),
}


def assert_ag_ui(event: Mapping[str, Any]) -> None:
    """The event is AG-UI 1.0 with no field of our own outside `metadata`."""
    parsed = ADAPTER.validate_python(event)
    assert_nothing_extra(parsed)
    assert isinstance(event["timestamp"], int)
    assert {"seq", "run_id", "session_id"} <= event["metadata"]["coda"].keys()


def assert_nothing_extra(model: BaseModel) -> None:
    """Clients strip what AG-UI does not know, so nothing may be there."""
    assert not model.model_extra, f"{type(model).__name__} carries {model.model_extra}"
    for name in type(model).model_fields:
        value = getattr(model, name)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, BaseModel):
                assert_nothing_extra(item)


def split_connections(lines: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """One list per connection: each begins with its RUN_STARTED."""
    connections: list[list[Mapping[str, Any]]] = []
    for line in lines:
        if line["type"] == "RUN_STARTED":
            connections.append([])
        assert connections, "A stream opens with RUN_STARTED."
        connections[-1].append(line)
    return connections


def assert_ordered(connection: Sequence[Mapping[str, Any]], *, after: int, ended: bool) -> None:
    """Opened things are closed, `seq` has no gap, nothing comes after the end."""
    opened: set[tuple[str, str]] = set()
    seq = after
    for position, event in enumerate(connection):
        coda = event["metadata"]["coda"]
        seq = seq if coda.get("replay") else seq + 1
        assert coda["seq"] == seq, f"seq {coda['seq']} stands where {seq} should"
        assert_nested(event, opened)
        if event["type"] in ENDS:
            assert not opened, f"still open at the end: {opened}"
            assert position == len(connection) - 1, "something comes after the end"
    assert (connection[-1]["type"] in ENDS) is ended


def assert_nested(event: Mapping[str, Any], opened: set[tuple[str, str]]) -> None:
    """Content and closing name something open; opening names something that is not."""
    for table in (OPENERS, CLOSERS, CONTENTS):
        if event["type"] in table:
            kind, key = table[event["type"]]
            thing = (kind, event[key])
            assert (thing in opened) is (table is not OPENERS), f"{event['type']} of {thing}"
            if table is OPENERS:
                opened.add(thing)
            elif table is CLOSERS:
                opened.remove(thing)
