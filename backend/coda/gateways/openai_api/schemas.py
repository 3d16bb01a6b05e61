"""Answers of this wire, for the OpenAPI document."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict


class OpenAIModel(BaseModel):
    """A model as OpenAI's clients list it."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class OpenAIModels(BaseModel):
    """All models."""

    object: Literal["list"]
    data: list[OpenAIModel]


class ChatCompletion(BaseModel):
    """A whole completion."""

    model_config = ConfigDict(extra="allow")

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[dict[str, Any]]
    usage: dict[str, Any] | None = None


class OpenAIErrorDetail(BaseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None
    code: str | None


class OpenAIError(BaseModel):
    """The body of every error of this wire."""

    error: OpenAIErrorDetail


_DESCRIPTIONS: Final[Mapping[int, str]] = {
    400: "The request cannot be read.",
    401: "Not signed in, or no longer.",
    403: "Signed in, but not allowed to do this.",
    404: "There is no such thing for the caller.",
    413: "The request is too large.",
    429: "Too many requests, or the provider's limit; `Retry-After` says when.",
    502: "The provider did not answer, or refused.",
    503: "The provider cannot be reached, or this server is busy.",
    504: "The provider, or the agent, took too long.",
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may fail in these ways; without any named, in all of them."""
    return {
        status: {"model": OpenAIError, "description": _DESCRIPTIONS[status]} for status in statuses or _DESCRIPTIONS
    }
