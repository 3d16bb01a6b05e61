"""Builds the services of organizations."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from coda.core.db import Database
from coda.core.db.listener import DatabaseListener
from coda.core.db.scoped_cache import ScopedCache
from coda.core.scope import Scope, System
from coda.identity.wiring import Identity, build_accounts, build_api_keys, build_facts
from coda.organizations.repository import (
    MembershipRepository,
    OrganizationRepository,
    PeopleRepository,
    SettingsRepository,
)
from coda.organizations.service import (
    MembershipService,
    OrganizationService,
    PeopleService,
    SettingsService,
    SignUp,
)
from coda.organizations.types import SettingsValues

SettingsCache = ScopedCache[UUID, SettingsValues]


def build_memberships(db: AsyncSession) -> MembershipService:
    """Where people belong, within a transaction."""
    return MembershipService(MembershipRepository(db))


def build_organizations(db: AsyncSession) -> OrganizationService:
    """The index of organizations, within a transaction."""
    return OrganizationService(OrganizationRepository(db))


def build_sign_up(db: AsyncSession) -> SignUp:
    """New members within a transaction."""
    return SignUp(build_accounts(db), build_facts(db), OrganizationRepository(db), MembershipRepository(db))


def build_people(db: AsyncSession, scope: Scope, identity: Identity) -> PeopleService:
    """The members of one organization."""
    return PeopleService(
        PeopleRepository(db, scope),
        OrganizationRepository(db),
        build_api_keys(db, scope.org_id),
        build_accounts(db),
        identity.logins(db),
        identity.links(db),
    )


def build_settings(db: AsyncSession, scope: Scope, cache: SettingsCache) -> SettingsService:
    """The settings of one organization."""
    return SettingsService(SettingsRepository(db, scope), lambda: cache.announce(db, scope.org_id))


def build_settings_cache(database: Database, listener: DatabaseListener) -> SettingsCache:
    """The settings of organizations as this process last read them."""

    async def load(org_id: UUID, _previous: SettingsValues | None) -> SettingsValues:
        scope = Scope(org_id, System())
        async with database.transaction(scope) as db:
            return await SettingsRepository(db, scope).read()

    return ScopedCache("settings", listener, key_of=UUID, load=load)
