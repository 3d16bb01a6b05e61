"""Queries on what is true once for the whole instance."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from coda.identity.models import InstanceFact


class FactRepository:
    """Facts by key."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def find(self, key: str) -> str | None:
        """The value, if the fact is established."""
        return await self._db.scalar(select(InstanceFact.value).where(InstanceFact.key == key))

    async def claim(self, key: str, value: str) -> bool:
        """Establish a fact; False when it was before. Who comes second waits here until the first has committed."""
        query = insert(InstanceFact).values(key=key, value=value).on_conflict_do_nothing().returning(InstanceFact.key)
        return await self._db.scalar(query) is not None
