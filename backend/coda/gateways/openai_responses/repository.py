"""Stored responses of one person."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, delete, exists, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from coda.conversations.models import ChatSession
from coda.core.scope import Scope
from coda.gateways.openai_responses.models import StoredResponse

LONGEST_CHAIN = 1_000


class StoredResponseRepository:
    """The responses of the scope's person; anybody else's do not exist, and none of a chat that was deleted."""

    def __init__(self, db: AsyncSession, scope: Scope) -> None:
        self._db, self._scope = db, scope

    async def insert(self, response: StoredResponse) -> None:
        """Store one."""
        self._db.add(response)
        await self._db.flush()

    async def finish(self, key: UUID, body: Mapping[str, Any]) -> None:
        """It is made: nothing is followed any more."""
        made = update(StoredResponse).where(*self._own(), StoredResponse.id == key)
        await self._db.execute(made.values(body=body, following=None))

    async def find(self, key: UUID) -> StoredResponse | None:
        """One of them."""
        return await self._db.scalar(select(StoredResponse).where(*self._own(), StoredResponse.id == key))

    async def list_of(self, keys: Collection[UUID]) -> Sequence[StoredResponse]:
        """Those of them that are there."""
        query = select(StoredResponse).where(*self._own(), StoredResponse.id.in_(keys))
        return (await self._db.scalars(query)).all()

    async def delete(self, key: UUID) -> bool:
        """Forget one; False where there is none."""
        gone = delete(StoredResponse).where(*self._own(), StoredResponse.id == key).returning(StoredResponse.id)
        return await self._db.scalar(gone) is not None

    async def chain(self, key: UUID) -> Sequence[StoredResponse]:
        """A response and those that it continues, newest first, as far as they are there."""
        step = literal(0, Integer).label("step")
        walk = (
            select(StoredResponse.id, StoredResponse.previous_id, step)
            .where(*self._own(), StoredResponse.id == key)
            .cte("walk", recursive=True)
        )
        earlier = aliased(StoredResponse)
        walk = walk.union_all(
            select(earlier.id, earlier.previous_id, walk.c.step + 1).where(
                earlier.org_id == self._scope.org_id,
                earlier.user_id == self._scope.user_id,
                earlier.id == walk.c.previous_id,
                walk.c.step < LONGEST_CHAIN - 1,
            )
        )
        query = (
            select(StoredResponse)
            .join(walk, walk.c.id == StoredResponse.id)
            .where(StoredResponse.org_id == self._scope.org_id)
            .order_by(walk.c.step)
        )
        return (await self._db.scalars(query)).all()

    def _own(self) -> tuple[ColumnElement[bool], ...]:
        is_kept = exists().where(
            ChatSession.org_id == StoredResponse.org_id,
            ChatSession.id == StoredResponse.session_id,
            ChatSession.deleted_at.is_(None),
        )
        return (
            StoredResponse.org_id == self._scope.org_id,
            StoredResponse.user_id == self._scope.user_id,
            or_(StoredResponse.session_id.is_(None), is_kept),
        )
