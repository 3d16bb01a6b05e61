"""What a person thinks of answers."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.models import ChatSession, Message, MessageFeedback
from coda.conversations.visibility import readable, values_of
from coda.core.scope import Scope


class FeedbackRepository:
    """The scope's person's thumbs."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def list_for(self, message_ids: Sequence[UUID]) -> Mapping[UUID, MessageFeedback]:
        """The feedback on these messages, by message."""
        if not message_ids:
            return {}
        query = select(MessageFeedback).where(
            MessageFeedback.org_id == self._scope.org_id,
            MessageFeedback.user_id == self._scope.user_id,
            MessageFeedback.message_id.in_(message_ids),
            exists()
            .where(Message.org_id == MessageFeedback.org_id, Message.id == MessageFeedback.message_id)
            .where(ChatSession.org_id == Message.org_id, ChatSession.id == Message.session_id, readable(self._scope)),
        )
        found = await self._db.scalars(query, values_of(self._scope))
        return {feedback.message_id: feedback for feedback in found}

    async def put(self, message_id: UUID, *, rating: str, reason: str | None, text: str | None) -> None:
        """Give or change feedback."""
        values = {"rating": rating, "reason": reason, "text": text}
        key = {"org_id": self._scope.org_id, "message_id": message_id, "user_id": self._scope.user_id}
        await self._db.execute(
            insert(MessageFeedback)
            .values(**key, **values)
            .on_conflict_do_update(index_elements=list(key), set_={**values, "updated_at": func.now()})
        )

    async def remove(self, message_id: UUID) -> None:
        """Take feedback back."""
        await self._db.execute(
            delete(MessageFeedback).where(
                MessageFeedback.org_id == self._scope.org_id,
                MessageFeedback.message_id == message_id,
                MessageFeedback.user_id == self._scope.user_id,
            )
        )
