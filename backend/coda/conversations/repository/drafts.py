"""What a person has typed into a session and not sent."""

from uuid import UUID

from sqlalchemy import delete, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.models import ChatSession, Draft
from coda.conversations.visibility import readable, values_of
from coda.core.scope import Scope


class DraftRepository:
    """The scope's person's drafts."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def find(self, session_id: UUID) -> Draft | None:
        """The draft in a session."""
        query = select(Draft).where(
            Draft.org_id == self._scope.org_id,
            Draft.session_id == session_id,
            Draft.user_id == self._scope.user_id,
            exists().where(
                ChatSession.org_id == Draft.org_id, ChatSession.id == Draft.session_id, readable(self._scope)
            ),
        )
        return await self._db.scalar(query, values_of(self._scope))

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
