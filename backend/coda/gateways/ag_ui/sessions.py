"""The chat session that a thread is, found by the client's id or made with the messages that the client brings."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from coda.access.principal import Principal
from coda.conversations.errors import ChatSessionNotFound, SessionIdTaken
from coda.conversations.models import ChatSession, Message
from coda.conversations.schemas import ChatSessionCreate
from coda.conversations.wiring import session_service, turns
from coda.core.db import Database
from coda.gateways.ag_ui.ids import derived, uuid_of
from coda.gateways.ag_ui.imports import imported, message_key
from coda.gateways.ag_ui.schemas import RunAgentInput
from coda.gateways.ag_ui.thread import Placement, StoredThread


@dataclass(frozen=True, slots=True)
class Threads:
    """The threads of one person. A thread id that is a UUID names a chat session of theirs, where there is one."""

    database: Database
    principal: Principal

    def keys_of(self, thread_id: str) -> list[UUID]:
        """The sessions that a thread may be: the one of this id, else what stands for the client's own name."""
        stand_in = derived(self.principal.user_id, "thread", thread_id)
        return [key for key in (uuid_of(thread_id), stand_in) if key is not None]

    async def place(self, given: RunAgentInput) -> tuple[UUID, Placement]:
        """The session of a request and the place of its question; a thread without messages takes the client's over.

        Raises SessionIdTaken.
        """
        async with self.database.transaction(self.principal.scope) as db:
            chat_session = await self._session(db, given.thread_id)
            if chat_session.active_leaf_id is not None:
                person = self.principal.user_id
                thread = StoredThread(db, self.principal.scope, chat_session, person=person)
                return chat_session.id, await thread.place(given.messages)
            parent = await self._import(db, chat_session, given)
            key = message_key(given.messages[-1].id, person=self.principal.user_id, session_id=chat_session.id)
            return chat_session.id, Placement(key, parent.id if parent is not None else None)

    async def question_of(self, session_id: UUID, answer_id: UUID) -> Message | None:
        """What an answer answers."""
        async with self.database.transaction(self.principal.scope) as db:
            found = turns(db, self.principal.scope)
            answer = await found.find_message(session_id, answer_id)
            if answer is None or answer.parent_id is None:
                return None
            return await found.find_message(session_id, answer.parent_id)

    async def _session(self, db: AsyncSession, thread_id: str) -> ChatSession:
        sessions, candidates = session_service(db, self.principal.scope), self.keys_of(thread_id)
        for key in candidates:
            try:
                return await sessions.get(key)
            except ChatSessionNotFound:
                continue
        for key in candidates:
            try:
                return (await sessions.create(ChatSessionCreate(id=key), origin="ag_ui"))[0]
            except SessionIdTaken:  # somebody else's, or deleted
                continue
        raise SessionIdTaken(candidates[-1])

    async def _import(self, db: AsyncSession, chat_session: ChatSession, given: RunAgentInput) -> Message | None:
        """Store what was said before the question; the last answer of it."""
        parent = None
        earlier = given.messages[:-1]
        for message in imported(earlier, person=self.principal.user_id, session_id=chat_session.id):
            parent = await turns(db, self.principal.scope).add(chat_session.id, message, parent=parent)
        return parent
