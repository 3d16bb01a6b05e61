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
    """How the agent judged a tool's result. `cached`: it was kept from an earlier call with the same arguments."""

    verdict: Literal["ok", "doubtful", "failed"]
    reason: NotRequired[str | None]
    attempts: NotRequired[int]
    cached: NotRequired[bool]


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
    """What a person threw in while the run was working. `read` is false where the answer ended before it was read."""

    type: Literal["steer"]
    text: str
    read: NotRequired[Literal[False]]


class ImagePart(TypedDict):
    """A picture; `GET /files/{file_id}` gives addresses of it, and says where it was deleted."""

    type: Literal["image"]
    file_id: UUID
    name: str
    media_type: str
    size: int
    width: int
    height: int
    alt: NotRequired[str]


class FilePart(TypedDict):
    """A file that is not a picture. Models are told of it, and do not read it."""

    type: Literal["file"]
    file_id: UUID
    name: str
    media_type: str
    size: int


class OtherPart(TypedDict):
    """A type that a client does not know: it ignores the part."""

    type: str


Part = TextPart | ReasoningPart | ToolCallPart | NoticePart | SteerPart | ImagePart | FilePart | OtherPart
