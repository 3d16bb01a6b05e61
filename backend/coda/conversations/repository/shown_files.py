"""Which files messages show."""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Final
from uuid import UUID

from sqlalchemy import and_, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from coda.conversations.models import ChatSession, Message, MessageFile
from coda.conversations.visibility import on_readable_path, readable, values_of
from coda.core.scope import Scope
from coda.files.types import FileUse, FileUses

_MOST_TOLD: Final = 5


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


async def find_file_uses(db: AsyncSession, scope: Scope, file_ids: Collection[UUID]) -> Mapping[UUID, FileUses]:
    """Of each file that messages show which the scope may read: how many do, and the newest few."""
    newest = [Message.created_at.desc(), Message.id]
    shown = (
        select(
            MessageFile.file_id,
            Message.session_id,
            ChatSession.title,
            Message.id.label("message_id"),
            func.count().over(partition_by=MessageFile.file_id).label("uses"),
            func.row_number().over(partition_by=MessageFile.file_id, order_by=newest).label("place"),
        )
        .join(Message, and_(Message.org_id == MessageFile.org_id, Message.id == MessageFile.message_id))
        .join(ChatSession, and_(ChatSession.org_id == Message.org_id, ChatSession.id == Message.session_id))
        .where(MessageFile.org_id == scope.org_id, MessageFile.file_id.in_(file_ids))
        .where(readable(scope), ChatSession.deleted_at.is_(None), on_readable_path(scope, Message.id))
        .subquery()
    )
    query = select(shown).where(shown.c.place <= _MOST_TOLD).order_by(shown.c.file_id, shown.c.place)
    rows = await db.execute(query, values_of(scope))
    found: dict[UUID, FileUses] = {}
    for file_id, group in groupby(rows, key=lambda row: row.file_id):
        told = list(group)
        uses = [FileUse(row.session_id, row.title, row.message_id) for row in told]
        found[file_id] = FileUses(told[0].uses, uses)
    return found
