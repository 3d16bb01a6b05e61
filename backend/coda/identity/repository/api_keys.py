"""Queries on a person's API keys."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.clock import now
from coda.core.ids import new_id
from coda.core.pagination import Cursor
from coda.identity.models import ApiKey, ApiKeyIndex


class ApiKeyRepository:
    """Keys of people into one organization, and the index that finds them."""

    def __init__(self, db: AsyncSession, org_id: UUID) -> None:
        self._db, self._org_id = db, org_id

    async def insert(
        self,
        *,
        user_id: UUID,
        name: str,
        prefix: str,
        scopes: Sequence[str],
        token_hash: bytes,
        expires_at: datetime | None,
    ) -> ApiKey:
        """A new key."""
        key = ApiKey(
            org_id=self._org_id,
            id=new_id(),
            user_id=user_id,
            name=name,
            prefix=prefix,
            scopes=list(scopes),
            created_at=now(),
            expires_at=expires_at,
        )
        self._db.add_all([key, ApiKeyIndex(hash=token_hash, org_id=key.org_id, key_id=key.id)])
        await self._db.flush()
        return key

    async def list_live(self, user_id: UUID, *, cursor: Cursor | None, limit: int) -> Sequence[ApiKey]:
        """A person's keys that were not revoked, newest first; one more than `limit`."""
        query = select(ApiKey).where(
            ApiKey.org_id == self._org_id, ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None)
        )
        if cursor is not None:
            query = query.where(tuple_(ApiKey.created_at, ApiKey.id) < (cursor.at, cursor.id))
        ordered = query.order_by(ApiKey.created_at.desc(), ApiKey.id.desc()).limit(limit + 1)
        return (await self._db.scalars(ordered)).all()

    async def count_live(self, user_id: UUID) -> int:
        """How many keys of a person were not revoked and have not expired."""
        query = select(func.count()).where(
            ApiKey.org_id == self._org_id,
            ApiKey.user_id == user_id,
            ApiKey.revoked_at.is_(None),
            or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now()),
        )
        return await self._db.scalar(query) or 0

    async def revoke(self, user_id: UUID, *, only: UUID | None = None) -> int:
        """Revoke a person's keys, or one of them. Returns how many."""
        query = update(ApiKey).where(
            ApiKey.org_id == self._org_id, ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None)
        )
        if only is not None:
            query = query.where(ApiKey.id == only)
        revoked = (await self._db.scalars(query.values(revoked_at=now()).returning(ApiKey.id))).all()
        await self._db.execute(
            delete(ApiKeyIndex).where(ApiKeyIndex.org_id == self._org_id, ApiKeyIndex.key_id.in_(revoked))
        )
        return len(revoked)
