"""Which files messages show."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.models import MessageFile
from coda.core.scope import Scope


class ShownFileRepository:
    """Links of one organization's messages to its files."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._org_id = db, scope.org_id

    async def add(self, message_id: UUID, file_ids: Sequence[UUID]) -> None:
        """The message shows these files: as long as it does, they are kept."""
        if file_ids:
            rows = [{"org_id": self._org_id, "message_id": message_id, "file_id": file_id} for file_id in file_ids]
            await self._db.execute(insert(MessageFile).values(rows).on_conflict_do_nothing())

    async def replace(self, message_id: UUID, file_ids: Sequence[UUID]) -> None:
        """The message shows these files now, and no others."""
        shown = (MessageFile.org_id == self._org_id, MessageFile.message_id == message_id)
        await self._db.execute(delete(MessageFile).where(*shown, MessageFile.file_id.not_in(file_ids)))
        await self.add(message_id, file_ids)
