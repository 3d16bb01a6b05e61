"""Uploads under way, each its person's own."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.scope import Scope, System
from coda.files.models import Upload
from coda.files.types import StartedUpload


class UploadRepository:
    """Uploads of one person, of the whole organization for Coda itself."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def insert(self, upload_id: UUID, *, name: str, size: int, lifetime: timedelta) -> StartedUpload:
        """Begin an upload."""
        row = {"org_id": self._scope.org_id, "id": upload_id, "user_id": self._scope.user_id, "name": name}
        statement = insert(Upload).values(**row, size=size, parts=[], expires_at=func.now() + lifetime)
        expires_at = (await self._db.execute(statement.returning(Upload.expires_at))).scalar_one()
        return StartedUpload(upload_id, name, size, 0, (), expires_at)

    async def find(self, upload_id: UUID) -> StartedUpload | None:
        """An upload that has not waited too long."""
        query = select(Upload).where(*self._one(upload_id), Upload.expires_at > func.now())
        return _started(await self._db.scalar(query))

    async def advance(self, upload_id: UUID, *, offset: int, size: int, part: UUID, lifetime: timedelta) -> bool:
        """Add a piece behind the first `offset` bytes; False where that is not where the upload stands."""
        statement = (
            update(Upload)
            .where(*self._one(upload_id), Upload.received == offset, Upload.received + size <= Upload.size)
            .values(
                received=Upload.received + size,
                parts=func.array_append(Upload.parts, part),
                expires_at=func.now() + lifetime,
            )
            .returning(Upload.id)
        )
        return await self._db.scalar(statement) is not None

    async def set_size(self, upload_id: UUID, *, size: int, part: UUID) -> bool:
        """An upload whose size was not known is here as a whole, in one piece."""
        statement = update(Upload).where(*self._one(upload_id), Upload.received == 0)
        values = statement.values(size=size, received=size, parts=[part]).returning(Upload.id)
        return await self._db.scalar(values) is not None

    async def remove(self, upload_id: UUID) -> StartedUpload | None:
        """End an upload; gives what it was to the first who asks."""
        row = (await self._db.execute(delete(Upload).where(*self._one(upload_id)).returning(Upload))).scalar()
        return _started(row)

    def _one(self, upload_id: UUID) -> list[ColumnElement[bool]]:
        one: list[Any] = [Upload.org_id == self._scope.org_id, Upload.id == upload_id]
        if not isinstance(self._scope.actor, System):
            one.append(Upload.user_id == self._scope.user_id)
        return one


def _started(row: Upload | None) -> StartedUpload | None:
    if row is None:
        return None
    return StartedUpload(row.id, row.name, row.size, row.received, tuple(row.parts), row.expires_at)
