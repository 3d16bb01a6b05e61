"""Builds the parts of this domain for one transaction and one scope."""

from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.repository import (
    BranchRepository,
    ChatSessionRepository,
    DraftRepository,
    FeedbackRepository,
    MessageRepository,
    TurnRepository,
)
from coda.conversations.repository.followers import list_readable
from coda.conversations.repository.shown_files import ShownFileRepository, find_file_uses
from coda.conversations.service import ChatSessionService, DraftService, MessageService, TurnService
from coda.conversations.service.attachments import Attachments
from coda.core.jobs import JobQueue
from coda.core.scope import Scope
from coda.files.wiring import file_service
from coda.usage.wiring import ledger

__all__ = [
    "branches",
    "draft_service",
    "find_file_uses",
    "list_readable",
    "message_service",
    "messages",
    "session_service",
    "sessions",
    "turns",
]


def sessions(db: AsyncSession, scope: Scope) -> ChatSessionRepository:
    """Sessions, for the domains above."""
    return ChatSessionRepository(db, scope)


def messages(db: AsyncSession, scope: Scope) -> MessageRepository:
    """Messages, for the domains above."""
    return MessageRepository(db, scope)


def branches(db: AsyncSession, scope: Scope) -> BranchRepository:
    """Changes within the tree, for the domains above."""
    return BranchRepository(db, scope)


def turns(db: AsyncSession, scope: Scope) -> TurnService:
    """Questions and the answers to come, for whoever starts runs."""
    return TurnService(
        sessions(db, scope),
        messages(db, scope),
        branches(db, scope),
        TurnRepository(db, scope),
        message_service(db, scope),
        Attachments(file_service(db, scope), ShownFileRepository(db, scope)),
    )


def session_service(db: AsyncSession, scope: Scope) -> ChatSessionService:
    """The use cases of sessions."""
    return ChatSessionService(sessions(db, scope), messages(db, scope), JobQueue(db), ledger(db, scope), scope)


def message_service(db: AsyncSession, scope: Scope) -> MessageService:
    """The use cases of messages."""
    return MessageService(sessions(db, scope), messages(db, scope), FeedbackRepository(db, scope))


def draft_service(db: AsyncSession, scope: Scope) -> DraftService:
    """The use cases of drafts."""
    return DraftService(sessions(db, scope), DraftRepository(db, scope))
