"""JSON as servers write it: NaN, control characters in strings, halves of surrogate pairs, bytes that are no UTF-8."""

import json
from typing import Any

import orjson

from coda.core.text import storable_json


def loads(data: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """The value, strictly read where possible. Raises ValueError."""
    try:
        return orjson.loads(data)
    except ValueError:
        return loads_leniently(data)


def loads_leniently(data: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """The value of what strict JSON refuses; its strings may hold lone surrogates. Raises ValueError."""
    try:
        return json.loads(data.decode("utf-8", "replace"), strict=False)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def dumps(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """JSON text of any JSON value, also one with halves of characters."""
    try:
        return orjson.dumps(value).decode()
    except (TypeError, ValueError):  # halves of characters, numbers beyond 64 bits
        return json.dumps(storable_json(value))


def is_object(text: str) -> bool:
    """Whether a text is one whole JSON object."""
    if not text.rstrip().endswith("}"):
        return False
    try:
        return isinstance(orjson.loads(text), dict)
    except ValueError:
        return False
