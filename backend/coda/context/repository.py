"""Reads what prompts refer to. Runs write it, in the statement that stores their plan."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from coda.context.models import PromptText
from coda.core.scope import Scope


class PromptTextRepository:
    """Texts of one organization's prompts."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def find(self, sha256: str) -> str | None:
        """A text by its hash in hex."""
        query = select(PromptText.content).where(
            PromptText.org_id == self._scope.org_id, PromptText.sha256 == bytes.fromhex(sha256)
        )
        return await self._db.scalar(query)
