"""Bytes by their hash, once for each organization, and the room that they take."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import delete, exists, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.scope import Scope
from coda.files.models import FileContent, FileStorage, StoredFile

# One statement, so that of many uploads at once none goes past the limit.
_TAKE: Final = text("""
    insert into file_storage as s (org_id, used_bytes) values (:org_id, :size)
        on conflict (org_id) do update set used_bytes = s.used_bytes + excluded.used_bytes
     where s.used_bytes + excluded.used_bytes <= :limit
 returning used_bytes
""")


@dataclass(frozen=True, slots=True)
class NewContent:
    """Bytes that lie in the store already."""

    id: UUID
    sha256: str
    size: int
    media_type: str
    width: int | None = None
    height: int | None = None
    view_type: str | None = None


class ContentRepository:
    """Contents of one organization."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._org_id = db, scope.org_id

    async def take_room(self, size: int, *, limit: int) -> bool:
        """Take room for so many bytes; False where there is not enough."""
        if size > limit:
            return False
        given = {"org_id": self._org_id, "size": size, "limit": limit}
        return await self._db.scalar(_TAKE, given) is not None

    async def give_back(self, size: int) -> None:
        """Give back room that was taken."""
        statement = update(FileStorage).where(FileStorage.org_id == self._org_id)
        await self._db.execute(statement.values(used_bytes=FileStorage.used_bytes - size))

    async def used_bytes(self) -> int:
        """How much room is taken."""
        query = select(FileStorage.used_bytes).where(FileStorage.org_id == self._org_id)
        return await self._db.scalar(query) or 0

    async def hold(self, sha256: str) -> UUID | None:
        """The content of this hash, which nobody removes before the transaction ends."""
        query = select(FileContent.id).where(
            FileContent.org_id == self._org_id, FileContent.sha256 == bytes.fromhex(sha256)
        )
        return await self._db.scalar(query.with_for_update(read=True, key_share=True))

    async def insert(self, new: NewContent) -> bool:
        """Add a content; False where another one of this hash was faster."""
        row = {
            "org_id": self._org_id,
            "id": new.id,
            "sha256": bytes.fromhex(new.sha256),
            "size": new.size,
            "media_type": new.media_type,
            "width": new.width,
            "height": new.height,
            "view_type": new.view_type,
        }
        statement = insert(FileContent).values(row).on_conflict_do_nothing().returning(FileContent.id)
        return await self._db.scalar(statement) is not None

    async def remove_unused(self, content_id: UUID) -> str | None:
        """Remove a content that no file has, and give its room back; gives the hash of what was removed.

        It is locked first and judged by a second statement, which sees what was added meanwhile.
        """
        one = (FileContent.org_id == self._org_id, FileContent.id == content_id)
        if await self._db.scalar(select(FileContent.id).where(*one).with_for_update()) is None:
            return None
        is_used = exists().where(StoredFile.org_id == self._org_id, StoredFile.content_id == content_id)
        removal = delete(FileContent).where(*one, ~is_used).returning(FileContent.sha256, FileContent.size)
        row = (await self._db.execute(removal)).first()
        if row is None:
            return None
        await self.give_back(row.size)
        return bytes(row.sha256).hex()
