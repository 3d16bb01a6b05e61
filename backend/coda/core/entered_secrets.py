"""Keys and tokens as people enter them."""

from typing import Final

_HINT_LENGTH: Final = 4
_SHORTEST_HINTED: Final = 12


def is_sendable(secret: str) -> bool:
    """Whether a header can carry it: one line of plain characters."""
    return bool(secret) and secret.isascii() and secret.isprintable()


def hint_of(secret: str) -> str | None:
    """How a secret ends, for its owner to know it by; None where that would be much of it."""
    return f"…{secret[-_HINT_LENGTH:]}" if len(secret) >= _SHORTEST_HINTED else None
