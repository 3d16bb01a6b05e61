"""What models call the tools of sources that people add: never what a tool of our own is called."""

from hashlib import sha256
from typing import Final

from coda.core.patterns import Characters

_NOT_IN_NAMES: Final = Characters("^a-zA-Z0-9_-")
_BETWEEN: Final = "__"
_LONGEST_NAME: Final = 64
"""What all providers take as the name of a tool."""
_HASH: Final = 8


def model_name(prefix: str, name: str) -> str:
    """What a model calls a tool: of one source and one name always the same."""
    plain = _NOT_IN_NAMES.replaced(name, "_")
    whole = f"{prefix}{_BETWEEN}{plain}"
    if plain == name and len(whole) <= _LONGEST_NAME:
        return whole
    ending = f"_{sha256(name.encode()).hexdigest()[:_HASH]}"
    return whole[: _LONGEST_NAME - len(ending)] + ending


def is_of_added_source(name: str) -> bool:
    """Whether a name can be that of such a tool."""
    return _BETWEEN in name
