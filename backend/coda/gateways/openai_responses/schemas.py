"""Answers of this wire, for the OpenAPI document."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class OpenAIResponse(BaseModel):
    """A response."""

    model_config = ConfigDict(extra="allow")

    id: str
    object: Literal["response"]
    created_at: int
    status: Literal["queued", "in_progress", "completed", "incomplete", "failed", "cancelled"]
    model: str
    output: list[dict[str, Any]]
    usage: dict[str, Any] | None = None


class OpenAIDeletedResponse(BaseModel):
    """A response that is no more."""

    id: str
    object: Literal["response"]
    deleted: Literal[True]


class OpenAIInputItems(BaseModel):
    """What was asked anew in a response."""

    object: Literal["list"]
    data: list[dict[str, Any]]
    first_id: str | None
    last_id: str | None
    has_more: bool


class OpenAIInputTokens(BaseModel):
    """How many tokens an input has."""

    object: Literal["response.input_tokens"]
    input_tokens: int
