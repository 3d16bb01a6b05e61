"""What can be wrong with a socket and with what is said on it."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any
from uuid import UUID

from coda.core.errors import CodaError, ErrorKind


class CloseCode(IntEnum):
    """Why the server closes a socket; docs/api/events.md says what a client does then."""

    BAD_FRAME = 4400
    SIGN_IN = 4401
    FORBIDDEN = 4403
    SLOW = 4408
    TOO_MANY = 4429
    RESTART = 1012
    LATER = 1013
    BROKEN = 1011


class SocketClosing(Exception):
    """Ends the connection with a close code."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


def restarting() -> SocketClosing:
    """Why all are disconnected when the process stops."""
    return SocketClosing(CloseCode.RESTART, "The server restarts: reconnect.")


def try_later() -> SocketClosing:
    """Why a connection is refused just now."""
    return SocketClosing(CloseCode.LATER, "The database does not answer: try again.")


class InvalidFrame(CodaError):
    """A frame whose `op` is known but whose fields are not right."""

    kind = ErrorKind.UNPROCESSABLE
    code = "core.invalid_request"

    def __init__(self, fields: Sequence[dict[str, Any]]) -> None:
        named = ", ".join(dict.fromkeys(field["field"] for field in fields if field["field"]))
        super().__init__(f"The frame is not valid: {named}." if named else "The frame is not valid.", fields=fields)


class RunAccessLost(CodaError):
    """A run that was followed is in a chat session that may no longer be read."""

    kind = ErrorKind.FORBIDDEN
    code = "runs.access_lost"

    def __init__(self, run_id: UUID, session_id: UUID) -> None:
        super().__init__(
            "You may no longer read this chat. Ask its owner to let you in again.",
            run_id=str(run_id),
            session_id=str(session_id),
        )


class TooManyFollowed(CodaError):
    """One socket follows as many runs as it may."""

    kind = ErrorKind.RATE_LIMITED
    code = "runs.too_many_followed"

    def __init__(self, limit: int) -> None:
        super().__init__("This connection follows too many runs; detach some first.", limit=limit)


class TooManyConnections(CodaError):
    """One person has as many connections as they may."""

    kind = ErrorKind.RATE_LIMITED
    code = "runs.too_many_connections"

    def __init__(self, limit: int) -> None:
        super().__init__("You have too many open connections; close some first.", limit=limit, retry_after=5)
