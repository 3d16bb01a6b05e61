"""Text that people, models and tools write: what can be stored of it, and what may stand in a name."""

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BeforeValidator

_JOINERS: Final = "\u200c\u200d"  # Persian words and many emoji need them
_FORMAT: Final = "Cf"
_BREAKING: Final = frozenset({"Cc", "Zl", "Zp"})


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


def one_line(text: str) -> str:
    """A name as it may be shown: on one line, and without what is not seen or turns the letters around it.

    Control characters and line ends become spaces; invisible ones, bidirectional marks among them, are left out.
    """
    return " ".join("".join(map(_shown, unicodedata.normalize("NFC", storable(text)))).split())


def _shown(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in _BREAKING:
        return " "
    return "" if kind == _FORMAT and character not in _JOINERS else character


def _one_line(value: object) -> object:
    return one_line(value) if isinstance(value, str) else value


OneLine = Annotated[str, BeforeValidator(_one_line)]
"""The type of names: of people, organizations, keys, chats, connections. Bounds of length are told after it."""
