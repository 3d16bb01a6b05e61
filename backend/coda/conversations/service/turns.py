"""One turn of a conversation: a question and the answer that is about to be written. For whoever starts runs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from coda.conversations.errors import ChatSessionNotFound
from coda.conversations.models import ChatSession, Message
from coda.conversations.parts import size_of
from coda.conversations.repository import BranchRepository, ChatSessionRepository, MessageRepository
from coda.conversations.service.messages import MessageService
from coda.conversations.types import NewMessage, Part, SessionRunStatus


class TurnService:
    """Adds turns to the caller's own sessions; everything happens in the caller's transaction."""

    def __init__(
        self,
        sessions: ChatSessionRepository,
        messages: MessageRepository,
        branches: BranchRepository,
        reading: MessageService,
    ) -> None:
        self._sessions, self._messages, self._branches, self._reading = sessions, messages, branches, reading

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
        """Put a message under another one, or None for a new root."""
        return await self._messages.insert(session_id, new, parent=parent)

    async def begin(self, session_id: UUID, *, answer: Message, model: str, is_next: bool = True) -> None:
        """Show the new answer's branch; `is_next`: mark the session as queued, for no other answer is under way."""
        await self._sessions.begin_turn(session_id, leaf_id=answer.id, model=model, is_next=is_next)

    async def set_run_status(self, session_id: UUID, status: SessionRunStatus) -> None:
        """What the session's dot shows."""
        await self._sessions.set_run_status(session_id, status)

    async def has_other_answers(self, answer: Message) -> bool:
        """Whether the question of an answer has more of them."""
        return await self._messages.count_children(answer.session_id, answer.parent_id) > 1

    async def rewrite(self, question: Message, content: Sequence[Part]) -> None:
        """Give a question that nobody has read yet another text."""
        await self._messages.rewrite(question, content)
        await self._branches.recount(question.session_id, question.id, size=size_of(content))

    async def take_out(self, chat_session: ChatSession, answer: Message, question: Message) -> UUID | None:
        """Remove an answer that was not begun, and its question unless that has others; gives the question's id then.

        What stands under the answer moves up to where the question stands.
        """
        is_shared = await self.has_other_answers(answer)
        moved = await self._branches.move_up(chat_session.id, answer.id, parent_id=question.parent_id)
        await self._branches.delete(answer.id)
        if not is_shared:
            await self._branches.delete(question.id)
        if chat_session.active_leaf_id in (answer.id, question.id):
            below = moved[0] if moved else question.id if is_shared else None
            chat_session.active_leaf_id = (
                await self._messages.newest_leaf(chat_session.id, below) if below else question.parent_id
            )
            await self._sessions.flush()
        return None if is_shared else question.id

    async def go_on(self, answer: Message, *, run_id: UUID) -> None:
        """Another run will fill a waiting answer further."""
        await self._messages.go_on(answer.id, run_id=run_id)
        await self._sessions.set_run_status(answer.session_id, "queued")

    async def give_up(self, answer: Message, *, content: Sequence[Part]) -> None:
        """Nobody will fill a waiting answer further; `content` is what stays of it."""
        await self._messages.stop(answer.id, content=content)
        await self._branches.recount(answer.session_id, answer.id, size=size_of(content))
        await self._sessions.set_run_status(answer.session_id, "done")

    async def as_json(self, session_id: UUID, messages: Sequence[Message]) -> list[dict[str, Any]]:
        """Messages as the public contract shows them, ready to be dumped."""
        return [message.model_dump(mode="json") for message in await self._reading.read(session_id, messages)]
