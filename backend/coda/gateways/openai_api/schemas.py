"""Answers of this wire, for the OpenAPI document."""

from typing import Any, Literal

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


_DESCRIPTIONS = {
    400: "The request cannot be read.",
    401: "Not signed in, or no longer.",
    403: "Signed in, but not allowed to do this.",
    404: "There is no such thing for the caller.",
    429: "Too many attempts; `Retry-After` says when.",
    502: "The provider did not answer.",
}
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": OpenAIError, "description": text} for status, text in _DESCRIPTIONS.items()
}
