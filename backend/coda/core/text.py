"""Text that people, models and tools write: what can be stored and sent of it.

Postgres holds no NUL, and UTF-8 has no form for half of a character: a lone surrogate, which JSON can spell. This is
the one place that says what becomes of them.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson

_ESCAPED_NUL: Final = b"\\u0000"
_FIRST_HALF: Final = ("\ud800", "\udbff")


def is_whole(text: str) -> bool:
    """Whether no half of a character is in it."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def whole(text: str) -> str:
    """The text with halves that belong together joined, and U+FFFD for each that stays alone."""
    if is_whole(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def encodable(text: str) -> str:
    """The same in as many characters as before, a question mark for each half: for searches, which count them."""
    return text if is_whole(text) else text.encode("utf-8", "replace").decode()


def is_storable(text: str) -> bool:
    """Whether `storable` would change nothing."""
    return "\0" not in text and is_whole(text)


def storable(text: str) -> str:
    """The text without NUL, and whole."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text if text.isascii() else whole(text)


def storable_json(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The same for every text in a JSON value, keys too."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {storable_json(key): storable_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(item) for item in value]
    return value


def is_storable_json(value: Any) -> bool:  # noqa: ANN401 - any JSON
    """Whether a JSON value can be stored as it is: its texts, its keys, and its numbers, which have 64 bits at most."""
    try:
        return _ESCAPED_NUL not in orjson.dumps(value)
    except (TypeError, ValueError):
        return False


class WholeText:
    """Text that comes in pieces, between which a character may be cut: its first half waits for the other."""

    __slots__ = ("_half",)

    def __init__(self) -> None:
        self._half = ""

    def piece(self, text: str) -> str:
        """What can be shown of this piece now."""
        if not self._half and is_whole(text):
            return text
        text, self._half = self._half + text, ""
        first, last = _FIRST_HALF
        if first <= text[-1:] <= last:
            text, self._half = text[:-1], text[-1]
        return whole(text)

    def end(self) -> str:
        """What is left where nothing more comes."""
        half, self._half = self._half, ""
        return whole(half)
