"""JSON as servers write it: NaN, control characters in strings, halves of surrogate pairs, bytes that are no UTF-8."""

import json
from typing import Any

import orjson

from coda.core.patterns import Characters

_HALVES = Characters("\ud800-\udfff")


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
    """JSON text of any JSON value, also one with lone surrogates."""
    try:
        return orjson.dumps(value).decode()
    except (TypeError, ValueError):  # lone surrogates, numbers beyond 64 bits
        return json.dumps(value)


def is_object(text: str) -> bool:
    """Whether a text is one whole JSON object."""
    if not text.rstrip().endswith("}"):
        return False
    try:
        return isinstance(orjson.loads(text), dict)
    except ValueError:
        return False


def is_storable(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Whether the database takes a value: no lone surrogates, no NUL, no numbers beyond 64 bits."""
    try:
        return b"\\u0000" not in orjson.dumps(value)
    except (TypeError, ValueError):
        return False


class WholeText:
    """Joins the halves of surrogate pairs that came in two pieces; a half that stays alone becomes U+FFFD."""

    __slots__ = ("_half",)

    def __init__(self) -> None:
        self._half = ""

    def piece(self, text: str) -> str:
        """What can be shown of this piece now."""
        if not self._half and (text.isascii() or not _HALVES.are_in(text)):
            return text
        text, self._half = self._half + text, ""
        if "\ud800" <= text[-1:] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return _paired(text)

    def end(self) -> str:
        """What is left where nothing more comes."""
        half, self._half = self._half, ""
        return _paired(half)


def without_halves(text: str) -> str:
    """The text with every lone half as U+FFFD: UTF-8 has no form for them."""
    return text if text.isascii() or not _HALVES.are_in(text) else _paired(text)


def _paired(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
