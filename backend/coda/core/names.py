"""Names as people write them: of people, organizations, keys, chats, connections."""

import unicodedata
from typing import Annotated, Final

from pydantic import BeforeValidator

from coda.core.text import storable

_JOINERS: Final = "\u200c\u200d"  # Persian words and many emoji need them
_FORMAT: Final = "Cf"
_BREAKING: Final = frozenset({"Cc", "Zl", "Zp"})


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
