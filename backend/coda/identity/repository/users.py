"""Queries on people."""

from typing import Final
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.db.database import bind_user
from coda.identity.models import User
from coda.identity.types import Credentials

_CREDENTIALS: Final = text("select user_id, email, password_hash from credentials_of_email(:email)")
_IS_TAKEN: Final = text("select is_email_taken(:email)")
_OWN_PASSWORD: Final = text("select own_password_hash()")
_SUSPEND: Final = text("select set_member_suspended(:user_id, :suspended)")


class UserRepository:
    """People by id or address. Somebody's own row is seen by a transaction that acts for them."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def find(self, user_id: UUID) -> User | None:
        """The person with this id, where the transaction acts for them or in an organization of theirs."""
        return await self._db.get(User, user_id)

    async def find_credentials(self, email: str) -> Credentials | None:
        """What the person with this address signs in with, whatever its case."""
        row = (await self._db.execute(_CREDENTIALS, {"email": email})).one_or_none()
        return None if row is None else Credentials(row.user_id, row.email, row.password_hash)

    async def is_email_taken(self, email: str) -> bool:
        """Whether somebody has this address, whatever its case."""
        return bool(await self._db.scalar(_IS_TAKEN, {"email": email}))

    async def find_own_password_hash(self) -> str | None:
        """The hash of the person that the transaction acts for."""
        password_hash: str | None = await self._db.scalar(_OWN_PASSWORD)
        return password_hash

    async def lock(self, user_id: UUID) -> User | None:
        """The person as last committed, for whom the transaction acts from here on; nobody else changes the row now."""
        await bind_user(self._db, user_id)
        query = select(User).where(User.id == user_id).with_for_update().execution_options(populate_existing=True)
        return await self._db.scalar(query)

    async def insert(
        self, *, user_id: UUID, email: str, name: str, password_hash: str, is_operator: bool
    ) -> User | None:
        """A new person, for whom the transaction acts from here on; None when the address is (or was just) taken."""
        await bind_user(self._db, user_id)
        query = (
            insert(User)
            .values(id=user_id, email=email, name=name, password_hash=password_hash, is_operator=is_operator)
            .on_conflict_do_nothing()
            .returning(User)
        )
        return await self._db.scalar(query)

    async def set_password(self, user_id: UUID, password_hash: str) -> None:
        """Store another password hash of the person that the transaction acts for."""
        await self._db.execute(update(User).where(User.id == user_id).values(password_hash=password_hash))

    async def set_suspended(self, user_id: UUID, *, suspended: bool) -> None:
        """Shut or open the account of a member of the transaction's organization."""
        await self._db.execute(_SUSPEND, {"user_id": user_id, "suspended": suspended})
