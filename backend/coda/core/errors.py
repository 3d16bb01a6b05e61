"""The base of every error that a caller may see: a kind, a stable code, a sentence, details."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final


class ErrorKind(StrEnum):
    """What went wrong in general; `core.http` maps each kind to one HTTP status."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    GONE = "gone"
    TOO_LARGE = "too_large"
    RATE_LIMITED = "rate_limited"
    UNPROCESSABLE = "unprocessable"
    UPSTREAM = "upstream"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


_KINDS: Final[dict[str, ErrorKind]] = {}


class CodaError(Exception):
    """An error with a stable code; rendered alike over HTTP, in the event stream and in the CLI."""

    kind: ErrorKind = ErrorKind.INTERNAL
    code: str = "core.internal"

    def __init_subclass__(cls, **more: Any) -> None:  # noqa: ANN401 - whatever other bases take
        super().__init_subclass__(**more)
        _KINDS[cls.code] = cls.kind

    def __init__(self, message: str, **details: Any) -> None:  # noqa: ANN401 - details are free JSON
        super().__init__(message)
        self.message = message
        self.details = details

    def as_dict(self) -> dict[str, Any]:
        """The body of `{"error": ...}`: code, message, details."""
        return {"code": self.code, "message": self.message, "details": self.details}


class RelayedError(CodaError):
    """An error that was stored or sent by its code, told again as what it is."""

    def __init__(self, *, code: str, message: str, details: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.code, self.details = code, dict(details)
        self.kind = _KINDS.get(code, ErrorKind.INTERNAL)
