"""Chat sessions: create, list, change, delete, restore."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from coda.conversations.errors import ChatSessionNotFound, MessageNotFound, SessionIdTaken
from coda.conversations.models import ChatSession
from coda.conversations.repository import ChatSessionRepository, MessageRepository
from coda.conversations.repository.sessions import cursor_of
from coda.conversations.schemas import ChatSessionCreate, ChatSessionPatch
from coda.conversations.types import STOP_RUNS_JOB, SessionFilter, SessionHit, SessionOrigin
from coda.core.clock import now
from coda.core.ids import new_id
from coda.core.jobs import JobQueue
from coda.core.pagination import Cursor, Page, page_of
from coda.core.scope import Key, Scope
from coda.usage.types import Totals, UsageTotals


class ChatSessionService:
    """The caller's own sessions; anybody else's do not exist."""

    def __init__(
        self,
        sessions: ChatSessionRepository,
        messages: MessageRepository,
        jobs: JobQueue,
        totals: Totals,
        scope: Scope,
    ) -> None:
        self._sessions, self._messages, self._jobs, self._scope = sessions, messages, jobs, scope
        self._totals = totals

    async def list(self, wanted: SessionFilter, *, cursor: str | None, limit: int) -> Page[ChatSession]:
        """Pinned first, then by last change."""
        rows = await self._sessions.list_page(wanted, cursor=Cursor.decode(cursor), limit=limit)
        return page_of(rows, limit=limit, key=cursor_of)

    async def hits(self, found: Sequence[ChatSession], wanted: SessionFilter) -> Mapping[UUID, SessionHit]:
        """By session of a page, the message that has most of the words that are looked for."""
        return await self._sessions.hits([chat_session.id for chat_session in found], wanted.words)

    async def create(
        self, request: ChatSessionCreate, *, origin: SessionOrigin | None = None
    ) -> tuple[ChatSession, bool]:
        """Make a session, or give the one that the caller made under this id; the bool says which.

        `origin`: the wire that it comes by, where that is not Coda's own.
        """
        session_id = request.id or new_id()
        own: SessionOrigin = "api" if isinstance(self._scope.actor, Key) else "app"
        is_new = await self._sessions.insert(session_id, title=request.title, origin=origin or own)
        chat_session = await self._sessions.find(session_id)
        if chat_session is None:
            raise SessionIdTaken(session_id)
        return chat_session, is_new

    async def get(self, session_id: UUID) -> ChatSession:
        """One session; raises ChatSessionNotFound."""
        chat_session = await self._sessions.find(session_id)
        if chat_session is None:
            raise ChatSessionNotFound(session_id)
        return chat_session

    async def get_to_change(self, session_id: UUID) -> ChatSession:
        """One session that the caller may change, held until the transaction ends; raises ChatSessionNotFound."""
        return await self._locked(session_id)

    async def get_with_usage(self, session_id: UUID) -> tuple[ChatSession, UsageTotals]:
        """One session and what it has used so far; raises ChatSessionNotFound."""
        return await self.get(session_id), await self._totals.session_totals(session_id)

    async def change(self, session_id: UUID, change: ChatSessionPatch) -> ChatSession:
        """Rename, pin, show another branch. An inner message means its newest leaf; none of this counts as activity."""
        chat_session = await self._locked(session_id)
        if change.title is not None:
            chat_session.title, chat_session.title_source = change.title, "user"
        if change.pinned is not None and change.pinned != (chat_session.pinned_at is not None):
            chat_session.pinned_at = now() if change.pinned else None
        if "active_leaf_id" in change.model_fields_set:
            chat_session.active_leaf_id = await self._leaf(session_id, change.active_leaf_id)
        await self._sessions.flush()
        return chat_session

    async def delete(self, session_id: UUID) -> None:
        """Hide a session with all that is in it, until it is restored or cleaned up; its runs are stopped."""
        chat_session = await self._locked(session_id)
        chat_session.deleted_at = now()
        await self._jobs.enqueue(STOP_RUNS_JOB, scope=self._scope, ids={"session_id": session_id})
        await self._sessions.flush()

    async def restore(self, session_id: UUID) -> ChatSession:
        """Bring a deleted session back; one that was not deleted stays as it is."""
        chat_session = await self._sessions.lock(session_id, include_deleted=True)
        if chat_session is None:
            raise ChatSessionNotFound(session_id)
        chat_session.deleted_at = None
        await self._sessions.flush()
        return chat_session

    async def _locked(self, session_id: UUID) -> ChatSession:
        chat_session = await self._sessions.lock(session_id)
        if chat_session is None:
            raise ChatSessionNotFound(session_id)
        return chat_session

    async def _leaf(self, session_id: UUID, message_id: UUID | None) -> UUID | None:
        if message_id is None:
            return None
        leaf_id = await self._messages.newest_leaf(session_id, message_id)
        if leaf_id is None:
            raise MessageNotFound(message_id)
        return leaf_id
