"""Files, as far as the scope may read them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.pagination import Cursor
from coda.core.scope import Scope
from coda.files.models import FileContent, StoredFile
from coda.files.types import KeptFile, Readable

_COLUMNS: Final = (
    StoredFile.id,
    StoredFile.user_id,
    StoredFile.name,
    StoredFile.created_at,
    StoredFile.content_id,
    func.encode(FileContent.sha256, "hex").label("sha256"),
    FileContent.size,
    FileContent.media_type,
    FileContent.width,
    FileContent.height,
    FileContent.view_type,
)


class FileRepository:
    """Files of one organization. `readable`: what may be read besides a person's own."""

    def __init__(self, db: AsyncSession, scope: Scope, readable: Readable | None = None) -> None:
        self._db, self._scope, self._readable = db, scope, readable

    async def insert(self, file_id: UUID, *, name: str, content_id: UUID) -> None:
        """Add a file of the scope's person."""
        row = {"org_id": self._scope.org_id, "id": file_id, "user_id": self._scope.user_id, "name": name}
        await self._db.execute(insert(StoredFile).values(**row, content_id=content_id))

    async def find_readable(self, file_id: UUID) -> KeptFile | None:
        """A file that may be read."""
        condition: ColumnElement[bool] = self._own()
        given: Mapping[str, Any] = {}
        if self._readable is not None:
            other, given = self._readable(self._scope)
            condition = or_(condition, other)
        return await self._one(_query().where(self._here(), StoredFile.id == file_id, condition), given)

    async def find_own(self, file_id: UUID) -> KeptFile | None:
        """A file of the scope's person."""
        return await self._one(_query().where(self._here(), StoredFile.id == file_id, self._own()), {})

    async def list_any(self, file_ids: Collection[UUID]) -> Sequence[KeptFile]:
        """Files of the organization by their ids, whosever they are: for whoever reads a message that shows them."""
        if not file_ids:
            return []
        rows = await self._db.execute(_query().where(self._here(), StoredFile.id.in_(file_ids)))
        return [_kept(row) for row in rows.mappings()]

    async def list_own(self, *, cursor: Cursor | None, limit: int) -> Sequence[KeptFile]:
        """Newest first; one more than `limit` tells of a next page. What was deleted is left out."""
        query = _query().where(self._here(), self._own(), StoredFile.content_id.is_not(None))
        if cursor:
            query = query.where(tuple_(StoredFile.created_at, StoredFile.id) < tuple_(cursor.at, cursor.id))
        rows = await self._db.execute(
            query.order_by(StoredFile.created_at.desc(), StoredFile.id.desc()).limit(limit + 1)
        )
        return [_kept(row) for row in rows.mappings()]

    async def empty(self, file_id: UUID) -> bool:
        """Part a file of the scope's person from its content; False where there is none."""
        statement = update(StoredFile).where(self._here(), self._own(), StoredFile.id == file_id)
        return await self._db.scalar(statement.values(content_id=None).returning(StoredFile.id)) is not None

    async def _one(self, query: Select[Any], given: Mapping[str, Any]) -> KeptFile | None:
        row = (await self._db.execute(query, given)).mappings().first()
        return None if row is None else _kept(row)

    def _here(self) -> ColumnElement[bool]:
        return StoredFile.org_id == self._scope.org_id

    def _own(self) -> ColumnElement[bool]:
        return StoredFile.user_id == self._scope.user_id


def _query() -> Select[Any]:
    same = and_(FileContent.org_id == StoredFile.org_id, FileContent.id == StoredFile.content_id)
    return select(*_COLUMNS).select_from(StoredFile).outerjoin(FileContent, same)


def _kept(row: Any) -> KeptFile:  # noqa: ANN401 - a row's mapping
    if row["content_id"] is None:
        return KeptFile(row["id"], row["user_id"], row["name"], row["created_at"], None)
    return KeptFile(**row)
