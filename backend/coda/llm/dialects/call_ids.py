"""Ids of tool calls in a prompt: each its own, in the form that the wire wants, the same each time."""

import hashlib
from collections.abc import Mapping
from typing import Final

from coda.core.patterns import Pattern
from coda.llm.dialects.dialect import CallIdForm

_FORMS: Final[Mapping[CallIdForm, Pattern]] = {
    "any": Pattern(r"[A-Za-z0-9_-]{1,64}"),
    "nine": Pattern(r"[A-Za-z0-9]{9}"),
}
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_NINE: Final = 9


class CallIds:
    """Gives each call of a prompt an id of its own, and each result the id of the last call that it may belong to."""

    def __init__(self, form: CallIdForm) -> None:
        self._form = form
        self._given: set[str] = set()
        self._last: dict[str, str] = {}

    def of_call(self, call_id: str) -> str:
        """The id of a call on the wire; ids that repeat over turns become different ones."""
        wire_id = call_id if _FORMS[self._form].fullmatch(call_id) else ""
        number = 0
        while not wire_id or wire_id in self._given:
            wire_id = _derived(self._form, f"{call_id}/{number}")
            number += 1
        self._given.add(wire_id)
        self._last[call_id] = wire_id
        return wire_id

    def of_result(self, call_id: str) -> str:
        """The id of the call that a result answers."""
        return self._last.get(call_id) or _derived(self._form, call_id)


def _derived(form: CallIdForm, source: str) -> str:
    digest = hashlib.sha256(source.encode("utf-8", "replace"))
    if form == "any":
        return f"call_{digest.hexdigest()[:24]}"
    number = int.from_bytes(digest.digest()[:16])
    digits = []
    for _ in range(_NINE):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(digits)
