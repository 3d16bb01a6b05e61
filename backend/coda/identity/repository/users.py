"""Queries on people."""

from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.clock import now
from coda.identity.models import User


class UserRepository:
    """People by id or address."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def find(self, user_id: UUID) -> User | None:
        """The person with this id."""
        return await self._db.get(User, user_id)

    async def find_by_email(self, email: str) -> User | None:
        """The person with this address, whatever its case."""
        return await self._db.scalar(select(User).where(func.lower(User.email) == func.lower(email)))

    async def lock(self, user_id: UUID) -> User | None:
        """The person as last committed; nobody else changes the row until this transaction ends."""
        query = select(User).where(User.id == user_id).with_for_update().execution_options(populate_existing=True)
        return await self._db.scalar(query)

    async def insert(
        self, *, user_id: UUID, email: str, name: str, password_hash: str, is_operator: bool
    ) -> User | None:
        """A new person; None when the address is taken, also under a race."""
        query = (
            insert(User)
            .values(id=user_id, email=email, name=name, password_hash=password_hash, is_operator=is_operator)
            .on_conflict_do_nothing()
            .returning(User)
        )
        return await self._db.scalar(query)

    async def set_password(self, user_id: UUID, password_hash: str) -> None:
        """Store another password hash."""
        await self._db.execute(update(User).where(User.id == user_id).values(password_hash=password_hash))

    async def set_suspended(self, user_id: UUID, *, suspended: bool) -> None:
        """Shut or open the account."""
        moment = func.coalesce(User.suspended_at, now()) if suspended else None
        await self._db.execute(update(User).where(User.id == user_id).values(suspended_at=moment))
