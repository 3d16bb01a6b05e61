"""How a token becomes a caller: the port that sign-in implements."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from coda.access.principal import Principal


class Authenticator(Protocol):
    """Reads callers and their rights of this moment, as `app.state.authenticator`.

    Nothing is cached: whoever was suspended, demoted or signed out a moment ago is so in the next call. What gives one
    caller binds the transaction to the organization that they work in.
    """

    async def by_bearer(self, db: AsyncSession, token: str | None) -> Principal:
        """The caller of an access token or API key; raises an error of kind UNAUTHENTICATED."""
        ...

    async def by_ticket(self, db: AsyncSession, ticket: str) -> Principal:
        """The caller that a WebSocket ticket was made for; it is used up. Raises an error of kind UNAUTHENTICATED."""
        ...

    async def reread(self, db: AsyncSession, principal: Principal) -> Principal | None:
        """The same caller with the rights of now; None when their login or key no longer lets them in."""
        ...

    async def list_current(
        self, connection: AsyncConnection, principals: Sequence[Principal]
    ) -> Mapping[Principal, Principal]:
        """Many callers, each with the rights of now; those who may no longer come in are missing.

        One query as `coda_system`, cheap enough for thousands of open sockets every 3 seconds.
        """
        ...
