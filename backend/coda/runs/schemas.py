"""What goes in and out of the routes of runs, as the public contract has it."""

from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from typing_extensions import TypedDict

from coda.conversations.part_shapes import PartError
from coda.conversations.parts import text_part, wanted_part
from coda.conversations.schemas import MessageRead, MessageUsage
from coda.core.documented import DocumentedAs
from coda.core.ids import new_id
from coda.files.types import MOST_FILES
from coda.runs.types import ACTIVE_LEAF, RunStatus, StartRun

MAX_QUESTION = 200_000


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TextPartWrite(_Request):
    """A piece of a question."""

    type: Literal["text"]
    text: str = Field(max_length=MAX_QUESTION)


class FilePartWrite(_Request):
    """A file of the caller's, by its id. `file` and `image` mean the same: what it is, is known."""

    type: Literal["file", "image"]
    file_id: UUID
    alt: Annotated[str, Field(max_length=1_000)] | None = None


QuestionPart = Annotated[TextPartWrite | FilePartWrite, Field(discriminator="type")]


class QuestionContent(_Request):
    """What a question says and shows; `content` may be a plain string. It has at most 10 files."""

    content: Annotated[str, Field(max_length=MAX_QUESTION)] | Annotated[list[QuestionPart], Field(max_length=64)]

    @model_validator(mode="after")
    def _has_few_files(self) -> Self:
        if sum(isinstance(part, FilePartWrite) for part in self.content) > MOST_FILES:
            raise ValueError(f"a message has at most {MOST_FILES} files")
        return self

    def parts(self) -> tuple[dict[str, Any], ...]:
        """The content as parts, empty ones left out."""
        if isinstance(self.content, str):
            return (text_part(self.content),) if self.content.strip() else ()
        return tuple(
            wanted_part(part.file_id, alt=part.alt) if isinstance(part, FilePartWrite) else text_part(part.text)
            for part in self.content
            if isinstance(part, FilePartWrite) or part.text.strip()
        )


class QuestionWrite(QuestionContent):
    """The new question."""

    id: UUID | None = None


class RunParams(_Request):
    """How the model is asked."""

    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, gt=0, le=1)
    max_output_tokens: int | None = Field(default=None, ge=1, le=1_000_000)
    reasoning_effort: Literal["minimal", "low", "medium", "high"] | None = None


class RunCreate(_Request):
    """A request for an answer: a message, or the id of an answer to regenerate."""

    run_id: UUID | None = None
    message: QuestionWrite | None = None
    parent_id: UUID | None = None
    regenerate: UUID | None = None
    model: str | None = Field(default=None, max_length=300)
    params: RunParams | None = None

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.message is None) == (self.regenerate is None):
            raise ValueError("give either message or regenerate")
        if self.regenerate is not None and "parent_id" in self.model_fields_set:
            raise ValueError("parent_id goes with message, not with regenerate")
        return self

    def as_request(self) -> StartRun:
        """The request as the service takes it."""
        return StartRun(
            run_id=self.run_id or new_id(),
            message_id=self.message.id if self.message else None,
            content=self.message.parts() if self.message else None,
            parent_id=self.parent_id if "parent_id" in self.model_fields_set else ACTIVE_LEAF,
            regenerate=self.regenerate,
            model=self.model,
            params=self.params.model_dump(exclude_none=True) if self.params else {},
        )


class Steer(_Request):
    """A sentence for a working run."""

    id: UUID | None = None
    content: str = Field(min_length=1, max_length=MAX_QUESTION)


class Decision(_Request):
    """What becomes of one tool call. Approved with `arguments`, it is made with these instead of the model's.

    `remember`: the tool is not asked about any more, from the next call on: in this chat, or in all of the caller's.
    """

    tool_call_id: UUID
    decision: Literal["approve", "reject"]
    arguments: dict[str, Any] | None = None
    reason: str | None = Field(default=None, max_length=2000)
    remember: Literal["session", "me"] | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.decision == "reject" and self.arguments is not None:
            raise ValueError("arguments go with approve")
        if self.decision == "reject" and self.remember is not None:
            raise ValueError("remember goes with approve")
        return self


class Approvals(_Request):
    """Decisions on all tool calls that a run waits with."""

    decisions: list[Decision] = Field(min_length=1, max_length=100)

    def as_list(self) -> list[dict[str, Any]]:
        """The decisions as they are stored."""
        return [decision.model_dump(mode="json") for decision in self.decisions]


class Interrupt(TypedDict):
    """What a run waits for a person with."""

    id: str
    reason: Literal["approval", "client_tool", "question", "pause"]
    message: str | None
    tool_call_id: UUID | None
    expires_at: NotRequired[datetime | None]


class RunQueuePlace(BaseModel):
    """What a run waits for, and its place there, counted from 1."""

    model_config = ConfigDict(from_attributes=True)

    position: int = Field(ge=1)
    waits_for: Literal["worker", "answer", "person"]


class PendingSteer(BaseModel):
    """A sentence that was thrown in and that the agent has not read yet."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    content: str
    created_at: datetime


class RunRead(BaseModel):
    """A run. `paused`: it works and was told to pause. `queue`: only while nobody has begun it and it has to wait."""

    id: UUID
    session_id: UUID
    message_id: UUID
    parent_run_id: UUID | None
    root_run_id: UUID
    status: RunStatus
    paused: bool
    queue: RunQueuePlace | None
    pending_steers: list[PendingSteer]
    model: str
    error: Annotated[dict[str, Any], DocumentedAs(PartError)] | None
    interrupts: list[Annotated[dict[str, Any], DocumentedAs(Interrupt)]] | None
    last_seq: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class StartedRunRead(BaseModel):
    """The accepted run, the question (null when an answer is regenerated) and the empty answer."""

    run: RunRead
    message: MessageRead | None
    assistant: MessageRead


class RunEnvelope(BaseModel):
    """The answer to a command."""

    run: RunRead


class RunPage(BaseModel):
    """A page of runs, newest first."""

    items: list[RunRead]
    next_cursor: str | None


class StepRead(BaseModel):
    """One bar of the timeline."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    run_id: UUID
    parent_id: UUID | None
    kind: Literal["node", "model", "tool", "wait"]
    name: str
    status: Literal["running", "done", "failed", "cancelled", "discarded"]
    started_at: datetime
    duration_ms: int | None
    usage: Annotated[dict[str, Any], DocumentedAs(MessageUsage)] | None
    data: dict[str, Any]


class StepPage(BaseModel):
    """A page of an answer's steps, in the order of their start."""

    items: list[StepRead]
    next_cursor: str | None


class ContextPart(BaseModel):
    """One kind of content in the prompt."""

    kind: Literal["system", "pins", "summary", "history", "tools", "question"]
    tokens: int
    items: int


class LeftOut(BaseModel):
    """What did not fit."""

    messages: int
    tokens: int
    pictures: int = Field(default=0, description="Pictures that did not fit, or that the model cannot see.")


class ContextRead(BaseModel):
    """What went into the prompt of an answer, in tokens of the model's window."""

    window: int
    reserved_output: int
    parts: list[ContextPart]
    left_out: LeftOut
