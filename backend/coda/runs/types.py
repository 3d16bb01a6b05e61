"""What callers ask of runs and what they get: shared by HTTP, WebSocket and the OpenAI-compatible API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, get_args
from uuid import UUID

from coda.usage.types import UsageFigures

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from coda.access.principal import Principal

WorkingStatus = Literal["queued", "running"]
EndStatus = Literal["interrupted", "finished", "failed", "cancelled"]
RunStatus = Literal[WorkingStatus, EndStatus]
RUN_STATUSES: tuple[str, ...] = get_args(RunStatus)
WORKING_STATUSES: frozenset[str] = frozenset(get_args(WorkingStatus))
TERMINAL_STATUSES: frozenset[str] = frozenset(get_args(EndStatus))
MOST_STEERS = 20
"""Steers that one answer may get."""
TITLE_JOB = "title"
APPROVAL_JOB = "expired-approval"
LENGTH_LIMIT = "runs.length_limit"
CONTENT_FILTER = "runs.content_filter"
LEFT_OUT = "runs.left_out"
PROMPT_SHORTENED = "runs.prompt_shortened"
COST_LIMIT = "runs.cost_limit"
ANSWER_TOO_LONG = "runs.answer_too_long"
APPROVAL = "approval"
"""The reason of an interrupt by a call that a person has to allow."""
CLIENT_TOOL = "client_tool"
"""The reason of an interrupt by a call that whoever asked has to make, and to tell the result of."""
CUT_NOTICES: frozenset[str] = frozenset({LENGTH_LIMIT, "runs.step_limit", "runs.tool_limit", "runs.same_call_limit"})
"""Notices of a complete answer that a person may have continued."""
FINAL_FAILURES: frozenset[str] = frozenset(
    {ANSWER_TOO_LONG, COST_LIMIT, "context.prompt_too_long", "llm.context_window_exceeded", "llm.content_refused"}
)
"""Failures after which going on with what there is would fail again."""

ABANDONED: Mapping[str, Any] = {
    "code": "runs.stopped",
    "message": "The answer ended before this call gave a result.",
    "details": {},
}
"""The error of a tool call whose run ended first."""
APPROVAL_EXPIRED: Mapping[str, Any] = {
    "code": "runs.approval_expired",
    "message": "Nobody allowed this call in time.",
    "details": {},
}
"""The error of a tool call on which nobody has decided, and the notice of the answer that ends by that."""


class ActiveLeaf:
    """Marks `parent_id` as not given: the new message goes below the session's active leaf."""


ACTIVE_LEAF = ActiveLeaf()


@dataclass(frozen=True, slots=True)
class StartRun:
    """A request for an answer. Either `content` (a new question) or `regenerate` (an answer's id) is given.

    `parent_id` None makes a new root. Ids come from the client, or are made here.
    """

    run_id: UUID
    message_id: UUID | None
    content: tuple[dict[str, Any], ...] | None
    parent_id: UUID | ActiveLeaf | None = ACTIVE_LEAF
    regenerate: UUID | None = None
    model: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StartedRun:
    """The acknowledged run, as JSON of the public contract; `message` is None when an answer is regenerated."""

    run: dict[str, Any]
    message: dict[str, Any] | None
    assistant: dict[str, Any]
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class RunEnd:
    """What is stored of a run's end. `frames` are its last events by seq."""

    run_id: UUID
    message_id: UUID
    fence: int
    status: EndStatus
    last_seq: int
    frames: Sequence[tuple[int, str]]
    error: Mapping[str, Any] | None = None
    interrupts: Sequence[Mapping[str, Any]] = ()


class RunKey(NamedTuple):
    """Which run: ids come from clients, so that two organizations may have the same."""

    org_id: UUID
    run_id: UUID


@dataclass(frozen=True, slots=True)
class WaitingRun:
    """A run that waits for whoever asked to make these calls; `used`: what its answer has used until then."""

    run_id: UUID
    session_id: UUID
    model: str
    call_ids: frozenset[UUID]
    used: UsageFigures | None
    has_form: bool


@dataclass(frozen=True, slots=True)
class InterruptedRun:
    """A run that was interrupted, and what by."""

    run_id: UUID
    session_id: UUID
    interrupts: Sequence[Mapping[str, Any]]


class RefreshPrincipal(Protocol):
    """Reads a caller's rights as they are now, in the transaction that uses them; raises where they do not suffice."""

    async def __call__(self, db: "AsyncSession", principal: "Principal") -> "Principal":
        """The caller with the rights of now."""
        ...
