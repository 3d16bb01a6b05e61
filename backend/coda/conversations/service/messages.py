"""Reading messages, page by page and as a tree; rating answers."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from coda.conversations.errors import AnswerNotFinished, ChatSessionNotFound, MessageNotFound, OnlyAnswersAreRated
from coda.conversations.models import ChatSession, Message, MessageFeedback
from coda.conversations.repository import ChatSessionRepository, FeedbackRepository, MessageRepository
from coda.conversations.schemas import Feedback, FeedbackPut, MessageRead, Tree, TreeNode
from coda.conversations.tree import Node, siblings_of
from coda.conversations.types import UNFINISHED
from coda.core.pagination import Cursor, InvalidCursor, Page


class MessageService:
    """Messages of the caller's own sessions."""

    def __init__(
        self, sessions: ChatSessionRepository, messages: MessageRepository, feedback: FeedbackRepository
    ) -> None:
        self._sessions, self._messages, self._feedback = sessions, messages, feedback

    async def list_path(
        self, session_id: UUID, *, leaf_id: UUID | None, before: str | None, limit: int
    ) -> Page[MessageRead]:
        """The last `limit` messages of the path to a leaf, oldest first; `before` goes on further up."""
        chat_session = await self._session(session_id)
        cursor = Cursor.decode(before)
        if cursor:
            rows = await self._above(session_id, cursor, limit=limit)
        else:
            rows = await self._up_from(chat_session, leaf_id, limit=limit)
        shown = rows[:limit]
        feedback = await self._feedback.list_for([row.id for row in shown if row.role == "assistant"])
        items = await self._read(session_id, list(reversed(shown)), feedback)
        return Page(items, _cursor_at(shown[-1]).encode() if len(rows) > limit else None)

    async def read(self, session_id: UUID, messages: Sequence[Message]) -> list[MessageRead]:
        """The public form of messages of one session, in the order given; their feedback is left out."""
        return await self._read(session_id, messages, {})

    async def tree(self, session_id: UUID) -> Tree:
        """Every message of a session with a few of its words, parents before children."""
        chat_session = await self._session(session_id)
        rows = await self._messages.list_tree(session_id)
        nodes = [
            TreeNode(id=row[0], parent_id=row[1], role=row[2], preview=row[3] or "", created_at=row[4]) for row in rows
        ]
        return Tree(nodes=nodes, active_leaf_id=chat_session.active_leaf_id)

    async def rate(self, message_id: UUID, feedback: FeedbackPut) -> Feedback | None:
        """Set, change or take back the caller's thumb on a finished answer."""
        message = await self._messages.find_writable(message_id)
        if message is None:
            raise MessageNotFound(message_id)
        if message.role != "assistant":
            raise OnlyAnswersAreRated(message_id)
        if message.status in UNFINISHED:
            raise AnswerNotFinished(message_id)
        if feedback.rating is None:
            await self._feedback.remove(message_id)
            return None
        given = Feedback(rating=feedback.rating, reason=feedback.reason, text=feedback.text)
        await self._feedback.put(message_id, rating=given.rating, reason=given.reason, text=given.text)
        return given

    async def _session(self, session_id: UUID) -> ChatSession:
        chat_session = await self._sessions.find(session_id)
        if chat_session is None:
            raise ChatSessionNotFound(session_id)
        return chat_session

    async def _up_from(self, chat_session: ChatSession, leaf_id: UUID | None, *, limit: int) -> Sequence[Message]:
        start_id = leaf_id or chat_session.active_leaf_id
        if start_id is None:
            return []
        rows = await self._messages.list_path(chat_session.id, start_id, limit=limit + 1)
        if not rows:
            raise MessageNotFound(start_id)
        return rows

    async def _above(self, session_id: UUID, cursor: Cursor, *, limit: int) -> Sequence[Message]:
        rows = await self._messages.list_path(session_id, cursor.id, limit=limit + 2)
        if not rows or rows[0].created_at != cursor.at:
            raise InvalidCursor
        return rows[1:]

    async def _read(
        self, session_id: UUID, path: Sequence[Message], feedback: Mapping[UUID, MessageFeedback]
    ) -> list[MessageRead]:
        if not path:
            return []
        nodes = [Node(message.id, message.parent_id, message.created_at) for message in path]
        siblings = siblings_of(await self._messages.list_siblings(session_id, nodes))
        return [MessageRead.of(message, siblings[message.id], feedback.get(message.id)) for message in path]


def _cursor_at(message: Message) -> Cursor:
    return Cursor(message.created_at, message.id)
