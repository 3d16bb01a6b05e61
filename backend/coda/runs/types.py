"""What callers ask of runs and what they get: shared by HTTP, WebSocket and the OpenAI-compatible API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from coda.organizations.principal import Principal

RunStatus = Literal["queued", "running", "interrupted", "finished", "failed", "cancelled"]
WORKING_STATUSES: frozenset[str] = frozenset({"queued", "running"})
MOST_STEERS = 20
"""Sentences that may be thrown into one answer."""
TITLE_JOB = "title"
TERMINAL_STATUSES: frozenset[str] = frozenset({"interrupted", "finished", "failed", "cancelled"})


LENGTH_LIMIT = "runs.length_limit"
CUT_NOTICES: frozenset[str] = frozenset({LENGTH_LIMIT, "runs.step_limit", "runs.tool_limit", "runs.same_call_limit"})
"""Notices of a complete answer that a person may have continued."""


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
    status: RunStatus
    last_seq: int
    frames: Sequence[tuple[int, str]]
    error: Mapping[str, Any] | None = None
    interrupts: Sequence[Mapping[str, Any]] = ()


class Reread(Protocol):
    """Reads a caller's rights as they are now, in the transaction that uses them; raises where they do not suffice."""

    async def __call__(self, db: "AsyncSession", principal: "Principal") -> "Principal":
        """The caller with the rights of now."""
        ...


class RunCommands(Protocol):
    """What a socket may ask for; each call is one transaction of its own."""

    async def start(
        self, principal: "Principal", session_id: UUID, request: StartRun, *, reread: Reread | None = None
    ) -> StartedRun:
        """Store the question and its run; returns once both are committed. Without `reread` rights are known."""
        ...

    async def edit(self, principal: "Principal", run_id: UUID, content: Sequence[dict[str, Any]]) -> StartedRun:
        """Give the question of a run that nobody has begun another text."""
        ...

    async def remove(self, principal: "Principal", run_id: UUID) -> None:
        """Take a run that nobody has begun out of its conversation; removing twice is removing once."""
        ...

    async def check_admission(self, principal: "Principal") -> None:
        """Raises RunsBusy and TooManyQueued where a start would, before anything is stored for it."""
        ...

    async def cancel(self, principal: "Principal", run_id: UUID) -> dict[str, Any]:
        """Ask a run to stop, keeping what it has said; asking twice is asking once."""
        ...

    async def pause(self, principal: "Principal", run_id: UUID) -> dict[str, Any]:
        """Hold a working run; pausing twice is pausing once."""
        ...

    async def resume(self, principal: "Principal", run_id: UUID) -> dict[str, Any]:
        """Go on; gives the run that goes on, a new one after an interrupt. Resuming twice is resuming once."""
        ...

    async def go_on(self, principal: "Principal", run_id: UUID) -> dict[str, Any]:
        """Have a cut answer written on; gives the new run, twice the same one."""
        ...

    async def steer(
        self, principal: "Principal", run_id: UUID, content: str, steer_id: UUID | None = None
    ) -> dict[str, Any]:
        """Throw a sentence into a working run; the same id, or the same sentence at once, is thrown in once."""
        ...

    async def decide(self, principal: "Principal", run_id: UUID, decisions: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Decide on the calls that wait; gives the run that goes on, for the same decisions the same one."""
        ...
