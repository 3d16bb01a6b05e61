"""The cursor of lists that go by name."""

import base64
import binascii
from dataclasses import dataclass
from uuid import UUID

import orjson

from coda.core.pagination import InvalidCursor


@dataclass(frozen=True, slots=True)
class NameCursor:
    """The sort key of the last row of a page."""

    name: str
    id: UUID

    def encode(self) -> str:
        """The opaque form that clients send back."""
        return base64.urlsafe_b64encode(orjson.dumps([self.name, str(self.id)])).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str | None) -> "NameCursor | None":
        """Read a client's cursor; raises InvalidCursor."""
        if not text:
            return None
        try:
            padded = text + "=" * (-len(text) % 4)
            name, row_id = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            return cls(str(name), UUID(row_id))
        except (ValueError, TypeError, AttributeError, binascii.Error):
            raise InvalidCursor from None
