"""Queries on logins and the refresh tokens that continue them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import exists, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from coda.core.clock import now
from coda.core.pagination import Cursor
from coda.identity.models import Login, RefreshToken
from coda.identity.types import LoginEnd, Visitor

_LOGIN_OF_TOKEN: Final = text("select login_of_refresh_token(:hash)")
_END_OF_MEMBER: Final = text("select end_member_logins(:user_id, :reason, :everywhere)")


class LoginRepository:
    """Logins and their token families, of the person that the transaction acts for."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def insert(self, *, user_id: UUID, org_id: UUID, visitor: Visitor) -> Login:
        """A new login."""
        moment = now()
        login = Login(
            user_id=user_id,
            org_id=org_id,
            user_agent=visitor.user_agent,
            address=visitor.address,
            created_at=moment,
            last_used_at=moment,
        )
        self._db.add(login)
        await self._db.flush()
        return login

    async def lock_by_token(self, token_hash: bytes) -> tuple[Login, RefreshToken] | None:
        """The login that a refresh token continues, and the token; one caller at a time per login.

        From here on the transaction acts for the login's person.
        """
        login_id = await self._db.scalar(_LOGIN_OF_TOKEN, {"hash": token_hash})
        if login_id is None:
            return None
        login = await self._db.scalar(select(Login).where(Login.id == login_id).with_for_update())
        # Read after the lock: whoever held it may have used this token.
        token = await self._db.scalar(select(RefreshToken).where(RefreshToken.hash == token_hash))
        return None if login is None or token is None else (login, token)

    async def is_latest_used(self, token: RefreshToken) -> bool:
        """Whether no other token of the family was used after this one."""
        other = aliased(RefreshToken)
        later = select(other.hash).where(
            other.login_id == token.login_id, other.hash != token.hash, other.used_at > token.used_at
        )
        return not await self._db.scalar(select(exists(later)))

    async def spend_family(self, login_id: UUID, *, at: datetime) -> None:
        """Mark every unused token of a login as used for good: none of them may rotate once more."""
        query = (
            update(RefreshToken)
            .where(RefreshToken.login_id == login_id, RefreshToken.used_at.is_(None))
            .values(used_at=at, reused_once=True)
        )
        await self._db.execute(query)

    async def insert_token(self, *, login_id: UUID, token_hash: bytes, expires_at: datetime) -> None:
        """The next link of a login's chain."""
        self._db.add(RefreshToken(hash=token_hash, login_id=login_id, expires_at=expires_at))
        await self._db.flush()

    async def find_last_org(self, user_id: UUID) -> UUID | None:
        """The organization that the person worked in last."""
        query = select(Login.org_id).where(Login.user_id == user_id).order_by(Login.last_used_at.desc()).limit(1)
        return await self._db.scalar(query)

    async def move(self, login_id: UUID, user_id: UUID, *, org_id: UUID) -> None:
        """Let a login work in another organization."""
        query = update(Login).where(Login.id == login_id, Login.user_id == user_id).values(org_id=org_id)
        await self._db.execute(query)

    async def end(self, reason: LoginEnd, *, user_id: UUID, only: UUID | None = None, but: UUID | None = None) -> int:
        """End a person's live logins: all, one, or all but one. Returns how many."""
        query = update(Login).where(Login.user_id == user_id, Login.ended_at.is_(None))
        if only is not None:
            query = query.where(Login.id == only)
        if but is not None:
            query = query.where(Login.id != but)
        ended = await self._db.scalars(query.values(ended_at=now(), ended_reason=reason).returning(Login.id))
        return len(ended.all())

    async def end_of_member(self, reason: LoginEnd, *, user_id: UUID, everywhere: bool) -> None:
        """End the live logins of a member of the transaction's organization: those that work in it, or all."""
        given = {"user_id": user_id, "reason": reason.value, "everywhere": everywhere}
        await self._db.execute(_END_OF_MEMBER, given)

    async def list_live(self, user_id: UUID, *, idle: timedelta, cursor: Cursor | None, limit: int) -> Sequence[Login]:
        """A person's logins that can still be continued, newest first; one more than `limit`."""
        query = select(Login).where(
            Login.user_id == user_id, Login.ended_at.is_(None), Login.last_used_at > now() - idle
        )
        if cursor is not None:
            query = query.where(tuple_(Login.created_at, Login.id) < (cursor.at, cursor.id))
        ordered = query.order_by(Login.created_at.desc(), Login.id.desc()).limit(limit + 1)
        return (await self._db.scalars(ordered)).all()
