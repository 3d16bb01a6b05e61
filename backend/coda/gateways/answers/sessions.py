"""Which chat session a client wants to go on in."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from coda.conversations.errors import ChatSessionNotFound


def session_in_metadata(extra: Mapping[str, Any]) -> str | None:
    """`metadata.session_id`, for clients that cannot set a header."""
    metadata = extra.get("metadata")
    wanted = metadata.get("session_id") if isinstance(metadata, Mapping) else None
    return None if wanted is None else str(wanted)


def session_id_of(given: str) -> UUID:
    """The id that a client gave; what is no id names no session. Raises ChatSessionNotFound."""
    try:
        return UUID(given)
    except ValueError:
        raise ChatSessionNotFound(UUID(int=0)) from None
