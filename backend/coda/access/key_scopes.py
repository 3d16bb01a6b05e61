"""What an API key may be limited to."""

from enum import StrEnum


class KeyScope(StrEnum):
    """A part of its owner's rights that an API key is given, from the least to the most."""

    READ = "read"
    CHAT = "chat"
    ADMIN = "admin"
