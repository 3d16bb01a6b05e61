"""Ids of responses and of what they put out. An item's id tells its response, so that it can be found by it."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

_RESPONSE: Final = "resp_"
_ITEM_KINDS: Final = {"message": "msg", "reasoning": "rs", "function_call": "fc"}
_HEX_LENGTH: Final = 32


def response_id(key: UUID) -> str:
    """The public id of a response."""
    return f"{_RESPONSE}{key.hex}"


def key_of(public_id: str) -> UUID | None:
    """The response's own key; None for what is no id of ours."""
    return _uuid(public_id.removeprefix(_RESPONSE)) if public_id.startswith(_RESPONSE) else None


def item_id(kind: str, key: UUID, index: int) -> str:
    """The id of one of a response's output items, by its place."""
    return f"{_ITEM_KINDS[kind]}_{key.hex}{index:02d}"


@dataclass(frozen=True, slots=True)
class ItemPlace:
    """Where an output item stands."""

    response_key: UUID
    index: int


def place_of(public_id: str) -> ItemPlace | None:
    """The place that an item's id names; None for what is no id of ours."""
    prefix, _, rest = public_id.partition("_")
    key, index = _uuid(rest[:_HEX_LENGTH]), rest[_HEX_LENGTH:]
    if prefix not in _ITEM_KINDS.values() or key is None or not (index.isascii() and index.isdigit()):
        return None
    return ItemPlace(key, int(index[:6]))


def _uuid(text: str) -> UUID | None:
    if len(text) != _HEX_LENGTH or not text.isalnum():
        return None
    try:
        return UUID(hex=text)
    except ValueError:
        return None
