"""Names as people write them: of people, organizations, keys, chats, connections."""

import unicodedata
from typing import Annotated, Final

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from coda.core.text import storable

_JOINERS: Final = "\u200c\u200d"  # Persian words and many emoji need them
_FORMAT: Final = "Cf"
_BREAKING: Final = frozenset({"Cc", "Zl", "Zp"})
_MOST_READ: Final = 2_000
"""Characters. A name is read letter by letter, and no field takes as many as this."""


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
    if not isinstance(value, str):
        return value
    if len(value) > _MOST_READ:
        raise PydanticCustomError(
            "string_too_long", "String should have at most {max_length} characters", {"max_length": _MOST_READ}
        )
    return one_line(value)


OneLine = Annotated[str, BeforeValidator(_one_line)]
"""The type of names: of people, organizations, keys, chats, connections. Bounds of length are told after it."""
