"""Tells a person's open pages that a run, or the session it belongs to, has changed."""

from dataclasses import dataclass
from uuid import UUID

from coda.conversations.types import SessionChange
from coda.core.scope import Scope
from coda.runs.stream.hub.port import Hub, Note


@dataclass(frozen=True, slots=True)
class RunNotifier:
    """Notes about runs; sent after the commit."""

    hub: Hub

    def session_changed(self, scope: Scope, session_id: UUID, change: SessionChange) -> None:
        """A session was made, changed or deleted in another tab."""
        if scope.user_id is not None:
            self.hub.note(Note(scope.org_id, scope.user_id, "session", session_id, change))

    def command_accepted(self, scope: Scope, *, run_id: UUID, change: str) -> None:
        """A working run was told to do something; its session has not changed."""
        if scope.user_id is not None:
            self.hub.note(Note(scope.org_id, scope.user_id, "run", run_id, change))

    def changed(self, scope: Scope, *, run_id: UUID, session_id: UUID, status: str) -> None:
        """A run has a new status, and so has its session."""
        if scope.user_id is not None:
            self.hub.note(Note(scope.org_id, scope.user_id, "run", run_id, status))
        self.session_changed(scope, session_id, "updated")
