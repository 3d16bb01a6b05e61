"""Builds the services of organizations."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.db import Database
from coda.core.scope import Scope
from coda.identity.wiring import Identity, build_accounts, build_facts, build_links, build_tickets
from coda.organizations.repository import (
    ApiKeyRepository,
    MembershipRepository,
    OrganizationRepository,
    PeopleRepository,
    SettingsRepository,
    StandingRepository,
)
from coda.organizations.service import (
    ApiKeyService,
    Authentication,
    FrontDesk,
    LinkRedemption,
    MembershipService,
    PeopleService,
    ProfileService,
    SettingsService,
    SignIn,
    SignUp,
    Standing,
)
from coda.organizations.service.front_desk import OpenDesk


def build_sign_in(database: Database, identity: Identity) -> SignIn:
    """Signing in, with transactions of its own."""
    return SignIn(
        _open_desk(database, identity),
        passwords=identity.passwords,
        throttle=identity.throttle,
        tokens=identity.tokens,
    )


def build_link_redemption(database: Database, identity: Identity) -> LinkRedemption:
    """One-time links, with transactions of its own."""
    return LinkRedemption(
        _open_desk(database, identity),
        passwords=identity.passwords,
        throttle=identity.throttle,
        tokens=identity.tokens,
    )


def build_authentication(db: AsyncSession, identity: Identity) -> Authentication:
    """Callers within a transaction, which is bound to them."""
    return Authentication(build_standing(db), build_tickets(db), identity.tokens)


def build_standing(db: AsyncSession) -> Standing:
    """Callers' rights within a transaction, which is bound to whoever is read."""
    return Standing(StandingRepository(db))


def build_sign_up(db: AsyncSession) -> SignUp:
    """New members within a transaction."""
    return SignUp(build_accounts(db), build_facts(db), OrganizationRepository(db), MembershipRepository(db))


def build_people(db: AsyncSession, scope: Scope, identity: Identity) -> PeopleService:
    """The members of one organization."""
    return PeopleService(
        PeopleRepository(db, scope),
        OrganizationRepository(db),
        ApiKeyRepository(db, scope),
        build_accounts(db),
        identity.logins(db),
        identity.links(db),
    )


def build_api_keys(db: AsyncSession, scope: Scope) -> ApiKeyService:
    """API keys in one organization."""
    return ApiKeyService(ApiKeyRepository(db, scope))


def build_profile(db: AsyncSession) -> ProfileService:
    """The caller's own account."""
    return ProfileService(build_accounts(db), MembershipService(MembershipRepository(db)))


def build_settings(db: AsyncSession, scope: Scope) -> SettingsService:
    """The settings of one organization."""
    return SettingsService(SettingsRepository(db, scope))


def build_desk(db: AsyncSession, identity: Identity) -> FrontDesk:
    """Everything at the door within one transaction."""
    return FrontDesk(
        accounts=build_accounts(db),
        logins=identity.logins(db),
        links=build_links(db, identity.settings),
        memberships=MembershipService(MembershipRepository(db)),
        organizations=OrganizationRepository(db),
        sign_up=build_sign_up(db),
    )


def _open_desk(database: Database, identity: Identity) -> OpenDesk:
    @asynccontextmanager
    async def open_desk() -> AsyncIterator[FrontDesk]:
        async with database.transaction(None) as db:
            yield build_desk(db, identity)

    return open_desk
