"""What conversations are made of beyond their tables, and what they need of the domains above."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from uuid import UUID

from coda.core.scope import Scope

Part = dict[str, Any]
Role = Literal["user", "assistant"]
MessageStatus = Literal["queued", "streaming", "waiting", "complete", "stopped", "failed"]
SessionRunStatus = Literal["queued", "running", "waiting", "done", "failed"]
SessionChange = Literal["created", "updated", "deleted"]
STOP_RUNS_JOB = "stop-runs"
"""Enqueued with the deletion of a session; done by the domain above, which knows runs."""
UNFINISHED: frozenset[str] = frozenset({"queued", "streaming", "waiting"})


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be put into a tree."""

    id: UUID
    role: Role
    content: Sequence[Part]
    status: MessageStatus
    model: str | None = None
    run_id: UUID | None = None


class SessionNotes(Protocol):
    """Tells a person's other tabs that a session has changed."""

    def session_changed(self, scope: Scope, session_id: UUID, change: SessionChange) -> None:
        """Called on the event loop, after the commit."""
        ...
