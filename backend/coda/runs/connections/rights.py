"""Rights of connected people, as they are now."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from coda.access.authenticator import Authenticator
from coda.access.principal import Principal
from coda.core.db import Database
from coda.runs.connections.errors import CloseCode, SocketClosing


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

    async def list_valid(self, principals: Sequence[Principal]) -> set[Principal]:
        """Those of many callers who may stay."""
        async with self._database.transaction(None) as db:
            return await self._authenticator.list_valid(db, principals)


def signed_out() -> SocketClosing:
    """Why somebody whose login or key is over is sent away."""
    return SocketClosing(CloseCode.SIGN_IN, "Sign in again.")
