"""Cursor pages: the cursors of lists, and the page that list routes answer with."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from coda.core.errors import CodaError, ErrorKind

T = TypeVar("T")

_LARGEST_POSITION = 2**63 - 1


class InvalidCursor(CodaError):
    """A cursor that this server never gave out."""

    kind = ErrorKind.UNPROCESSABLE
    code = "core.invalid_cursor"

    def __init__(self) -> None:
        super().__init__("The cursor is not one that this list gave out; start without one.")


def encode_key(key: bytes) -> str:
    """A sort key in the opaque form that clients send back."""
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


def decode_key(text: str) -> bytes:
    """The sort key in a client's cursor; raises InvalidCursor."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise InvalidCursor from None


def position_of(text: str | None) -> int | None:
    """The cursor of a list that goes by a number which the database counts up; raises InvalidCursor."""
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > len(str(_LARGEST_POSITION)):
        raise InvalidCursor
    position = int(text)
    if not 0 < position <= _LARGEST_POSITION:
        raise InvalidCursor
    return position


@dataclass(frozen=True, slots=True)
class Cursor:
    """The sort key of the last row of a page."""

    at: datetime
    id: UUID

    def encode(self) -> str:
        """The opaque form that clients send back."""
        return encode_key(f"{self.at.isoformat()}|{self.id}".encode())

    @classmethod
    def decode(cls, text: str | None) -> "Cursor | None":
        """Read a client's cursor; raises InvalidCursor."""
        if not text:
            return None
        try:
            at, _, row_id = decode_key(text).decode().partition("|")
            moment = datetime.fromisoformat(at)
            if moment.tzinfo is None:
                raise InvalidCursor
            return cls(moment, UUID(row_id))
        except ValueError:
            raise InvalidCursor from None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list and the cursor of the next, None on the last."""

    items: Sequence[T]
    next_cursor: str | None


def page_of(rows: Sequence[T], *, limit: int, key: Callable[[T], Cursor]) -> Page[T]:
    """Cut `limit` + 1 fetched rows to a page; the extra row only tells that there is more."""
    shown = rows[:limit]
    more = len(rows) > limit
    return Page(shown, key(shown[-1]).encode() if more and shown else None)
