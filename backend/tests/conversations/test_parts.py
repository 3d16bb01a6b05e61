"""Text and size of a message's parts."""

from typing import Any

from coda.conversations.parts import size_of, text_of, text_part

PARTS: list[dict[str, Any]] = [
    {"type": "reasoning", "text": "long thoughts", "started_at": "", "duration_ms": 1},
    {"type": "text", "text": "Hello"},
    {"type": "tool_call", "name": "calculator", "arguments": {"expression": "1+1"}, "result": {"value": "2"}},
    {"type": "tool_call", "name": "x", "arguments": {}, "result": None, "error": {"code": "e", "message": "m"}},
    {"type": "notice", "code": "n", "message": "not read by a model", "details": {}},
    {"type": "steer", "text": "shorter"},
    {"type": "text", "text": ""},
    {"type": "text", "text": "world"},
    {"type": "hologram"},
]


def test_text_is_what_was_said() -> None:
    assert text_of(PARTS) == "Hello\n\nworld"
    assert text_of([text_part("Hi")]) == "Hi"


def test_size_counts_what_a_model_reads_again() -> None:
    calls = len('calculator{"expression":"1+1"}{"value":"2"}') + len('x{}{"code":"e","message":"m"}')

    assert size_of(PARTS) == len("Hello") + len("world") + len("shorter") + calls
