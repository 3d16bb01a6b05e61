"""One turn of a conversation: a question and the answer that is about to be written. For whoever starts runs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from coda.conversations.errors import ChatSessionNotFound
from coda.conversations.models import ChatSession, Message
from coda.conversations.parts import size_of
from coda.conversations.repository import BranchRepository, ChatSessionRepository, MessageRepository, TurnRepository
from coda.conversations.schemas import MessageRead
from coda.conversations.service.attachments import Attachments
from coda.conversations.service.messages import MessageService
from coda.conversations.tree import Siblings, Turn
from coda.conversations.types import AnswerEnd, NewMessage, Part, SessionRunStatus


class TurnService:
    """Adds turns to the caller's own sessions; everything happens in the caller's transaction."""

    def __init__(
        self,
        sessions: ChatSessionRepository,
        messages: MessageRepository,
        branches: BranchRepository,
        turns: TurnRepository,
        reading: MessageService,
        attachments: Attachments,
    ) -> None:
        self._sessions, self._messages, self._branches = sessions, messages, branches
        self._turns, self._reading, self._attachments = turns, reading, attachments

    async def lock_session(self, session_id: UUID) -> ChatSession:
        """The session, held until the transaction ends; raises ChatSessionNotFound."""
        chat_session = await self._sessions.lock(session_id)
        if chat_session is None:
            raise ChatSessionNotFound(session_id)
        return chat_session

    async def find_message(self, session_id: UUID, message_id: UUID) -> Message | None:
        """A message of this session."""
        return await self._messages.find(session_id, message_id)

    async def add(self, session_id: UUID, new: NewMessage, *, parent: Message | None) -> Message:
        """Put a message that exists elsewhere under another one, or None for a new root."""
        message = await self._messages.insert(session_id, new, parent=parent)
        await self._attachments.hold(message.id, message.content)
        return message

    async def resolve(self, content: Sequence[Part]) -> tuple[Part, ...]:
        """What a question says, with the files that it names; raises FileNotFound, FileGone."""
        return await self._attachments.resolve(content)

    async def ask(
        self, session_id: UUID, question: NewMessage, answer: NewMessage, *, parent: Message | None, is_next: bool
    ) -> Turn | None:
        """Put a question under a message, None for a new root, and an answer to come; show their branch.

        `is_next`: mark the session as queued, for no other answer is under way. None where the question's id is in use
        anywhere in the organization: what is there is never written over.
        """
        turn = await self._turns.ask(session_id, question, answer, parent=parent, is_next=is_next)
        if turn is not None:
            await self._attachments.hold(question.id, question.content)
        return turn

    async def answer_again(self, question: Message, answer: NewMessage, *, is_next: bool) -> Turn:
        """Put another answer to come under a question, and show its branch."""
        return await self._turns.answer_again(question, answer, is_next=is_next)

    async def finish(self, answer_id: UUID, end: AnswerEnd) -> None:
        """Write an answer as it ended."""
        await self._turns.finish(answer_id, end)

    async def set_run_status(self, session_id: UUID, status: SessionRunStatus) -> None:
        """What the session's dot shows."""
        await self._sessions.set_run_status(session_id, status)

    async def has_other_answers(self, answer: Message) -> bool:
        """Whether the question of an answer has more of them."""
        return await self._messages.count_children(answer.session_id, answer.parent_id) > 1

    async def rewrite(self, question: Message, content: Sequence[Part]) -> None:
        """Give a question that nobody has read yet another text."""
        await self._attachments.exchange(question.id, question.content, content)
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

    async def assign_run(self, answer: Message, *, run_id: UUID) -> None:
        """Another run will fill a waiting answer further."""
        await self._messages.assign_run(answer.id, run_id=run_id)
        await self._sessions.set_run_status(answer.session_id, "queued")

    async def give_up(self, answer: Message, *, content: Sequence[Part]) -> None:
        """Nobody will fill a waiting answer further; `content` is what stays of it."""
        await self._messages.stop(answer.id, content=content)
        await self._branches.recount(answer.session_id, answer.id, size=size_of(content))
        await self._sessions.set_run_status(answer.session_id, "done")

    def show_new(self, turn: Turn) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        """A turn's question and answer as the public contract shows them, ready to be dumped."""
        if turn.question is None:
            return None, _shown(turn.answer, turn.elders)
        return _shown(turn.question, turn.elders), _shown(turn.answer, ())

    async def show(self, turn: Turn) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        """The same of a turn that was added before, beside its siblings of now."""
        shown = [message for message in (turn.question, turn.answer) if message is not None]
        messages = await self.as_json(turn.answer.session_id, shown)
        return messages[0] if turn.question else None, messages[-1]

    async def as_json(self, session_id: UUID, messages: Sequence[Message]) -> list[dict[str, Any]]:
        """Messages as the public contract shows them, ready to be dumped."""
        return [message.model_dump(mode="json") for message in await self._reading.read(session_id, messages)]


def _shown(message: Message, elders: tuple[UUID, ...]) -> dict[str, Any]:
    siblings = Siblings(len(elders), (*elders, message.id))
    return MessageRead.of(message, siblings).model_dump(mode="json")
