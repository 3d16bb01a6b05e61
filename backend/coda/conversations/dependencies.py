"""What the routes of conversations are given: services built for the caller's scope, and a way to tell other tabs."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import BackgroundTasks, Depends, Request

from coda.access.dependencies import require
from coda.access.permissions import Permission
from coda.access.principal import Principal
from coda.conversations.service import ChatSessionService, DraftService, MessageService
from coda.conversations.types import SessionChange, SessionNotes
from coda.conversations.wiring import draft_service, message_service, session_service
from coda.core.http.database import Db
from coda.core.scope import Scope

SessionReader = Annotated[Principal, require(Permission.SESSIONS_READ)]
SessionWriter = Annotated[Principal, require(Permission.SESSIONS_WRITE)]


@dataclass(frozen=True, slots=True)
class OtherTabs:
    """The caller's other tabs; they hear of a change once it is committed and the answer is on its way."""

    notes: SessionNotes
    scope: Scope
    background: BackgroundTasks

    def hear(self, session_id: UUID, change: SessionChange) -> None:
        """Tell them after this request."""
        self.background.add_task(self._tell, session_id, change)

    async def _tell(self, session_id: UUID, change: SessionChange) -> None:
        self.notes.session_changed(self.scope, session_id, change)


def _sessions(db: Db, principal: SessionReader) -> ChatSessionService:
    return session_service(db, principal.scope)


def _sessions_to_change(db: Db, principal: SessionWriter) -> ChatSessionService:
    return session_service(db, principal.scope)


def _messages(db: Db, principal: SessionReader) -> MessageService:
    return message_service(db, principal.scope)


def _messages_to_rate(db: Db, principal: SessionWriter) -> MessageService:
    return message_service(db, principal.scope)


def _drafts(db: Db, principal: SessionReader) -> DraftService:
    return draft_service(db, principal.scope)


def _drafts_to_save(db: Db, principal: SessionWriter) -> DraftService:
    return draft_service(db, principal.scope)


def _other_tabs(request: Request, principal: SessionReader, background: BackgroundTasks) -> OtherTabs:
    return OtherTabs(request.app.state.notes, principal.scope, background)


# Those of a second kind are for who may write; viewers get the first.
Sessions = Annotated[ChatSessionService, Depends(_sessions)]
SessionsToChange = Annotated[ChatSessionService, Depends(_sessions_to_change)]
Messages = Annotated[MessageService, Depends(_messages)]
MessagesToRate = Annotated[MessageService, Depends(_messages_to_rate)]
Drafts = Annotated[DraftService, Depends(_drafts)]
DraftsToSave = Annotated[DraftService, Depends(_drafts_to_save)]
Tabs = Annotated[OtherTabs, Depends(_other_tabs)]
