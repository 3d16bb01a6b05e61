"""Identifiers: UUIDv7, so that keys sort by the time they were made."""

import os
from uuid import UUID

from coda.core.clock import now_ms

_VERSION = 0x7 << 76
_VARIANT = 0x2 << 62
_RANDOM_HIGH = 0xFFF
_RANDOM_LOW = (1 << 62) - 1


def new_id() -> UUID:
    """A fresh UUIDv7 (RFC 9562): 48 bits of milliseconds, 74 random bits."""
    milliseconds = now_ms()
    random = int.from_bytes(os.urandom(10), "big")
    high = (random >> 62) & _RANDOM_HIGH
    low = random & _RANDOM_LOW
    return UUID(int=(milliseconds << 80) | _VERSION | (high << 64) | _VARIANT | low)
