"""Where a request goes in its thread. What Coda has stored is the truth; the client's messages tell which branch."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.models import ChatSession, Message
from coda.conversations.parts import text_of
from coda.conversations.wiring import messages as message_repository
from coda.core.ids import new_id
from coda.core.scope import Scope
from coda.gateways.ag_ui.ids import message_of
from coda.gateways.ag_ui.imports import message_key, text_of_message
from coda.gateways.ag_ui.schemas import AgUiMessage
from coda.runs.types import ACTIVE_LEAF, ActiveLeaf

_MOST_COMPARED = 200


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the question goes: below an answer, or it is there and is answered again (`regenerate`).

    `waiting_run_id`: the answer above waits, and this run of it has ended so.
    """

    message_id: UUID | None = None
    parent_id: UUID | ActiveLeaf | None = ACTIVE_LEAF
    regenerate: UUID | None = None
    waiting_run_id: UUID | None = None


class StoredThread:
    """One chat session, as a client of this wire knows it."""

    def __init__(self, db: AsyncSession, scope: Scope, chat_session: ChatSession, *, person: UUID) -> None:
        self._messages = message_repository(db, scope)
        self._session, self._person = chat_session, person

    async def place(self, given: Sequence[AgUiMessage]) -> Placement:
        """The place of the last of the messages, which is a question.

        A question that is there is answered again. With another text it stands beside what it was. A new one goes
        below the answer that the client has seen last.
        """
        question, earlier = given[-1], given[:-1]
        known = await self.find(question.id)
        if known is not None and known.role == "user":
            if text_of(known.content) == text_of_message(question):
                answer = await self._messages.newest_child(self._session.id, known.id)
                if answer is not None:
                    return Placement(regenerate=answer.id)
            return Placement(new_id(), known.parent_id)
        parent = await self._last_seen(earlier)
        if parent is None:
            return Placement(self._key(question.id), None)
        waiting = parent.run_id if parent.status == "waiting" else None
        return Placement(self._key(question.id), parent.id, waiting_run_id=waiting)

    async def find(self, message_id: str) -> Message | None:
        """The message that a client knows under this id: one of the stream's, or one that the client brought."""
        for key in (message_of(message_id), self._key(message_id)):
            found = await self._messages.find(self._session.id, key) if key is not None else None
            if found is not None:
                return found
        return None

    async def _last_seen(self, earlier: Sequence[AgUiMessage]) -> Message | None:
        """The answer below which a new question goes; None in an empty thread."""
        for message in reversed(earlier[-_MOST_COMPARED:]):
            found = await self.find(message.id)
            if found is not None and found.role == "user":
                found = await self._messages.newest_child(self._session.id, found.id)
            if found is not None:
                return found
        return await self._alike(earlier)

    async def _alike(self, earlier: Sequence[AgUiMessage]) -> Message | None:
        """The client knows other ids: the answer of the shown branch that reads like the last one, else its end."""
        leaf_id = self._session.active_leaf_id
        if leaf_id is None:
            return None
        answers = [
            message
            for message in await self._messages.list_path(self._session.id, leaf_id, limit=_MOST_COMPARED)
            if message.role == "assistant"
        ]
        said = next((text_of_message(message) for message in reversed(earlier) if message.role == "assistant"), None)
        alike = (answer for answer in answers if said and text_of(answer.content) == said)
        return next(alike, answers[0] if answers else None)

    def _key(self, message_id: str) -> UUID:
        return message_key(message_id, person=self._person, session_id=self._session.id)
