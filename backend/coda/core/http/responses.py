"""What routes have in common in the OpenAPI document: their errors, and the paging of lists."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import Query
from pydantic import BaseModel, Field


class ErrorDetail(BaseModel):
    """What went wrong."""

    code: str = Field(description="Stable, `<domain>.<what>`; match on it.")
    message: str = Field(description="A sentence for people.")
    details: dict[str, Any]


class Error(BaseModel):
    """The body of every error."""

    error: ErrorDetail


_DESCRIPTIONS: Final[Mapping[int, str]] = {
    400: "The request cannot be read.",
    401: "Not signed in, or no longer.",
    403: "Signed in, but not allowed to do this.",
    404: "There is no such thing for the caller.",
    409: "It contradicts what is there.",
    410: "It has been used, or its time is over.",
    413: "The request is too large.",
    422: "A field is wrong, missing or unknown.",
    429: "Too many attempts; `Retry-After` says when.",
    502: "The provider did not answer.",
    503: "Not ready.",
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may fail in these ways."""
    return {status: {"model": Error, "description": _DESCRIPTIONS[status]} for status in statuses}


PageCursor = Annotated[str | None, Query(description="`next_cursor` of the page before.")]
PageLimit = Annotated[int, Query(ge=1, le=200)]
