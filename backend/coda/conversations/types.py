"""What conversations are made of beyond their tables, and what they need of the domains above."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol, get_args
from uuid import UUID

from coda.core.scope import Scope

Part = dict[str, Any]
Role = Literal["user", "assistant"]
MessageStatus = Literal["queued", "streaming", "waiting", "complete", "stopped", "failed"]
SessionRunStatus = Literal["queued", "running", "waiting", "done", "failed"]
SessionChange = Literal["created", "updated", "deleted"]
SessionOrigin = Literal["app", "api", "openai", "responses", "ag_ui", "mcp"]
"""What a chat was begun by: a person in the app, a key over REST, or a client of one of the other wires."""
SESSION_ORIGINS: tuple[str, ...] = get_args(SessionOrigin)
STOP_RUNS_JOB = "stop-runs"
"""Enqueued with the deletion of a session; done by the domain above, which knows runs."""
LONGEST_SEARCH: Final = 200
MOST_WORDS: Final = 10
UNFINISHED: frozenset[str] = frozenset({"queued", "streaming", "waiting"})


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """Which sessions are listed. `q`: every word of it is in the title or in a message. `origins`: None is any.

    `with_pins`: pinned ones of any origin too.
    """

    q: str | None = None
    origins: frozenset[SessionOrigin] | None = None
    with_pins: bool = False

    @property
    def words(self) -> Sequence[str]:
        """What is looked for: of very many words the first."""
        return (self.q or "").split()[:MOST_WORDS]


@dataclass(frozen=True, slots=True)
class SessionHit:
    """A message of a session that has words which were looked for, and the text around the first of them."""

    message_id: UUID
    role: Role
    snippet: str


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be put into a tree."""

    id: UUID
    role: Role
    content: Sequence[Part]
    status: MessageStatus
    model: str | None = None
    run_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class AnswerEnd:
    """How an answer ended. `usage` and `timing` are the public forms of both.

    `run_status` is what its session's dot shows then, and `title` names the session where no person did.
    """

    content: Sequence[Part]
    status: MessageStatus
    run_status: SessionRunStatus
    usage: Mapping[str, Any] | None = None
    timing: Mapping[str, int | None] | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class FollowedSession:
    """A chat session, and somebody who follows what is said in it."""

    org_id: UUID
    user_id: UUID
    session_id: UUID


class SessionNotes(Protocol):
    """Tells a person's other tabs that a session has changed."""

    def session_changed(self, scope: Scope, session_id: UUID, change: SessionChange) -> None:
        """Called on the event loop, after the commit."""
        ...
