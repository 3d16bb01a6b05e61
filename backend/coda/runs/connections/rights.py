"""Rights of connected people, as they are now."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from coda.access.authenticator import Authenticator
from coda.access.principal import Principal
from coda.conversations.types import FollowedSession
from coda.conversations.wiring import list_readable
from coda.core.db import Database
from coda.runs.connections.errors import CloseCode, SocketClosing


@dataclass(frozen=True, slots=True)
class RightsOfAll:
    """The callers who may still come in, with the rights of now, and what may still be read of what is followed."""

    callers: Mapping[Principal, Principal]
    readable: Collection[FollowedSession]


class Rights:
    """Re-reads rights, each time in a short transaction of its own."""

    def __init__(self, database: Database, authenticator: Authenticator) -> None:
        self._database, self._authenticator = database, authenticator

    async def of(self, principal: Principal) -> Principal:
        """The caller with the rights of now; raises SocketClosing for one who may not come in any more."""
        async with self._database.transaction(None) as db:
            return await self.read(db, principal)

    async def read(self, db: AsyncSession, principal: Principal) -> Principal:
        """The same within a transaction, which is bound to the caller."""
        found = await self._authenticator.reread(db, principal)
        if found is None:
            raise signed_out()
        return found

    async def of_all(self, principals: Collection[Principal], followed: Collection[FollowedSession]) -> RightsOfAll:
        """The rights of many callers in whatever organizations: a query for all callers, one for all they follow."""
        async with self._database.system() as connection:
            callers = await self._authenticator.list_current(connection, list(principals))
            return RightsOfAll(callers, await list_readable(connection, list(followed)))


def signed_out() -> SocketClosing:
    """Why somebody whose login or key is over is disconnected."""
    return SocketClosing(CloseCode.SIGN_IN, "Sign in again.")


def not_allowed(reason: str) -> SocketClosing:
    """Why somebody who may still come in, but read nothing, is disconnected."""
    return SocketClosing(CloseCode.FORBIDDEN, reason)
