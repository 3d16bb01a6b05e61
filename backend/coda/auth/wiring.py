"""Builds the services of sign-in, and the authenticator of a process."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from coda.access.authenticator import Authenticator
from coda.access.principal import Principal
from coda.auth.repository import PrincipalRepository, list_current
from coda.auth.service import Authentication, LinkRedemption, ProfileService, SignIn, UnitOfWork
from coda.auth.service.unit_of_work import OpenUnitOfWork
from coda.core.db import Database
from coda.identity.wiring import Identity, build_accounts, build_api_keys, build_links, build_tickets
from coda.organizations.wiring import build_memberships, build_organizations, build_sign_up


@dataclass(frozen=True, slots=True)
class IdentityAuthenticator:
    """Authenticates by the logins, keys and tickets that this instance gave out."""

    identity: Identity

    async def by_bearer(self, db: AsyncSession, token: str | None) -> Principal:
        """The caller of an access token or API key; raises NotSignedIn, InvalidToken, InvalidApiKey, LoginOver."""
        return await self._within(db).by_bearer(token)

    async def by_ticket(self, db: AsyncSession, ticket: str) -> Principal:
        """The caller that a WebSocket ticket was made for; it is used up. Raises LoginOver."""
        return await self._within(db).by_ticket(ticket)

    async def reread(self, db: AsyncSession, principal: Principal) -> Principal | None:
        """The same caller with the rights of now; None when they may no longer come in."""
        return await self._within(db).reread(principal)

    async def list_current(
        self, connection: AsyncConnection, principals: Sequence[Principal]
    ) -> Mapping[Principal, Principal]:
        """Many callers, each with the rights of now; those who may no longer come in are missing."""
        return await list_current(connection, principals)

    def _within(self, db: AsyncSession) -> Authentication:
        return Authentication(PrincipalRepository(db), build_tickets(db), self.identity.tokens)


def build_authenticator(identity: Identity) -> Authenticator:
    """For the composition root, as `app.state.authenticator`."""
    return IdentityAuthenticator(identity)


def build_sign_in(database: Database, identity: Identity) -> SignIn:
    """Signing in, with transactions of its own."""
    return SignIn(
        _open_unit(database, identity),
        passwords=identity.passwords,
        throttle=identity.throttle,
        devices=identity.devices,
        count_keys=_key_counter(database),
        tokens=identity.tokens,
    )


def _key_counter(database: Database) -> Callable[[Principal], Awaitable[int]]:
    async def count(principal: Principal) -> int:
        async with database.transaction(principal.scope) as db:
            return await build_api_keys(db, principal.org_id).count_live(principal.user_id)

    return count


def build_link_redemption(database: Database, identity: Identity) -> LinkRedemption:
    """One-time links, with transactions of its own."""
    return LinkRedemption(
        _open_unit(database, identity),
        passwords=identity.passwords,
        throttle=identity.throttle,
        tokens=identity.tokens,
    )


def build_profile(db: AsyncSession) -> ProfileService:
    """The caller's own account."""
    return ProfileService(build_accounts(db), build_memberships(db))


def build_unit_of_work(db: AsyncSession, identity: Identity) -> UnitOfWork:
    """Everything that a sign-in needs within one transaction."""
    return UnitOfWork(
        accounts=build_accounts(db),
        logins=identity.logins(db),
        links=build_links(db, identity.settings),
        memberships=build_memberships(db),
        organizations=build_organizations(db),
        sign_up=build_sign_up(db),
    )


def _open_unit(database: Database, identity: Identity) -> OpenUnitOfWork:
    @asynccontextmanager
    async def open_unit() -> AsyncIterator[UnitOfWork]:
        async with database.transaction(None) as db:
            yield build_unit_of_work(db, identity)

    return open_unit
