"""One turn of a conversation: a question and the answer that is about to be written. For whoever starts runs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from coda.conversations.errors import ChatSessionNotFound
from coda.conversations.models import ChatSession, Message
from coda.conversations.repository import ChatSessionRepository, MessageRepository
from coda.conversations.service.messages import MessageService
from coda.conversations.types import NewMessage, Part


class TurnService:
    """Adds turns to the caller's own sessions; everything happens in the caller's transaction."""

    def __init__(self, sessions: ChatSessionRepository, messages: MessageRepository, reading: MessageService) -> None:
        self._sessions, self._messages, self._reading = sessions, messages, reading

    async def lock_session(self, session_id: UUID) -> ChatSession:
        """The session, held until the transaction ends; raises ChatSessionNotFound."""
        chat_session = await self._sessions.find_own(session_id, lock=True)
        if chat_session is None:
            raise ChatSessionNotFound(session_id)
        return chat_session

    async def find_message(self, session_id: UUID, message_id: UUID) -> Message | None:
        """A message of this session."""
        return await self._messages.find(session_id, message_id)

    async def is_message_id_taken(self, message_id: UUID) -> bool:
        """Whether any message of the organization has this id; one that is taken is never written over."""
        return await self._messages.find_any(message_id) is not None

    async def add(self, session_id: UUID, new: NewMessage, *, parent: Message | None) -> Message:
        """Put a message under a finished one, or None for a new root."""
        return await self._messages.insert(session_id, new, parent=parent)

    async def begin(self, session_id: UUID, *, answer: Message, model: str) -> None:
        """Show the new answer's branch and mark the session as queued."""
        await self._sessions.begin_turn(session_id, leaf_id=answer.id, model=model)

    async def go_on(self, answer: Message, *, run_id: UUID) -> None:
        """Another run will fill a waiting answer further."""
        await self._messages.go_on(answer.id, run_id=run_id)
        await self._sessions.set_run_status(answer.session_id, "queued")

    async def give_up(self, answer: Message, *, content: Sequence[Part]) -> None:
        """Nobody will fill a waiting answer further; `content` is what stays of it."""
        await self._messages.stop(answer.id, content=content)
        await self._sessions.set_run_status(answer.session_id, "done")

    async def as_json(self, session_id: UUID, messages: Sequence[Message]) -> list[dict[str, Any]]:
        """Messages as the public contract shows them, ready to be dumped."""
        return [message.model_dump(mode="json") for message in await self._reading.read(session_id, messages)]
