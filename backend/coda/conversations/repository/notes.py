"""What a person keeps beside messages: feedback on answers, drafts of questions."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.models import Draft, MessageFeedback
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
        )
        return {feedback.message_id: feedback for feedback in await self._db.scalars(query)}

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


class DraftRepository:
    """The scope's person's drafts."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def find(self, session_id: UUID) -> Draft | None:
        """The draft in a session."""
        return await self._db.scalar(
            select(Draft).where(
                Draft.org_id == self._scope.org_id,
                Draft.session_id == session_id,
                Draft.user_id == self._scope.user_id,
            )
        )

    async def put(self, session_id: UUID, text: str) -> Draft:
        """Keep a draft; the last one written stays."""
        key = {"org_id": self._scope.org_id, "session_id": session_id, "user_id": self._scope.user_id}
        statement = (
            insert(Draft)
            .values(**key, text=text)
            .on_conflict_do_update(index_elements=list(key), set_={"text": text, "updated_at": func.now()})
            .returning(Draft)
        )
        return (await self._db.scalars(statement, execution_options={"populate_existing": True})).one()

    async def remove(self, session_id: UUID) -> None:
        """Forget a draft."""
        await self._db.execute(
            delete(Draft).where(
                Draft.org_id == self._scope.org_id,
                Draft.session_id == session_id,
                Draft.user_id == self._scope.user_id,
            )
        )
