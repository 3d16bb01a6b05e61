"""The cursor of lists that go by name."""

from dataclasses import dataclass
from uuid import UUID

import orjson

from coda.core.pagination import InvalidCursor, decode_key, encode_key


@dataclass(frozen=True, slots=True)
class NameCursor:
    """The sort key of the last row of a page."""

    name: str
    id: UUID

    def encode(self) -> str:
        """The opaque form that clients send back."""
        return encode_key(orjson.dumps([self.name, str(self.id)]))

    @classmethod
    def decode(cls, text: str | None) -> "NameCursor | None":
        """Read a client's cursor; raises InvalidCursor."""
        if not text:
            return None
        try:
            name, row_id = orjson.loads(decode_key(text))
            return cls(str(name), UUID(row_id))
        except (ValueError, TypeError, AttributeError):
            raise InvalidCursor from None
