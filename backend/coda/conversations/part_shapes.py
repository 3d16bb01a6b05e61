"""The shapes of a message's parts, as the interface documents them; told apart by `type`."""

from datetime import datetime
from typing import Any, Literal, NotRequired
from uuid import UUID

from typing_extensions import TypedDict


class TextPart(TypedDict):
    """What was said."""

    type: Literal["text"]
    text: str


class ReasoningPart(TypedDict):
    """What the model showed of its chain of thought."""

    type: Literal["reasoning"]
    text: str
    started_at: datetime | None
    duration_ms: int | None


class PartError(TypedDict):
    """Why something failed."""

    code: str
    message: str
    details: NotRequired[dict[str, Any]]


class ToolEvaluation(TypedDict):
    """How the agent judged a tool's result."""

    verdict: Literal["ok", "doubtful", "failed"]
    reason: NotRequired[str | None]
    attempts: NotRequired[int]


class ToolCallPart(TypedDict):
    """A tool call. `arguments_text` only where the model wrote no JSON object; `arguments` is then empty."""

    type: Literal["tool_call"]
    id: UUID
    name: str
    arguments: dict[str, Any]
    arguments_text: NotRequired[str]
    status: Literal["running", "done", "failed", "waiting"]
    result: Any
    error: PartError | None
    duration_ms: int | None
    evaluation: NotRequired[ToolEvaluation]


class NoticePart(TypedDict):
    """Something that the reader should know, as a sentence."""

    type: Literal["notice"]
    code: str
    message: str
    details: dict[str, Any]


class SteerPart(TypedDict):
    """What a person threw in while the run was working."""

    type: Literal["steer"]
    text: str


class OtherPart(TypedDict):
    """A type that a client does not know: it ignores the part."""

    type: str


Part = TextPart | ReasoningPart | ToolCallPart | NoticePart | SteerPart | OtherPart
