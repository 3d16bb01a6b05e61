"""Rights of connected people, as they are now."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from coda.access.principal import Principal
from coda.core.db import Database
from coda.organizations.dependencies import principal_still_valid, principals_still_valid
from coda.runs.connections.errors import CloseCode, SocketClosing


class Rights:
    """Re-reads rights, each time in a short transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, principal: Principal) -> Principal:
        """The caller with the rights of now; raises SocketClosing for one who may not come in any more."""
        async with self._database.transaction(None) as db:
            return await read_rights(db, principal)

    async def list_standing(self, principals: Sequence[Principal]) -> set[Principal]:
        """Those of many callers who may stay."""
        async with self._database.transaction(None) as db:
            return await principals_still_valid(db, principals)


async def read_rights(db: AsyncSession, principal: Principal) -> Principal:
    """The caller with the rights of now, `db` bound to them; raises SocketClosing for one who may not come in."""
    found = await principal_still_valid(db, principal)
    if found is None:
        raise signed_out()
    return found


def signed_out() -> SocketClosing:
    """Why somebody whose login or key is over is sent away."""
    return SocketClosing(CloseCode.SIGN_IN, "Sign in again.")
