"""Text that people, models and tools write: what can be stored of it."""

from collections.abc import Mapping
from typing import Any


def storable(text: str) -> str:
    """The text without NUL, which Postgres holds nowhere; half characters become replacement characters."""
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def storable_json(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The same for every text in a JSON value, keys too."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {storable_json(key): storable_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(item) for item in value]
    return value
