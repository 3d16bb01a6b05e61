"""Logins: started by a sign-in, continued by rotating refresh tokens, ended by people and by theft."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from coda.core.clock import now
from coda.core.pagination import Cursor, Page, page_of
from coda.core.security import hash_opaque_token, new_opaque_token
from coda.identity.errors import LoginNotFound
from coda.identity.models import Login, RefreshToken
from coda.identity.repository import LoginRepository
from coda.identity.types import Grant, LoginEnd, Visitor

_GRACE: Final = timedelta(seconds=30)


class LoginService:
    """Starts, continues and ends logins."""

    def __init__(self, logins: LoginRepository, *, token_lifetime: timedelta) -> None:
        self._logins = logins
        self._token_lifetime = token_lifetime

    async def start(self, *, user_id: UUID, org_id: UUID, visitor: Visitor) -> Grant:
        """A new login with its first refresh token."""
        login = await self._logins.insert(user_id=user_id, org_id=org_id, visitor=visitor)
        return await self._grant(login, at=login.created_at)

    async def rotate(self, refresh_token: str, visitor: Visitor) -> Grant | None:
        """The next refresh token of a login; None when the login is over.

        A token works once. The one used last works again within 30 seconds: an answer was lost, or several tabs asked
        at once. Of the tokens that are then out, the first to be used voids the others. Any other reuse means that
        somebody has a copy, and ends the login. The caller must commit also on None.
        """
        found = await self._logins.lock_by_token(hash_opaque_token(refresh_token))
        if found is None:
            return None
        login, token = found
        moment = now()
        if login.ended_at is not None or token.expires_at <= moment:
            return None
        if not await self._may_rotate(token, moment):
            await self._logins.end(LoginEnd.TOKEN_REUSED, user_id=login.user_id, only=login.id)
            return None
        if token.used_at is None:
            await self._logins.spend_family(login.id, at=moment)
            token.used_at, token.reused_once = moment, False
        login.last_used_at, login.address, login.user_agent = moment, visitor.address, visitor.user_agent
        return await self._grant(login, at=moment)

    async def move(self, login_id: UUID, user_id: UUID, *, org_id: UUID) -> None:
        """Let a login work in another organization from now on."""
        await self._logins.move(login_id, user_id, org_id=org_id)

    async def end_by_token(self, refresh_token: str) -> None:
        """Sign out the login that a refresh token belongs to, if there is one."""
        found = await self._logins.lock_by_token(hash_opaque_token(refresh_token))
        if found is not None:
            login, _ = found
            await self._logins.end(LoginEnd.SIGNED_OUT, user_id=login.user_id, only=login.id)

    async def end(self, user_id: UUID, login_id: UUID) -> None:
        """End one of a person's logins; raises LoginNotFound."""
        if not await self._logins.end(LoginEnd.ENDED_BY_PERSON, user_id=user_id, only=login_id):
            raise LoginNotFound(login_id)

    async def end_others(self, reason: LoginEnd, user_id: UUID, *, but: UUID | None = None) -> None:
        """End one's own logins, all but one where one is named."""
        await self._logins.end(reason, user_id=user_id, but=but)

    async def end_of_member(self, reason: LoginEnd, user_id: UUID, *, everywhere: bool) -> None:
        """End the logins of a member of the transaction's organization: those that work in it, or all."""
        await self._logins.end_of_member(reason, user_id=user_id, everywhere=everywhere)

    async def list_live(self, user_id: UUID, *, cursor: str | None, limit: int) -> Page[Login]:
        """Where a person is signed in, newest first."""
        rows = await self._logins.list_live(
            user_id, idle=self._token_lifetime, cursor=Cursor.decode(cursor), limit=limit
        )
        return page_of(rows, limit=limit, key=lambda login: Cursor(login.created_at, login.id))

    async def find_last_org(self, user_id: UUID) -> UUID | None:
        """The organization that the person worked in last."""
        return await self._logins.find_last_org(user_id)

    async def _may_rotate(self, token: RefreshToken, moment: datetime) -> bool:
        if token.used_at is None:
            return True
        in_time = not token.reused_once and moment - token.used_at <= _GRACE
        return in_time and await self._logins.is_latest_used(token)

    async def _grant(self, login: Login, *, at: datetime) -> Grant:
        refresh_token = new_opaque_token()
        await self._logins.insert_token(
            login_id=login.id, token_hash=hash_opaque_token(refresh_token), expires_at=at + self._token_lifetime
        )
        return Grant(login.id, login.user_id, login.org_id, refresh_token)
