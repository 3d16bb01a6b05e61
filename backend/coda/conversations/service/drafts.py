"""What a person has typed and not sent, kept so that it is there in every tab."""

from uuid import UUID

from coda.conversations.errors import ChatSessionNotFound
from coda.conversations.repository import ChatSessionRepository, DraftRepository
from coda.conversations.schemas import DraftRead


class DraftService:
    """The caller's drafts in the caller's sessions."""

    def __init__(self, sessions: ChatSessionRepository, drafts: DraftRepository) -> None:
        self._sessions, self._drafts = sessions, drafts

    async def read(self, session_id: UUID) -> DraftRead:
        """The draft, empty where there is none."""
        if await self._sessions.find(session_id) is None:
            raise ChatSessionNotFound(session_id)
        draft = await self._drafts.find(session_id)
        return DraftRead(text=draft.text, updated_at=draft.updated_at) if draft else DraftRead(text="", updated_at=None)

    async def save(self, session_id: UUID, text: str) -> DraftRead:
        """Keep a draft; an empty one is forgotten."""
        if not await self._sessions.is_writable(session_id):
            raise ChatSessionNotFound(session_id)
        if not text:
            await self._drafts.remove(session_id)
            return DraftRead(text="", updated_at=None)
        draft = await self._drafts.put(session_id, text)
        return DraftRead(text=draft.text, updated_at=draft.updated_at)
